# usock resolve: what getaddrinfo gives, in its order; names of addresses, SRV records, probes. Each
# test that needs names has its own hosts file and name server, in a mount name space.
#
# shellcheck disable=SC2154 # from lib: fresh, patience, python, peers, port, status, stderr

load ../lib/common

setup_file() {
	# the list of getaddrinfo, and nothing between: FAMILY TYPE PROTO CANONNAME SOCKADDR
	cat >"$BATS_FILE_TMPDIR/gai.c" <<-'END'
		#define _GNU_SOURCE
		#include <netdb.h>
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <sys/socket.h>

		int
		main(int argc, char **argv)
		{
			struct addrinfo hints = { .ai_flags = AI_CANONNAME }, *list, *ai;
			const char *service = argc > 2 && argv[2][0] != '\0' ? argv[2] : NULL;
			int i, rc;

			for (i = 3; i < argc; i++) {
				if (strcmp(argv[i], "-4") == 0)
					hints.ai_family = AF_INET;
				else if (strcmp(argv[i], "-6") == 0)
					hints.ai_family = AF_INET6;
				else if (strcmp(argv[i], "stream") == 0)
					hints.ai_socktype = SOCK_STREAM;
				else if (strcmp(argv[i], "dgram") == 0)
					hints.ai_socktype = SOCK_DGRAM;
				else if (strcmp(argv[i], "passive") == 0)
					hints.ai_flags |= AI_PASSIVE;
			}
			if (argv[1][0] == '\0')
				hints.ai_flags &= ~AI_CANONNAME;
			rc = getaddrinfo(argv[1][0] != '\0' ? argv[1] : NULL, service, &hints, &list);
			if (rc != 0) {
				printf("%d %s\n", rc, gai_strerror(rc));
				return 1;
			}
			for (ai = list; ai != NULL; ai = ai->ai_next) {
				char host[NI_MAXHOST], port[NI_MAXSERV];
				const char *types[] = { "?", "stream", "dgram", "raw" };
				int six = ai->ai_family == AF_INET6;

				getnameinfo(ai->ai_addr, ai->ai_addrlen, host, sizeof(host), port, sizeof(port),
				    NI_NUMERICHOST | NI_NUMERICSERV);
				printf("%s %s %s %s ", six ? "inet6" : "inet", types[ai->ai_socktype],
				    ai->ai_protocol == 6 ? "tcp" : ai->ai_protocol == 17 ? "udp" : "ip",
				    ai->ai_canonname != NULL ? ai->ai_canonname : "-");
				if (service == NULL)
					printf("%s\n", host);
				else
					printf(six ? "[%s]:%s\n" : "%s:%s\n", host, port);
			}
			return 0;
		}
	END
	cc -o "$BATS_FILE_TMPDIR/gai" "$BATS_FILE_TMPDIR/gai.c" 2>/dev/null || :
}

# named COMMAND... runs it with ./nsswitch.conf, where there is one, and ./hosts and ./resolv.conf.
named() {
	if [ ! -e nsswitch.conf ]; then
		timeout --foreground -s KILL "$patience" "${fresh[@]}" "$@" 3>&- 7>&- 8>&-
		return
	fi
	if [ -z "${enter-}" ]; then
		need unshare mount
		enter=(unshare -m)
		"${enter[@]}" true 2>/dev/null || enter=(unshare -rm)
		"${enter[@]}" mount --bind . /etc 2>/dev/null || skip "no mount name spaces here"
	fi
	# shellcheck disable=SC2016 # for the inner shell
	timeout --foreground -s KILL "$patience" "${fresh[@]}" "${enter[@]}" sh -c '
		for file in hosts resolv.conf nsswitch.conf; do
			[ ! -e $file ] || mount --bind $file /etc/$file || exit 99
		done
		exec "$@"' sh "$@" 3>&- 7>&- 8>&-
}

# Blanks that only make columns.
squeezed() {
	sed 's/  */ /g'
}

