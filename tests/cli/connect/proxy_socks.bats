#!/usr/bin/env bats
# Clients through SOCKS proxies: microsocks and dante.

load ../lib/proxy

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	echoes
}

# through OPTION... says hello through proxies and expects it back.
through() {
	run --separate-stderr -0 usock connect --half-close 100ms "$@" <<<'hello'
	[ "$output" = hello ]
}

# refused STATUS MESSAGE ARG...
refused() {
	run --separate-stderr "-$1" usock connect "${@:3}" <<<'hello'
	[ "${stderr_lines[0]}" = "usock: $2" ] || fail "${stderr_lines[0]}"
	[ "$output" = '' ]
}

@test "microsocks connects to addresses and names" {
	microsocks_runs proxy
	through --proxy "socks5://127.0.0.1:$port" 127.0.0.1 "$echo"
	through --proxy "socks5h://127.0.0.1:$port" 127.0.0.1 "$echo"
	through --proxy "socks5://127.0.0.1:$port" localhost "$echo"
	through --proxy "socks5h://localhost:$port/" localhost "$echo"
}

@test "dante speaks SOCKS4 and 5" {
	local kind
	dante_runs proxy none
	for kind in socks4 socks5 socks5h; do
		through --proxy "$kind://127.0.0.1:$port" 127.0.0.1 "$echo"
		through --proxy "$kind://127.0.0.1:$port" localhost "$echo"
	done
	through --proxy "socks4a://127.0.0.1:$port" 127.0.0.1 "$echo"
}

@test "a login is in the URL, or in a file" {
	microsocks_runs proxy -u bob -P 'a:b%c'
	through --proxy "socks5h://bob:a%3ab%25c@127.0.0.1:$port" 127.0.0.1 "$echo"
	(umask 077 && echo 'bob:a:b%c' >login)
	through --proxy "socks5h://127.0.0.1:$port" --proxy-auth-file login 127.0.0.1 "$echo"
	through --proxy "socks5h://127.0.0.1:$port" --proxy-auth-file <(echo 'bob:a:b%c') 127.0.0.1 "$echo"
	refused 6 "proxy 127.0.0.1:$port: connect 127.0.0.1:$echo: the proxy wants a login" \
		--proxy "socks5h://127.0.0.1:$port" 127.0.0.1 "$echo"
	[ "${stderr_lines[1]}" = 'usock: hint: USER:PASSWORD@ before its host, or --proxy-auth-file' ]
	refused 6 "proxy 127.0.0.1:$port: connect 127.0.0.1:$echo: the proxy refuses user 'bob' or the password (status 2)" \
		--proxy "socks5h://bob:x@127.0.0.1:$port" 127.0.0.1 "$echo"
}

@test "a file with logins that others may read is refused, and no message quotes it" {
	echo 'bob:secret' >login
	chmod 644 login
	refused 8 '--proxy-auth-file: login: others may read or change it' \
		--proxy socks5://127.0.0.1:1 --proxy-auth-file login 127.0.0.1 9
	[ "${stderr_lines[1]}" = 'usock: hint: chmod 600 login' ]
	chmod 600 login
	printf 'bob:secret\nann:hidden\n' >login
	refused 2 'connect: --proxy-auth-file: it has more lines than there are proxies' \
		--proxy socks5://127.0.0.1:1 --proxy-auth-file login 127.0.0.1 9
	printf 'bob:secret\001\n' >login
	refused 2 'connect: --proxy-auth-file: line 1: the password has control characters' \
		--proxy socks5://127.0.0.1:1 --proxy-auth-file login 127.0.0.1 9
}

@test "a refusal is status 6 with the proxy's own words" {
	microsocks_runs proxy
	refused 6 "proxy 127.0.0.1:$port: connect 127.0.0.1:1: Connection refused (SOCKS5 reply 5)" \
		--proxy "socks5://127.0.0.1:$port" 127.0.0.1 1
	dante_runs dante none
	refused 6 "proxy 127.0.0.1:$port: connect 127.0.0.1:9: not allowed by the rules of the proxy (SOCKS5 reply 2)" \
		--proxy "socks5://127.0.0.1:$port" 127.0.0.1 9
	refused 6 "proxy 127.0.0.1:$port: connect 127.0.0.1:9: request rejected or failed (SOCKS4 code 91)" \
		--proxy "socks4://127.0.0.1:$port" 127.0.0.1 9
}

