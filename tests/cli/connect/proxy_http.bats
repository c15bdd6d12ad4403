#!/usr/bin/env bats
# Clients through HTTP proxies: tinyproxy, squid and, with TLS, squid and haproxy; and ones that misbehave.

load ../lib/proxy

setup_file() {
	make_identities
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	c=$BATS_FILE_TMPDIR
	echoes
}

through() {
	run --separate-stderr -0 usock connect --half-close 100ms "$@" <<<'hello'
	[ "$output" = hello ]
}

refused() { # STATUS MESSAGE ARG...
	run --separate-stderr "-$1" usock connect "${@:3}" <<<'hello'
	[ "${stderr_lines[0]}" = "usock: $2" ] || fail "${stderr_lines[0]}"
	[ "$output" = '' ]
}

@test "tinyproxy connects to addresses and names" {
	tinyproxy_runs proxy
	through --proxy "http://127.0.0.1:$port" 127.0.0.1 "$echo"
	through --proxy "http://127.0.0.1:$port/" localhost "$echo"
	refused 6 "proxy 127.0.0.1:$port: connect 127.0.0.1:1: HTTP/1.1 500 Unable to connect" \
		--proxy "http://127.0.0.1:$port" 127.0.0.1 1
}

@test "a proxy that closes the connection after 407 is connected to again" {
	tinyproxy_runs proxy 'BasicAuth bob secret'
	run --separate-stderr -0 usock connect -v --half-close 100ms --proxy "http://bob:secret@127.0.0.1:$port" 127.0.0.1 "$echo" <<<hello
	[ "$output" = hello ]
	[[ $stderr == *'407 Proxy Authentication Required; connecting again to log in'* ]]
	refused 6 "proxy 127.0.0.1:$port: connect 127.0.0.1:$echo: HTTP/1.0 407 Proxy Authentication Required" \
		--proxy "http://127.0.0.1:$port" 127.0.0.1 "$echo"
	run --separate-stderr -6 usock connect --proxy "http://bob:wrong@127.0.0.1:$port" 127.0.0.1 "$echo"
	[[ $stderr == *"HTTP/1."*" 40"* ]]
}

@test "squid is logged in to with Basic and with Digest, on the same connection" {
	local scheme
	for scheme in basic digest; do
		squid_runs $scheme $scheme
		run --separate-stderr -0 usock connect -v --half-close 100ms --proxy "http://bob:secret@127.0.0.1:$port" \
			127.0.0.1 "$echo" <<<hello
		[ "$output" = hello ]
		[[ $stderr != *'connecting again'* ]]
		run --separate-stderr -6 usock connect --proxy "http://bob:wrong@127.0.0.1:$port" 127.0.0.1 "$echo"
		[[ $stderr == "usock: proxy 127.0.0.1:$port: connect 127.0.0.1:$echo: HTTP/1.1 407 Proxy Authentication Required"* ]]
		run --separate-stderr -6 usock connect --proxy "http://bob:secret@127.0.0.1:$port" 127.0.0.1 1
		[[ $stderr == "usock: proxy 127.0.0.1:$port: connect 127.0.0.1:1: HTTP/1.1 503 Service Unavailable"* ]]
	done
}

# haproxy ends the TLS in front of tinyproxy.
tls_proxy_runs() {
	need haproxy
	need_tls
	tinyproxy_runs plain
	local plain=$port
	chosen_port
	cat "$c/server.crt" "$c/leaf.key" >both.pem
	cat >haproxy.conf <<-END
		defaults
		    mode tcp
		    timeout connect 10s
		    timeout client 60s
		    timeout server 60s
		listen tls
		    bind 127.0.0.1:$port ssl crt both.pem
		    server plain 127.0.0.1:$plain
	END
	proxy_starts haproxy haproxy -f haproxy.conf
}

@test "https is TLS to the proxy, and TLS to the target goes through it" {
	tls_proxy_runs
	local proxy=$port
	head -c 3000000 /dev/urandom >data
	through --proxy "https://localhost:$proxy" --proxy-ca-file "$c/root.crt" 127.0.0.1 "$echo"
	through --proxy "https://localhost:$proxy" --proxy-insecure 127.0.0.1 "$echo"
	usock_listens tls -k --echo --tls --cert "$c/server.crt" --key "$c/leaf.key"
	usock connect --half-close 1s --tls --ca-file "$c/root.crt" --proxy "https://localhost:$proxy" \
		--proxy-ca-file "$c/root.crt" localhost "$port" <data >back
	cmp data back
	run --separate-stderr -5 usock connect --proxy "https://localhost:$proxy" 127.0.0.1 "$echo"
	[[ $stderr == "usock: tls 127.0.0.1:$proxy: "* ]]
	[[ $stderr == *"hint: --proxy-ca-file FILE trusts other issuers; --proxy-insecure does not check"* ]]
	run --separate-stderr -2 usock connect --proxy "https://localhost:$proxy" --ca-file "$c/root.crt" \
		127.0.0.1 "$echo"
	[[ $stderr == *"hint: for an https proxy, usock connect has --proxy-ca-file"* ]]
}

@test "--insecure for the target does not trust the proxy" {
	tls_proxy_runs
	run --separate-stderr -5 usock connect --tls --insecure --proxy "https://localhost:$port" 127.0.0.1 "$echo"
	[[ $stderr == *"usock: tls 127.0.0.1:$port: "* ]]
}

@test "kinds mix in a chain" {
	local one two
	microsocks_runs one && one=$port
	tinyproxy_runs two 'BasicAuth bob secret' && two=$port
	through --proxy "socks5h://127.0.0.1:$one" --proxy "http://bob:secret@127.0.0.1:$two" 127.0.0.1 "$echo"
	through --proxy "http://bob:secret@127.0.0.1:$two" --proxy "socks5h://127.0.0.1:$one" 127.0.0.1 "$echo"
}

@test "bytes behind the answer belong to the stream, even in the same segment" {
	# shellcheck disable=SC2016
	usock_listens rude --sh 'while read -r l && [ "$l" != "$(printf "\r")" ]; do :; done; printf "HTTP/1.1 200 OK\r\n\r\nat once\n"'
	run -0 usock connect --proxy "http://127.0.0.1:$port" 127.0.0.1 9
	[ "$output" = 'at once' ]
}

@test "a proxy that misbehaves is a clear error, and soon" {
	local reply message n=0
	while IFS='|' read -r reply message; do
		usock_listens rude$((++n)) --sh "read -r request; printf '$reply'"
		refused 6 "proxy 127.0.0.1:$port: connect h:9: $message" --proxy "http://127.0.0.1:$port" h 9
	done <<-'END'
		HTTP/1.1 200|the proxy has ended before it answered
		HTTP/2 200 OK\r\n\r\n|what the proxy says is not HTTP
		220 mail\r\n\r\n|what the proxy says is not HTTP
		HTTP/1.1 200 OK\r\n folded: x\r\n\r\n|what the proxy says is not HTTP: a field is continued on the next line
		HTTP/1.1 404 \033[2Jx\r\n\r\n|what the proxy says is not HTTP: the first line has control characters
	END
	usock_listens endless --sh "printf 'HTTP/1.1 200 OK\r\nX: '; exec tr '\\0' x </dev/zero"
	refused 6 "proxy 127.0.0.1:$port: connect h:9: the proxy talks without end" --proxy "http://127.0.0.1:$port" h 9
}
