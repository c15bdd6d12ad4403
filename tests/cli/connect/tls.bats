# TLS of connect and listen, with OpenSSL, GnuTLS, curl, ncat and socat at the other end.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # status, port and pid are lib's

load ../lib/tls
start_fast

more_identities() {
	sign one /CN=x subjectAltName=DNS:one.test
	sign two /CN=x 'subjectAltName=DNS:two.test,DNS:*.two.test'
	new_key rsa rsa2048
	sign rsa /CN=x 'subjectAltName=DNS:localhost,IP:127.0.0.1' key=rsa.key
	sign client /CN=Client extendedKeyUsage=clientAuth
	authority other /CN=Other self=1
	sign stranger /CN=Stranger extendedKeyUsage=clientAuth by=other
	echo 'me:000102030405060708090a0b0c0d0e0f' >psk
}

setup_file() {
	load ../lib/tls
	make_identities more_identities
}

setup() {
	begin_tls
}

# A usock server with the certificate for localhost.
tls_server() { # ARG...
	serve --tls "${own[@]}" 127.0.0.1 0 "$@"
}

# The same client, checked.
# These peers take an end that is told at once; tls_ends.bats has those that do not.
tls_connect() { # ARG...
	usock connect --tls --half-close 0 "${trust[@]}" 127.0.0.1 "$port" "$@"
}

openssl_client() { # ARG...
	timeout --foreground -s KILL "$patience" openssl s_client -quiet -no_ign_eof -verify_return_error \
		-CAfile "$c/root.crt" -connect "127.0.0.1:$port" "$@" 2>client.err
}

# It stays until its hello has come back.
openssl_says_hello() { # ARG...
	: >echoed
	# shellcheck disable=SC2094 # it waits for what is written
	(echo hello && eventually has_line echoed '^hello$') 3>&- | openssl_client "$@" >echoed
	says echoed '^hello$'
}

# --- with others --------------------------------------------------------------

@test "usock and usock: question, end of input, answer, end" {
	tls_server -- wc -c
	tls_connect -v <<<hello >out 2>err
	text_is out '6\n'
	says err 'checked=yes$'
	says err 'end=tls-close sent=6 received=2 '
	server_ends 0
}

@test "an address may say tls:" {
	serve -k --echo "${own[@]}" tls:127.0.0.1:0
	[ "$(usock connect "${trust[@]}" "tls:127.0.0.1:$port" <<<hello)" = hello ]
	[ "$(usock connect "${trust[@]}" "tls://localhost:$port" -4 <<<hello)" = hello ]
	serve --echo "${own[@]}" tls:unix:path
	[ "$(usock connect "${trust[@]}" --server-name localhost tls:unix:path <<<hello)" = hello ]
}

@test "openssl serves us" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -rev -naccept 1
	tls_connect -v <<<hello >out 2>err
	text_is out 'olleh\n'
	says err "tls 127.0.0.1:$port: TLSv1\.[23] TLS_.* resumed=no checked=yes$"
	says err "tls 127.0.0.1:$port: certificate CN=x for localhost 127.0.0.1, by CN=Root, valid 2020-01-01T00:00:00Z to 2049-12-31T23:59:59Z, sha256 [0-9a-f]{64}, pin sha256//"
	says err "sha256 $(openssl x509 -in "$c/server.crt" -outform DER | sha256sum | cut -d ' ' -f 1)"
}

@test "each version that both have" {
	local version versions=(1.2)
	! has_tls13 || versions+=(1.3)
	for version in "${versions[@]}"; do
		s_server "server$version" -cert "$c/server.crt" -key "$c/leaf.key" -rev "-tls${version/./_}"
		[ "$(tls_connect -v --tls-min "$version" --tls-max "$version" <<<hello 2>err)" = olleh ]
		says err "TLSv$version"
		tls_server --echo --tls-min "$version" --tls-max "$version"
		openssl_says_hello "-tls${version/./_}"
	done
}

@test "a version that the other side has not is explained" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -tls1_3
	run -5 tls_connect --tls-max 1.2
	[[ $output == *"protocol_version (70)"*"hint: it "* ]]
	has_tls13 || [[ $output == *"hint: it does not speak TLS 1.2, and 1.3 needs mbedTLS 3.6"* ]]
}

@test "a program finds that it is TLS, and the addresses under the names of SSL and TCP" {
	serve --tls "${own[@]}" --sh 'echo $USOCK_PROTO $PROTO $SSLREMOTEIP $SSLLOCALPORT $TCPREMOTEIP $TCPLOCALPORT' 127.0.0.1 0
	[ "$(usock connect --tls --insecure --quiet 127.0.0.1 "$port")" = "ssl SSL 127.0.0.1 $port 127.0.0.1 $port" ]
}

