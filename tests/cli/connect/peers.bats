#!/usr/bin/env bats
# Transfers with other programs: random bytes with pauses, each way and both at once, either side ending first.
# One round of a few megabytes here; `./dev peers ROUNDS` has 30 MB each, so often.

load ../lib/tls

size=${USOCK_PEER_BYTES:-2000000}

setup_file() {
	make_identities
	cd "$BATS_FILE_TMPDIR"
	head -c 5000000 /dev/urandom >answer
	printf 'GET /answer HTTP/1.0\r\nHost: localhost\r\n\r\n' >request
}

# exchange OPTION... SERVER... -- CLIENT...
exchange() {
	local tries code
	for tries in 1 2 3; do
		code=0
		"$python" -IS "$peers/exchange.py" "$@" 3>&- 7>&- 8>&- >wrong 2>&1 || code=$?
		[ $code = 75 ] || break
	done
	[ $code = 0 ] || fail "$* : $(cat wrong)"
}

# A tool as the server of usock, and as its client: $server, $client.
tool() {
	case $1 in
	python) server=(python) client=(python) ;;
	ncat) server=(ncat -l 127.0.0.1 PORT) client=(ncat 127.0.0.1 PORT) ;;
	socat) server=(socat -t 60 "TCP4-LISTEN:PORT,bind=127.0.0.1" -) client=(socat -t 60 - TCP4:127.0.0.1:PORT) ;;
	nc.openbsd) server=(nc.openbsd -l -N 127.0.0.1 PORT) client=(nc.openbsd -N 127.0.0.1 PORT) ;;
	esac
	[ "$1" = python ] || need "$1"
}

# exchanges TOOL OPTION...: usock as the client and as the server.
exchanges() {
	tool "$1"
	exchange "${@:2}" "${server[@]}" -- "$USOCK" connect 127.0.0.1 PORT &&
		exchange "${@:2}" "$USOCK" listen 127.0.0.1 PORT -- "${client[@]}"
}

@test "what goes up arrives whole, though the peer has no input and half-closes at once" {
	local t
	for t in python ncat socat nc.openbsd; do
		exchanges $t --up "$size"
	done
}

@test "what comes down arrives whole, though we have no input" {
	local t
	for t in python ncat socat nc.openbsd; do
		exchanges $t --down "$size"
	done
}

# ncat -l and nc -l end with the client's input, whoever the client is, so that they can only be clients here.
both_ways() { # client|server
	local t
	for t in python socat; do
		exchanges $t --up "$size" --down "$size" --last "$1" || return
	done
	for t in ncat nc.openbsd; do
		tool $t
		exchange --up "$size" --down "$size" --last "$1" "$USOCK" listen 127.0.0.1 PORT -- "${client[@]}" || return
	done
}

@test "both ways at once, the client ending last" {
	both_ways client
}

@test "both ways at once, the server ending last" {
	both_ways server
}

@test "two usocks, either of them ending last" {
	local last
	for last in client server; do
		exchange --up "$size" --down "$size" --last $last \
			"$USOCK" listen 127.0.0.1 PORT -- "$USOCK" connect 127.0.0.1 PORT
	done
}

@test "an input with a pause goes whole to a peer that has half-closed" {
	need ncat
	start server ncat -l 127.0.0.1 0
	listening
	# more than nothing for 300 ms is what this is about
	(echo first && sleep 0.3 && echo second) | usock connect 127.0.0.1 "$port"
	finish "$pid"
	text_is server.out 'first\nsecond\n'
}

versions() {
	echo 1.2
	! has_tls13 || echo 1.3
}

# --- TLS ---------------------------------------------------------------------------

@test "openssl's client and server: up and down over TLS 1.2 and 1.3" {
	begin_tls
	local version
	for version in $(versions); do
		exchange --up "$size" --hold server \
			openssl s_server -quiet -naccept 1 -cert "$c/server.crt" -key "$c/leaf.key" -accept 127.0.0.1:PORT \
			"-tls${version/./_}" -- "$USOCK" connect --tls "${trust[@]}" 127.0.0.1 PORT
	done
	exchange --down "$size" "$USOCK" listen --tls "${own[@]}" 127.0.0.1 PORT -- \
		openssl s_client -quiet -CAfile "$c/root.crt" -connect 127.0.0.1:PORT
}