@test "a proxy that is not there is status 1, a name that is not known 3, silence 124" {
	refused 1 'proxy: connect 127.0.0.1:1: Connection refused' --proxy socks5://127.0.0.1:1 127.0.0.1 9
	run --separate-stderr -3 usock connect --proxy socks5://nosuch.invalid 127.0.0.1 9
	[[ $stderr == 'usock: proxy: resolve nosuch.invalid: '* ]]
	usock_listens silent -k --discard
	refused 124 "proxy 127.0.0.1:$port: timed out: the proxy has not answered" \
		--proxy "socks5://127.0.0.1:$port" -w 200ms 127.0.0.1 9
	refused 124 "proxy 127.0.0.1:$port: timed out: the proxy has not answered" \
		--proxy "socks5://127.0.0.1:$port" --timeout 200ms 127.0.0.1 9
}

@test "a chain goes through each proxy, and says which one refuses" {
	local one two
	microsocks_runs one && one=$port
	dante_runs two none && two=$port
	microsocks_runs three -u bob -P secret
	through --proxy "socks5h://127.0.0.1:$one" --proxy "socks4://127.0.0.1:$two" \
		--proxy "socks5h://bob:secret@localhost:$port" localhost "$echo"
	printf '\n\nbob:secret\n' >login && chmod 600 login
	through --proxy "socks5h://127.0.0.1:$one" --proxy "socks4://127.0.0.1:$two" --proxy-auth-file login \
		--proxy "socks5h://localhost:$port" localhost "$echo"
	refused 6 "proxy 127.0.0.1:$one: socks5://127.0.0.1:$two: connect 127.0.0.1:9: not allowed by the rules of the proxy (SOCKS5 reply 2)" \
		--proxy "socks5h://127.0.0.1:$one" --proxy "socks5://127.0.0.1:$two" 127.0.0.1 9
}

@test "each address of a name is tried where usock resolves it" {
	start second "$USOCK" listen -k --echo --ready-file second.ready 127.0.0.2 0
	is_ready second
	local second=$port
	microsocks_runs proxy
	run --separate-stderr -0 with_hosts $'127.0.0.1 two\n127.0.0.2 two' "$USOCK" connect -v --half-close 100ms \
		--proxy "socks5://127.0.0.1:$port" two "$second" <<<hello
	[ "$output" = hello ]
	[[ $stderr == *"connect two:$second: Connection refused (SOCKS5 reply 5); trying the next address"* ]]
}

@test "IPv6 works on both sides of the proxy" {
	has_ipv6 || skip "no IPv6"
	start six "$USOCK" listen --ready-file six.ready -k --echo ::1 0
	is_ready six
	local six=$port
	chosen_port
	start proxy microsocks -i ::1 -p "$port"
	usock connect -z --timeout 10s ::1 "$port" >/dev/null
	through --proxy "socks5://[::1]:$port" ::1 "$six"
	through --proxy "socks5h://[::1]:$port" "[::1]:$six"
}

@test "--retry tries the whole way again" {
	chosen_port
	start late sh -c "sleep 0.7; exec microsocks -i 127.0.0.1 -p $port"
	through --proxy "socks5://127.0.0.1:$port" --retry 100 --retry-interval 100ms 127.0.0.1 "$echo"
	chosen_port
	local later=$port
	microsocks_runs proxy
	start target sh -c "sleep 0.7; exec '$USOCK' listen 127.0.0.1 $later --echo"
	through --proxy "socks5://127.0.0.1:$port" --retry 100 --retry-interval 100ms 127.0.0.1 "$later"
}

@test "programs, TLS and STARTTLS go through, and no byte is lost" {
	need_tls
	microsocks_runs proxy
	local proxy=socks5h://127.0.0.1:$port
	head -c 3000000 /dev/urandom >data
	usock connect --half-close 1s --proxy "$proxy" 127.0.0.1 "$echo" <data >back
	cmp data back
	# shellcheck disable=SC2016
	run -0 usock connect --proxy "$proxy" 127.0.0.1 "$echo" -- sh -c 'echo ping; read -r l; echo "$l" >got'
	[ "$(<got)" = ping ]
	usock_listens tls -k --echo --tls --self-signed
	usock connect --half-close 1s --tls --insecure --proxy "$proxy" localhost "$port" <data >back
	cmp data back
}

