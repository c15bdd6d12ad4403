# TLS over datagrams, with OpenSSL, GnuTLS and socat at the other end, and a network that loses some.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2154 # status, port and pid are lib's

load ../lib/tls
load ../lib/dgram
start_fast

more_identities() {
	sign two /CN=x subjectAltName=DNS:two.test
	sign old /CN=x 'subjectAltName=IP:127.0.0.1' end=20210101000000Z
	new_key rsa rsa4096
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
dtls_server() { # ARG...
	serve --dtls "${own[@]}" 127.0.0.1 0 "$@"
}

# The same client, checked.
dtls_connect() { # ARG...
	usock connect --dtls "${trust[@]}" 127.0.0.1 "$port" "$@"
}

# An openssl server on a free port: $pid, $port. What is written to descriptor 8 it sends.
dtls_s_server() { # NAME ARG...
	rm -f input
	endless input
	from=input start "$1" openssl s_server -dtls1_2 -quiet -accept 127.0.0.1:0 "${@:2}"
	has_udp_port "$pid"
}

# ask COMMAND...: a client says hello, waits for an answer, and ends with its input. The answer is in ask.out.
ask() {
	rm -f ask.in ask.out && mkfifo ask.in
	exec 7<>ask.in
	from=ask.in start ask "$@"
	echo hello >&7
	eventually ask_is_answered
	exec 7>&-
	finish "$pid"
}

ask_is_answered() {
	has_line ask.out . || is_over "$pid"
}

# The same of openssl.
openssl_asks() { # ARG...
	ask openssl s_client -dtls1_2 -quiet -no_ign_eof -verify_return_error -CAfile "$c/root.crt" \
		-connect "127.0.0.1:$port" "$@"
}

# lossy ARG...: between the server on $port and its clients, who find it at $port from now on.
lossy() {
	rm -f lossy.out
	start lossy "$python" -IS "$peers/lossy.py" "$port" "$@"
	lossy=$pid
	printed lossy
}

# --- with others --------------------------------------------------------------

@test "usock and usock: question, answer, end" {
	dtls_server -- sed -u s/^/got:/
	dtls_connect -v <<<hello >out 2>err
	text_is out 'got:hello\n'
	says err "tls 127.0.0.1:$port: DTLSv1.2 TLS_.* resumed=no checked=yes$"
	says err 'end=quiet sent=6 received=10 datagrams-sent=1 datagrams-received=1 '
	server_ends 0
}

@test "--dtls, --udp with --tls, and an address that says dtls: are the same" {
	dtls_server -k --echo
	[ "$(usock connect -u --tls "${trust[@]}" 127.0.0.1 "$port" <<<hello)" = hello ]
	[ "$(usock connect "${trust[@]}" "dtls:127.0.0.1:$port" <<<hello)" = hello ]
	[ "$(usock connect "${trust[@]}" "dtls://localhost:$port" -4 <<<hello)" = hello ]
	serve -k --echo "${own[@]}" dtls:127.0.0.1:0
	[ "$(dtls_connect <<<hello)" = hello ]
}

@test "openssl serves us, with and without cookies" {
	local listen
	for listen in '' -listen; do
		# shellcheck disable=SC2086 # nothing, or a word
		dtls_s_server "server$listen" -cert "$c/server.crt" -key "$c/leaf.key" $listen
		echo answer >&8
		dtls_connect -v --max-bytes 7 <<<hello >out 2>err
		text_is out 'answer\n'
		says err "tls 127.0.0.1:$port: DTLSv1.2 TLS_.* resumed=no checked=yes$"
		says err "certificate CN=x for localhost 127.0.0.1, by CN=Root, valid 2020-01-01T00:00:00Z to 2049-12-31T23:59:59Z"
		eventually has_line "server$listen.out" '^hello$'
	done
}

@test "openssl is our client" {
	dtls_server -v --sh 'read -r line; echo "got $line"'
	openssl_asks
	text_is ask.out 'got hello\n'
	server_ends 0
	says server.err "tls 127.0.0.1:[0-9]*: DTLSv1.2 TLS_"
	says server.err 'end=child-exit sent=10 received=6 '
}

@test "gnutls-serv serves us, and gnutls-cli is our client" {
	need gnutls-cli gnutls-serv
	start gnutls gnutls-serv --udp --echo -q --port "$(free_udp_port)" --x509certfile "$c/server.crt" --x509keyfile "$c/leaf.key"
	has_udp_port "$pid"
	dtls_connect -v --max-bytes 6 <<<hello >out 2>err
	text_is out 'hello\n'
	says err DTLSv1.2
	dtls_server -k --echo
	ask gnutls-cli --udp --logfile=/dev/null --x509cafile "$c/root.crt" -p "$port" 127.0.0.1
	text_is ask.out 'hello\n'
}

@test "socat serves us" {
	need socat
	socat -hhh | grep -q openssl-dtls-server || skip "this socat has no DTLS"
	port=$(free_udp_port)
	start socat socat "OPENSSL-DTLS-SERVER:$port,bind=127.0.0.1,cert=$c/server.crt,key=$c/leaf.key,verify=0" 'SYSTEM:read line; echo got $line'
	eventually udp_port_of "$pid"
	dtls_connect --max-bytes 10 <<<hello >out
	text_is out 'got hello\n'
}

@test "every cipher that both have" {
	local name n=0
	serve -k --dtls --cert "$c/server.crt" --key "$c/leaf.key" --psk-file "$c/psk" --echo 127.0.0.1 0
	for name in $(openssl ciphers -stdname -s -tls1_2 -psk ALL:@SECLEVEL=0 | cut -d ' ' -f 1); do
		[[ $name != *_anon_* && $name != *RC4* ]] || continue
		status=0
		usock connect --dtls "${trust[@]}" --psk-file "$c/psk" --ciphers "$name" --max-bytes 6 127.0.0.1 "$port" \
			--events "events-$name" <<<hello >out 2>err || status=$?
		# of the others the server has no key, or the library no such cipher
		[ $status != 2 ] && [ $status != 5 ] || continue
		{ [ $status = 0 ] && text_is out 'hello\n'; } || fail "$name: $(cat err)"
		[ "$(field "events-$name" tls cipher)" = "$name" ]
		openssl_asks -cipher "$(openssl_name "$name"):@SECLEVEL=0" \
			-psk 000102030405060708090a0b0c0d0e0f -psk_identity me
		text_is ask.out 'hello\n' || fail "$name: $(cat ask.err)"
		n=$((n + 1))
	done
	echo "$n ciphers"
	((n >= 20))
}

openssl_name() { # IANA's
	openssl ciphers -stdname -s -tls1_2 -psk ALL:@SECLEVEL=0 | awk -v name="$1" '$1 == name { print $3 }'
}

@test "certificates of clients" {
	dtls_server -k --echo --client-ca "$c/root.crt" -v
	[ "$(dtls_connect --cert "$c/client.crt" --key "$c/leaf.key" <<<hello)" = hello ]
	says server.err 'certificate CN=Client for .*, by CN=Root'
	openssl_asks -cert "$c/client.crt" -key "$c/leaf.key"
	text_is ask.out 'hello\n'
	run -5 dtls_connect <<<hello
	run -5 dtls_connect --cert "$c/stranger.crt" --key "$c/leaf.key" <<<hello
	[[ $output == *"the peer has ended it with alert "* ]]
	eventually has_line server.err 'the client shows no certificate'
	eventually has_line server.err 'issued by CN=Other'
	dtls_s_server server2 -cert "$c/server.crt" -key "$c/leaf.key" -CAfile "$c/root.crt" -Verify 2 -verify_return_error
	dtls_connect --cert "$c/client.crt" --key "$c/leaf.key" <<<hello
	eventually has_line server2.out '^hello$'
}

@test "keys that both have" {
	dtls_s_server server -nocert -psk 000102030405060708090a0b0c0d0e0f -psk_identity me -cipher PSK
	usock connect --dtls --psk-file "$c/psk" 127.0.0.1 "$port" <<<hello
	eventually has_line server.out '^hello$'
	serve -k --dtls --psk-file "$c/psk" --echo 127.0.0.1 0
	openssl_asks -psk 000102030405060708090a0b0c0d0e0f -psk_identity me
	text_is ask.out 'hello\n'
	[ "$(usock connect --dtls --psk-file "$c/psk" 127.0.0.1 "$port" <<<hello)" = hello ]
	echo 'me:00' >wrong
	run -5 usock connect --dtls --psk-file wrong 127.0.0.1 "$port" <<<hello
}

@test "a certificate that will not do is 5, in one line" {
	local name
	serve -k --dtls --cert "$c/two.crt" --key "$c/leaf.key" --echo 127.0.0.1 0
	status=0 && dtls_connect <<<hello 2>err || status=$?
	status_is 5 && one_message err
	says_exactly err "usock: tls 127.0.0.1:$port: the certificate is for two.test, not for 127.0.0.1"
	serve -k --dtls --cert "$c/old.crt" --key "$c/leaf.key" --echo 127.0.0.1 0
	status=0 && dtls_connect <<<hello 2>err || status=$?
	status_is 5 && one_message err && says err 'has expired on 2021-01-01'
	dtls_server -k --echo
	status=0 && usock connect --dtls --ca-file "$c/other.crt" 127.0.0.1 "$port" <<<hello 2>err || status=$?
	status_is 5 && one_message err && says err 'not among those of'
	[ "$(usock connect --dtls --insecure 127.0.0.1 "$port" <<<hello 2>err)" = hello ]
	# and the server goes on
	[ "$(dtls_connect <<<hello)" = hello ]
}

@test "--self-signed with its pin, --alpn, --keylog and the name that a client wants" {
	serve -k --dtls --self-signed --echo --alpn a,b 127.0.0.1 0
	pin=$(field events self-signed pin)
	dtls_connect --insecure --pin "$pin" --alpn b --keylog keys --events mine --server-name some.test <<<hello >out 2>err
	text_is out 'hello\n'
	[ "$(field mine tls alpn)" = b ]
	[ "$(field mine tls version)" = DTLSv1.2 ]
	says keys '^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$'
	eventually has_events 1 tls server_name some.test
	run -5 dtls_connect --insecure --alpn c <<<hello
	[[ $output == *"no_application_protocol (120)"*"hint: "*--alpn* ]]
	run -5 dtls_connect --insecure --pin sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= <<<hello
}

@test "--session resumes" {
	dtls_server -k --echo
	dtls_connect --session session --events first <<<hello >out
	[ "$(field first tls resumed)" = False ]
	dtls_connect --session session --events second <<<hello >out
	[ "$(field second tls resumed)" = True ]
	text_is out 'hello\n'
}

# --- datagrams ----------------------------------------------------------------

@test "a record is a datagram, whatever its length" {
	local sizes=(0 1 0 0 100 1200 1472 1473 9000 16383 16384 0 2)
	len16 "${sizes[@]}" >sent
	dtls_server --recv-only --framing len16
	dtls_connect --framing len16 <sent
	server_ends 0
	[ "$(field events end datagrams_received)" = ${#sizes[@]} ]
	cmp sent server.out
	dtls_server -k --echo
	dtls_connect --framing len16 <sent >back
	cmp sent back
}

@test "a datagram that is too long is an error that tells the limit, and nothing of it goes" {
	dtls_server -k --discard
	len16 3 16385 >sent
	status=0 && dtls_connect --framing len16 <sent 2>err || status=$?
	status_is 1 && one_message err
	says err "usock: send 127.0.0.1:$port: datagram of 16385 bytes: Message too long"
	says err 'hint: the limit is 16384 bytes over DTLS'
	eventually has_events 1 end
	[ "$(field events end datagrams_received)" = 1 ]
}

@test "a long certificate goes in pieces that fit" {
	local mtu
	cat "$c"/{rsa,root,other,stranger,client,two,old,server}.crt >chain.pem
	serve -k --dtls --cert chain.pem --key "$c/rsa.key" --echo 127.0.0.1 0
	[ "$(dtls_connect <<<hello)" = hello ]
	openssl_asks
	text_is ask.out 'hello\n'
	for mtu in 256 600 1500; do
		dtls_s_server "server$mtu" -cert "$c/rsa.crt" -key "$c/rsa.key" -cert_chain chain.pem -mtu "$mtu"
		dtls_connect <<<hello
		eventually has_line "server$mtu.out" '^hello$'
	done
}

# --- ends ---------------------------------------------------------------------

@test "close_notify is the end, on either side" {
	# theirs
	dtls_s_server server -cert "$c/server.crt" -key "$c/leaf.key"
	endless never
	from=never start client "$USOCK" connect --dtls -v "${trust[@]}" 127.0.0.1 "$port"
	eventually has_line client.err ' tls 127'
	local client=$pid
	printf Q >input
	finish "$client"
	status_is 0
	says client.err 'end=tls-close '
	# ours
	from=never start server2 openssl s_server -dtls1_2 -accept 127.0.0.1:0 -cert "$c/server.crt" -key "$c/leaf.key" -naccept 1
	has_udp_port "$pid"
	dtls_connect <<<hello
	finish "$pid"
	says server2.out '^hello$'
}

@test "a port where nobody listens is refused" {
	port=$(free_udp_port)
	status=0 && dtls_connect -v <<<hello 2>err || status=$?
	status_is 1
	says err "^usock: connect 127.0.0.1:$port: Connection refused$"
	says err 'end=refused '
}

@test "a handshake that nobody answers is 124, on time" {
	dgram_peer silent 127.0.0.1:0 file:never
	port=$(head -n 1 silent.out)
	on_time 1500 dtls_connect --handshake-timeout 1.5
	status=0 && dtls_connect -w 0.7 2>err || status=$?
	status_is 124
	one_message err
	says err "^usock: tls 127.0.0.1:$port: timed out: the handshake is not over"
}

@test "options that make no sense are 2, before anything is sent" {
	run -2 usock connect --dtls --tls-min 1.3 --insecure 127.0.0.1 1
	[[ $output == *"--tls-min: with datagrams there is only 1.2"* ]]
	run -2 usock connect --dtls unix:path
	run -2 usock connect --dtls --starttls smtp 127.0.0.1 1
	run -2 usock connect -u --starttls smtp 127.0.0.1 1
	run -2 usock connect -u --tls tcp:127.0.0.1:1
	run -2 usock connect --udp tls:127.0.0.1:1
	run -2 usock connect --dtls --scan 127.0.0.1 1
	run -2 usock connect --tls --type raw --proto icmp 127.0.0.1
	run -2 usock listen --dtls 127.0.0.1 0
	run -2 usock listen --dtls --self-signed --refuse --keep-open --max-clients 1 127.0.0.1 0
	run -2 usock listen --dtls --self-signed --print-sender 127.0.0.1 0
	run -2 usock sendto dtls:127.0.0.1:1 hello
	run usock -c 'listen -u --tls --self-signed 127.0.0.1 0'
	[[ $output == *"--dtls: not for a server in a script"* ]]
	run usock -c 'set s [socket -type dgram]; $s connect 127.0.0.1 1; $s starttls -server -self-signed'
	[[ $output == *"starttls: --server: not with datagrams"* ]]
	serve --echo 127.0.0.1 0
	run usock -c "[connect 127.0.0.1 $port] starttls -dtls -insecure"
	[[ $output == *"starttls: --dtls: the socket is a stream"* ]]
}

# --- in scripts ------------------------------------------------------------------

@test "a script: a record is a datagram, also one without a byte; its end is known" {
	dtls_server -k --echo
	usock run - "$port" "$c/root.crt" >out <<-'EOF'
		lassign $argv port ca
		set s [connect --dtls --ca-file $ca --timeout 20 127.0.0.1 $port]
		$s settimeout 20
		puts [dict get [$s tls info] version],[dict get [$s tls info] verified]
		$s send one
		$s send two
		$s send ""
		$s sendall [string repeat x 9000]
		puts "[$s recv 100] [$s recv 100] <[$s recv 100]> [string length [$s recv 65536]]"
		$s send "login: "
		$s expect "login: "
		catch {$s send [string repeat x 20000]} text options
		puts [lindex [dict get $options -errorcode] 1]
		$s send after
		puts [$s recv 2]
		$s close
	EOF
	text_is out 'DTLSv1.2,1\none two <> 9000\nEMSGSIZE\naf\n'
}

@test "a script: what a server ends, and what it refuses" {
	dtls_server --sh 'read -r line; echo "got $line"'
	usock run - "$port" "$c/root.crt" >out <<-'EOF'
		lassign $argv port ca
		set s [socket -type dgram]
		$s settimeout 20
		$s connect 127.0.0.1 $port
		$s starttls -ca-file $ca
		$s send hello\n
		puts -nonewline [$s recv 100]
		puts <[$s recv 100]>,[$s end]
	EOF
	text_is out 'got hello\n<>,tls-close\n'
	dtls_server -k --echo
	run -5 --separate-stderr usock -c "connect --dtls 127.0.0.1 $port"
	[[ $stderr == *"tls 127.0.0.1:$port: "*"--ca-file"* ]] || fail "$stderr"
	run -1 --separate-stderr usock -c 'connect --dtls --insecure 127.0.0.1 9'
	[[ $stderr == *"tls 127.0.0.1:9: "*"Connection refused"* ]] || fail "$stderr"
	run -124 --separate-stderr usock -c 'set s [socket -type dgram]
		$s bind 127.0.0.1 0
		connect --dtls --insecure --handshake-timeout 0.3 127.0.0.1 [lindex [$s getsockname] 1]'
	[[ $stderr == *"tls 127.0.0.1:"*"timed out"* ]] || fail "$stderr"
}

@test "a script's handshake is sent again where it gets lost" {
	dtls_server -k --echo
	lossy drop=1 dropc=3
	usock run - "$port" "$c/root.crt" >out <<-'EOF'
		lassign $argv port ca
		set s [connect --dtls --ca-file $ca 127.0.0.1 $port]
		$s settimeout 20
		$s send hello
		puts [$s recv 100]
	EOF
	text_is out 'hello\n'
}

# --- a network that loses -------------------------------------------------------

@test "a handshake is done though a tenth is lost, and others come late or twice" {
	local i
	dtls_server -k --echo
	lossy loss=10 late=10 twice=10 seed=7
	for i in 1 2 3 4 5 6; do
		dtls_connect --events "client$i" --handshake-timeout 60 <<<hello >out
		[ "$(field "client$i" tls version)" = DTLSv1.2 ]
	done
	kill "$lossy" && finish "$lossy"
	cat lossy.err
}

@test "each flight of the handshake is sent again when it is lost" {
	local n
	dtls_server -k --echo
	real=$port
	for n in 1 2 3; do
		port=$real && lossy "drop=$n"
		[ "$(dtls_connect --handshake-timeout 60 <<<hello)" = hello ]
		port=$real && lossy "dropc=$n"
		[ "$(dtls_connect --handshake-timeout 60 <<<hello)" = hello ]
	done
}

@test "a client whose every datagram comes twice is one client" {
	dtls_server -k --echo
	lossy twice=100
	for i in 1 2 3 4 5; do
		[ "$(dtls_connect --max-bytes 6 <<<hello)" = hello ]
	done
	eventually has_events 5 end
	[ "$(n_events accepted)" = 5 ]
}

@test "datagrams that come twice or damaged are dropped, late ones are not" {
	dtls_server -k --echo
	lossy late=20 twice=30 damage=30 seed=3
	seq 1 200 >numbers
	dtls_connect --delay 5ms --after-eof 2s <numbers >out
	sort -n out | cmp - numbers
}

# --- many clients ----------------------------------------------------------------

@test "many clients at once, on one port, each gets its own" {
	local i clients=()
	dtls_server -k --sh 'while read -r line; do echo "$USOCK_PEER_PORT $line"; done'
	for i in $(seq 20); do
		seq -f "$i-%g" 1 20 >"in$i"
		from=in$i start "client$i" "$USOCK" connect --dtls "${trust[@]}" --delay 20ms --after-eof 5s \
			--max-bytes 100k --handshake-timeout 60 127.0.0.1 "$port"
		clients+=("$pid")
	done
	for pid in "${clients[@]}"; do
		finish "$pid"
		status_is 0
	done
	for i in $(seq 20); do
		[ "$(cut -d ' ' -f 1 "client$i.out" | sort -u | wc -l)" = 1 ]
		cut -d ' ' -f 2 "client$i.out" | cmp - "in$i"
	done
	[ "$(cat client*.out | cut -d ' ' -f 1 | sort -u | wc -l)" = 20 ]
	eventually has_events 20 end
	events_are 20 end end tls-close
}

@test "who has not shown that he hears us costs nothing, and garbage neither" {
	local i
	dtls_server -k --echo
	"$python" -IS - "$port" >answers <<-'END'
		import socket, sys
		s = socket.socket(type=socket.SOCK_DGRAM)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		s.settimeout(20)
		hello = bytes.fromhex("fefd" + "00" * 32 + "00" + "00" + "0002c02b0100")
		message = b"\x01" + len(hello).to_bytes(3, "big") + b"\0\0\0\0\0" + len(hello).to_bytes(3, "big") + hello
		record = b"\x16\xfe\xff\0\0\0\0\0\0\0\7" + len(message).to_bytes(2, "big") + message
		for junk in (b"", b"hello", b"\x16" * 13, b"\0" * 65000, record[:-1], b"\x17" + record[1:]):
		    s.send(junk)
		s.send(record)
		answer = s.recv(65536)
		assert len(answer) <= len(record), (len(answer), len(record))
		assert answer[:11] == b"\x16\xfe\xff\0\0\0\0\0\0\0\7" and answer[13] == 3, answer
		# a cookie is of one address alone
		cookie = answer[28:]
		hello = hello[:35] + bytes([len(cookie)]) + cookie + hello[36:]
		message = b"\x01" + len(hello).to_bytes(3, "big") + b"\0\1\0\0\0" + len(hello).to_bytes(3, "big") + hello
		other = socket.socket(type=socket.SOCK_DGRAM)
		other.connect(("127.0.0.1", int(sys.argv[1])))
		other.settimeout(20)
		other.send(b"\x16\xfe\xff\0\0\0\0\0\0\0\7" + len(message).to_bytes(2, "big") + message)
		assert other.recv(65536)[13] == 3
		print("ok")
	END
	text_is answers 'ok\n'
	[ "$(dtls_connect <<<hello)" = hello ]
	eventually has_events 1 end
	events_are 1 accepted
}

@test "a client that begins anew from the same address is served anew" {
	local own_port
	dtls_server -k --echo -v
	own_port=$(free_udp_port)
	endless never
	from=never start first "$USOCK" connect --dtls -v "${trust[@]}" -p "$own_port" 127.0.0.1 "$port"
	eventually has_line first.err ' tls 127'
	kill -KILL "$pid"
	eventually is_over "$pid"
	[ "$(dtls_connect -p "$own_port" <<<hello)" = hello ]
	has_events 1 end end peer-reset
	events_are 2 accepted
}

@test "a second server on the port is refused, also while clients are served" {
	dtls_server -k --echo
	endless never
	from=never start first "$USOCK" connect --dtls -v "${trust[@]}" 127.0.0.1 "$port"
	eventually has_line first.err ' tls 127'
	run -1 usock listen --dtls "${own[@]}" 127.0.0.1 "$port"
	[[ $output == *"Address already in use"* ]]
	run -1 usock listen -u 127.0.0.1 "$port"
}

@test "of all addresses the one that was asked answers, of both families" {
	has_ipv6 || skip "no IPv6"
	serve -k --dtls "${own[@]}" 0 --echo
	[ "$(usock connect --dtls "${trust[@]}" 127.0.0.1 "$port" <<<hello)" = hello ]
	[ "$(usock connect --dtls "${trust[@]}" --server-name localhost 127.0.0.2 "$port" <<<hello)" = hello ]
	[ "$(usock connect --dtls "${trust[@]}" --server-name localhost ::1 "$port" <<<hello)" = hello ]
}

@test "one client, and then the port is closed" {
	dtls_server --echo
	endless never
	from=never start first "$USOCK" connect --dtls -v "${trust[@]}" 127.0.0.1 "$port"
	eventually has_line first.err ' tls 127'
	status=0 && dtls_connect <<<hello || status=$?
	status_is 1
	exec 8>&-
	kill -INT "$pid"
	server_ends 0
	on_time 500 usock listen --dtls "${own[@]}" --accept-timeout 500ms 127.0.0.1 0
}

@test "each client's socket has the options that the listener was made with" {
	dtls_server -k -o SO_RCVBUF=20000 -o SO_SNDBUF=30000 --echo
	endless never
	from=never start first "$USOCK" connect --dtls -v "${trust[@]}" 127.0.0.1 "$port"
	eventually has_line first.err ' tls 127'
	# the kernel doubles what it is asked for
	eventually server_has_client
	ss -Hunm state established "sport = :$port" >sockets
	says sockets 'rb40000,.*tb60000,'
}

server_has_client() {
	[ -n "$(ss -Hun state established "sport = :$port")" ]
}
