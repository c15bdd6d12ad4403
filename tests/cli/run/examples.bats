# The example scripts, each against what it is for.
#
# shellcheck disable=SC2016 # scripts have $ in them
# shellcheck disable=SC2154 # from lib: pid, port, status, python

load ../lib/common

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
	need nc.openbsd
	[ "$(nc.openbsd -N 127.0.0.1 "$port" </dev/null)" = 'Hello!' ]
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

@test "knock-door and port-knock: the door is open to who knocks in the right order" {
	local first second third
	start door "$USOCK" "$examples/knock-door.us" 0 0 0 0
	eventually test -s door.out
	read -r port first second third < <(sed 's/door \(.*\), knocks/\1/' door.out)
	example port-knock 127.0.0.1 "$second" "$first" "$third" "$port"
	status_is 1
	says err 'Connection refused'
	example port-knock 127.0.0.1 "$first" "$second" "$third" "$port"
	status_is 0
	text_is out "$first: open\n$second: open\n$third: open\n$port: in\nwelcome, 127.0.0.1\n"
	has_line door.out '^127.0.0.1: in$'
}

@test "knock-door: knock(1) opens it" {
	need knock
	local knocks
	start door "$USOCK" "$examples/knock-door.us" 0 0 0
	eventually test -s door.out
	read -r port knocks < <(sed 's/door \(.*\), knocks/\1/' door.out)
	knocks_open() {
		# shellcheck disable=SC2086 # words
		knock -d 200 127.0.0.1 $knocks
		usock connect --retry 5 --retry-interval 50ms 127.0.0.1 "$port" >out 2>err
	}
	eventually knocks_open
	text_is out 'welcome, 127.0.0.1\n'
}

write_message() {
	printf 'Subject: hello\r\n\r\nA line.\r\n.a dot\r\n' >message
}

mail_server() { # [OPTION VALUE ...]
	start mail "$USOCK" "$examples/smtp-server.us" 0 "$@"
	eventually test -s mail.out
	port=$(head -n 1 mail.out)
	write_message
}

# curl_mails TO [OPTION...]: its status in $status
curl_mails() {
	status=0
	curl -sS --max-time "$patience" --url "smtp://127.0.0.1:$port" --mail-from me@test --mail-rcpt "$1" \
		--upload-file message "${@:2}" 2>err || status=$?
}

@test "smtp-server: curl delivers, with TLS too, and is refused as it was told" {
	need curl
	mail_server messages 3 size 1000
	curl_mails you@test
	status_is 0
	curl_mails fail-550@test
	[ "$status" != 0 ]
	says err 'RCPT failed: 550'
	curl_mails fail-421@test
	says err 'RCPT failed: 421'
	head -c 2000 /dev/zero | tr '\0' x | fold -w 70 >message
	curl_mails you@test
	[ "$status" != 0 ]
	write_message
	curl_mails you@test --mail-rcpt she@test --ssl-reqd -k
	status_is 0
	curl_mails gray-1@test
	says err 'RCPT failed: 451'
	curl_mails gray-1@test
	status_is 0
	finish "$pid"
	status_is 0
	[ "$(grep -c '^from me@test to you@test,she@test: [0-9]* bytes$' mail.out)" = 1 ]
	[ "$(grep -c '^\.a dot$' mail.out)" = 3 ]
	[ "$(grep -c '^from me' mail.out)" = 3 ]
}

@test "smtp-server: its greeting is late, and everybody comes again" {
	mail_server banner 400 greylist 1 messages 1
	start slow "$python" -IS -c 'import smtplib, sys, time
began = time.monotonic()
s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
print(time.monotonic() - began > 0.4)
for i in 1, 2:
    try:
        s.sendmail("me@test", ["you@test"], "Subject: x\r\n\r\ny\r\n")
        print("taken")
    except smtplib.SMTPRecipientsRefused as e:
        print(e.recipients["you@test"][0])' "$port"
	finish "$pid"
	text_is slow.out 'True\n451\ntaken\n'
	example smtp-server 0 nosuch 1
	status_is 2
}

@test "redis-suite: a real Redis server passes, and what is none does not" {
	need redis-server
	start redis redis-server --port 0 --unixsocket redis.sock --save '' --appendonly no
	eventually test -S redis.sock
	status=0
	REDIS=unix:redis.sock usock run --tap --allow-env "$examples/redis-suite.us" >out 2>err || status=$?
	status_is 0
	has_line out '^1\.\.7$'
	[ "$(grep -c '^ok ' out)" = 7 ]
	usock_listens web -k --sh 'read -r line; echo HTTP/1.1 400 Bad Request'
	status=0
	REDIS=127.0.0.1:$port usock run --tap --allow-env "$examples/redis-suite.us" >out 2>err || status=$?
	status_is 4
	[ "$(grep -c '^not ok ' out)" = 7 ]
	has_line out 'message: "not RESP: HTTP/1.1 400 Bad Request"'
}

# answers TEXT: a server that answers one client's request with TEXT; $port
answers() {
	rm -f answers.out
	start answers "$python" -IS -c 'import socket, sys
l = socket.create_server(("127.0.0.1", 0))
print(l.getsockname()[1], flush=True)
c = l.accept()[0]
while not c.recv(65536).endswith(b"\r\n\r\n"): pass
c.sendall(sys.argv[1].encode().decode("unicode_escape").encode())' "$1"
	printed answers
}

