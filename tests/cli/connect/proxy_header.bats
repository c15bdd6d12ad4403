#!/usr/bin/env bats
# --send-proxy towards servers that expect it: haproxy and nginx.

load ../lib/proxy

setup_file() {
	make_identities
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	c=$BATS_FILE_TMPDIR
}

# haproxy takes a header, and answers with what it says; $port, and $tls_port with TLS.
haproxy_runs() {
	need haproxy
	local plain
	chosen_port && plain=$port
	chosen_port && tls_port=$port
	cat "$c/server.crt" "$c/leaf.key" >both.pem
	cat >haproxy.conf <<-END
		defaults
		    mode http
		    timeout connect 10s
		    timeout client 60s
		    timeout server 60s
		frontend plain
		    bind 127.0.0.1:$plain accept-proxy
		    bind 127.0.0.1:$tls_port accept-proxy ssl crt both.pem
		    http-request return status 200 content-type text/plain lf-string "from %[src]:%[src_port] to %[dst]:%[dst_port] name=%[fc_pp_authority]\n"
	END
	port=$plain
	proxy_starts haproxy haproxy -f haproxy.conf
}

ask='GET / HTTP/1.0\r\n\r\n'

@test "haproxy takes both versions" {
	local version
	haproxy_runs
	for version in --send-proxy --send-proxy=1 --send-proxy=2; do
		# shellcheck disable=SC2059
		run -0 usock connect -p 4000 $version 127.0.0.1 "$port" < <(printf "$ask")
		[ "${lines[-1]}" = "from 127.0.0.1:4000 to 127.0.0.1:$port name=" ] || fail "$output"
	done
}

@test "the header comes before TLS, and names the server" {
	need_tls
	haproxy_runs
	# shellcheck disable=SC2059
	run -0 usock connect --tls --ca-file "$c/root.crt" -p 4001 --send-proxy=2 --alpn http/1.1 localhost "$tls_port" \
		< <(printf "$ask")
	[ "${lines[-1]}" = "from 127.0.0.1:4001 to 127.0.0.1:$tls_port name=localhost" ] || fail "$output"
}

@test "through a proxy the addresses are not known" {
	haproxy_runs
	local server=$port version
	microsocks_runs socks
	for version in 1 2; do
		# shellcheck disable=SC2059
		run -0 usock connect --send-proxy=$version --proxy "socks5h://127.0.0.1:$port" 127.0.0.1 "$server" < <(printf "$ask")
		[[ ${lines[-1]} == "from 127.0.0.1:"*" to 127.0.0.1:$server name=" ]] || fail "$output"
	done
}

@test "nginx takes both versions" {
	local version
	need nginx
	chosen_port
	mkdir logs
	cat >nginx.conf <<-END
		daemon off;
		pid $PWD/nginx.pid;
		error_log $PWD/nginx.log;
		events { }
		http {
		    access_log off;
		    client_body_temp_path $PWD/a; proxy_temp_path $PWD/b; fastcgi_temp_path $PWD/c;
		    uwsgi_temp_path $PWD/d; scgi_temp_path $PWD/e;
		    server {
		        listen 127.0.0.1:$port proxy_protocol;
		        location / { return 200 "from \$proxy_protocol_addr:\$proxy_protocol_port\n"; }
		    }
		}
	END
	proxy_starts nginx nginx -p "$PWD" -c "$PWD/nginx.conf"
	for version in 1 2; do
		# shellcheck disable=SC2059
		run -0 usock connect -p 4002 --half-close 1s --send-proxy=$version 127.0.0.1 "$port" < <(printf "$ask")
		[ "${lines[-1]}" = "from 127.0.0.1:4002" ] || fail "$output"
	done
}

@test "scripts and unix sockets send it too" {
	usock_listens server -k --sh 'head -n 1'
	run -0 usock -c "set s [connect --send-proxy -p 4003 127.0.0.1 $port]; puts [\$s recv 100]"
	[[ $output == "PROXY TCP4 127.0.0.1 127.0.0.1 4003 $port"* ]]
	start server2 "$USOCK" listen --ready-file server2.ready unix:socket --sh 'head -n 1'
	eventually test -e server2.ready
	run -0 usock connect --send-proxy unix:socket
	[[ $output == "PROXY UNKNOWN"* ]]
}

@test "what makes no sense is refused" {
	run --separate-stderr -2 usock connect --send-proxy=3 127.0.0.1 9
	[ "${stderr_lines[0]}" = "usock: connect: --send-proxy: '3' is not 1 or 2" ]
	run --separate-stderr -2 usock connect --send-proxy -u 127.0.0.1 9
	[ "${stderr_lines[0]}" = 'usock: connect: --send-proxy: not together with --udp' ]
	run --separate-stderr -2 usock connect --send-proxy udp:127.0.0.1:9
	[ "${stderr_lines[0]}" = 'usock: connect: --send-proxy: needs a stream' ]
	run --separate-stderr -2 usock connect -z --send-proxy 127.0.0.1 9
	[ "${stderr_lines[0]}" = 'usock: connect: --scan: not together with --send-proxy' ]
}
