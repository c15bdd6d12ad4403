# usock status: what the socket table says, from every state to the end of a socket.
# shellcheck disable=SC2154 # status, output and pid are bats' and lib's
# shellcheck disable=SC2016 # text with $ in it
# shellcheck disable=SC2094 # a command's argument is no file that is read

load ../lib/common

# All states at once: states.out has a line "STATE LOCAL PEER" for each.
make_states() { # 4|6|mapped
	mkfifo hold
	from=hold start states "$python" -IS "$peers/states.py" "$1"
	exec 7>hold
	eventually has_line states.out '^ready$'
}

# The words of ss(8) for the documents' states.
code_of() { # STATE
	case $1 in
	CLOSED | UNCONN) echo 0 ;;
	LISTEN) echo 1 ;;
	SYN_SENT | SYN-SENT) echo 2 ;;
	SYN_RCVD | SYN-RECV) echo 3 ;;
	ESTABLISHED | ESTAB) echo 4 ;;
	FIN_WAIT_1 | FIN-WAIT-1) echo 5 ;;
	FIN_WAIT_2 | FIN-WAIT-2) echo 6 ;;
	CLOSE_WAIT | CLOSE-WAIT) echo 7 ;;
	CLOSING) echo 8 ;;
	LAST_ACK | LAST-ACK) echo 9 ;;
	TIME_WAIT | TIME-WAIT) echo 10 ;;
	esac
}

# What ss says of one connection; nothing where there is none.
ss_code() { # LOCAL PEER
	local filter="src $1"
	[ "$2" = '*' ] || filter+=" and dst $2"
	[ "$1" != "${1#:}" ] && filter="sport = $1"
	code_of "$(ss -Htan "$filter" | sed -n '1s/ .*//p')"
}

