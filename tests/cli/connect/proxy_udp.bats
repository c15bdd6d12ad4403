#!/usr/bin/env bats
# Datagrams through SOCKS5 proxies: dante, our own, and one that misbehaves.

load ../lib/proxy
load ../lib/dgram

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
}

# An echo server of datagrams: sets $echo.
echoes_datagrams() {
	usock_listens echo -u -k --echo
	echo=$port
}

own_proxy() { # ARG...
	usock_listens proxy -k --proxy-server socks "$@"
}

# proxy_that STEP...: sets $port and $proxy.
proxy_that() {
	start proxy "$python" -IS "$peers/socks.py" proxy "$@"
	proxy=$pid
	printed proxy
}

proxy_is_content() {
	finish "$proxy"
	[ "$status" = 0 ] || fail "$(cat proxy.err)"
}

# Says hello through the proxy, and expects it back.
datagram_through() { # SCHEME HOST
	run --separate-stderr -0 usock sendto --proxy "$1://127.0.0.1:$port" --wait 500ms "$2" "$echo" hello
	[ "$output" = hello ] || fail "$output $stderr"
	run --separate-stderr -0 usock connect -u --after-eof 500ms --proxy "$1://127.0.0.1:$port" "$2" "$echo" <<<hello
	[ "$output" = hello ] || fail "$output $stderr"
}

@test "dante relays datagrams to addresses and names" {
	echoes_datagrams
	dante_runs dante none
	datagram_through socks5 127.0.0.1
	datagram_through socks5 localhost
	datagram_through socks5h localhost
}

@test "our own proxy relays datagrams to addresses and names" {
	echoes_datagrams
	own_proxy
	datagram_through socks5 127.0.0.1
	datagram_through socks5 localhost
	datagram_through socks5h localhost
}

@test "a login is sent for datagrams too, and a wrong one is status 6" {
	echoes_datagrams
	echo bob:secret >users
	own_proxy --proxy-users users
	run --separate-stderr -0 usock sendto --proxy "socks5://bob:secret@127.0.0.1:$port" --wait 500ms 127.0.0.1 "$echo" hello
	[ "$output" = hello ]
	run --separate-stderr -6 usock sendto --proxy "socks5://bob:wrong@127.0.0.1:$port" 127.0.0.1 "$echo" hello
	[[ $stderr == *"the proxy refuses user 'bob' or the password"* ]]
}

@test "500 datagrams of every length come back whole" {
	dgram_peer target 127.0.0.1:0 echo:500
	local to=$port
	own_proxy
	for ((i = 0; i < 500; i++)); do echo "$((i * 37 % 1400))"; done >sizes
	# shellcheck disable=SC2046
	len16 $(<sizes) >sent
	usock sendto --proxy "socks5://127.0.0.1:$port" --framing len16 --interval 1ms --wait 1s 127.0.0.1 "$to" <sent >back
	cmp sent back
}

@test "the header names the target as it is known, and an empty datagram is one" {
	proxy_that show show wait
	usock sendto --proxy "socks5h://127.0.0.1:$port" localhost 258 'a b' ''
	proxy_is_content
	text_is proxy.out "$port\n00000003096c6f63616c686f73740102 b'a b'\n00000003096c6f63616c686f73740102 b''\n"
}

@test "--print-sender and --json name the sender as the proxy does" {
	proxy_that show from:192.0.2.7:77:one from:192.0.2.8:78:two wait
	usock sendto --proxy "socks5h://127.0.0.1:$port" --print-sender --wait 500ms localhost 9 hello >out
	text_is out '192.0.2.7:77: one\n192.0.2.8:78: two\n'
	proxy_is_content
	proxy_that show from:192.0.2.7:77:one wait
	usock sendto --proxy "socks5h://127.0.0.1:$port" --json --wait 500ms localhost 9 hello >out 2>err
	says out '"from":"192.0.2.7:77","bytes":3,"data":"one"'
}

@test "connect -u and --connected receive from the target alone" {
	proxy_that show from:192.0.2.7:77:stranger from:192.0.2.7:9:answer from:192.0.2.8:9:other wait
	usock connect -u --after-eof 500ms --proxy "socks5://127.0.0.1:$port" 192.0.2.7 9 <<<hello >out
	text_is out answer
	proxy_is_content
	proxy_that show from:192.0.2.7:77:stranger from:192.0.2.7:9:answer wait
	usock sendto --connected --wait 500ms --proxy "socks5://127.0.0.1:$port" 192.0.2.7 9 hello >out
	text_is out answer
}

