# For who comes from OpenBSD's nc, ncat or socat: each of their options and addresses that is none
# here is answered with what it is called here.

load ../lib/common
start_fast

letters_of_nc='4 6 b C D d F h I i k l M m N n O P p q r S s T t U u V v W w X x Z z'
letters_of_ncat='4 6 U C c e g G m h d o x i p s l k n t u v w z'
letters_of_socat='V h d D l v x r R b s S t T u U g L W 4 6'
names_of_ncat='unixsock vsock crlf sh-exec exec lua-exec max-conns help delay output hex-dump idle-timeout source-port
	source listen keep-open nodns telnet udp sctp verbose wait append-output send-only recv-only no-shutdown allow allowfile
	deny denyfile broker chat proxy proxy-type proxy-auth proxy-dns ssl ssl-verify ssl-cert ssl-key ssl-trustfile
	ssl-ciphers ssl-servername ssl-alpn version'
words_of_socat='abstract-client abstract-connect abstract-listen abstract-recv abstract-recvfrom abstract-sendto create
	exec gopen interface ip-datagram ip-recv ip-recvfrom ip-sendto ip4-datagram ip4-recv ip4-recvfrom ip4-sendto ip6-datagram
	ip6-recv ip6-recvfrom ip6-sendto open openssl openssl-dtls-client openssl-dtls-server openssl-listen pipe proxy pty
	sctp-connect sctp-listen sctp4-connect sctp4-listen sctp6-connect sctp6-listen socket-connect socket-datagram
	socket-listen socket-recv socket-recvfrom socket-sendto socks4 socks4a stderr stdin stdio stdout system tcp-connect
	tcp-listen tcp4-connect tcp4-listen tcp6-connect tcp6-listen tun udp-connect udp-datagram udp-listen udp-recv
	udp-recvfrom udp-sendto udp4-connect udp4-datagram udp4-listen udp4-recv udp4-recvfrom udp4-sendto udp6-connect
	udp6-datagram udp6-listen udp6-recv udp6-recvfrom udp6-sendto unix-client unix-connect unix-listen unix-recv
	unix-recvfrom unix-sendto vsock-connect vsock-listen tcp udp ssl unix abstract sctp vsock shell readline'