@test "openssl, curl, socat, ncat and gnutls-cli are our clients" {
	local tool
	need curl socat ncat gnutls-cli
	serve -k --tls "${own[@]}" --sh 'read -r line; printf "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"' 127.0.0.1 0
	[ "$(curl -sS --cacert "$c/root.crt" "https://127.0.0.1:$port/")" = hello ]
	for tool in "openssl s_client -quiet -ign_eof -CAfile $c/root.crt -verify_return_error -connect 127.0.0.1:$port" \
		"socat -t 10 - OPENSSL:127.0.0.1:$port,cafile=$c/root.crt" \
		"ncat -4 --ssl --ssl-verify --ssl-trustfile $c/root.crt localhost $port" \
		"gnutls-cli --x509cafile $c/root.crt -p $port 127.0.0.1"; do
		# shellcheck disable=SC2086 # words
		timeout -s KILL "$patience" $tool <<<'GET /' >out 2>client.err || :
		says out '^hello$' || fail "$tool: $(cat client.err)"
	done
}

@test "we are the client of socat, ncat and gnutls-serv" {
	need socat ncat gnutls-serv
	start socat socat "OPENSSL-LISTEN:0,bind=127.0.0.1,cert=$c/server.crt,key=$c/leaf.key,verify=0" 'SYSTEM:read line; echo hello'
	listening
	[ "$(tls_connect <<<hi)" = hello ]
	start ncat ncat -l --ssl --ssl-cert "$c/server.crt" --ssl-key "$c/leaf.key" --sh-exec 'echo hello' 127.0.0.1 0
	listening
	[ "$(usock connect --tls "${trust[@]}" 127.0.0.1 "$port" || :)" = hello ]
	start gnutls gnutls-serv --echo -q --port "$(free_port)" --x509certfile "$c/server.crt" --x509keyfile "$c/leaf.key"
	listening
	[ "$(usock connect --tls "${trust[@]}" -4 localhost "$port" <<<hi)" = hi ]
}

@test "every cipher that both have" {
	local name n=0
	start server openssl s_server -quiet -accept 127.0.0.1:0 -cert "$c/server.crt" -key "$c/leaf.key" \
		-dcert "$c/rsa.crt" -dkey "$c/rsa.key" -cipher ALL:@SECLEVEL=0 -psk 000102030405060708090a0b0c0d0e0f \
		-psk_identity me -rev -tls1_2
	listening
	for name in $(openssl ciphers -stdname -s -tls1_2 -psk ALL:@SECLEVEL=0 | cut -d ' ' -f 1); do
		status=0
		usock connect -v --tls --half-close 0 "${trust[@]}" --psk-file "$c/psk" --ciphers "$name" 127.0.0.1 "$port" \
			<<<hello >out 2>err || status=$?
		[ $status != 2 ] || continue
		{ [ $status = 0 ] && text_is out 'olleh\n' && says err "TLSv1.2 $name"; } || fail "$name: $(cat err)"
		n=$((n + 1))
	done
	echo "$n ciphers"
	[ $n -ge 30 ]
}

@test "every cipher that both have, with openssl as the client" {
	local name n=0 kind ports=()
	for kind in server rsa; do
		serve -k --tls --tls-max 1.2 --cert "$c/$kind.crt" --key "$c/${kind/server/leaf}.key" --psk-file "$c/psk" --echo 127.0.0.1 0
		ports+=("$port")
	done
	for name in $(openssl ciphers -stdname -s -tls1_2 -psk ALL:@SECLEVEL=0 | awk '{ print $1 ":" $3 }'); do
		status=0
		usock connect --tls --ciphers "${name%:*}" 127.0.0.1 1 2>err || status=$?
		[ $status != 2 ] || continue
		port=${ports[0]}
		[[ $name != TLS_*RSA_* ]] || port=${ports[1]}
		openssl_says_hello -tls1_2 -cipher "${name#*:}:@SECLEVEL=0" -psk 000102030405060708090a0b0c0d0e0f \
			-psk_identity me || fail "$name: $(cat client.err)"
		n=$((n + 1))
	done
	echo "$n ciphers"
	[ $n -ge 30 ]
}

@test "each cipher of 1.3, in both roles" {
	local name
	has_tls13 || skip "this library has no TLS 1.3"
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -rev -tls1_3 \
		-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256
	for name in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_CCM_SHA256; do
		[ "$(tls_connect -v --ciphers "$name" <<<hello 2>err)" = olleh ]
		says err "TLSv1.3 $name"
	done
	tls_server -k --echo
	for name in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 TLS_AES_128_CCM_SHA256; do
		openssl_says_hello -ciphersuites "$name"
	done
}

# --- who is who ---------------------------------------------------------------

@test "a server that wants a certificate gets ours" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -CAfile "$c/root.crt" -Verify 2 -verify_return_error -rev
	[ "$(tls_connect --cert "$c/client.crt" --key "$c/leaf.key" <<<hello)" = olleh ]
	run -5 tls_connect <<<hello
	[[ $output == *"the peer has ended it with alert "* ]]
}

@test "--client-ca wants a certificate of clients, --client-cert optional does not insist" {
	tls_server -k --echo --client-ca "$c/root.crt" -v
	[ "$(tls_connect --cert "$c/client.crt" --key "$c/leaf.key" <<<hello)" = hello ]
	says server.err 'certificate CN=Client for .*, by CN=Root'
	openssl_says_hello -cert "$c/client.crt" -key "$c/leaf.key"
	run -5 tls_connect <<<hello
	run -5 tls_connect --cert "$c/stranger.crt" --key "$c/leaf.key" <<<hello
	eventually has_line server.err 'the client shows no certificate'
	eventually has_line server.err 'issued by CN=Other'
	tls_server -k --echo --client-ca "$c/root.crt" --client-cert optional
	[ "$(tls_connect <<<hello)" = hello ]
	[ "$(tls_connect --cert "$c/client.crt" --key "$c/leaf.key" <<<hello)" = hello ]
}