@test "websocket-check: a server of the websockets package does it right" {
	need_module websockets
	start web "$with" -I -c 'import asyncio, websockets
async def echo(ws, *path):
    async for message in ws:
        await ws.send(message)
async def main():
    async with websockets.serve(echo, "127.0.0.1", 0) as s:
        print(s.sockets[0].getsockname()[1], flush=True)
        await asyncio.Future()
asyncio.run(main())'
	printed web
	example websocket-check 127.0.0.1 "$port" /chat
	status_is 0
	text_is out 'handshake: HTTP/1.1 101 Switching Protocols\nping: answered\nclose: 1000\n'
}

@test "websocket-check: what a server does wrong is told" {
	answers 'HTTP/1.1 200 OK\r\n\r\n'
	example websocket-check 127.0.0.1 "$port"
	status_is 4
	says err 'no upgrade: HTTP/1.1 200 OK: got 200, expected 101'
	answers 'HTTP/1.1 101 yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n'
	example websocket-check 127.0.0.1 "$port"
	status_is 4
	says err "Sec-WebSocket-Accept is not that of our key: got AAAA, expected [A-Za-z0-9+/]{27}="
	answers 'HTTP/1.1 101 yes\r\nConnection: Upgrade\r\n\r\n'
	example websocket-check 127.0.0.1 "$port"
	status_is 4
	says err 'there is no upgrade'
}

# rsyslog [PORT]: rsyslogd takes TCP and writes to the file log; a port that the kernel chose is in the file port
rsyslog() {
	cat >rsyslog.conf <<-END
		global(workDirectory="$PWD")
		module(load="imtcp")
		input(type="imtcp" address="127.0.0.1" port="${1:-0}" listenPortFileName="$PWD/port")
		template(name="short" type="string" string="%pri% %syslogtag%%msg%\n")
		action(type="omfile" file="$PWD/log" template="short")
	END
	start rsyslog rsyslogd -n -f "$PWD/rsyslog.conf" -i "$PWD/rsyslog.pid"
	[ $# -gt 0 ] || eventually test -s port
}

@test "syslog-relay: logger's datagrams and streams reach rsyslogd, also when it was away" {
	need rsyslogd logger
	local relay
	rsyslog
	start relay "$USOCK" "$examples/syslog-relay.us" 0 127.0.0.1 "$(<port)"
	eventually test -s relay.out
	relay=$(head -n 1 relay.out)
	logger -n 127.0.0.1 -P "$relay" -d -t one: by udp
	logger -n 127.0.0.1 -P "$relay" -T -t two: by tcp
	logger -n 127.0.0.1 -P "$relay" -T --octet-count -t three: counted
	printf '<14>four: raw\r\n\nplain: no priority\n<15>five: no end' | usock connect 127.0.0.1 "$relay"
	for line in '13 one:.*by udp' '13 two:.*by tcp' '13 three:.*counted' '14 four: raw' '13 plain: no priority' '15 five: no end'; do
		eventually has_line log "^$line\$"
	done
	port=$(<port)
	kill "${pids[0]}"
	finish "${pids[0]}"
	logger -n 127.0.0.1 -P "$relay" -d -t six: while away
	eventually has_line relay.err "^kept for later: connect 127.0.0.1:$port: Connection refused"
	rsyslog "$port"
	logger -n 127.0.0.1 -P "$relay" -d -t seven: back
	eventually has_line log '^13 seven:.*back$'
	[ "$(grep -n 'six:' log | cut -d : -f 1)" -lt "$(grep -n 'seven:' log | cut -d : -f 1)" ]
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

# web ARG... is curl on the mock server: $status, out.
web() {
	status=0
	curl -s --max-time "$patience" "$@" >out 2>err || status=$?
}

@test "mock-http: curl gets the routes, over one connection, and errors for what has none" {
	need curl
	start mock "$USOCK" "$examples/mock-http.us" 0
	printed mock
	local at=http://127.0.0.1:$port
	web -w '%{num_connects}' "$at/" "$at/users/1"
	text_is out 'hello\n1{"id": 1, "name": "Ada"}0'
	web -i -d name=Bob "$at/users"
	says out '^HTTP/1.1 201 Created'
	web -I "$at/users/1"
	says out '^Content-Length: 24'
	web -L "$at/moved"
	text_is out 'hello\n'
	web -w ' %{http_code}' "$at/nope"
	text_is out 'no route for GET /nope\n 404'
	web -w ' %{http_code}' "$at/broken"
	text_is out 'out of order\n 500'
	head -c 300000 /dev/zero >large
	web --data-binary @large -H 'Expect: 100-continue' "$at/users"
	text_is out '{"id": 2}'
	web "$at/reset"
	status_is 56
	web --max-time 0.3 "$at/silent"
	status_is 28
	web -0 "$at/"
	text_is out 'hello\n'
	says mock.out '^POST /users name=Bob$'
}

@test "mock-http: routes of one's own" {
	need curl
	start mock "$USOCK" "$examples/mock-http.us" 0 GET /a 200 text/plain "A" DELETE /a 204 text/plain ""
	printed mock
	web "http://127.0.0.1:$port/a"
	text_is out A
	web -X DELETE -w '%{http_code}' "http://127.0.0.1:$port/a"
	text_is out 204
	web -X POST -w ' %{http_code}' "http://127.0.0.1:$port/a"
	text_is out 'no route for POST /a\n 405'
}
