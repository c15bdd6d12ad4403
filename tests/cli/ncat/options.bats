# usock ncat: options that need a peer of ours, and what they are told apart by.
#
# shellcheck disable=SC2016,SC2238 # what other shells run; a path of a descriptor
# shellcheck disable=SC2154 # c, own, port, pid and stderr are lib's

load ../lib/tls

setup_file() {
	make_identities
}

setup() {
	begin_tls
}

ncat() {
	usock ncat "$@"
}

@test "-z with TLS: a handshake, and no byte" {
	usock_listens server -k --tls "${own[@]}" --discard --events events
	run -0 --separate-stderr ncat -zv --ssl-verify --ssl-trustfile "$c/root.crt" --ssl-servername localhost 127.0.0.1 "$port"
	[[ $stderr == *"SSL connection to 127.0.0.1:$port."* && $stderr == *"0 bytes sent, 0 bytes received"* ]]
	eventually has_line events '"event":"end".*"received":0'
	run -1 --separate-stderr ncat -zv --ssl-verify 127.0.0.1 "$port"
	[[ $stderr == *"issued by"* ]]
}

@test "-z through a proxy: the target answers, or the proxy says why not" {
	usock_listens target -k --discard
	target=$port
	usock_listens proxy -k --proxy-server socks
	run -0 ncat -z --proxy "127.0.0.1:$port" --proxy-type socks5 127.0.0.1 "$target"
	run -1 ncat -z --proxy "127.0.0.1:$port" --proxy-type socks5 127.0.0.1 1
}

@test "--proxy-dns both: we look a host up, and the proxy one that we do not know" {
	usock_listens target -k --sh 'echo through'
	target=$port
	usock_listens proxy -k --proxy-server socks -v
	run -0 --separate-stderr ncat -v --recv-only --proxy "127.0.0.1:$port" --proxy-type socks5 --proxy-dns both localhost "$target"
	[[ $output == through && $stderr != *"will be resolved by the proxy"* ]]
	grep -q -E 'to (127\.0\.0\.1|\[::1\]):'"$target" proxy.err
	run -1 --separate-stderr ncat -v --recv-only --proxy "127.0.0.1:$port" --proxy-type socks5 --proxy-dns both nosuch.invalid "$target"
	[[ $stderr == *"nosuch.invalid"* ]]
	eventually grep -q 'nosuch.invalid' proxy.err
}

@test "-q: so long after the end of the input, although the peer stays" {
	usock_listens server -k --sh 'read -r x; echo "$x"; sleep 60'
	SECONDS=0
	run -0 ncat -q 1 127.0.0.1 "$port" <<<hello
	[ "$output" = hello ]
	((SECONDS < patience))
}

@test "-d: a pause behind each line" {
	usock_listens server --sh 'while read -r x; do date +%s%N; done >times'
	printf 'one\ntwo\n' | ncat -d 600ms 127.0.0.1 "$port"
	eventually is_over "$pid"
	mapfile -t times <times
	((times[1] - times[0] > 500000000))
}

both_came() {
	[ "$(grep -c "Connection from .*:" server.err)" -ge 2 ]
}

@test "--chat: what one says the others read, with a name" {
	start server "$USOCK" ncat -l --chat -v 127.0.0.1 0
	eventually has_line server.err 'Listening on '
	port=$(sed -n 's/.*Listening on .*://p' server.err)
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	exec 6<>"/dev/tcp/127.0.0.1/$port"
	eventually both_came
	echo "hello there" >&5
	while read -r -t "$patience" line <&6; do [[ $line != *hello* ]] || break; done
	exec 5>&- 6>&-
	[[ $line == *"> hello there"* ]] || fail "$line"
}

@test "--ssl with -u is DTLS" {
	usock_listens server -k --dtls "${own[@]}" --echo
	[ "$(echo hello | ncat -u --ssl -q 1 127.0.0.1 "$port")" = hello ]
	run -1 --separate-stderr ncat -u --ssl-verify 127.0.0.1 "$port" <<<hello
	[[ $stderr == *"issued by"* ]]
}

@test "--ssl-ciphers" {
	usock_listens server -k --tls "${own[@]}" --tls-max 1.2 --echo -v
	[ "$(echo hello | ncat --ssl --ssl-ciphers TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 127.0.0.1 "$port")" = hello ]
	grep -q TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 server.err
	run -2 --separate-stderr ncat --ssl --ssl-ciphers HIGH 127.0.0.1 "$port"
	[[ $stderr == *"'HIGH' is no cipher"* ]]
}

@test "--sctp" {
	usock listen --proto sctp --timeout 1ms 127.0.0.1 0 2>&1 | grep -q 'not supported' && skip "no SCTP here"
	start server "$USOCK" listen --proto sctp --ready-file ready --echo 127.0.0.1 0
	eventually test -s ready
	[ "$(echo hello | ncat --sctp 127.0.0.1 "$(sed 's/.*://' ready)")" = hello ]
}

@test "--vsock" {
	usock listen --timeout 1ms vsock:1:0 2>&1 | grep -q -E 'not supported|Cannot assign|No such device' && skip "no loopback of vsock here"
	start server "$USOCK" listen --ready-file ready --echo vsock:1:0
	eventually test -s ready
	[ "$(echo hello | ncat --vsock 1 "$(sed 's/.*://' ready)")" = hello ]
}