# same_list HOST SERVICE [WORD...]: what getaddrinfo gives, with these hints, is what we print.
same_list() {
	local host=$1 service=$2 options=() word
	need cc
	for word in "${@:3}"; do
		case $word in
		passive) options+=(--passive) ;;
		stream | dgram) options+=(--type "$word") ;;
		*) options+=("$word") ;;
		esac
	done
	named "$BATS_FILE_TMPDIR/gai" "$@" >want || :
	named "$USOCK" resolve "${options[@]}" "${host:-*}" ${service:+"$service"} >got 2>err || :
	[ -s want ] || fail "getaddrinfo gives nothing"
	if [[ $(cat want) == -* ]]; then
		says err "$(sed 's/^\(-[0-9]*\) \(.*\)/\2 \\(EAI_[A-Z_]*, \1\\)$/' want)"
		is_empty got
	else
		squeezed <got | diff want - >&2 || fail "$*: < getaddrinfo, > usock"
	fi
}

# A name server of ours with this zone, and nothing else to ask.
name_server() { # ZONE-LINE...
	local tries
	need unshare
	printf '%s\n' "$@" >zone
	printf 'hosts: files dns\n' >nsswitch.conf
	printf '127.0.0.1 localhost\n' >hosts
	for tries in 1 2 3; do
		server=127.$((RANDOM % 200 + 20)).$((RANDOM % 256)).$((RANDOM % 254 + 1))
		printf 'nameserver %s\noptions timeout:30 attempts:2\n' "$server" >resolv.conf
		start dns "$python" -IS "$peers/dns.py" "$server" 53 zone
		eventually is_ready_or_gone
		[ ! -s dns.out ] || return 0
	done
	skip "port 53 cannot be had here: $tries tries"
}

is_ready_or_gone() {
	[ -s dns.out ] || is_over "$pid"
}

# fails STATUS ARG...: with a message and no record.
fails() {
	local want=$1
	shift
	status=0
	named "$USOCK" resolve "$@" >out 2>err || status=$?
	status_is "$want"
	is_empty out
	one_message err
}

# shows FILE LINE...: these lines, but for the blanks of columns.
shows() {
	diff <(printf '%s\n' "${@:2}") <(squeezed <"$1") >&2 || fail "< expected, > $1"
}

# --- the list is getaddrinfo's -------------------------------------------------

@test "numeric hosts give getaddrinfo's list" {
	for host in 127.0.0.1 ::1 192.0.2.7 2001:db8::1 ::ffff:192.0.2.1 127.1 0x7f.1; do
		same_list "$host" ''
		same_list "$host" 80
		same_list "$host" 0
		same_list "$host" 65535 stream
		same_list "$host" 53 dgram
	done
}

@test "an IPv6 zone is kept" {
	has_ipv6 || skip "no IPv6 here"
	same_list fe80::1%lo ''
	same_list fe80::1%lo 80
	same_list fe80::1%nosuch 80
	run -0 --separate-stderr "$USOCK" resolve --type stream fe80::1%lo 80
	[ "$output" = 'inet6 stream tcp fe80::1%lo [fe80::1%lo]:80' ]
	run -0 "$USOCK" resolve --type stream '[fe80::1%lo]' 80
	[ "$output" = 'inet6 stream tcp fe80::1%lo [fe80::1%lo]:80' ]
}

@test "names of the hosts file give getaddrinfo's list, in its order" {
	printf '%s\n' '127.0.0.1 localhost' '192.0.2.1 real.test alias.test' '2001:db8::1 real.test' \
		'127.0.0.2 real.test' '::1 six.test' '127.0.0.2 twice.test' '127.0.0.2 twice.test' >hosts
	printf 'hosts: files\n' >nsswitch.conf
	for host in localhost real.test alias.test six.test twice.test nosuch.test; do
		same_list "$host" ''
		same_list "$host" domain
	done
	for hint in -4 -6 stream dgram; do
		same_list alias.test 80 "$hint"
	done
}

@test "the canonical name is that of an alias" {
	printf '192.0.2.1 real.test alias.test\n' >hosts
	printf 'hosts: files\n' >nsswitch.conf
	named "$USOCK" resolve alias.test >out
	shows out 'inet stream tcp real.test 192.0.2.1' 'inet dgram udp - 192.0.2.1' 'inet raw ip - 192.0.2.1'
}

