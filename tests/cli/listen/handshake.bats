# --handshake-timeout: one limit for all that is negotiated before the data, with TLS and without.
# shellcheck disable=SC2154 # status, port and address are bats' and lib's

load ../lib/listen

# A client that says nothing: its end comes after the time, and the server tells what was missing.
gives_up() { # VERB WHAT ARG...
	serve -k --handshake-timeout 300ms "${@:3}" 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	eventually has_line server.err "^usock: $1 127\.0\.0\.1:[0-9]+: timed out: $2\$"
	receives_end 5
	exec 5>&-
	server_lives
}

@test "a client that sends no header of the PROXY protocol is given up in time" {
	gives_up proxy-protocol 'no PROXY header has come' --proxy-protocol --echo
}

@test "a client that asks for no WebSocket is given up in time" {
	gives_up websocket 'the client has not asked for WebSocket' --ws --echo
}

@test "a client that begins no TLS is given up in time" {
	gives_up tls '.*' --tls --self-signed --echo
}

@test "a client of a proxy server that asks for nothing is given up in time" {
	gives_up socks '.*' --proxy-server socks
	server_ends_by TERM 143
	gives_up http '.*' --proxy-server http
}

@test "the time is that of all negotiations together" {
	serve -k --handshake-timeout 1s --proxy-protocol --ws --echo 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	printf 'PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n' >&5
	eventually has_line server.err '^usock: websocket 192\.0\.2\.7:4711: timed out: the client has not asked for WebSocket$'
	receives_end 5
	exec 5>&-
}

@test "the client limits a server that is silent, a proxy, and the target behind it" {
	local silent
	serve -k --discard 127.0.0.1 0
	silent=$port
	on_time 300 usock connect --handshake-timeout 300ms "ws://127.0.0.1:$silent" 2>err
	says err 'timed out: the server has not agreed to WebSocket'
	on_time 300 usock connect --handshake-timeout 300ms --proxy "socks5://127.0.0.1:$silent" 127.0.0.1 9 2>err
	says err "^usock: proxy 127.0.0.1:$silent: timed out: the proxy has not answered"
	usock_listens proxy -k --proxy-server socks
	on_time 300 usock connect --handshake-timeout 300ms --proxy "socks5://127.0.0.1:$port" "ws://127.0.0.1:$silent" 2>err
	says err 'timed out: the server has not agreed to WebSocket'
}

@test "the target of --forward has that time for its TLS" {
	local silent
	usock_listens silent -k --discard
	silent=$port
	serve -k --handshake-timeout 300ms --forward "tls:127.0.0.1:$silent" 127.0.0.1 0
	exec 5<>"/dev/tcp/127.0.0.1/$port"
	eventually has_line server.err '^usock: tls 127\.0\.0\.1:[0-9]+: timed out'
	exec 5>&-
}

@test "a connect-timeout that is shorter limits it" {
	serve -k --discard 127.0.0.1 0
	on_time 300 usock connect -w 300ms --handshake-timeout 1h "ws://127.0.0.1:$port"
}

@test "where nothing is negotiated it is a usage error" {
	run -2 usock listen --handshake-timeout 1s 127.0.0.1 0
	[ "${lines[0]}" = "usock: listen: --handshake-timeout: nothing is negotiated without TLS, WebSocket and proxies" ]
	run -2 usock connect --handshake-timeout 1s 127.0.0.1 9
	[ "${lines[0]}" = "usock: connect: --handshake-timeout: nothing is negotiated without TLS, WebSocket and proxies" ]
}
