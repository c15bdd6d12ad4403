# Which certificates a TLS client takes, and what it says of the others.
#
# shellcheck disable=SC2154 # ca and CA_EXT are lib/tls's

load ../lib/tls
start_fast

setup_file() {
	load ../lib/tls
	"$USOCK" --version | grep -q -w tls || return 0
	begin_ca
	make_certificates 2>log || { cat log >&2 && return 1; }
	:
}

DNS=subjectAltName=DNS:

# leaf NAME SUBJECT EXTENSIONS [sign's VALUES...]: NAME.pem, issued by root by default.
leaf() {
	local key=leaf.key value
	for value in "${@:4}"; do [[ $value != key=* ]] || key=${value#key=}; done
	sign "$@"
	bundle "$1" "$key" "$1.crt"
}

make_certificates() {
	local n name
	authority root /CN=Root
	authority other /CN=Other self=1
	authority twin /CN=Root self=1
	authority old-root /CN=OldRoot self=1 end=20210101000000Z
	authority inter1 /CN=Inter1
	authority inter2 /CN=Inter2 by=inter1
	authority old-inter /CN=OldInter end=20210101000000Z
	new_key no-ca prime256v1
	sign no-ca /CN=NoCA basicConstraints=CA:FALSE key=no-ca.key
	new_key short prime256v1
	sign short /CN=Short 'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=keyCertSign' key=short.key
	authority below-short /CN=BelowShort by=short
	for name in rsa2048 rsa1024 secp384r1; do new_key "$name" "$name"; done
	leaf exact /CN=x "${DNS}good.test"
	leaf upper /CN=x "${DNS}GOOD.Test"
	leaf wild /CN=x "${DNS}*.example.test"
	leaf wild-upper /CN=x "${DNS}*.EXAMPLE.test"
	leaf wild-part /CN=x "${DNS}w*.example.test"
	leaf wild-middle /CN=x "${DNS}a.*.test"
	leaf wild-top /CN=x "${DNS}*.test"
	leaf wild-bare /CN=x "${DNS}*"
	leaf wild-two /CN=x "${DNS}*.*.test"
	leaf second /CN=x "${DNS}one.test,DNS:good.test,IP:192.0.2.1"
	leaf cn-only /CN=good.test ''
	leaf cn-wrong /CN=bad.test ''
	leaf cn-wild '/CN=*.example.test' ''
	leaf cn-and-dns /CN=good.test "${DNS}other.test"
	leaf cn-and-ip /CN=good.test subjectAltName=IP:127.0.0.1
	leaf ip4 /CN=x subjectAltName=IP:127.0.0.1
	leaf ip6 /CN=x subjectAltName=IP:::1
	leaf ip-as-dns /CN=x "${DNS}127.0.0.1"
	leaf ip-as-cn /CN=127.0.0.1 ''
	# SEQUENCE { [2] "good.test\0.evil.test" }
	leaf nul-san /CN=x 'subjectAltName=DER:30:16:82:14:67:6f:6f:64:2e:74:65:73:74:00:2e:65:76:69:6c:2e:74:65:73:74'
	leaf nul-cn '/CN=good.test@.evil.test' ''
	"$python" -IS "$peers/resign.py" nul-cn.crt root.key @.evil >nul-cn.der
	openssl x509 -inform DER -in nul-cn.der -out nul-cn.crt
	bundle nul-cn leaf.key nul-cn.crt
	leaf expired /CN=x "${DNS}good.test" end=20210101000000Z
	leaf future /CN=x "${DNS}good.test" start=20480101000000Z
	leaf far /CN=x "${DNS}good.test" end=20801231235959Z
	leaf self /CN=x "${DNS}good.test" self=1
	leaf unknown /CN=x "${DNS}good.test" by=other
	leaf twin /CN=x "${DNS}good.test" by=twin
	leaf by-old /CN=x "${DNS}good.test" by=old-root
	leaf missing /CN=x "${DNS}good.test" by=inter1
	bundle inter leaf.key missing.crt inter1.crt
	bundle with-root leaf.key missing.crt inter1.crt root.crt
	bundle unrelated leaf.key missing.crt other.crt inter1.crt
	leaf two /CN=x "${DNS}good.test" by=inter2
	bundle two leaf.key two.crt inter2.crt inter1.crt
	bundle order leaf.key two.crt inter1.crt inter2.crt
	leaf under-old /CN=x "${DNS}good.test" by=old-inter
	bundle under-old leaf.key under-old.crt old-inter.crt
	leaf by-leaf /CN=x "${DNS}good.test" by=no-ca
	bundle by-leaf leaf.key by-leaf.crt no-ca.crt
	leaf too-deep /CN=x "${DNS}good.test" by=below-short
	bundle too-deep leaf.key too-deep.crt below-short.crt short.crt
	leaf for-clients /CN=x "${DNS}good.test\nextendedKeyUsage=clientAuth"
	leaf for-servers /CN=x "${DNS}good.test\nextendedKeyUsage=serverAuth"
	leaf for-any /CN=x "${DNS}good.test\nextendedKeyUsage=anyExtendedKeyUsage"
	leaf no-signing /CN=x "${DNS}good.test\nkeyUsage=critical,keyAgreement"
	leaf critical /CN=x "${DNS}good.test\n1.2.3.4=critical,ASN1:NULL"
	leaf rsa /CN=x "${DNS}good.test" key=rsa2048.key
	leaf weak /CN=x "${DNS}good.test" key=rsa1024.key
	leaf sha1 /CN=x "${DNS}good.test" md=sha1
	leaf p384 /CN=x "${DNS}good.test" key=secp384r1.key
	leaf many /CN=x "$DNS$(seq -s ,DNS: -f 'n%g.test' 200),DNS:good.test"
	by=root
	for n in 1 2 3 4 5 6 7 8 9 10; do
		authority "link$n" "/CN=Link$n" "by=$by"
		by=link$n
	done
	leaf long /CN=x "${DNS}good.test" by=link3
	bundle long leaf.key long.crt link3.crt link2.crt link1.crt
	leaf huge /CN=x "${DNS}good.test" by=link10
	bundle huge leaf.key huge.crt link{10,9,8,7,6,5,4,3,2,1}.crt
	openssl pkey -in leaf.key -pubout -outform DER | openssl dgst -sha256 -binary | base64 >pin
}

# What the server has | the name that is wanted | status | options | what is said
table() {
	cat <<-'END'
		exact|good.test|0||
		exact|GOOD.test|0||
		exact|good.test.|0||
		exact|bad.test|5||is for good\.test, not for bad\.test
		exact|a.good.test|5||is for good\.test
		exact|ood.test|5||is for good\.test
		upper|good.test|0||
		wild|a.example.test|0||
		wild|A.Example.TEST|0||
		wild|a.b.example.test|5||is for \*\.example\.test
		wild|example.test|5||is for
		wild|.example.test|5||is for
		wild-upper|www.example.test|0||
		wild-part|www.example.test|5||is for
		wild-middle|a.b.test|5||is for
		wild-top|example.test|5||is for
		wild-bare|good.test|5||is for
		wild-two|a.b.test|5||is for
		second|good.test|0||
		second|192.0.2.1|0||
		cn-only|good.test|0||
		cn-wrong|good.test|5||is for bad\.test, not for good\.test
		cn-wild|a.example.test|0||
		cn-and-dns|good.test|5||is for other\.test
		cn-and-ip|good.test|0||
		ip4|127.0.0.1|0||
		ip4|127.0.0.2|5||is for 127\.0\.0\.1, not for 127\.0\.0\.2
		ip4|::ffff:127.0.0.1|5||is for
		ip6|::1|0||
		ip6|[::1]|0||
		ip6|::2|5||is for ::1
		ip-as-dns|127.0.0.1|5||is for
		ip-as-cn|127.0.0.1|5||name of a host, and not as an address
		wild-bare|127.0.0.1|5||is for
		nul-san|good.test|5||good\.test\?\.evil
		nul-cn|good.test|5||good\.test\?\.evil
		expired|good.test|5||has expired on 2021-01-01
		future|good.test|5||not valid before 2048-01-01
		far|good.test|0||
		self|good.test|5||self-signed
		self|good.test|0|--ca-file self.crt|
		unknown|good.test|5||issued by CN=Other
		unknown|good.test|0|--ca-file other.crt|
		twin|good.test|5||
		by-old|good.test|5|--ca-file old-root.crt|has expired
		missing|good.test|5||issued by CN=Inter1
		missing|good.test|0|--ca-file inter1.crt|
		inter|good.test|0||
		with-root|good.test|0||
		unrelated|good.test|0||
		two|good.test|0||
		order|good.test|5||which is not among
		under-old|good.test|5||issuer's certificate CN=OldInter has expired
		by-leaf|good.test|5||
		too-deep|good.test|5||
		for-clients|good.test|5||not for servers
		for-servers|good.test|0||
		for-any|good.test|0||
		no-signing|good.test|5||
		critical|good.test|5||
		rsa|good.test|0||
		weak|good.test|5||too weak
		sha1|good.test|5||too weak
		p384|good.test|0||
		many|good.test|0||
		many|n200.test|0||
		long|good.test|0||
		huge|good.test|5||
		exact|bad.test|0|--insecure|
		expired|good.test|0|--insecure|
		for-clients|good.test|0|--insecure|
		self|good.test|0|--insecure --pin sha256//PIN|
		self|good.test|5|--insecure --pin sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=|not what --pin says
		exact|good.test|0|--pin sha256//PIN|
		exact|good.test|0|--pin sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= --pin sha256//PIN|
		exact|bad.test|5|--pin sha256//PIN|is for good\.test
		rsa|good.test|5|--pin sha256//PIN|not what --pin says
		exact|good.test|0|--pin sha256:FINGERPRINT|
		self|good.test|0|--insecure --pin SHA256:FINGERPRINT|
		exact|good.test|5|--pin sha256:0000000000000000000000000000000000000000000000000000000000000000|not what --pin says
		exact|bad.test|0|--any-name|is not checked
		self|bad.test|5|--any-name|self-signed
		expired|bad.test|5|--any-name|has expired
	END
}

@test "every certificate gets its verdict" {
	local file name want options says pin wrong=() n=0
	need_tls
	cd "$BATS_FILE_TMPDIR"
	tls_serve ./*.pem
	pin=$(cat pin)
	while IFS='|' read -r file name want options says; do
		[[ $options == *--ca-file* || $options == *--insecure* ]] || options+=" --ca-file root.crt"
		status=0
		[[ $options != *FINGERPRINT* ]] ||
			options=${options//FINGERPRINT/$(openssl x509 -in "$file.pem" -noout -fingerprint -sha256 | sed 's/.*=//')}
		# shellcheck disable=SC2086 # several options
		usock connect --tls ${options//PIN/$pin} --server-name "$name" 127.0.0.1 "$(port_for "$file.pem")" \
			</dev/null >out 2>err || status=$?
		[ "$status" = "$want" ] && { [ "$want" = 5 ] || [ "$(cat out)" = ok ]; } &&
			{ [ -z "$says" ] || has_line err "$says"; } &&
			{ [ "$want" = 0 ] || [[ $options == *--insecure* || $options == *--any-name* ]] || one_message err; } ||
			wrong+=("$file $name: $status: $(cat err)")
		n=$((n + 1))
	done < <(table)
	[ ${#wrong[@]} = 0 ] || fail "$(printf '%s\n' "${wrong[@]}")"
	[ $n -ge 70 ]
}

@test "a verdict that is no names what would change it" {
	need_tls
	cd "$BATS_FILE_TMPDIR"
	tls_serve exact.pem unknown.pem
	run -5 usock connect --tls --ca-file root.crt --server-name bad.test 127.0.0.1 "$(port_for exact.pem)"
	[[ $output == *"hint: --server-name good.test "* ]]
	run -5 usock connect --tls --ca-file root.crt --server-name good.test 127.0.0.1 "$(port_for unknown.pem)"
	[[ $output == *"hint: --ca-file FILE "*"--pin sha256//$(cat pin) "* ]]
}

@test "--save-chain writes what the server shows, its own first" {
	need_tls
	cd "$BATS_FILE_TMPDIR"
	tls_serve exact.pem
	usock connect --tls --ca-file root.crt --server-name good.test --save-chain saved 127.0.0.1 "$(port_for exact.pem)" </dev/null
	diff <(openssl x509 -in saved) <(openssl x509 -in exact.pem)
	run -8 usock connect --tls --ca-file root.crt --server-name good.test --save-chain /dev/full 127.0.0.1 "$(port_for exact.pem)"
	[[ $output == *"--save-chain: write /dev/full: No space left on device"* ]]
	run -2 usock connect --tls --pin sha256:00 127.0.0.1 "$(port_for exact.pem)"
	[[ $output == *"--pin: 'sha256:00' is neither sha256//"* ]]
	run -2 usock connect --save-chain saved 127.0.0.1 "$(port_for exact.pem)"
	[[ $output == *"--save-chain: only with --tls"* ]]
}

@test "the same verdicts from a folder, hashed or not, and from the environment" {
	local port
	need_tls
	cd "$BATS_FILE_TMPDIR"
	tls_serve exact.pem
	port=$(port_for exact.pem)
	mkdir -p plain hashed empty
	cp root.crt other.crt plain

	cp root.crt "hashed/$(openssl x509 -hash -noout -in root.crt).0"
	[ "$(usock connect --tls --server-name good.test --ca-path plain 127.0.0.1 "$port")" = ok ]
	[ "$(usock connect --tls --server-name good.test --ca-path hashed 127.0.0.1 "$port")" = ok ]
	run -5 usock connect --tls --server-name good.test --ca-path empty 127.0.0.1 "$port"
	run -8 usock connect --tls --server-name good.test --ca-file none 127.0.0.1 "$port"
	[[ $output == "usock: open none: No such file or directory" ]]
	run -5 usock connect --tls --server-name good.test --ca-file pin 127.0.0.1 "$port"
	run -5 usock connect --tls --server-name good.test 127.0.0.1 "$port"
	[ "$(SSL_CERT_FILE=root.crt usock connect --tls --server-name good.test 127.0.0.1 "$port")" = ok ]
	[ "$(SSL_CERT_DIR=empty:plain usock connect --tls --server-name good.test 127.0.0.1 "$port")" = ok ]
	openssl x509 -in root.crt -outform DER -out root.der
	[ "$(usock connect --tls --server-name good.test --ca-file root.der 127.0.0.1 "$port")" = ok ]
}