@test "columns are as wide as what is in them" {
	printf '%s\n' '192.0.2.1 a.test' '192.0.2.100 a.test' >hosts
	printf 'hosts: files\n' >nsswitch.conf
	named "$USOCK" resolve --type dgram a.test 7 >out
	text_is out 'inet  dgram  udp a.test 192.0.2.1:7\ninet  dgram  udp -      192.0.2.100:7\n'
}

@test "no host is loopback, and every address to listen on" {
	same_list '' 80
	same_list '' 80 passive
	same_list '' 80 passive -4
	run -0 "$USOCK" resolve -4 --passive --type stream '*' 80
	[ "$output" = 'inet  stream tcp - 0.0.0.0:80' ]
}

@test "services are those of their protocol" {
	need_services
	same_list 127.0.0.1 http
	same_list 127.0.0.1 domain
	same_list 127.0.0.1 domain stream
	same_list 127.0.0.1 domain dgram
	same_list 127.0.0.1 ntp dgram
	same_list 127.0.0.1 http dgram
	same_list 127.0.0.1 iso-tsap
	same_list 127.0.0.1 no-such-service
	run -0 "$USOCK" resolve --type stream 127.0.0.1 xmpp-client
	[[ $output == *' 127.0.0.1:5222' ]]
}

@test "--type and --proto choose" {
	run -0 "$USOCK" resolve --proto udp 127.0.0.1 7
	[ "$output" = 'inet  dgram  udp 127.0.0.1 127.0.0.1:7' ]
	run -0 "$USOCK" resolve --proto 6 127.0.0.1 7
	[ "$output" = 'inet  stream tcp 127.0.0.1 127.0.0.1:7' ]
	run -0 "$USOCK" resolve --proto icmp 127.0.0.1
	[ "$output" = 'inet  raw    icmp 127.0.0.1 127.0.0.1' ]
	run -0 "$USOCK" resolve --type seqpacket --proto sctp 127.0.0.1 7
	[ "$output" = 'inet  seqpacket sctp 127.0.0.1 127.0.0.1:7' ]
	run -0 "$USOCK" resolve --type raw 127.0.0.1
	[ "$output" = 'inet  raw    ip  127.0.0.1 127.0.0.1' ]
}

@test "--json gives one object a line, with what is there" {
	run -0 --separate-stderr "$USOCK" resolve --json 127.0.0.1 80 --type stream
	[ "$output" = '{"host":"127.0.0.1","service":"80","family":"inet","type":"stream","proto":"tcp","canonname":"127.0.0.1","sockaddr":"127.0.0.1:80","address":"127.0.0.1","port":80}' ]
	[ -z "$stderr" ]
	run -0 "$USOCK" resolve --json ::1
	[ "${#lines[@]}" = 3 ]
	[ "${lines[1]}" = '{"host":"::1","family":"inet6","type":"dgram","proto":"udp","sockaddr":"::1","address":"::1"}' ]
}

# --- failures ------------------------------------------------------------------

@test "an unknown name is 3, with name and number" {
	printf 'hosts: files\n' >nsswitch.conf
	fails 3 nosuch.invalid
	says_exactly err 'usock: resolve nosuch.invalid: Name or service not known (EAI_NONAME, -2)'
	named "$USOCK" resolve --json nosuch.invalid 2>err >out || :
	is_empty out
	says err '^\{"event":"error","error":"resolve","message":"resolve nosuch\.invalid: '
}

fails_as() { # NAME NUMBER ARG...
	fails 3 "${@:3}"
	says err "^usock: resolve .*: .* \\($1, $2\\)$"
}

@test "each failure of the resolver has its name and number" {
	name_server 'fail.test * !servfail' 'refused.test * !refused' 'empty.test * !nodata' \
		'four.test A 192.0.2.1' 'garbage.test * !garbage'
	fails_as EAI_NONAME -2 nosuch.test
	fails_as EAI_AGAIN -3 fail.test
	fails_as EAI_NODATA -5 empty.test
	fails_as 'EAI_(NODATA|ADDRFAMILY)' '-(5|9)' -6 four.test
	fails_as EAI_ADDRFAMILY -9 -6 127.0.0.1
	fails_as EAI_SERVICE -8 127.0.0.1 no-such-service
	fails_as EAI_NONAME -2 --numeric localhost
	fails_as 'EAI_[A-Z]+' '-[0-9]+' refused.test
}