@test "curl, ncat, socat and gnutls-cli show us their certificates" {
	local tool
	need curl ncat socat gnutls-cli
	serve -k --tls "${own[@]}" --client-ca "$c/root.crt" 127.0.0.1 0 \
		--sh 'read -r line; printf "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n"'
	[ "$(curl -sS --cacert "$c/root.crt" --cert "$c/client.crt" --key "$c/leaf.key" "https://127.0.0.1:$port/")" = hello ]
	for tool in "ncat -4 --ssl --ssl-verify --ssl-trustfile $c/root.crt --ssl-cert $c/client.crt --ssl-key $c/leaf.key localhost $port" \
		"socat -t 10 - OPENSSL:127.0.0.1:$port,cafile=$c/root.crt,cert=$c/client.crt,key=$c/leaf.key" \
		"gnutls-cli --x509cafile $c/root.crt --x509certfile $c/client.crt --x509keyfile $c/leaf.key -p $port 127.0.0.1"; do
		# shellcheck disable=SC2086 # words
		timeout -s KILL "$patience" $tool <<<'GET /' >out 2>client.err || :
		says out '^hello$' || fail "$tool: $(cat client.err)"
	done
	run curl -sS --cacert "$c/root.crt" "https://127.0.0.1:$port/"
	[ "$status" != 0 ]
}

@test "gnutls-serv: our certificate, a key that both have, ALPN, resumption" {
	need gnutls-serv
	gnutls_serves serv --x509certfile "$c/server.crt" --x509keyfile "$c/leaf.key" --x509cafile "$c/root.crt" \
		--require-client-cert --verify-client-cert --alpn h2
	connect_gnutls --cert "$c/client.crt" --key "$c/leaf.key" --alpn x,h2 --session session --events first
	[ "$(field first tls alpn)" = h2 ]
	connect_gnutls --cert "$c/client.crt" --key "$c/leaf.key" --alpn x,h2 --session session --events second
	[ "$(field second tls resumed)" = True ]
	run -5 usock connect --tls "${trust[@]}" -4 localhost "$port" <<<hi
	gnutls_serves psk --pskpasswd "$c/psk" --priority NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+ECDHE-PSK:+PSK
	[ "$(usock connect --tls --psk-file "$c/psk" -4 localhost "$port" <<<hi)" = hi ]
}

gnutls_serves() { # NAME OPTION...
	start "$1" gnutls-serv --echo -q --port "$(free_port)" "${@:2}"
	listening
}

connect_gnutls() { # ARG...
	[ "$(usock connect --tls "${trust[@]}" -4 localhost "$port" "$@" <<<hi)" = hi ]
}

@test "gnutls-cli: ALPN, resumption" {
	need gnutls-cli
	tls_server -k --echo --alpn a,b
	gnutls_says_hello --x509cafile "$c/root.crt" --alpn b
	[ "$(field events tls alpn)" = b ]
	gnutls_says_hello --x509cafile "$c/root.crt" --alpn b --resume
	[ "$(field events tls resumed)" = True ]
}

gnutls_says_hello() { # OPTION...
	: >echoed
	# shellcheck disable=SC2094 # it waits for what is written
	(echo hello && eventually has_line echoed '^hello$') 3>&- |
		timeout --foreground -s KILL "$patience" gnutls-cli -p "$port" "$@" 127.0.0.1 >echoed 2>client.err || :
	says echoed '^hello$' || fail "$(cat client.err)"
}

@test "clients get the certificate for the name that they want, others the first" {
	serve -k --tls --cert "$c/one.crt" --key "$c/leaf.key" --cert "$c/two.crt" --key "$c/leaf.key" --echo 127.0.0.1 0
	[ "$(tls_connect --server-name one.test <<<hello)" = hello ]
	[ "$(tls_connect --server-name two.test <<<hello)" = hello ]
	[ "$(tls_connect --server-name a.two.test <<<hello)" = hello ]
	run -5 tls_connect --server-name three.test
	[[ $output == *"is for one.test, not for three.test"* ]]
}

# Asked of the first message itself: what a server makes of a name that it should not get is its own affair.
@test "an IP address is not sent as a name" {
	local name
	start hello "$python" -IS "$peers/hello.py"
	printed hello
	for name in 127.0.0.1 ::1 '[::1]' 192.0.2.7 2001:db8::1 '[2001:db8::1]' fe80::1%lo '[fe80::1%lo]'; do
		run -5 usock connect --tls --insecure --server-name "$name" 127.0.0.1 "$port"
	done
	run -5 usock connect --tls --insecure 127.0.0.1 "$port"
	run -5 usock connect --tls --insecure "tls:127.0.0.1:$port"
	for name in localhost 127.0.0.1.example 1.2.3 x--1.example; do
		run -5 usock connect --tls --insecure --server-name "$name" 127.0.0.1 "$port"
	done
	run -5 usock connect --tls --insecure -4 localhost "$port"
	eventually has_lines hello.out 16
	tail -n +2 hello.out >names
	text_is names "$(printf 'none\\n%.0s' {1..10})localhost\n127.0.0.1.example\n1.2.3\nx--1.example\nlocalhost\n"
}

@test "a server tells the name that a client has wanted" {
	tls_server -k --echo
	tls_connect <<<hello >out
	usock connect --tls "${trust[@]}" -4 localhost "$port" <<<hello >out
	tls_connect --server-name localhost. <<<hello >out
	eventually has_events 3 tls
	# without the dot at its end (RFC 6066, 3)
	events_are 2 tls server_name localhost
}

@test "keys that both have, with openssl and gnutls" {
	s_server server -nocert -psk 000102030405060708090a0b0c0d0e0f -psk_identity me -rev -tls1_2 -cipher PSK
	[ "$(usock connect --tls --psk-file "$c/psk" 127.0.0.1 "$port" <<<hello)" = olleh ]
	serve -k --tls --psk-file "$c/psk" --tls-max 1.2 --echo 127.0.0.1 0
	openssl_says_hello -tls1_2 -psk 000102030405060708090a0b0c0d0e0f -psk_identity me
	[ "$(usock connect --tls --psk-file "$c/psk" 127.0.0.1 "$port" <<<hello)" = hello ]
	echo 'me:00' >wrong
	run -5 usock connect --tls --psk-file wrong 127.0.0.1 "$port"
	echo 'me' >wrong
	run -5 usock connect --tls --psk-file wrong 127.0.0.1 "$port"
	[[ $output == *"line 1 is not identity:key"* ]]
}

@test "--self-signed shows its fingerprint and pin, and the pin is enough" {
	serve -k --tls --self-signed --echo 127.0.0.1 0
	says server.err '^usock: tls: self-signed certificate, sha256 [0-9a-f]{64}, pin sha256//'
	pin=$(field events self-signed pin)
	[ "$(tls_connect --insecure --pin "$pin" <<<hello 2>err)" = hello ]
	says_exactly err "usock: tls: the server's certificate is not checked (--insecure), only its key (--pin)"
	run -5 tls_connect <<<hello
	openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | openssl x509 -outform PEM >shown.pem
	[ "$(field events self-signed sha256)" = "$(openssl x509 -in shown.pem -outform DER | sha256sum | cut -d ' ' -f 1)" ]
	[ "$(usock connect --tls --ca-file shown.pem -4 localhost "$port" <<<hello)" = hello ]
}

@test "--alpn agrees, and nothing in common is told" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -alpn h2,http/1.1 -rev
	tls_connect --alpn spdy,http/1.1 --events tls-events <<<hello >out
	[ "$(field tls-events tls alpn)" = http/1.1 ]
	tls_server -k --echo --alpn a,b
	openssl_client -alpn b,a </dev/null || :
	openssl s_client -connect "127.0.0.1:$port" -alpn b,a </dev/null 2>&1 | grep -q '^ALPN protocol: a$'
	run -5 tls_connect --alpn c
	[[ $output == *"no_application_protocol (120)"*"hint: "*--alpn* ]]
}

