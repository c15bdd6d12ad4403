# usock nc --openbsd: the letters of TLS that OpenBSD's own nc has, and its texts.
#
# shellcheck disable=SC2154 # c, own, port and pid are lib's

load ../lib/tls

setup_file() {
	make_identities
}

setup() {
	begin_tls
}

nc() {
	usock nc --openbsd "$@"
}

hash_of() { # FILE
	echo "SHA256:$(openssl x509 -in "$1" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)"
}

@test "a client says who the server is, in nc's words" {
	usock_listens server -k --tls "${own[@]}" --echo
	echo hello | nc -Ncv -R "$c/root.crt" -e localhost 127.0.0.1 "$port" >out 2>err
	[ "$(cat out)" = hello ]
	grep -q -E '^TLS handshake negotiated TLSv1\.[23]/[A-Z0-9_]+ with host 127\.0\.0\.1$' err
	grep -q -x 'Peer name: localhost' err
	grep -q -x 'Subject: /CN=x' err
	grep -q -x 'Issuer: /CN=Root' err
	grep -q -E '^Valid From: [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} [0-9]{4}$' err
	grep -q -E '^Valid Until: [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} [0-9]{4}$' err
	grep -q -x "Cert Hash: $(hash_of "$c/server.crt")" err
	[ "$(sed -n 's/^Valid From: //p' err)" = "$(date -d "$(openssl x509 -in "$c/server.crt" -noout -startdate | sed 's/.*=//')" '+%a %b %e %H:%M:%S %Y')" ]
}

@test "what is checked: the authority, the name, the hash" {
	usock_listens server -k --tls "${own[@]}" --send "$c/root.crt"
	try() { # STATUS ARG...
		status=0
		nc -N -c "${@:2}" 127.0.0.1 "$port" >out 2>err || status=$?
		[ "$status" = "$1" ] && { [ "$1" = 1 ] || cmp out "$c/root.crt"; } || fail "${*:2}: $status $(cat err)"
	}
	try 0 -R "$c/root.crt"
	try 1
	grep -q "^nc: tls handshake failed (.*issued by" err
	try 1 -R "$c/root.crt" -e other.test
	grep -q "^nc: tls handshake failed (.*not for other.test)" err
	try 0 -R "$c/root.crt" -e other.test -T noname
	[ ! -s err ]
	try 0 -T noverify
	[ ! -s err ]
	try 0 -R "$c/root.crt" -H "$(hash_of "$c/server.crt")"
	try 1 -R "$c/root.crt" -H "$(hash_of "$c/root.crt")"
	grep -q -i "^nc: tls handshake failed (.*$(hash_of "$c/server.crt")" err
	try 0 -R "$c/root.crt" -T protocols=tlsv1.2 -T ciphers=TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
	try 0 -R "$c/root.crt" -T ciphers=secure -T lowdelay
}

@test "-Z keeps the certificate of the server" {
	usock_listens server --tls "${own[@]}" --echo
	nc -N -c -T noverify -Z saved 127.0.0.1 "$port" </dev/null
	diff <(openssl x509 -in saved) <(openssl x509 -in "$c/server.crt")
}

@test "a server, its certificate and those of clients" {
	start server "$USOCK" nc --openbsd -lvc -C "$c/server.crt" -K "$c/leaf.key" -R "$c/root.crt" -T clientcert 127.0.0.1 0
	eventually has_line server.err '^Listening on '
	port=$(sed -n 's/^Listening on .* //p' server.err)
	echo hello | usock connect --tls "${trust[@]}" "${own[@]}" --send-only --server-name localhost 127.0.0.1 "$port"
	finish "$pid"
	[ "$status" = 0 ] && [ "$(cat server.out)" = hello ]
	grep -q -x 'Subject: /CN=x' server.err
	start server "$USOCK" nc --openbsd -lvc -C "$c/server.crt" -K "$c/leaf.key" -R "$c/root.crt" -T clientcert 127.0.0.1 0
	eventually has_line server.err '^Listening on '
	port=$(sed -n 's/^Listening on .* //p' server.err)
	run ! usock connect --tls "${trust[@]}" --server-name localhost 127.0.0.1 "$port" </dev/null
	finish "$pid"
	[ "$status" = 1 ]
	grep -q '^nc: tls handshake failed (' server.err
}

@test "what goes together" {
	says() { # TEXT ARG...
		run -1 --separate-stderr usock nc --openbsd "${@:2}"
		# shellcheck disable=SC2154 # from run
		[ "${stderr_lines[0]}" = "nc: $1" ] || fail "${*:2}: $stderr"
	}
	says "cannot use -c and -u" -cu h 1
	says "cannot use -c and -U" -cU sock
	says "cannot use -c and -F" -cF h 1
	says "you must specify -c to use TLS options" -T noverify h 1
	says "you must specify -c to use -C" -C file h 1
	says "you must specify -c to use -K" -K file h 1
	says "you must specify -c to use -Z" -Z file h 1
	says "you must specify -c to use -R" -R file h 1
	says "you must specify -c to use -H" -H SHA256:00 h 1
	says "you must specify -c to use -e" -e name h 1
	says "clientcert is only valid with -l" -c -T clientcert h 1
	says "-H and -T noverify may not be used together" -c -H SHA256:00 -T noverify h 1
	says "illegal tos/tls value bogus" -c -T bogus h 1
	says "invalid tls value \`ciphers'" -c -T ciphers h 1
	says "invalid TLS protocols \`ssl3'" -c -T protocols=ssl3 h 1
	says "OCSP is not offered" -c -o file h 1
	# Debian's nc has other letters
	run -1 --separate-stderr usock nc -c h 1
	[ "${stderr_lines[0]}" = "nc: invalid option -- 'c'" ]
	run -0 usock nc --explain -C h 1
	[ "$output" = "usock connect --crlf --no-half-close --half-open h 1" ]
}

@test "TLS in usock's words" {
	run -0 usock nc --openbsd --explain -c -R ca.pem -H SHA256:ab -T noname -Z out -N h 443
	[ "$output" = "usock connect --tls --pin SHA256:ab --ca-file ca.pem --save-chain out --any-name --quiet --half-close 0 --half-open h 443" ]
	run -0 usock nc --openbsd --explain -lc -C crt -K key -R ca.pem 443
	[ "$output" = "usock listen --cert crt --tls --key key --client-ca ca.pem --client-cert optional --no-half-close --reuse-port -4 443" ]
	run -0 --separate-stderr usock nc --openbsd -h
	[[ $stderr == "OpenBSD netcat, by usock "* && $stderr == *"-Z peercertfile"* && $stderr != *DCCP* ]]
}