@test "the environment names the proxy and its exceptions, as curl has it" {
	microsocks_runs proxy
	local list
	run --separate-stderr -0 env "ALL_PROXY=socks5h://127.0.0.1:$port" "$USOCK" connect -v --half-close 0.1 --proxy env \
		127.0.0.1 "$echo" <<<hello
	[[ $stderr == *"proxy socks5h://127.0.0.1:$port: connected to 127.0.0.1:$echo"* ]]
	run --separate-stderr -0 env ALL_PROXY=socks5h://127.0.0.1:1 "all_proxy=socks5h://127.0.0.1:$port" "$USOCK" connect \
		--half-close 0.1 --proxy env 127.0.0.1 "$echo" <<<hello
	for list in '*' 127.0.0.1 'x.org, 127.0.0.0/8' '10.1.2.3 127.0.0.1'; do
		run --separate-stderr -0 env ALL_PROXY=socks5h://127.0.0.1:1 "NO_PROXY=$list" "$USOCK" connect -v --proxy env \
			127.0.0.1 "$echo" <<<hello
		[[ $stderr == *'no proxy for 127.0.0.1: NO_PROXY names it'* ]]
	done
	run --separate-stderr -0 env ALL_PROXY=socks5h://127.0.0.1:1 no_proxy=.LOCALHOST. "$USOCK" connect -4 --proxy env \
		localhost "$echo" <<<hello
	run --separate-stderr -0 "$USOCK" connect -v --proxy env 127.0.0.1 "$echo" <<<hello
	[[ $stderr == *'no proxy: ALL_PROXY is not set'* ]]
}

@test "events and lines of -v name the proxies" {
	microsocks_runs proxy
	usock connect --half-close 0.1 --events events --proxy "socks5h://127.0.0.1:$port" localhost "$echo" <<<hello
	has_line events "^\{\"event\":\"proxy\",\"proxy\":\"socks5h://127.0.0.1:$port\",\"target\":\"localhost:$echo\"\}$"
}

@test "a script connects through proxies" {
	microsocks_runs proxy
	run -0 usock -c "set s [connect --proxy socks5h://127.0.0.1:$port localhost $echo]; \$s sendall hi; puts [\$s recv 2]"
	[ "$output" = hi ]
	run --separate-stderr -6 usock -c "connect --proxy socks5h://127.0.0.1:$port 127.0.0.1 1"
	[[ $stderr == *"proxy 127.0.0.1:$port: connect 127.0.0.1:1: Connection refused (SOCKS5 reply 5)"* ]]
}

@test "what makes no sense is refused" {
	local row
	while IFS='|' read -r row message; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr -2 usock connect $row
		[ "${stderr_lines[0]}" = "usock: connect: $message" ] || fail "$row: ${stderr_lines[0]}"
	done <<-'END'
		--proxy 127.0.0.1:1 h 9|--proxy: a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT
		--proxy ftp://h:1 h 9|--proxy: a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT
		--proxy http://h h 9|--proxy: 'h': the port of the proxy is missing
		--proxy socks5:// h 9|--proxy: the host of the proxy is missing
		--proxy socks5://:1 h 9|--proxy: ':1' is no HOST:PORT
		--proxy socks5://tcp:h:1 h 9|--proxy: 'tcp:h:1' is no HOST:PORT
		--proxy socks5://a%4@h:1 h 9|--proxy: after % in the login two hexadecimal digits are missing
		--proxy socks5://a%0ab@h:1 h 9|--proxy: the login has control characters
		--proxy env --proxy socks5://h h 9|--proxy: env is not part of a chain
		--proxy socks5://h unix:x|--proxy: needs a host and a port to connect to
		--proxy socks5://h fd:0|--proxy: needs a host and a port to connect to
		--proxy socks5://h --proto sctp h 9|--proxy: only with TCP and UDP
		-z --proxy socks5://h h 9|--scan: not together with --proxy
		--proxy-auth-file f h 9|--proxy-auth-file: only with --proxy
		--proxy-insecure h 9|--proxy-insecure: only with --proxy
		--proxy socks5://h --proxy-insecure h 9|--proxy-insecure: no proxy has https://
		--proxy socks5://h --proxy-ca-file f h 9|--proxy-ca-file: no proxy has https://
		--proxy socks4://127.0.0.1:1 ::1 9|connect ::1: SOCKS4 needs an IPv4 address
	END
}