# --- the kernel ---------------------------------------------------------------

# What is to be heard of it: of both roles the same. The module may be loaded by the first who asks.
kernel_takes() {
	if [ -e /proc/net/tls_stat ]; then
		echo tx,rx
	else
		echo no
	fi
}

@test "whether the kernel has the keys is told, and --no-ktls keeps them from it" {
	tls_server -v --echo
	[ "$(tls_connect -v --events mine --no-ktls <<<hello 2>err)" = hello ]
	server_ends 0
	says err 'TLSv1\.[23] TLS_.* ktls=no resumed=no checked=yes$'
	[ -z "$(field mine tls ktls)" ]
	tls_server -v --echo
	[ "$(tls_connect -v --events mine <<<hello 2>err)" = hello ]
	server_ends 0
	says err "TLSv1\.[23] TLS_.* ktls=$(kernel_takes) resumed=no checked=yes\$"
	says server.err "TLSv1\.[23] TLS_.* ktls=$(kernel_takes) resumed=no checked=no\$"
	[ "$(field mine tls ktls)" = "$(kernel_takes | sed 's/no//')" ]
	run -2 usock connect --no-ktls 127.0.0.1 1
	[[ $output == *"--no-ktls: only with --tls"* ]]
}

# --- sessions, secrets --------------------------------------------------------

@test "--session resumes, with openssl and with us" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -rev
	tls_connect --session session --events first <<<hello >out
	[ "$(field first tls resumed)" = False ]
	[ "$(stat -c %a session)" = 600 ]
	tls_connect --session session --events second <<<hello >out
	[ "$(field second tls resumed)" = True ]
	text_is out 'olleh\n'
	tls_server -k --echo
	tls_connect --session ours <<<hello >out
	tls_connect --session ours --events third <<<hello >out
	[ "$(field third tls resumed)" = True ]
}

# A server without sessions, and one that has them.
says_that_none_came() { # MIN OPTION...
	local min=$1
	shift
	rm -f session
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -rev "$@"
	tls_connect --tls-min "$min" --session session <<<hello >out 2>err
	text_is out 'olleh\n'
	text_is err 'usock: --session: no session was kept in session: the server has sent none\n'
	[ ! -e session ]
	s_server other -cert "$c/server.crt" -key "$c/leaf.key" -rev
	tls_connect --tls-min "$min" --session session <<<hello >out 2>err
	text_is err ''
	[ -s session ]
}

@test "--session says where the server has sent no session" {
	says_that_none_came 1.2 -tls1_2 -no_ticket -no_cache
	! has_tls13 || says_that_none_came 1.3 -num_tickets 0
}

# The file of a session cannot be written while the connection lasts: told once, the connection goes on, status 8.
lost_session() { # [OPTION...]
	timed injected rename:error=ENOSPC connect --tls "${trust[@]}" --session session "$@" 127.0.0.1 "$port" <<<hello >out 2>err
	status_is 8
	text_is out 'olleh\n'
	text_is err 'usock: --session: write session: No space left on device\n'
	[ ! -e session ]
}

@test "--session that cannot be written is told, and is status 8" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -rev
	lost_session --tls-max 1.2 --events events
	[ "$(field events error error)" = local-io ]
	[ "$(field events end end)" = tls-close ]
	if has_tls13; then lost_session --tls-min 1.3; fi
	# a failure of the connection has its own status
	status=0
	injected rename:error=ENOSPC connect --tls --tls-max 1.2 "${trust[@]}" --session session --max-bytes 1 \
		--timeout 1ms 127.0.0.1 "$port" <<<hello >out 2>err || status=$?
	status_is 124
}

@test "--session of a script that cannot be written fails the script at its end" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -rev
	cat >script.us <<-END
		connect --tls --tls-max 1.2 --ca-file $c/root.crt --session session 127.0.0.1 $port
		send "hello\n"
		puts -nonewline [readline]
	END
	status=0
	injected rename:error=ENOSPC run --allow-files script.us >out 2>err || status=$?
	status_is 8
	text_is out 'olleh\n'
	says err '--session: write session: No space left on device$'
}

@test "--session is no FIFO, which a file would replace: told before anything is connected to" {
	mkfifo fifo
	run -8 --separate-stderr usock connect --tls --session fifo 127.0.0.1 1
	[ "$stderr" = 'usock: --session: fifo: it is a FIFO, which a file would replace' ]
	[ -p fifo ]
}

@test "a server that chooses a pre-shared key has not the key that --pin wants" {
	s_server server -nocert -psk 000102030405060708090a0b0c0d0e0f -psk_identity me -rev -tls1_2 -cipher PSK
	run -5 --separate-stderr usock connect --tls --psk-file "$c/psk" "${trust[@]}" \
		--pin "sha256//$(head -c 32 /dev/zero | base64)" 127.0.0.1 "$port" <<<hello
	[ -z "$output" ]
	[ "$stderr" = "usock: tls 127.0.0.1:$port: --pin: the server has shown no certificate" ]
}