@test "socat and ncat: up and down over TLS" {
	begin_tls
	# before 7.94 what ncat sends ends without close_notify: all is there, and the status is 5
	need ncat socat
	exchange --up "$size" --down "$size" --last client \
		socat -t 60 "OPENSSL-LISTEN:PORT,bind=127.0.0.1,cert=$c/server.crt,key=$c/leaf.key,verify=0" - -- \
		"$USOCK" connect --tls "${trust[@]}" 127.0.0.1 PORT
	exchange --up "$size" "$USOCK" listen --tls "${own[@]}" 127.0.0.1 PORT -- \
		socat -t 60 - "OPENSSL:127.0.0.1:PORT,cafile=$c/root.crt"
	exchange --down "$size" --status 0,5 "$USOCK" listen --tls "${own[@]}" 127.0.0.1 PORT -- ncat --ssl 127.0.0.1 PORT
	exchange --up "$size" --status 0,5 ncat -l --ssl --ssl-cert "$c/server.crt" --ssl-key "$c/leaf.key" 127.0.0.1 PORT -- \
		"$USOCK" connect --tls "${trust[@]}" 127.0.0.1 PORT
}

# --- HTTP --------------------------------------------------------------------------

@test "curl gets and puts whole bodies" {
	need curl
	local c=$BATS_FILE_TMPDIR
	{
		printf 'HTTP/1.0 200 OK\r\nContent-Length: 5000000\r\n\r\n'
		cat "$c/answer"
	} >response
	from=response start server "$USOCK" listen --ready-file server.ready 127.0.0.1 0
	is_ready server
	curl -sS --max-time "$patience" -o body "http://127.0.0.1:$port/"
	cmp body "$c/answer"
	finish "$pid"
	status_is 0
	says server.out '^GET / HTTP'
	rm server.ready
	cat >put <<-'END'
		while read -r line && [ "$line" != "$(printf '\r')" ]; do :; done
		head -c 5000000 >put.body
		printf 'HTTP/1.0 204 No Content\r\n\r\n'
	END
	start server "$USOCK" listen --ready-file server.ready 127.0.0.1 0 -- sh put
	is_ready server
	curl -sS --max-time "$patience" -H Expect: -T "$c/answer" "http://127.0.0.1:$port/"
	finish "$pid"
	status_is 0
	cmp put.body "$c/answer"
}

# The answer of $port, by the arguments of connect given; it ends with the status $ends, or 0.
fetched() { # ARG...
	local status=0
	usock connect "$@" 127.0.0.1 "$port" <"$c/request" >got 2>got.err || status=$?
	status_is "${ends:-0}" || return
	tail -c 5000000 got | cmp - "$c/answer" || fail "$* : $(wc -c <got) bytes, $(head -n 1 got)"
}

# Whole, in a full handshake and in a resumed one.
fetched_twice() {
	fetched --tls "${trust[@]}" --session session && fetched --tls "${trust[@]}" --session session &&
		fetched --tls "${trust[@]}"
}

# As one process in the foreground, with its files here.
start_nginx() { # SSL-VERSION...
	port=$(free_port)
	cat >nginx.conf <<-END
		daemon off; master_process off; pid $PWD/nginx.pid; error_log $PWD/nginx.log; user root;
		events {}
		http {
			access_log off; client_body_temp_path body; proxy_temp_path proxy;
			fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
			server {
				listen 127.0.0.1:$port${1:+ ssl}; root $c;
				${1:+ssl_certificate $c/server.crt; ssl_certificate_key $c/leaf.key; ssl_protocols TLSv$1;}
			}
		}
	END
	start nginx nginx -p "$PWD" -e "$PWD/nginx.log" -c "$PWD/nginx.conf"
	listening
}

@test "nginx: an answer of 5 MB comes whole, over TCP with --half-close and over TLS" {
	begin_tls
	need nginx
	local version
	start_nginx
	fetched --half-close 2s
	for version in $(versions); do
		start_nginx "$version"
		rm -f session
		fetched_twice
	done
}

@test "HAProxy: an answer of 5 MB comes whole over TLS, and over TCP with --half-close" {
	begin_tls
	need nginx haproxy
	local version backend
	start_nginx
	backend=$port
	cat "$c/server.crt" "$c/leaf.key" >pem
	for version in "" $(versions); do
		port=$(free_port)
		cat >haproxy.cfg <<-END
			defaults
				mode http
				timeout connect 10s
				timeout client 60s
				timeout server 60s
			frontend f
				bind 127.0.0.1:$port ${version:+ssl crt $PWD/pem ssl-min-ver TLSv$version ssl-max-ver TLSv$version}
				default_backend b
			backend b
				server s 127.0.0.1:$backend
		END
		start haproxy haproxy -db -f haproxy.cfg
		listening
		rm -f session
		if [ -z "$version" ]; then fetched --half-close 2s; else fetched_twice; fi
	done
}

@test "Python's http.server: an answer of 5 MB comes whole over TLS, and that its close_notify is missing is told" {
	begin_tls
	local version ends=5
	for version in $(versions); do
		start https env -C "$c" "$python" -IS "$(realpath "$peers")/https.py" server.crt leaf.key "$version"
		printed https
		rm -f session
		fetched_twice
		says got.err 'the peer has ended without close_notify'
	done
}