@test "the association ends with the connection: status 6, after what was received before" {
	proxy_that show from:192.0.2.7:9:answer end
	status=0
	mkfifo pipe
	exec 8<>pipe
	echo hello >&8
	usock connect -u --proxy "socks5://127.0.0.1:$port" 192.0.2.7 9 <pipe >out 2>err || status=$?
	status_is 6
	text_is out answer
	says err '^usock: recv 127\.0\.0\.1:[0-9]*: the proxy has ended the association$'
	proxy_that show end touch:ended
	status=0
	usock sendto --proxy "socks5://127.0.0.1:$port" 192.0.2.7 9 < <(echo one && eventually test -e ended && echo two) 2>err || status=$?
	status_is 6
	says err '^usock: (send|recv) 127\.0\.0\.1:[0-9]*: the proxy has ended the association$'
}

@test "what the proxy says on its connection is no data" {
	proxy_that show say:rubbish from:192.0.2.7:9:answer wait
	usock sendto --proxy "socks5://127.0.0.1:$port" --wait 500ms 192.0.2.7 9 hello >out
	text_is out answer
}

@test "a fragment, and what has no header, are failures with a message" {
	refuses() { # BYTES TEXT
		proxy_that show "raw:$1" wait
		status=0
		usock sendto --proxy "socks5://127.0.0.1:$port" --wait 5s 192.0.2.7 9 hello >out 2>err || status=$?
		status_is 6
		says err "^usock: recv 127\.0\.0\.1:[0-9]*: the proxy has sent $2"
		is_empty out
	}
	refuses 00000101c00002070009aa 'a fragment of a datagram'
	refuses 00000001c0 'a datagram without a header of SOCKS5$'
	refuses '' 'a datagram without a header of SOCKS5$'
	refuses 00000301c0000207000961 'a datagram without a header|a fragment'
}

@test "a proxy that does not relay datagrams refuses, and its words are told" {
	microsocks_runs micro
	run --separate-stderr -6 usock sendto --proxy "socks5://127.0.0.1:$port" 127.0.0.1 9 hello
	[[ $stderr == *"command not supported (SOCKS5 reply 7)"* ]] || fail "$stderr"
}

@test "the local port is that of the datagrams, and --source is for both" {
	proxy_that show wait
	usock sendto -s 127.0.0.1 -p "$(free_udp_port)" -v --proxy "socks5://127.0.0.1:$port" 192.0.2.7 9 hello 2>err
	proxy_is_content
}

@test "scripts send datagrams through a proxy, and get the replies with their senders" {
	echoes_datagrams
	own_proxy
	run -0 usock -c "puts [sendto --wait 500ms --proxy socks5h://127.0.0.1:$port localhost $echo hello]"
	[ "$output" = "{hello {127.0.0.1 $echo}}" ] || fail "$output"
	run --separate-stderr -2 usock -c "connect -u --proxy socks5h://127.0.0.1:$port localhost $echo"
	[[ $stderr == *'--proxy: with datagrams not in a script'* ]] || fail "$stderr"
}

@test "IPv6: the proxy and the target" {
	has_ipv6 || skip "no IPv6"
	start six "$USOCK" listen -u -k --echo --ready-file six.ready ::1 0
	is_ready six
	local six=$port
	start proxy "$USOCK" listen -k --proxy-server socks --ready-file proxy.ready ::1 0
	is_ready proxy
	run --separate-stderr -0 usock sendto --wait 500ms --proxy "socks5://[::1]:$port" ::1 "$six" hello
	[ "$output" = hello ] || fail "$stderr"
}

@test "what makes no sense with datagrams is refused" {
	local row
	while IFS='|' read -r row message; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 usock $row
		[[ ${stderr_lines[0]} == "usock: $message" ]] || fail "$row: ${stderr_lines[0]}"
	done <<-'END'
		sendto --proxy http://h:1 h 9 x|sendto: --proxy: datagrams need socks5:// or socks5h://
		sendto --proxy socks4://h h 9 x|sendto: --proxy: datagrams need socks5:// or socks5h://
		sendto --proxy socks5://a --proxy socks5://b h 9 x|sendto: --proxy: datagrams go through one proxy only
		sendto --proxy socks5://h --to a:1 --to b:1 x|sendto: --proxy: not with several --to
		sendto --proxy socks5://h unix:x x|sendto: --proxy: needs a host and a port to connect to
		sendto --proxy-auth-file f h 9 x|sendto: --proxy-auth-file: only with --proxy
		connect --proxy socks5://h dtls:h:9|connect: --proxy: not with DTLS
		connect -u --send-proxy --proxy socks5://h h 9|connect: --send-proxy: not together with --udp
		connect -u --proxy https://h h 9|connect: --proxy: datagrams need socks5:// or socks5h://
	END
}