@test "--session is where a file can be: told before anything is connected to" {
	mkdir folder
	run -8 --separate-stderr usock connect --tls --session folder 127.0.0.1 1
	[ "$stderr" = 'usock: --session: write folder: Is a directory' ]
	run -8 --separate-stderr usock connect --tls --session nowhere/session 127.0.0.1 1
	[ "$stderr" = 'usock: --session: write nowhere/session: No such file or directory' ]
}

@test "a session is not used for another name, nor checked where it was not" {
	tls_server -k --echo
	tls_connect --insecure --session session <<<hello >out
	tls_connect --session session --events first <<<hello >out
	[ "$(field first tls resumed)" = False ]
	usock connect --tls "${trust[@]}" --session session --events second -4 localhost "$port" <<<hello >out
	[ "$(field second tls resumed)" = False ]
	echo garbage >session && chmod 600 session
	tls_connect --session session <<<hello >out
	text_is out 'hello\n'
}

# not_resumed ARG... connects with the session that was kept, which is not to be used; $status
not_resumed() {
	cp session used
	status=0
	timeout -s KILL "$patience" "$USOCK" connect -v --tls --session used --events events "$@" -4 127.0.0.1 "$port" \
		<<<hello >out 2>err || status=$?
	[ "$status" != 0 ] || [ "$(field events tls resumed)" = False ] || fail "resumed with $*"
}

@test "a session is not a way past what is trusted: another CA, store, pin or certificate of ours" {
	tls_server -k --echo
	same=(--tls-max 1.2 --server-name localhost)
	tls_connect --tls-max 1.2 --server-name localhost --session session <<<hello >out 2>err
	cp session first
	# the same again is resumed
	tls_connect --tls-max 1.2 --server-name localhost --session first --events events <<<hello >out
	[ "$(field events tls resumed)" = True ]
	# what fails without the file fails with it
	not_resumed "${same[@]}"
	status_is 5
	not_resumed "${same[@]}" --ca-file "$c/other.crt"
	status_is 5
	not_resumed "${same[@]}" "${trust[@]}" --pin "sha256//$(printf %032d 0 | base64)"
	status_is 5
	# and what does not has a handshake of its own
	not_resumed "${same[@]}" "${trust[@]}" --cert "$c/client.crt" --key "$c/leaf.key"
	status_is 0
	has_line err 'the session that was kept is not used: it was made with other options'
	not_resumed "${same[@]}" "${trust[@]}" --alpn h2
	not_resumed --tls-max 1.2 "${trust[@]}" --server-name www.localhost
	not_resumed --server-name localhost "${trust[@]}"
	not_resumed "${same[@]}" --insecure
}

@test "a handshake that fails leaves a session that was not offered" {
	tls_server -k --echo
	tls_connect --session session <<<hello >out
	cp session kept
	# with other options, and so without it
	run -5 usock connect --tls --ca-file "$c/other.crt" --session session 127.0.0.1 "$port" </dev/null
	cmp session kept
}

@test "a session is for one port" {
	tls_server -k --echo
	tls_connect --session session <<<hello >out
	# the same server, somewhere else
	other=$(free_port)
	start socat socat "TCP-LISTEN:$other,bind=127.0.0.1,reuseaddr,fork" "TCP:127.0.0.1:$port"
	port=$other
	listening
	tls_connect --session session --events events <<<hello >out
	[ "$(field events tls resumed)" = False ]
}

@test "the pin is held against the certificate that a session came from" {
	tls_server -k --echo
	usock connect -v --tls "${trust[@]}" -4 localhost "$port" <<<hello >out 2>err
	pin=$(sed -n 's/.* pin \(sha256[^ ]*\)$/\1/p' err)
	tls_connect --tls-max 1.2 --pin "$pin" --session session <<<hello >out
	cp session good
	tls_connect --tls-max 1.2 --pin "$pin" --session good --events events <<<hello >out
	[ "$(field events tls resumed)" = True ]
	# the first line says another key
	"$python" - session <<-'END'
		import sys
		head, rest = open(sys.argv[1], "rb").read().split(b"\n", 1)
		words = head.split(b" ")
		words[5] = b"sha256//" + b"A" * 43 + b"="
		open(sys.argv[1], "wb").write(b" ".join(words) + b"\n" + rest)
	END
	tls_connect --tls-max 1.2 --pin "$pin" --session session -v --events events <<<hello >out 2>err
	[ "$(field events tls resumed)" = False ]
	has_line err 'not used: its key is not the one of --pin'
}

@test "a session of an expired certificate, of an old version, or garbage is not used" {
	tls_server -k --echo
	tls_connect --tls-max 1.2 --session session <<<hello >out
	sed '1s/ [^ ]*Z$/ 2001-01-01T00:00:00Z/' session >past && chmod 600 past
	tls_connect --tls-max 1.2 --session past -v --events events <<<hello >out 2>err
	[ "$(field events tls resumed)" = False ]
	has_line err 'not used: its certificate has expired'
	sed '1s/^usock session 2/usock session 1/' session >old && chmod 600 old
	tls_connect --tls-max 1.2 --session old -v --events events <<<hello >out 2>err
	[ "$(field events tls resumed)" = False ]
	has_line err 'not used: it was made with other options'
}

@test "a session that others can read is not used" {
	tls_server -k --echo
	tls_connect --session session <<<hello >out
	for mode in 640 604 620 666; do
		cp session "open$mode" && chmod $mode "open$mode"
		tls_connect --session "open$mode" -v --events events <<<hello >out 2>err
		[ "$(field events tls resumed)" = False ]
		has_line err 'not used: others can read or change it'
	done
}

@test "a missing CA file is told, whatever session is kept" {
	tls_server -k --echo
	tls_connect --session session <<<hello >out
	run -8 --separate-stderr usock connect --tls --ca-file nothing --session session -4 localhost "$port"
	[[ $stderr == *nothing* ]]
}