@test "a system that refuses is told with errno's text" {
	not_counted "it has descriptors of its own"
	need prlimit
	printf '192.0.2.1 real.test\n' >hosts
	printf 'hosts: files\n' >nsswitch.conf
	# a few more each time: first the loop lacks one, then the look-up
	for ((files = 4; files < 16; files++)); do
		status=0
		named prlimit --nofile="$files" "$USOCK" resolve real.test >out 2>err || status=$?
		[ "$status" != 3 ] || break
	done
	status_is 3
	one_message err
	says err '^usock: resolve real\.test: (pipe: )?Too many open files'
}

@test "what is wrong with a name is said" {
	printf 'hosts: files\n' >nsswitch.conf
	fails 3 "$(printf 'a%.0s' {1..64}).test"
	says err 'hint: a part of the name has 64 bytes, and 63 at most are possible'
	fails 3 a..test
	says err 'hint: a part of the name is empty'
	fails 2 "$(printf 'a%.0s' {1..256})"
	says err 'is too long for a host name \(256 bytes, at most 255\)'
	fails 3 localhost:80
	says_exactly err 'usock: hint: the service is an operand of its own: usock resolve localhost 80'
	fails 3 localhost:
	says_exactly err 'usock: hint: the service is an operand of its own: usock resolve localhost SERVICE'
	fails 3 unix:/path
	run -1 grep hint err
}

@test "a port that is none is a usage error" {
	for port in 65536 -1 080 1-2 80,81 80x ''; do
		fails 2 127.0.0.1 -- "$port" || fails 2 127.0.0.1 "$port"
	done
	fails 2 127.0.0.1 65536
	says err "port '65536' is neither a number \\(0-65535\\) nor a service name"
}

@test "a port that is no service says what a port is" {
	fails 3 127.0.0.1 no-such-service
	says_exactly err 'usock: hint: a port is a number, or the name of a service: services(5)'
}

@test "-- ends the options" {
	run -0 --separate-stderr usock resolve --numeric -- 127.0.0.1 80
	[[ $output == *"127.0.0.1:80"* ]]
}

@test "what does not go together is a usage error" {
	fails 2
	fails 2 a b c
	fails 2 -4 -6 localhost
	fails 2 --srv --reverse localhost
	fails 2 --reverse --probe 127.0.0.1 80
	fails 2 --probe localhost
	fails 2 --probe --type dgram localhost 80
	fails 2 --probe --proto udp localhost 80
	fails 2 --connect-timeout 1 localhost 80
	fails 2 --type nosuch localhost
	fails 2 --proto nosuch localhost
	fails 2 --srv example.org
	fails 2 --srv example.org 80
	fails 2 --srv _http._tcp.example.org http
	fails 2 --srv --proto udp _http._tcp.example.org
}

@test "a full standard output is 8, a closed one ends as SIGPIPE does" {
	status=0
	usock resolve 127.0.0.1 2>err >/dev/full || status=$?
	status_is 8
	one_message err
	run bash -c '"$USOCK" resolve 127.0.0.1 2>err | exec true; exit "${PIPESTATUS[0]}"'
	[ "$status" = 141 ] || [ "$status" = 0 ]
	is_empty err
}

# --- a name server -------------------------------------------------------------

@test "answers of a name server, with the name behind an alias" {
	name_server 'www.test CNAME host.test' 'host.test A 192.0.2.1' 'host.test A 192.0.2.2' \
		'host.test AAAA 2001:db8::1'
	same_list host.test 80
	same_list www.test 80
	same_list www.test '' -4
	named "$USOCK" resolve -6 --type stream www.test 80 >out
	shows out 'inet6 stream tcp host.test [2001:db8::1]:80'
}

@test "a name that is not ASCII is asked for as DNS has it, whatever the locale" {
	"$USOCK" --version | grep -q -w idn || skip "this build has no libidn2"
	name_server 'xn--bcher-kva.test A 192.0.2.1' '_x._tcp.xn--bcher-kva.test SRV 0 0 80 host.test'
	LC_ALL=C named "$USOCK" resolve --type stream BÜcher.test 80 >out
	says dns.out '^xn--bcher-kva\.test '
	shows out 'inet stream tcp xn--bcher-kva.test 192.0.2.1:80'
	LC_ALL=C.UTF-8 named "$USOCK" resolve --json --type stream bücher.test 80 >out
	says out '"canonname":"xn--bcher-kva\.test"'
	named "$USOCK" resolve --srv bücher.test x >out
	says out '^0 .*host\.test'
	named "$USOCK" resolve --srv _x._tcp.bücher.test >out
	says out '^0 .*host\.test'
	named "$USOCK" -c 'puts [lindex [getaddrinfo bücher.test 80] 0]' >out
	says out '192\.0\.2\.1'
	[ "$(grep -c -v '^[ -~]*$' dns.out)" = 0 ]
}

