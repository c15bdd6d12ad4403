# WebSocket in scripts, with python3-websockets in both roles.
# shellcheck disable=SC2154,SC2016 # status, port and with are lib's; $ is the script's

load ../lib/tls
load ../lib/websocket

setup_file() {
	export with
	need_module websockets
}

@test "a script is a client of python3-websockets" {
	websocket_peer server notes chat
	run -0 usock -c 'set s [connect --subprotocol chat --header {X-Test: 1} ws://127.0.0.1:'"$port"'/path]
		$s send hello; puts [$s recv]
		$s ws send -binary \x00\xff; puts [binary encode hex [lindex [$s ws recv] 1]]
		$s send {}; puts <[$s ws recv]>
		puts [dict get [$s ws info] subprotocol]
		$s ws close 4001 "so long"; puts <[$s ws recv]>[$s end]
		$s close'
	text_is <(echo "$output") 'hello!\n00ff21\n<text !>\nchat\n<>peer-fin\n'
	eventually has_line server.out '^close'
	text_is <(tail -n +2 server.out) 'text hello\nbinary 00ff\ntext \nclose 4001 so long\n'
}

@test "the close of python3-websockets has a code and a reason" {
	websocket_peer server push one two
	run -0 usock -c 'set s [connect ws://127.0.0.1:'"$port"']
		expect two; puts $expect(buffer); expect eof; puts [$s ws info]'
	text_is <(echo "$output") 'onetwo\nsubprotocol {} code 4002 reason enough by peer\n'
}

@test "python3-websockets is a client of a script, with and without TLS" {
	local tls scheme
	for tls in '' '--tls --self-signed'; do
		scheme=ws${tls:+s}
		start server "$USOCK" -c 'set l [listen --ws '"$tls"' 127.0.0.1 0]
			puts [lindex [$l getsockname] 1]
			server $l {h a p} {
				expect -re {^b.*} {$h send "got $expect(0)"} -re {^$} {$h send nothing}
				expect -re .* {$h send [string toupper $expect(0)]}
				$h expect eof
				puts [$h ws info]
				exit
			}
			after 60000'
		printed server
		websocket says "$scheme://127.0.0.1:$port/" bytes Ünf >client.out
		text_is client.out 'got bytes\nÜNF\nclose 4003 \n'
		finish "$pid"
		status_is 0
		says server.out '^subprotocol \{\} code 4003 reason done by peer$'
	done
}

@test "wss:// checks the certificate, as everywhere" {
	start server "$USOCK" listen -k --ws --echo --tls --self-signed --ready-file server.ready 127.0.0.1 0
	is_ready server
	run -5 usock -c 'connect wss://127.0.0.1:'"$port"
	run -0 --separate-stderr usock -c 'set s [connect --insecure wss://127.0.0.1:'"$port"']
		$s send x; puts [$s recv][dict exists [$s tls info] version]; $s close; puts [$s end]'
	text_is <(echo "$output") 'x1\nopen\n'
}

@test "a WebSocket goes through a proxy" {
	usock_listens target -k --ws --echo
	local target=$port
	usock_listens proxy -k --proxy-server socks
	run -0 usock -c 'set s [connect --proxy socks5://127.0.0.1:'"$port"' ws://127.0.0.1:'"$target"']
		$s send through; puts [$s recv]'
	[ "$output" = through ]
}

@test "an end without a close frame is an error, and one that was not caught is status 7" {
	websocket_peer server answers '' 81026869
	run -7 usock -c 'set s [connect ws://127.0.0.1:'"$port"']; puts [$s recv]; puts "[catch {$s recv}] [$s end]"; $s recv'
	[[ $output == $'hi\n1 ws-truncated\n'* ]]
}

@test "pings are answered while a script receives, and fragments are one message" {
	websocket_peer server answers '' 010261628901788001638800
	run -0 usock -c 'set s [connect ws://127.0.0.1:'"$port"']; puts [$s ws recv]; puts <[$s ws recv]>; puts [dict get [$s ws info] code]'
	text_is <(echo "$output") 'text abc\n<>\n1005\n'
	finish "$pid"
	tail -n 1 server.out | grep -E -q '^8a81[0-9a-f]{10}8880[0-9a-f]{8}$' || fail "$(cat server.out)"
}

@test "a server that says nothing is timed out" {
	usock_listens silent -k --discard
	run -124 usock -c 'connect --handshake-timeout 200ms ws://127.0.0.1:'"$port"
	[[ $output == *'timed out: the server has not agreed to WebSocket'* ]]
}

@test "a client that says nothing is timed out in accept, and the listener goes on" {
	start server "$USOCK" -c 'set l [listen --ws --handshake-timeout 200ms 127.0.0.1 0]
		puts [lindex [$l getsockname] 1]
		puts [catch {$l accept} e]
		set s [lindex [$l accept] 0]
		puts [$s recv]'
	printed server
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	eventually has_line server.out '^1$'
	exec 5>&-
	echo second | usock connect --half-close 0 --handshake-timeout 10s "ws://127.0.0.1:$port"
	finish "$pid"
	status_is 0
	says server.out '^second$'
}
