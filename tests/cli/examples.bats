# The example scripts, each against what it is for.
#
# shellcheck disable=SC2016 # scripts have $ in them
# shellcheck disable=SC2154 # from lib: pid, port, status, python

load lib

examples=$USOCK_SOURCE/tests/examples

# example NAME ARG...: $status, out, err
example() {
	status=0
	usock "$examples/$1.us" "${@:2}" >out 2>err || status=$?
}


@test "quickstart: the steps of the documents" {
	start server "$USOCK" -c 'set l [listen 127.0.0.1 0]; puts [lindex [$l getsockname] 1]
		lassign [$l accept] c; puts [$c read 12]; $c sendall 0123456789; $c readall'
	eventually test -s server.out
	example quickstart localhost "$(head -n 1 server.out)"
	status_is 0
	text_is out 'sent 12 bytes, received 0123456789\n'
	finish "$pid"
	status_is 0
	has_line server.out 1234567890
}

@test "hello-server: Hello! to each client, nc and usock alike" {
	start hello "$USOCK" "$examples/hello-server.us" 0 3
	eventually test -s hello.out
	port=$(head -n 1 hello.out)
	[ "$(usock connect 127.0.0.1 "$port")" = 'Hello!' ]
	[ "$(usock connect 127.0.0.1 "$port")" = 'Hello!' ]
	if command -v nc.openbsd >/dev/null; then
		[ "$(nc.openbsd -N 127.0.0.1 "$port" </dev/null)" = 'Hello!' ]
	else
		[ "$(usock connect 127.0.0.1 "$port")" = 'Hello!' ]
	fi
	finish "$pid"
	status_is 0
}

mock() { # [FAULT]
	start mock "$USOCK" "$examples/mock-smtp.us" 0 "$@"
	eventually test -s mock.out
	port=$(head -n 1 mock.out)
}

@test "smtp and mock-smtp: a message is delivered, slowly too" {
	local fault
	for fault in '' drip; do
		mock "$fault"
		example smtp 127.0.0.1 "$port" me@localhost you@localhost
		status_is 0
		text_is out 'delivered\n'
		finish "$pid"
		status_is 0
		has_line mock.out '^\.\.'
		rm mock.out
	done
}

@test "smtp and mock-smtp: what the server does wrong is told" {
	mock busy
	example smtp 127.0.0.1 "$port" me@localhost you@localhost
	status_is 4
	says err '^usock: .*smtp\.us:[0-9]+: expect.*421 too busy'
	rm mock.out
	mock reset
	example smtp 127.0.0.1 "$port" me@localhost you@localhost
	[ "$status" != 0 ]
	says err '^usock: .*smtp\.us:[0-9]+: '
	rm mock.out
	mock garbage
	example smtp 127.0.0.1 "$port" me@localhost you@localhost
	status_is 4
}

@test "http-check: the answer of a real web server" {
	mkdir www
	echo '<p>hello' >www/index.html
	start web "$python" -u -m http.server --bind 127.0.0.1 --directory www 0
	listening
	example http-check 127.0.0.1 "$port"
	status_is 0
	text_is out '200 text/html 9\n'
	example http-check 127.0.0.1 "$port" /nosuch
	status_is 4
	says err 'assert-eq: got 404, expected 200'
}

@test "redis-ping: PONG" {
	cat >redis.py <<-'END'
		import socket
		s = socket.create_server(("127.0.0.1", 0))
		print(s.getsockname()[1], flush=True)
		c = s.accept()[0]
		f = c.makefile("rwb")
		while f.readline() == b"*1\r\n":
		    f.readline()
		    word = f.readline().strip()
		    f.write(b"+PONG\r\n" if word == b"PING" else b"+OK\r\n")
		    f.flush()
	END
	start redis "$python" -IS redis.py
	printed redis
	example redis-ping 127.0.0.1 "$port" 5
	status_is 0
	[ "$(grep -c '^PONG after [0-9]* us$' out)" = 5 ]
}

@test "port-knock: the door opens after the knocks" {
	local closed
	usock_listens door -k --discard
	closed=$(free_port)
	example port-knock 127.0.0.1 "$closed" "$port" "$port"
	status_is 0
	text_is out "$closed: knocked\n$port: open\n$port: in\n"
	example port-knock 127.0.0.1
	status_is 2
}

@test "time-wait: states and seconds" {
	example time-wait
	status_is 0
	text_is out 'connected: client ESTABLISHED, server ESTABLISHED
client has ended its side: client FIN_WAIT_2, server CLOSE_WAIT
both closed: client TIME_WAIT
its port is taken for 50 s and more
'
}

@test "every example has its test" {
	local file
	for file in "$examples"/*.us; do
		file=$(basename "$file" .us)
		grep -q "example $file\b\|/$file.us" "$BATS_TEST_FILENAME" || fail "$file"
	done
}