@test "a name server that never answers is subject to --timeout" {
	name_server '* * !silent' 'slow.test * !silent' '_x._tcp.slow.test SRV !silent' \
		'9.2.0.192.in-addr.arpa PTR !silent'
	for question in slow.test '--srv _x._tcp.slow.test' '--reverse 192.0.2.9'; do
		# shellcheck disable=SC2086 # options and name
		on_time_named 400 "$USOCK" resolve --timeout 400ms $question
		one_message err
		says err '^usock: resolve [^ ]*: timed out$'
		is_empty out
	done
}

# on_time of lib, with the time that entering the name space takes.
on_time_named() { # MILLISECONDS COMMAND...
	local due=$1 begun overhead seen=()
	shift
	while [ ${#seen[@]} -lt 3 ]; do
		timed named "$USOCK" resolve 127.0.0.1 >/dev/null
		overhead=$elapsed
		timed named "$@" >out 2>err
		status_is 124 || return
		((elapsed >= due)) || fail "ended after $elapsed ms, too early" || return
		((elapsed <= due + 2 * overhead + 100)) && return
		seen+=("$elapsed")
	done
	fail "ended after ${seen[*]} ms, not $due"
}

@test "SIGINT ends the wait for a name server" {
	name_server 'slow.test * !silent' '_x._tcp.slow.test SRV !silent'
	for question in slow.test '--srv _x._tcp.slow.test'; do
		: >dns.out
		# shellcheck disable=SC2016,SC2086
		start client unshare -m sh -c 'mount --bind resolv.conf /etc/resolv.conf &&
			mount --bind nsswitch.conf /etc/nsswitch.conf && exec "$@"' sh "$USOCK" resolve $question
		client=$pid
		eventually has_line dns.out slow.test
		kill -INT "$client"
		finish "$client"
		status_is 130
		is_empty client.err
	done
}

@test "-v says where the time went" {
	name_server 'host.test A 192.0.2.1'
	named "$USOCK" resolve -v host.test >out 2>err
	says err '^usock: name service answered for host\.test after [0-9]+\.[0-9]{3} ms$'
	says err '^usock: resolved host\.test: 3 answers after [0-9]+\.[0-9]{3} ms$'
	usock resolve -v 192.0.2.1 >out 2>err
	says err '^usock: resolved 192\.0\.2\.1: 3 answers after'
	! has_line err 'name service' || fail "a server for a number"
}

# --- names of addresses ----------------------------------------------------------

@test "--reverse gives the name of an address, and of its port" {
	printf '127.0.0.1 localhost\n192.0.2.1 host.test other.test\n::1 six.test\n' >hosts
	printf 'hosts: files\n' >nsswitch.conf
	named "$USOCK" resolve --reverse 192.0.2.1 >out
	text_is out 'host.test\n'
	named "$USOCK" resolve --reverse ::1 >out
	text_is out 'six.test\n'
	named "$USOCK" resolve --reverse 192.0.2.1 80 >out
	text_is out 'host.test http\n'
	named "$USOCK" resolve --reverse --json 192.0.2.1 4 >out
	text_is out '{"host":"192.0.2.1","address":"192.0.2.1","name":"host.test","service":"4","port":4}\n'
	named "$USOCK" resolve --reverse --json ::1 >out
	text_is out '{"host":"::1","address":"::1","name":"six.test"}\n'
}

@test "--reverse asks a name server" {
	name_server '9.2.0.192.in-addr.arpa PTR nine.test'
	named "$USOCK" resolve --reverse 192.0.2.9 >out
	text_is out 'nine.test\n'
}

@test "--reverse of an address without a name is 3" {
	printf 'hosts: files\n' >nsswitch.conf
	fails 3 --reverse 192.0.2.77
	says_exactly err 'usock: resolve 192.0.2.77: Name or service not known (EAI_NONAME, -2)'
	fails 3 --reverse localhost
	says_exactly err 'usock: hint: --reverse wants an address'
}

# --- SRV -------------------------------------------------------------------------

@test "--srv orders by priority, and draws among equals by weight" {
	name_server '_http._tcp.test SRV 20 0 8080 last.test' '_http._tcp.test SRV 10 60 80 big.test' \
		'_http._tcp.test SRV 10 0 81 small.test' '_http._tcp.test SRV 5 1 443 first.test'
	first=
	for ((n = 0; n < 10; n++)); do
		named "$USOCK" resolve --srv _http._tcp.test >out
		[ "$(wc -l <out)" = 4 ]
		[[ "$(squeezed <out | sed -n 1p)" == ' 5 1 443 first.test' ]]
		[[ "$(squeezed <out | sed -n 4p)" == '20 0 8080 last.test' ]]
		squeezed <out | sed -n '2,3p' | sort >middle
		shows middle '10 0 81 small.test' '10 60 80 big.test'
		[[ "$(sed -n 2p out)" != *big.test ]] || first=big
	done
	[ "$first" = big ]
}

@test "--srv takes a domain and a service too" {
	name_server '_http._tcp.test SRV 1 2 80 t.test' '_sip._udp.test SRV 1 2 5060 u.test'
	named "$USOCK" resolve --srv test http >out
	text_is out '1 2 80 t.test\n'
	named "$USOCK" resolve --srv --proto udp --json test sip >out
	text_is out '{"name":"_sip._udp.test","priority":1,"weight":2,"port":5060,"target":"u.test"}\n'
}

@test "--srv follows an alias, and takes a long answer over TCP" {
	name_server '_a._tcp.test CNAME _b._tcp.test' '_b._tcp.test SRV 1 2 80 t.test' \
		'_c._tcp.test SRV !truncated' '_c._tcp.test SRV 1 2 81 u.test'
	named "$USOCK" resolve --srv _a._tcp.test >out
	text_is out '1 2 80 t.test\n'
	named "$USOCK" resolve --srv _c._tcp.test >out
	text_is out '1 2 81 u.test\n'
}

@test "--srv of what there is not is 3, with the reason" {
	name_server '_empty._tcp.test SRV !nodata' '_fail._tcp.test SRV !servfail' \
		'_off._tcp.test SRV 0 0 0 .' 'other.test A 192.0.2.1'
	fails 3 --srv _none._tcp.test
	says_exactly err 'usock: resolve _none._tcp.test: Name or service not known (EAI_NONAME, -2)'
	fails 3 --srv _empty._tcp.test
	says err '\(EAI_NODATA, -5\)$'
	fails 3 --srv _fail._tcp.test
	says err '\(EAI_AGAIN, -3\)$'
	fails 3 --srv _off._tcp.test
	says_exactly err 'usock: resolve _off._tcp.test: the domain does not offer this service'
}

@test "a hostile answer to --srv is 3, and nothing of it is shown" {
	name_server '_other._tcp.test SRV !other _evil._tcp.test' \
		'_count._tcp.test SRV !count 65535' \
		'_short._tcp.test SRV !raw 0001' \
		'_none._tcp.test SRV !raw 000100020050' \
		'_cut._tcp.test SRV !raw 000100020050057777' \
		'_loop._tcp.test SRV !raw 000100020050c02c' \
		'_forward._tcp.test SRV !raw 000100020050cfff' \
		'_more._tcp.test SRV !raw 0001000200500174000102' \
		'_control._tcp.test SRV !raw 0001000200500374071b00' \
		'_garbage._tcp.test SRV !garbage'
	for name in count short none cut loop forward more control; do
		fails 3 --srv "_$name._tcp.test"
		says err "^usock: resolve _$name\._tcp\.test: malformed answer: "
	done
	fails 3 --srv _other._tcp.test
	says err 'EAI_NODATA'
	on_time_named 300 "$USOCK" resolve --srv --timeout 300ms _garbage._tcp.test ||
		fails 3 --srv _garbage._tcp.test
}

# --- probes ----------------------------------------------------------------------

@test "--probe: what this host cannot do is an error with its reason, not a filtered address" {
	usock_listens server -k --discard
	run -1 --separate-stderr injected connect:error=EADDRNOTAVAIL resolve --probe 127.0.0.1 "$port"
	[[ $output == *" error "*" Cannot assign requested address" ]]
	[ "$stderr" = "usock: connect 127.0.0.1:$port: Cannot assign requested address" ]
	run -1 --separate-stderr injected socket:error=EMFILE:when=1+ resolve --probe 127.0.0.1 "$port"
	[[ $output == *" error "*" Too many open files" ]]
	[ "$stderr" = "usock: connect 127.0.0.1:$port: Too many open files" ]
}

@test "--probe tells open, refused and silent ports apart" {
	start_peer full full 127.0.0.1:0 127.0.0.2:0
	printed full
	printf '%s\n' '127.0.0.1 many.test' '127.0.0.2 many.test' '127.0.0.3 many.test' >hosts
	printf 'hosts: files\n' >nsswitch.conf
	status=0
	named "$USOCK" resolve --probe -w 300ms many.test "$port" >out 2>err || status=$?
	status_is 0
	is_empty err
	[ "$(wc -l <out)" = 3 ]
	says out "^inet +stream tcp .* 127\.0\.0\.1:$port filtered +3[0-9]{2}\.[0-9]{2} ms Connection timed out$"
	says out "^inet +stream tcp .* 127\.0\.0\.2:$port open +[0-9]+\.[0-9]{2} ms$"
	says out "^inet +stream tcp .* 127\.0\.0\.3:$port closed +[0-9]+\.[0-9]{2} ms Connection refused$"
	named "$USOCK" resolve --probe -w 300ms --json many.test "$port" >out
	says out '"address":"127\.0\.0\.1","port":[0-9]+,"verdict":"filtered","milliseconds":3[0-9.]+,"reason":"Connection timed out"}'
	says out '"address":"127\.0\.0\.2","port":[0-9]+,"verdict":"open","milliseconds":[0-9.]+}'
}

@test "--probe is 1 where nothing is open" {
	start_peer bound bound 127.0.0.1:0
	printed bound
	status=0
	usock resolve --probe 127.0.0.1 "$port" >out 2>err || status=$?
	status_is 1
	is_empty err
	says out ' closed +[0-9.]+ ms Connection refused$'
}

@test "--probe asks all addresses at once" {
	start_peer full full 127.0.0.1:0
	printed full
	for ((n = 1; n < 12; n++)); do
		printf '127.0.0.1 same.test\n127.0.0.%d many.test\n' "$n"
	done >hosts
	printf 'hosts: files\n' >nsswitch.conf
	named "$USOCK" resolve --probe -w 300ms same.test "$port" >out 2>err || :
	[ "$(wc -l <out)" = 1 ]
	start_peer all full 0.0.0.0:0
	printed all
	timed named "$USOCK" resolve --probe -w 500ms many.test "$port" >out 2>err
	[ "$(grep -c ' filtered ' out)" = 11 ]
	((elapsed < 3000)) || fail "one after the other: $elapsed ms"
	on_time_named 300 "$USOCK" resolve --probe --timeout 300ms many.test "$port"
	says err '^usock: resolve many\.test: probe: timed out after 0 of 11 addresses$'
}

@test "completion knows hosts and services" {
	need_services
	run -0 "$USOCK" __complete resolve ''
	grep -q -x :host <<<"$output"
	run -0 "$USOCK" __complete resolve localhost doma
	[ "${lines[0]}" = $'domain\tport 53' ]
	[ "$(grep -c -x $'domain\tport 53' <<<"$output")" = 1 ]
	run -0 "$USOCK" __complete resolve --type str
	[[ $output == stream* ]]
}

# --- the program -----------------------------------------------------------------

@test "the program needs no library but libc" {
	need objdump
	objdump -p "$(readlink -f "$USOCK")" | awk '$1 == "NEEDED" { print $2 }' >needed
	[ -s needed ] || skip "this is no dynamic program"
	! grep -v -E '^(libc\.so\.|libc\.musl|lib(a|ub)san\.so|ld-|libm\.so|libgcc_s)' needed || fail "it needs more"
}