# Each state by its code, and in JSON, is what it was made to be, and what ss says.
every_state() { # [COMMAND...]: in front of usock
	local state near peer code n=0
	while read -r state near peer; do
		[ "$state" != ready ] || break
		n=$((n + 1))
		code=$(code_of "$state")
		[ "$state" != LISTEN ] || near=:${near##*:}
		run --separate-stderr "$@" "$USOCK" status "$near" "$peer" --code
		[ "$output" = "$code" ] || fail "$state $near $peer: $output $stderr" || return
		if [ "$state" = CLOSED ]; then
			[ "$status" = 1 ]
			[ "$stderr" = "usock: status $near > $peer: no matching socket" ]
			[ -z "$(ss_code "$near" "$peer")" ]
		else
			[ "$status" = 0 ]
			[ "$(ss_code "$near" "$peer")" = "$code" ] || fail "$state: ss: $(ss_code "$near" "$peer")" || return
		fi
		run --separate-stderr "$@" "$USOCK" status "$near" "$peer" --json
		[[ $output == *"\"code\":$code,\"state\":\"$state\","* ]] || fail "$output" || return
		[ "$peer" = '*' ] || [[ $output == *"\"local\":\"$near\",\"peer\":\"$peer\""* ]] || fail "$output" || return
	done <states.out
	[ "$n" = 11 ]
}

json_of() { # FIELD ARG...
	usock status "${@:2}" --json | sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"
}

# --- states ------------------------------------------------------------------

@test "all eleven states, IPv4" {
	make_states 4
	every_state
}

@test "all eleven states, IPv6" {
	has_ipv6 || skip "no IPv6"
	make_states 6
	every_state
}

@test "all eleven states of dual-stack sockets, shown as IPv4" {
	has_ipv6 || skip "no IPv6"
	make_states mapped
	every_state
}

@test "all eleven states as a user without privileges" {
	need setpriv
	[ "$(id -u)" = 0 ] || skip "is one already"
	make_states 4
	setpriv --reuid 65534 --regid 65534 --clear-groups "$USOCK" --version >/dev/null 2>&1 ||
		skip "nobody may not run $USOCK"
	every_state setpriv --reuid 65534 --regid 65534 --clear-groups
}

@test "all eleven states in a network namespace, from inside and from outside" {
	unshare -n true 2>/dev/null || skip "no network namespaces"
	mkfifo hold
	from=hold start states unshare -n sh -c "ip link set lo up && exec '$python' -IS '$peers/states.py' 4"
	exec 7>hold
	eventually has_line states.out '^ready$'
	local state near peer last n=0
	while read -r state near peer; do
		[ "$state" != ready ] || break
		last="$near $peer"
		[ "$state" != LISTEN ] || near=:${near##*:}
		run usock status --netns "/proc/$pid/ns/net" "$near" "$peer" --code
		[ "${lines[0]}" = "$(code_of "$state")" ] || fail "$state: $output" || return
		n=$((n + 1))
	done <states.out
	[ "$n" = 11 ]
	# and here there is none of them
	# shellcheck disable=SC2086 # two words
	run -1 usock status $last
}

@test "the table, the exact look-up and /proc show the same sockets" {
	make_states 4
	local state near peer one
	while read -r state near peer; do
		case $state in ready) break ;; CLOSED | LISTEN) continue ;; esac
		one=$(usock status "$near" "$peer" --no-header | awk '{ print $1, $2, $3, $6, $7, $8 }')
		[ -n "$one" ]
		[ "$(usock status --port "${near##*:}" --no-header | awk '{ print $1, $2, $3, $6, $7, $8 }' | grep -F " $near $peer ")" = "$one" ]
		[ "$(usock status --via proc "$near" "$peer" --no-header | awk '{ print $1, $2, $3, $6, $7, $8 }')" = "$one" ]
	done <states.out
}

@test "TIME_WAIT is found after its owner has gone, and counts down" {
	make_states 4
	local names left later
	read -r _ names < <(grep TIME_WAIT states.out)
	exec 7>&-
	finish "$pid"
	# shellcheck disable=SC2086 # two words
	left=$(json_of time_wait_left $names)
	[ "${left%.*}" -ge 1 ] && [ "${left%.*}" -le 60 ]
	# shellcheck disable=SC2086
	lower() { later=$(json_of time_wait_left $names) && [ "${later/./}" -lt "${left/./}" ]; }
	eventually lower
	# shellcheck disable=SC2086
	run -0 usock status $names --code
	[ "$output" = 10 ]
}

# --- selection and output ------------------------------------------------------

@test "netlink and /proc give the same rows of TCP, UDP and unix sockets" {
	make_states 4
	start udp socat -u UDP4-RECV:0,bind=127.0.0.1 -
	start unix socat UNIX-LISTEN:socket -
	eventually test -S socket
	local proto
	# what other tests open and close meanwhile comes and goes: only what is there all the time
	rows() { # VIA PROTO
		usock status "$2" --via "$1" --no-header | awk '{ print $1, $2, $3, $6 }' | grep -v TIME_WAIT | sort
	}
	for proto in --tcp --udp --unix; do
		both_same() {
			rows netlink "$proto" >before
			rows proc "$proto" >proc
			rows netlink "$proto" >after
			[ -s proc ] && [ -z "$(comm -23 <(comm -12 before after) proc)" ] &&
				[ -z "$(comm -23 proc <(sort -m before after))" ]
		}
		eventually both_same
	done
	rows proc --unix | grep -q " unix:socket$"
	rows netlink --unix | grep -q " unix:socket$"
}

@test "a kernel without the table over netlink: /proc is read instead" {
	need strace
	usock_listens server -k --discard
	start client "$USOCK" connect --recv-only 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
	local names without=(env ASAN_OPTIONS=detect_leaks=0 strace -qq -o trace -e 'trace=socket,recvfrom')
	"${without[@]}" true || skip "strace may not trace"
	names=$(ss -Htn state established "sport = :$port" | awk '{ print $3, $4 }')
	# shellcheck disable=SC2086 # two words
	for words in ":$port" "$names" "--udp --tcp --port $port"; do
		run -0 "${without[@]}" -e inject=socket:error=EPROTONOSUPPORT "$USOCK" status $words --count
		[ "$output" = "$(usock status $words --count)" ]
		run -1 "${without[@]}" -e inject=socket:error=EPROTONOSUPPORT "$USOCK" status $words --via netlink
		[ "$output" = "usock: status: socket table: Protocol not supported" ]
	done
}

@test "an interrupted call of the socket table is made again" {
	local call before
	usock_listens server -k --discard
	for call in sendto recvfrom; do
		run -0 injected "$call:error=EINTR:when=1..3" status ":$port" --via netlink --count
		[ "$output" = 1 ] || fail "$call: $output"
	done
	# those before are the loader's, which does not ask again
	run -0 injected openat,read:delay_enter=0 status ":$port" -4 --via proc --count
	before=$(sed '/"\/proc\/net\/tcp"/,$d' injected.trace | grep -c 'read(')
	run -0 injected "read:error=EINTR:when=$((before + 1))+2" status ":$port" -4 --via proc --count
	[ "$output" = 1 ] || fail "read: $output"
	grep -q 'INJECTED' injected.trace
}

@test "ports: one, a list, a range, either end" {
	usock_listens server -k --discard
	start client "$USOCK" connect --recv-only 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
	[ "$(usock status --port "$port" --count)" = 3 ]
	[ "$(usock status ":$port" --count)" = 2 ]
	[ "$(usock status '*' "*:$port" --count)" = 1 ]
	[ "$(usock status --port "1,2,$port-$((port + 1)),65535" --state established --count)" = 2 ]
	[ "$(usock status "127.0.0.1:1,$port" --state LISTEN --count)" = 1 ]
	run -1 --separate-stderr usock status "127.0.0.2:$port" --count
	[ "$output" = 0 ]
	[ "$stderr" = "usock: status 127.0.0.2:$port: no matching socket" ]
}

@test "a list of ports has none of those in between" {
	local ports=() name
	for name in a b c; do
		usock_listens $name -k --discard
		ports+=("$port")
	done
	mapfile -t ports < <(printf '%s\n' "${ports[@]}" | sort -n)
	run -0 usock status --port "${ports[0]},${ports[2]}" --state listen --no-header
	[[ $output == *:"${ports[0]}"* && $output == *:"${ports[2]}"* && $output != *:"${ports[1]}"* ]]
}

@test "many ports and many addresses in one filter" {
	usock_listens server -k --discard
	local list
	list=$(seq -s , 1 2 600),$port
	[ "$(usock status --port "$list" --state listen --count)" -ge 1 ]
	list=$(seq -s , 1 2 100),$port
	[ "$(usock status ":$list" --state listen --no-header | grep -c ":$port ")" = 1 ]
	[ "$(usock status localhost:"$port" --count)" = 1 ]
}

@test "a name has more addresses than eight: all of them count" {
	local hosts='127.0.0.1 localhost\n'
	for i in {1..12}; do hosts+="127.0.1.$i many\n"; done
	start server "$USOCK" listen -k --echo --ready-file ready 127.0.1.12 0
	eventually test -e ready
	port=$(sed 's/.*://' ready)
	with_hosts "$hosts" "$USOCK" status "many:$port" --count >out
	text_is out '1\n'
	with_hosts "$hosts" "$USOCK" status "many:$port" --wait listening --timeout "$patience"
}

@test "a missing connection on a listening port is not its listener" {
	usock_listens server -k --discard
	run -1 --separate-stderr usock status "127.0.0.1:$port" 127.0.0.1:9 --code
	[ "$output" = 0 ]
}

@test "a connection of a socket that is bound to an interface is found" {
	local names
	start bound "$USOCK" listen --interface lo --ready-file bound.ready 127.0.0.1 0
	is_ready bound || skip "may not bind to an interface"
	start client "$USOCK" connect --recv-only 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
	names=$(ss -Htn state established "sport = :$port" | awk '{ sub("%.*:", ":", $3); print $3, $4 }')
	# shellcheck disable=SC2086 # two words
	run -0 usock status $names --code
	[ "$output" = 4 ]
}

@test "--process: who holds it" {
	not_counted "its name is another"
	usock_listens server -k --discard
	run -0 usock status ":$port" --process --no-header
	[[ $output == *" usock/$pid" ]]
	run -0 usock status ":$port" --process --json
	[[ $output == *"\"processes\":[{\"pid\":$pid,\"command\":\"usock\"}]"* ]]
}

@test "--process names a process once, and every process" {
	mkfifo hold
	from=hold start twice "$python" -IS -c 'import os, socket, sys
l = socket.create_server(("127.0.0.1", 0))
again = os.dup(l.fileno())
child = os.fork()
if child:
    print(l.getsockname()[1], *sorted((os.getpid(), child)), flush=True)
sys.stdin.read()'
	exec 7>hold
	eventually test -s twice.out
	read -r port one other <twice.out
	run -0 usock status ":$port" --process --json
	[[ $output =~ \"processes\":\[\{\"pid\":$one,[^}]*\},\{\"pid\":$other,[^}]*\}\] ]]
}

@test "--info: figures of TCP_INFO" {
	usock_listens server -k --echo
	exec 9> >(exec "$USOCK" connect 127.0.0.1 "$port" >client.out)
	echo hello >&9
	eventually has_line client.out hello
	run -0 usock status "*:$port" '*' --state established --info --json
	[[ $output == *'"info":{"rtt_us":'* ]]
	[[ $output == *'"received_bytes":6,'* ]]
	run -0 usock status ":$port" --state established --info
	[[ $output == *' received 6 B'* && $output == *'time      rtt '*' ms'* ]] || fail "$output"
	# what is 0 is left out; the least time may be a few microseconds
	output=${output/least 0.00 ms/}
	[[ $output != *' 0 B'* && $output != *' 0.00 ms'* ]] || fail "$output"
	# a listener has its backlog in members that mean something else for a connection
	run -0 usock status ":$port" --state listen --info --no-header
	[ "${#lines[@]}" = 1 ] || fail "$output"
	exec 9>&-
}

@test "--sort: by a key, and with all keys" {
	make_states 4
	usock status --sort state --no-header | awk '{ print $2 }' >codes
	sort -n -c codes
	usock status --sort send-q --no-header | awk '{ print $5 }' >queues
	sort -n -r -c queues
	for key in none local peer recv-q timer uid; do
		[ "$(usock status --sort $key --no-header | grep -c .)" -ge 10 ]
	done
}

@test "JSON is JSON, in every kind of socket" {
	make_states 4
	usock status --tcp --udp --unix --process --info --json >rows
	"$python" -c 'import json, sys; print(sum("code" in json.loads(l) for l in sys.stdin))' <rows >count
	[ "$(cat count)" = "$(wc -l <rows)" ]
}

@test "titles, and none where they are not wanted or nothing matches" {
	usock_listens server
	run -0 usock status ":$port"
	[[ ${lines[0]} == PROTO*CODE*STATE*RECV-Q*SEND-Q*LOCAL*PEER*UID*TIMER ]]
	[ "${#lines[@]}" = 2 ]
	run -0 usock status ":$port" --no-header
	[ "${#lines[@]}" = 1 ]
	run -1 --separate-stderr usock status 127.0.0.1:1 127.0.0.1:2
	[ -z "$output" ]
}

@test "what makes no sense is a usage error" {
	local words
	while read -r -a words; do
		run -2 usock status "${words[@]}"
		[ "${lines[0]#usock: status: }" != "${lines[0]}" ] || fail "${words[*]}: $output"
	done <<-END
		--state listn
		--state listen,
		--port 70000
		--port 5-3
		--timeout 1
		--wait gone
		--wait nonsense :1
		--wait established=-1 :1
		--kill
		--kill *
		--via proc --info
		--via proc --kill :1
		--watch=0
		--watch --json
		--code --json
		a b c
		unix:/x tcp:80
		fd:3
	END
}

@test "names of states, of --wait and of --sort are completed" {
	run -0 usock __complete status --state listen,e
	[ "$output" = $'listen,established\t' ]
	run -0 usock __complete status --state=syn
	[[ $output == *--state=syn-sent* && $output == *--state=syn-rcvd* ]]
	run -0 usock __complete status --wait ''
	[[ $output == *gone* && $output == *listening* && $output == *established=* && $output == *time-wait* ]]
	run -0 usock __complete status --sort ''
	[ "$(cut -f 1 <<<"$output" | tr '\n' ' ')" = 'none state local peer recv-q send-q timer uid ' ]
}

@test "a closed standard output ends it as SIGPIPE does" {
	run bash -c '"$USOCK" status --via proc --unix --tcp | true; echo "${PIPESTATUS[0]}"'
	[[ $output == 0 || $output == 141 ]]
	[ -c /dev/full ] || skip "no /dev/full"
	run -8 bash -c '"$USOCK" status --unix --tcp --count >/dev/full'
}

# --- what others call it -----------------------------------------------------

@test "a v4-mapped address is the one of IPv4, of connections and of listeners" {
	has_ipv6 || skip "no IPv6"
	usock_listens server -k --discard
	run -0 usock status "[::ffff:127.0.0.1]:$port" --no-header
	[[ $output == *LISTEN*"127.0.0.1:$port"* ]]
	start client "$USOCK" connect --recv-only 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
	run -0 usock status "[::ffff:127.0.0.1]:$port" --count
	[ "$output" = 2 ]
	run -0 usock status "[::ffff:127.0.0.1]:$port" --via proc --count
	[ "$output" = 2 ]
	start mapped "$USOCK" listen -6 -k --discard -o IPV6_V6ONLY=no --ready-file mapped.ready ::ffff:127.0.0.2 0
	is_ready mapped
	run -0 usock status "127.0.0.2:$port" --count
	[ "$output" = 1 ]
	run -0 usock status "[::ffff:127.0.0.2]:$port" --via proc --count
	[ "$output" = 1 ]
}

@test "LOCAL that is only a peer is told" {
	usock_listens server
	local server=$pid
	usock connect --send-only 127.0.0.1 "$port" <<<hello
	finish "$server"
	# nobody is left but the client's side
	eventually has_no_tcp all "sport = :$port"
	has_tcp time-wait "dport = :$port" || skip "the client's end did not come first"
	run -1 --separate-stderr usock status ":$port"
	[ "${stderr_lines[0]}" = "usock: status :$port: no matching socket" ]
	[ "${stderr_lines[1]}" = "usock: hint: 1 socket has that as the peer: usock status '*' :$port" ]
	run -0 usock status '*' ":$port" --count
	[ "$output" = 1 ]
	run -1 --separate-stderr usock status "127.0.0.9:$port"
	[ "$stderr" = "usock: status 127.0.0.9:$port: no matching socket" ]
	run -1 --separate-stderr usock status ":$port" --state listen
	[ "$stderr" = "usock: status :$port: no matching socket" ]
}

@test "states have the names of ss" {
	local word
	usock_listens server -k --discard
	start client "$USOCK" connect --recv-only 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
	for word in ESTAB estab established ESTABLISHED connected synchronized big; do
		run -0 usock status ":$port" --state "$word" --count
		[ "$output" = 1 ] || [[ $word == big && $output == 2 ]] || fail "$word: $output"
	done
	for word in LISTEN listening Listen; do
		run -0 usock status ":$port" --state "$word" --count
		[ "$output" = 1 ]
	done
	run -0 usock status ":$port" --state all --count
	[ "$output" = 2 ]
	for word in SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT time_wait CLOSE-WAIT LAST-ACK CLOSING UNCONN bucket FIN_WAIT1; do
		run -1 --separate-stderr usock status ":$port" --state "$word"
		[[ ${stderr_lines[0]} == "usock: status :$port: no matching socket" ]] || fail "$word: $stderr"
	done
	run -2 --separate-stderr usock status --state estab,listenning
	[[ $stderr == *"'listenning' is no state"* ]]
}