@test "openssl resumes with our tickets" {
	tls_server -k --echo
	openssl_says_hello -tls1_2 -sess_out ticket
	openssl s_client -tls1_2 -connect "127.0.0.1:$port" -sess_in ticket </dev/null 2>&1 | grep -q '^Reused, '
}

@test "--keylog and SSLKEYLOGFILE have the secrets that openssl has" {
	s_server server -cert "$c/server.crt" -key "$c/leaf.key" -rev -keylogfile theirs
	tls_connect --keylog ours <<<hello >out
	SSLKEYLOGFILE=also tls_connect <<<hello >out
	[ "$(stat -c %a ours)" = 600 ]
	cat ours also | sort >got
	eventually has_lines theirs "$(wc -l <got)"
	grep -v -e '^#' -e EXPORTER theirs | sort | diff - got
}

@test "a capture opens with the key log" {
	local version versions=(1.2)
	need tshark dumpcap unshare ip
	unshare --net true 2>/dev/null || skip "no network can be made here"
	not_counted "too slow for a capture that does not wait"
	! has_tls13 || versions+=(1.3)
	for version in "${versions[@]}"; do
		timeout --foreground -s KILL $((2 * patience)) unshare --net bash -c "$capture" - "$version" "${own[@]}" || fail "$(cat ./*.err)"
		tshark -r "cap$version" -o "tls.keylog_file:keys$version" -d 'tcp.port==1-65535,tls' -q -z follow,tls,ascii,0 >seen 2>tshark.err
		says seen 'what nobody reads'
		tshark -r "cap$version" -d 'tcp.port==1-65535,tls' -q -z follow,tls,ascii,0 >seen 2>tshark.err
		run -1 grep 'what nobody reads' seen
	done
}

# In a network of its own: all that happens there belongs to the test.
capture='
	ip link set lo up
	dumpcap -q -i lo -w "cap$1" 2>dumpcap.err &
	dumpcap=$!
	until grep -q -s "^File:" dumpcap.err; do sleep 0.02; done
	"$USOCK" listen --tls "${@:2}" --echo --ready-file "ready$1" 127.0.0.1 0 2>server.err &
	until [ -e "ready$1" ]; do sleep 0.02; done
	echo what nobody reads | "$USOCK" connect --tls --insecure --tls-max "$1" --keylog "keys$1" "$(cat "ready$1")" 2>client.err
	# what it has not written yet would be lost
	until [ "$(tshark -r "cap$1" -Y "tcp.flags.fin == 1" 2>tshark.err | wc -l)" -ge 2 ]; do sleep 0.1; done
	kill "$dumpcap"
	wait
	exit 0'

has_lines() { # FILE N
	[ "$(grep -v -c -e '^#' -e EXPORTER "$1")" -ge "$2" ]
}

@test "--keylog that takes no secret fails the connection, and the server serves the next" {
	tls_server -k --echo
	run -8 --separate-stderr tls_connect --keylog /dev/full <<<hello
	[ "$stderr" = "usock: tls 127.0.0.1:$port: --keylog: write /dev/full: No space left on device" ]
	[ -z "$output" ]
	tls_connect <<<hello >out
	text_is out 'hello\n'
}

@test "a link where secrets are to be written is not followed" {
	tls_server -k --echo
	echo precious >precious
	ln -s precious link
	run -8 tls_connect --keylog link <<<hello
	[[ $output == *"--keylog: open link: it is a symbolic link" ]]
	tls_connect --session link <<<hello >out
	text_is precious 'precious\n'
	touch open && chmod 644 open
	tls_connect --keylog open <<<hello >out
	[ "$(stat -c %a open)" = 600 ]
}

# --- ends ---------------------------------------------------------------------

@test "an end without close_notify is 5, after what came" {
	tls_serve --cut "$c/server.pem"
	port=$(port_for server.pem)
	run -5 --separate-stderr tls_connect -v
	[ "$output" = ok ]
	[[ $stderr == *"end=tls-truncated "* ]]
	[[ $stderr == *"usock: recv 127.0.0.1:$port: the peer has ended without close_notify"* ]]
}

@test "a server that has left behind its close_notify takes ours no more, and has ended in order" {
	tls_serve --leave "$c/server.pem"
	port=$(port_for server.pem)
	for _ in 1 2 3; do
		: | tls_connect -v >out 2>err
		text_is out "ok\n"
		says err 'end=tls-close '
	done
}

@test "our end is a close_notify, an aborted one is not" {
	tls_server --send "$c/psk"
	[ "$(tls_client "$port" read x | tail -n 1)" = closed ]
	tls_server --max-bytes 3
	[ "$(tls_client "$port" read question | tail -n 1)" = closed ]
	finish "$server"
	tls_server -- sh -c 'echo hello; sleep 60'
	start client "$python" -IS "$peers/tls.py" client "$port" read x
	eventually has_line client.out hello
	kill -TERM "$server"
	finish "$pid"
	says client.out '^cut$'
}

@test "a client that says no good-bye still gets its answer, and is told of" {
	tls_server -v --sh 'cat >/dev/null; echo answer'
	tls_client "$port" cut question >out
	says out answer
	server_ends 5
	says server.err 'end=tls-truncated'
}

@test "a peer that does not speak TLS is told apart" {
	start_peer server listen 127.0.0.1:0 'send:HTTP/1.0 400 Bad Request\r\n' eof
	listening
	run -5 tls_connect
	[ "${lines[0]}" = "usock: tls 127.0.0.1:$port: what the peer sends is not TLS" ]
	[ "${lines[1]}" = "usock: hint: if the server begins without TLS: --starttls PROTOCOL" ]
	tls_server -k --echo
	run usock connect 127.0.0.1 "$port" <<<"GET / HTTP/1.0"
	eventually has_line server.err 'what the peer sends is not TLS'
	[ "$(grep -c starttls server.err)" = 0 ]
	server_lives
}

