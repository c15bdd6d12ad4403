# TLS that begins after a dialogue in plain text: connect --starttls.
#
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # bats runs each test in a subshell; status, port and pids are lib's

load ../lib/tls
start_fast

setup_file() {
	load ../lib/tls
	make_identities
}

setup() {
	begin_tls
}

protocols="smtp imap pop3 ftp xmpp ldap postgres mysql"

# A server of this protocol on $port.
speaks() { # PROTOCOL OPTION...
	server="server-$*"
	start "$server" "$python" -IS "$peers/starttls.py" "$1" "$c/server.pem" "${@:2}"
	printed "$server"
}

ask() { # PROTOCOL ARG...
	usock connect --starttls "$1" --ca-file "$c/root.crt" "${@:2}" 127.0.0.1 "$port"
}

@test "each protocol agrees to TLS, and then it is TLS" {
	local protocol
	for protocol in $protocols; do
		speaks "$protocol"
		[ "$(ask "$protocol" -v <<<hello 2>err)" = hello ] || fail "$protocol: $(cat err)"
		says err "^usock: starttls 127.0.0.1:$port: "
		says err 'checked=yes$'
		says err 'end=tls-close sent=6 received=6 '
	done
}

@test "openssl finds our servers of these protocols right" {
	local protocol
	for protocol in $protocols; do
		speaks "$protocol"
		openssl s_client -starttls "$protocol" -connect "127.0.0.1:$port" -CAfile "$c/root.crt" \
			</dev/null 2>&1 | grep -q '^Verify return code: 0' || fail "$protocol"
	done
}

@test "psql and we speak with the same server" {
	need psql
	speaks postgres
	PGCONNECT_TIMEOUT=$patience psql "host=127.0.0.1 port=$port sslmode=require" </dev/null 2>psql.err || :
	[ "$(ask postgres <<<hello)" = hello ]
}

@test "every byte may come by itself" {
	local protocol
	for protocol in $protocols; do
		speaks "$protocol" --bytes
		[ "$(ask "$protocol" <<<hello)" = hello ] || fail "$protocol"
	done
}

@test "-v shows the dialogue" {
	speaks smtp
	ask smtp -v <<<hello >out 2>err
	says_exactly err "usock: starttls 127.0.0.1:$port: < 220-mail.test"
	says_exactly err "usock: starttls 127.0.0.1:$port: > EHLO [127.0.0.1]"
	says_exactly err "usock: starttls 127.0.0.1:$port: > STARTTLS"
	says_exactly err "usock: starttls 127.0.0.1:$port: < 220 go ahead"
	text_is out 'hello\n'
	ask smtp <<<hello 2>err >out
	is_empty err
}

refuses() { # PROTOCOL REGEX OPTION...
	speaks "$1" "${@:3}"
	run -5 ask "$1" <<<hello
	[[ $output =~ ^"usock: starttls 127.0.0.1:$port: "$2 ]] || fail "$1: $output"
}

@test "a server that refuses is quoted: 5" {
	refuses smtp 'the server refuses TLS: 454 TLS is out of order$' --refuse
	refuses imap 'the server refuses TLS: u1 NO not today$' --refuse
	refuses pop3 'the server refuses TLS: -ERR not today$' --refuse
	refuses ftp 'the server refuses TLS: 534 not today$' --refuse
	refuses xmpp 'the server refuses TLS: <failure ' --refuse
	refuses ldap 'the server refuses TLS: result 52, not today$' --refuse
	refuses postgres 'the server refuses TLS: N$' --refuse
	refuses mysql 'the server refuses TLS: not today$' --refuse
}

@test "a server that lists no TLS is told, and not asked for it: 5" {
	local protocol
	for protocol in smtp imap xmpp mysql; do
		speaks "$protocol" --offers-not
		run -5 --separate-stderr ask "$protocol" -v <<<hello
		[[ $stderr == *"usock: starttls 127.0.0.1:$port: the server offers no TLS"* ]] || fail "$protocol: $stderr"
		! grep -qi ': > .*starttls' <<<"$stderr" || fail "$protocol was asked: $stderr"
	done
}

@test "what comes in plain text behind the go-ahead is never taken for TLS: 5" {
	local protocol
	for protocol in $protocols; do
		refuses "$protocol" 'the server, or somebody on the way, goes on in plain text' --inject
	done
}

@test "nor what comes there in a segment of its own" {
	local protocol
	for protocol in $protocols; do
		speaks "$protocol" --late
		run -5 ask "$protocol" <<<hello
		[[ $output != *hello* ]]
	done
}

@test "a server that stalls is 124, wherever it does" {
	local protocol n
	for protocol in $protocols; do
		for n in 1 30; do
			speaks "$protocol" --first "$n"
			run ask "$protocol" --handshake-timeout 300ms <<<hello
			# some are through with it by then
			[ "$status" = 124 ] || [[ $n = 30 && $status = 0 ]] || fail "$protocol $n: $status $output"
		done
	done
}

@test "a stalled dialogue ends at its deadline, not earlier, and says what has not come" {
	speaks smtp --first 12
	timed ask smtp --handshake-timeout 300ms 2>err
	status_is 124
	((elapsed >= 300)) || fail "ended after $elapsed ms"
	says_exactly err "usock: starttls 127.0.0.1:$port: timed out: the server has not agreed to TLS"
	# who waits for the end of the whole waits for this too, whichever is first
	speaks smtp --first 12
	timed ask smtp --handshake-timeout 1h --timeout 300ms 2>err
	status_is 124
	((elapsed >= 300)) || fail "ended after $elapsed ms"
}

@test "a server that ends early is 5" {
	local protocol
	for protocol in $protocols; do
		speaks "$protocol" --cut 1
		run -5 ask "$protocol"
		[[ $output == "usock: starttls 127.0.0.1:$port: "* || $protocol = postgres ]] || fail "$output"
	done
}

@test "a server that talks for ever is 5" {
	local protocol
	for protocol in smtp imap pop3 xmpp; do
		refuses "$protocol" 'the server says more than 65536 bytes before TLS$' --more
	done
}

@test "who speaks another protocol is told apart" {
	start_peer http listen 127.0.0.1:0 'send:HTTP/1.0 400 Bad Request\r\n' eof
	listening
	run -5 ask smtp
	[ "$output" = "usock: starttls 127.0.0.1:$port: what the server says is not SMTP: HTTP/1.0 400 Bad Request" ]
}

@test "--starttls is --tls too, and wants what that wants" {
	run -2 usock connect --starttls gopher 127.0.0.1 1
	run -2 usock connect --starttls smtp unix:path
	[[ $output == *"--server-name is needed"* ]]
	run -2 usock connect --starttls smtp -u 127.0.0.1 1
	[[ $output == *"--starttls: needs a stream, not datagrams"* ]]
	run -2 usock connect --starttls smtp -z 127.0.0.1 1
	run -2 usock listen --starttls smtp --self-signed 127.0.0.1 0
	speaks pop3
	[ "$(usock connect --starttls pop3 --insecure "tls:127.0.0.1:$port" <<<hello 2>err)" = hello ]
	[ "$(usock connect --tls --starttls pop3 --insecure "127.0.0.1:$port" <<<hello 2>err)" = hello ]
	speaks xmpp
	usock connect --starttls xmpp --server-name localhost --insecure -v 127.0.0.1 "$port" <<<hello >out 2>err
	says err " to='localhost'>"
	text_is out 'hello\n'
}