# What usock says to words that are wrong: $message, $hint.
asks() { # ARG...
	run --separate-stderr -2 usock "$@"
	message=${stderr_lines[0]}
	hint=${stderr_lines[1]#usock: hint: }
}

# A known option goes on to the address, which is missing or bad.
has_remedy() { # COMMAND OPTION
	asks "$1" "$2"
	[[ $message == *"unknown option"* ]] || return 0
	[[ $message != *"did you mean"* && -n $hint && $hint != "usock help"* ]] ||
		fail "usock $1 $2: $message; $hint"
}

@test "every letter of nc, ncat and socat is an option or has its remedy" {
	for command in connect listen sendto; do
		for letter in $letters_of_nc $letters_of_ncat $letters_of_socat; do
			[ "$letter" = h ] || has_remedy "$command" "-$letter"
		done
	done
}

@test "every long option of ncat is an option or has its remedy" {
	for command in connect listen sendto; do
		for name in $names_of_ncat; do
			[ "$name" = help ] || has_remedy "$command" "--$name"
		done
	done
}

@test "the lists hold what the installed tools have" {
	missing() { # LIST... standard input: words
		local word
		while read -r word; do
			[[ " ${*//[$'\n\t']/ } " == *" $word "* ]] || fail "not in the list: $word"
		done
	}
	need nc.openbsd ncat socat
	{ nc.openbsd -h 2>&1 || :; } | sed -n 's/^\t\t-\(.\).*/\1/p' | missing "$letters_of_nc"
	ncat --help | grep -o -E -e '--[a-z-]+' | sed 's/--//' | missing "$names_of_ncat"
	ncat --help | sed -n 's/^  -\(.\).*/\1/p' | missing "$letters_of_ncat"
	socat -h | sed -n 's/^      \([a-z0-9-]*\)\(:<.*\|\[:.*\|\)\tgroups=.*/\1/p' | grep -v -x fd |
		missing "$words_of_socat"
	# -0 is a number here, as -1.5 is
	socat -h | sed -n 's/^      -\([A-Za-z0-9]\).*/\1/p' | missing "$letters_of_socat 0"
}

@test "every address of socat is answered with what it is called here" {
	local word
	for word in $words_of_socat; do
		word=${word^^}
		asks "$word:/a:b" -
		[[ -n $hint && $hint != "usock help"* ]] || fail "usock $word: $hint"
	done
	# behind a command it may be the name of a host; tcp: and the like are transports of ours
	for word in $words_of_socat; do
		run --separate-stderr usock connect --timeout "$patience" "${word^^}:/a:b"
		[[ $status != 0 && ${stderr_lines[*]} == *"hint: "* && ${stderr_lines[*]} != *"hint: usock help"* ]] ||
			[[ $word == vsock || $word == unix ]] || fail "connect $word: $stderr"
	done
}

@test "an address of ours has no other command for a remedy" {
	run -2 --separate-stderr usock listen --mode 7777 unix:path
	[[ $stderr != *"usock connect"* ]] || fail "$stderr"
	run -2 --separate-stderr usock listen "unix:$(printf '%0108d' 0)"
	[[ $stderr != *"usock connect"* ]] || fail "$stderr"
	run -2 --separate-stderr usock listen --mode 7777 unix-listen:path
	[ "${stderr_lines[1]}" = "usock: hint: usock listen unix:path" ]
}

@test "the remedy is the command line, where it can be told" {
	asks listen -p 7000
	[ "$message" = "usock: listen: -p: unknown option" ]
	[ "$hint" = "the port stands alone, or behind the host: usock listen [HOST] PORT" ]
	asks listen 7000 --exec cat
	[ "$message" = "usock: listen: --exec: unknown option" ]
	[ "$hint" = "a program stands behind the address: -- PROGRAM ARG..." ]
	asks listen --ssl 7000
	[[ $hint == "--tls with --self-signed,"* ]]
	asks connect --ssl localhost 443
	[[ $hint == "--tls, which checks"* ]]
	asks connect --proxy localhost:3128 example.org 80
	[ "$message" = "usock: connect: --proxy: a proxy is SCHEME://[USER[:PASSWORD]@]HOST:PORT" ]
	[ "$hint" = "the schemes are socks4 socks4a socks5 socks5h http https" ]
	asks connect --proxy-type http --proxy http://localhost:3128 example.org 80
	[[ $hint == *"--proxy socks5h://HOST:PORT or http://HOST:PORT"* ]]
	asks connect --chat localhost 7000
	[[ $hint == "usock listen -k --chat" ]]
	asks listen -k --allowfile list 7000
	[[ $hint == "--allow @FILE, with white space between entries" ]]
	asks TCP-LISTEN:8080,fork,reuseaddr EXEC:/bin/cat
	[ "$hint" = "usock listen 8080" ]
	asks - TCP4:www.example.org:80
	[ "$hint" = "usock connect www.example.org:80" ]
	asks listen TCP-LISTEN:8080,fork
	[ "$hint" = "usock listen 8080" ]
	asks connect UNIX-CONNECT:/run/app.sock
	[ "$hint" = "usock connect unix:/run/app.sock" ]
	asks connect OPENSSL:example.org:443,verify=0
	[ "$hint" = "usock connect --tls example.org:443" ]
}

@test "-o FILE, as ncat has it, is told what it is here" {
	asks connect -o session.log localhost 80
	[ "$message" = "usock: connect: --sockopt: unknown socket option 'session.log'" ]
	[[ $hint == *"--hexdump=FILE keeps the bytes"* ]]
}

@test "an option that begins as one of ours is still the other's" {
	asks listen --exec cat 7000
	[[ $hint == "a program stands behind"* ]]
	run -2 --separate-stderr usock listen --exec-st 7000
	[[ $stderr == *"--exec-stderr: no program is given"* ]]
}

@test "commands that no netcat has keep their own help" {
	asks status -l
	[ "$hint" = "usock help status" ]
	asks resolve --ssl
	[ "$hint" = "usock help resolve" ]
}

@test "a host may be called as an address of socat" {
	run -3 --separate-stderr usock connect --timeout "$patience" pipe.invalid:80
	[[ $stderr != *"hint: "* ]]
}