@test "a peer that ends during the handshake is 5" {
	start_peer server listen 127.0.0.1:0 recv:20 close
	listening
	run -5 tls_connect
	[[ $output == "usock: tls 127.0.0.1:$port: "* ]]
}

@test "a handshake that stalls is 124, wherever it does" {
	local target n
	before=silent_peer
	on_time 300 tls_connect --handshake-timeout 300ms 2>err
	says err "^usock: tls 127.0.0.1:$port: timed out: the handshake is not over$"
	tls_server -k --echo
	target=$port
	for n in 1 4 5 6 9 40 100 300; do
		start "relay$n" "$python" -IS "$peers/tls.py" relay "$target" "$n"
		printed "relay$n"
		run -124 tls_connect --handshake-timeout 300ms
	done
}

silent_peer() {
	start_peer silent listen 127.0.0.1:0 eof
	listening
}

@test "a client that stalls costs the others nothing, and is given up" {
	tls_server -k --echo --handshake-timeout "${slowness}s"
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	[ "$(tls_connect <<<hello)" = hello ]
	receives_end 5
	eventually has_line server.err 'timed out: the handshake is not over'
	server_lives
}

# --- bytes --------------------------------------------------------------------

@test "many bytes both ways, unchanged" {
	head -c 20000000 /dev/urandom >big
	tls_server -k --echo
	tls_connect <big >copy
	cmp big copy
	tls_connect --rate 20M <big >copy
	cmp big copy
	tls_serve --echo "$c/server.pem"
	port=$(port_for server.pem)
	tls_connect <big >copy
	cmp big copy
}

@test "records of every odd length" {
	local n
	tls_server -k --echo
	for n in 1 2 3 15 16 17 255 1023 4097 16383 16384 16385 32769; do
		head -c "$n" /dev/urandom >data
		tls_connect <data >copy
		cmp data copy || fail "$n"
	done
}

@test "a program, a file, a discard and the standard streams over TLS" {
	tls_server -k -- sh -c 'read -r a; echo "got $a"'
	[ "$(tls_connect <<<hello)" = "got hello" ]
	tls_server -k --send "$c/psk"
	tls_connect | cmp - "$c/psk"
	tls_server --discard
	tls_connect <<<hello
	server_ends 0
	echo question >question
	from=question tls_server
	[ "$(tls_connect <<<hello)" = question ]
	text_is server.out 'hello\n'
	tls_server -k --echo
	tls_connect -- sh -c 'echo ping; read -r a; echo "$a" >got'
	text_is got 'ping\n'
	usock connect --tls --send-only "${trust[@]}" 127.0.0.1 "$port" <<<hello
	[ "$(tls_connect -C --hexdump=dump <<<hello | od -An -c | tr -d ' ')" = 'hello\r\n' ]
	says dump '^> 00000000  68 65 6c 6c 6f 0d 0a'
}

# --- words --------------------------------------------------------------------

refused() { # REGEX ARG...
	local regex=$1
	shift
	run -2 usock "$@"
	[[ $output =~ $regex ]] || fail "$output"
}

@test "options that make no sense are 2, before anything is connected" {
	refused '--alpn: only with --tls' connect --alpn h2 127.0.0.1 1
	refused '--self-signed: only with --tls' listen --self-signed 127.0.0.1 0
	refused 'a server needs a certificate' listen --tls 127.0.0.1 0
	refused '--key: there is no --cert' listen --tls --self-signed --key x 127.0.0.1 0
	refused 'server-name is needed' connect --tls unix:path
	refused '--pin: .x. is neither sha256// ' connect --tls --pin x 127.0.0.1 1
	refused '--ciphers: .nonsense. is no cipher' connect --tls --ciphers nonsense 127.0.0.1 1
	refused '--tls-min: is more than --tls-max' connect --tls --tls-min 1.3 --tls-max 1.2 127.0.0.1 1
	refused '--client-cert: needs --client-ca' listen --tls --self-signed --client-cert optional 127.0.0.1 0
	refused '--scan' connect -z tls:127.0.0.1:1
}

@test "a certificate or a key that will not do is named" {
	run -8 usock listen --tls --cert none 127.0.0.1 0
	[[ $output == "usock: --cert: open none: No such file or directory" ]]
	run -5 usock listen --tls --cert "$c/server.crt" 127.0.0.1 0
	[[ $output == *"--cert: $c/server.crt"* ]]
	run -5 usock listen --tls --cert "$c/server.crt" --key "$c/root.key" 127.0.0.1 0
	[[ $output == *"--key: $c/root.key does not belong to the certificate"* ]]
}

@test "without the module, all else works, and what is missing is named" {
	local real=$USOCK
	[ -e "$USOCK_BUILD/usock-tls.so" ] || skip "modules are linked in"
	not_counted "a copy of the program"
	mkdir alone
	cp "$(readlink -f "$USOCK")" alone/usock
	USOCK=$PWD/alone/usock
	! usock --version | grep -q -w tls || skip "a module is installed"
	run -8 usock connect --tls localhost 1
	[[ $output == *"usock: tls: "*"/usock-tls.so is not installed"*"hint: the package usock-tls has it"* ]]
	echo garbage >alone/usock-tls.so
	run -8 usock connect --tls localhost 1
	[[ $output == *"load $PWD/alone/usock-tls.so: "* ]]
	USOCK=$real
}

# libm is libc's, in a file of its own with some.
@test "the program itself needs libc alone" {
	need readelf
	not_counted "no ELF file"
	! is_instrumented || skip "an instrumented build"
	readelf -d "$(readlink -f "$USOCK")" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' >needed
	run -1 grep -v -e '^libc\.' -e '^libm\.' -e '^ld-' needed
}

# --- what is told --------------------------------------------------------------

@test "a client without a certificate, or with a bad one, gets its alert before the close" {
	tls_server -k --echo --client-ca "$c/root.crt"
	run openssl s_client -tls1_2 -connect "127.0.0.1:$port"
	[[ $output == *"alert handshake failure"* ]]
	openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out other.crt -subj /CN=other -days 30 2>/dev/null
	run openssl s_client -tls1_2 -cert other.crt -key other.key -connect "127.0.0.1:$port"
	[[ $output == *"alert unknown ca"* || $output == *"alert bad certificate"* ]]
	run curl -sS -k "https://127.0.0.1:$port/"
	[[ $output == *alert* ]]
	eventually has_line server.err 'hint: --client-ca wants one; with --client-cert optional it is served all the same'
	eventually has_line server.err 'hint: --client-ca FILE names the issuers of clients'
	run -1 grep -e --ca-file -e --insecure server.err
}

@test "hints about names lead to a connection when they are followed, or name another way" {
	cd "$c"
	sign wild /CN=x 'subjectAltName=DNS:*.wild.test' 2>/dev/null
	sign textual /CN=x 'subjectAltName=DNS:127.0.0.1' 2>/dev/null
	sign mail /CN=x 'subjectAltName=email:a@mail.test' 2>/dev/null
	sign both /CN=x 'subjectAltName=DNS:*.wild.test,DNS:plain.test' 2>/dev/null
	cd "$BATS_TEST_TMPDIR"
	for row in 'wild|is for \*\.wild\.test, not for|' 'textual|has 127\.0\.0\.1 as the name of a host, and not as an address|' \
		'textual|is for 127\.0\.0\.1, not for other.test||--server-name other.test' \
		'mail|is for an e-mail address|' 'both|is for \*\.wild\.test plain\.test|--server-name plain.test'; do
		IFS='|' read -r name text remedy wanted <<<"$row"
		rm -f "$name.ready"
		start_listen "$name" -k --echo --tls --cert "$c/$name.crt" --key "$c/leaf.key"
		# shellcheck disable=SC2086 # options
		run -5 usock connect --tls "${trust[@]}" $wanted 127.0.0.1 "$port" <<<hello
		[[ $output =~ $text ]] || fail "$name: $output"
		# what the hint says, word by word
		[ -n "$remedy" ] || remedy=$(sed -n 's/.*hint: \(--insecure --pin [^ ]*\) .*/\1/p' <<<"$output")
		[[ $output == *"hint: $remedy "* ]]
		# shellcheck disable=SC2086 # options
		[ "$(usock connect --tls "${trust[@]}" $remedy 127.0.0.1 "$port" <<<hello 2>/dev/null)" = hello ]
	done
}

start_listen() { # NAME OPTION...
	usock_listens "$@"
}

@test "a file that is not what its option wants is told as what it is, and nothing of it is quoted" {
	openssl pkcs12 -export -inkey "$c/leaf.key" -in "$c/server.crt" -passout pass:x -out bundle.p12
	tr '\n' ' ' <"$c/server.crt" >line.crt
	tr '\n' ' ' <"$c/leaf.key" >line.key
	refused_for '--cert: bundle\.p12: it is PKCS#12, not PEM' --cert bundle.p12 --key "$c/leaf.key"
	refused_for '--key: bundle\.p12: it is PKCS#12, not PEM' --cert "$c/server.crt" --key bundle.p12
	refused_for '--cert: line\.crt: its line ends are lost' --cert line.crt --key "$c/leaf.key"
	refused_for '--key: line\.key: its line ends are lost' --cert "$c/server.crt" --key line.key
	refused_for '--cert: .*leaf\.key holds a key, and no certificate' --cert "$c/leaf.key" --key "$c/server.crt"
	[[ $stderr == *"are --cert and --key swapped?"* ]]
	refused_for '--cert: .*leaf\.key holds a key, and no certificate' --cert "$c/leaf.key"
	[[ $stderr != *swapped* ]]
	refused_for '--cert: .*server\.crt holds a certificate, and no key' --cert "$c/server.crt"
	refused_for '--key: .*server\.crt holds a certificate, and no key' --cert "$c/server.crt" --key "$c/server.crt"
	[[ $stderr == *"hint: --key FILE names the key"* && $stderr != *swapped* ]]
	openssl req -new -key "$c/leaf.key" -subj /CN=x -out request.pem
	refused_for '--cert: request\.pem holds a request for a certificate, and no certificate' --cert request.pem
}

@test "so is one with neither certificate nor key, and one that should have those of issuers" {
	echo garbage >text
	: >empty
	openssl pkey -in "$c/leaf.key" -pubout -out public.pem
	openssl pkcs12 -export -nokeys -in "$c/root.crt" -passout pass:x -out root.p12
	says_why '--cert: text: there is no certificate in it' listen --cert text
	says_why '--cert: empty: there is no certificate in it' listen --cert empty
	says_why '--key: text: there is no key in it' listen --cert "$c/server.crt" --key text
	says_why '--key: empty: there is no key in it' listen --cert "$c/server.crt" --key empty
	says_why '--key: public.pem holds a public key, and no private key' listen --cert "$c/server.crt" --key public.pem
	says_why '--ca-file: text: there is no certificate in it' connect --ca-file text
	says_why '--ca-file: root.p12: it is PKCS#12, not PEM' connect --ca-file root.p12
	says_why '--client-ca: text: there is no certificate in it' listen --self-signed --client-ca text
}

says_why() { # TEXT COMMAND OPTION...
	run -5 --separate-stderr usock "$2" --tls "${@:3}" 127.0.0.1 1
	[[ $stderr == "usock: $1"* && $stderr != *MII* ]] || fail "$stderr"
}

refused_for() { # REGEX OPTION...
	run -5 --separate-stderr usock listen --tls "${@:2}" 127.0.0.1 0
	[[ $stderr =~ $1 ]] || fail "$stderr"
	[[ $stderr == *hint:* && $stderr != *MII* ]]
}

