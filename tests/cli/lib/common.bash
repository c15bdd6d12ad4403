# What the bats files of this folder share: processes that are always reaped, conditions
# that are waited for, the other tools as peers, and assertions that say what they saw.
# A test runs in its own folder, $BATS_TEST_TMPDIR, with an empty stdin.
#
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

: "${USOCK:?the path of the program; tests/run sets it}"
peers=${BASH_SOURCE[0]%/*}/../../peer
# found once, as it may be a slow wrapper
python=${python:-$(python3 -c 'import sys; print(sys.executable)')}
export python
slowness=${USOCK_TEST_SLOWNESS:-1} # how much longer than on an ordinary machine things may take
patience=$((20 * slowness)) # seconds that anything may take
glance=0.02                 # seconds between two looks; where starting a program is slow they take time from what is awaited
[ "$slowness" = 1 ] || glance=0.3

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
}

teardown() {
	local pid
	for pid in "${pids[@]}"; do
		kill -KILL -- "-$pid" "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

# --- processes ---------------------------------------------------------------
# Descriptors 7 and 8 are the test's own: nothing that is started inherits them.

# As the shell starts a program in the foreground: no signal ignored.
fresh=()
if env --default-signal true 2>/dev/null; then
	fresh=(env --default-signal)
fi

# usock ARG... runs it in the foreground. Should it not end by itself: status 137.
usock() {
	timeout --foreground -s KILL "$patience" "${fresh[@]}" "$USOCK" "$@" 3>&- 7>&- 8>&-
}

# start NAME COMMAND... runs it in the background as $pid, in a process group of its own. Its input
# is what $from names (or nothing), its output goes to $to (or NAME.out) and to NAME.err.
start() {
	local name=$1
	shift
	setsid "${fresh[@]}" "$@" <"${from:-/dev/null}" >"${to:-$name.out}" 2>"$name.err" 3>&- 7>&- 8>&- &
	pid=$!
	pids+=("$pid")
}

# The same for tests/peer/peer.py.
start_peer() { # NAME ARG...
	start "$1" "$python" -IS "$peers/peer.py" "${@:2}"
}

# Runs usock on a terminal: arguments of terminal.py, then of usock.
on_terminal() { # [--background] [--out FILE] ARG...
	local options=()
	while :; do
		case $1 in
		--background) options+=("$1") && shift ;;
		--out) options+=("$1" "$2") && shift 2 ;;
		*) break ;;
		esac
	done
	timeout --foreground -s KILL "$patience" "${fresh[@]}" \
		"$python" -IS "$peers/terminal.py" "${options[@]}" "$USOCK" "$@" 3>&- 7>&- 8>&-
}

# eventually COMMAND... repeats it until it succeeds.
eventually() {
	local end=$((SECONDS + patience))
	until "$@"; do
		if ((SECONDS > end)); then
			echo "never true in $patience seconds: $*" >&2
			return 1
		fi
		sleep "$glance"
	done
}

is_over() { # PID
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *') Z '* ]]
}

# finish PID waits for it; its exit status is $status.
finish() {
	local left=()
	eventually is_over "$1" || return
	status=0
	wait "$1" || status=$?
	for pid in "${pids[@]}"; do
		[ "$pid" = "$1" ] || left+=("$pid")
	done
	pids=("${left[@]}")
}

# has_line FILE REGEX
has_line() {
	grep -q -E -e "$2" "$1" 2>/dev/null
}

# --- ports -------------------------------------------------------------------

# The port that a process listens on.
port_of() { # PID
	local port
	port=$(ss -Hltnp | sed -n "s/.*:\([0-9]*\) .*pid=$1,.*/\1/p" | head -n 1)
	[ -n "$port" ] && echo "$port"
}

# Waits until $pid listens, on $port.
listening() {
	eventually port_of_or_over "$pid" >port
	port=$(tail -n 1 port)
	[ -n "$port" ] || fail "it does not listen: $(cat ./*.err)"
}

port_of_or_over() { # PID
	port_of "$1" || is_over "$1"
}

# Waits for the port that peer.py prints.
printed() { # NAME
	eventually test -s "$1.out"
	port=$(head -n 1 "$1.out")
}

# usock_listens NAME ARG... starts `usock listen` on a free port of 127.0.0.1: $port, $pid.
usock_listens() {
	start "$1" "$USOCK" listen --ready-file "$1.ready" "${@:2}" 127.0.0.1 0
	is_ready "$1"
}

# The port out of the ready file.
is_ready() { # NAME
	eventually is_ready_or_over "$1"
	[ -e "$1.ready" ] || { cat "$1.err" >&2 && return 1; }
	port=$(sed 's/.*://' "$1.ready")
}

is_ready_or_over() { # NAME
	[ -e "$1.ready" ] || is_over "$pid"
}

free_port() {
	"$python" -IS "$peers/peer.py" free
}

# has_tcp STATE FILTER...: a connection in this state exists, as ss(8) names and filters them.
has_tcp() {
	[ -n "$(ss -Htn state "$1" "${*:2}")" ]
}

has_no_tcp() {
	! has_tcp "$@"
}

# has_unread FILTER...: one has bytes that its program has not taken.
has_unread() {
	ss -Htn state established "$*" | awk '$1 > 0 { n++ } END { exit !n }'
}

has_ipv6() {
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null
}

# --- other tools -------------------------------------------------------------

need() { # COMMAND...
	local command
	for command; do
		command -v "$command" >/dev/null || skip "$command is not installed"
	done
}

# A network listener of another tool, between the connection and NAME.out and $from.
tool_listens() { # TOOL NAME
	need "$1"
	case $1 in
	nc.openbsd) start "$2" nc.openbsd -l -N 127.0.0.1 0 ;;
	ncat) start "$2" ncat -l 127.0.0.1 0 ;;
	socat) start "$2" socat -t "$patience" TCP4-LISTEN:0,bind=127.0.0.1 - ;;
	usock) start "$2" "$USOCK" listen 127.0.0.1 0 ;;
	esac
	listening
}

# The same as a client.
tool_connects() { # TOOL NAME PORT
	need "$1"
	case $1 in
	nc.openbsd) start "$2" nc.openbsd -N 127.0.0.1 "$3" ;;
	ncat) start "$2" ncat 127.0.0.1 "$3" ;;
	socat) start "$2" socat -t "$patience" - "TCP4:127.0.0.1:$3" ;;
	usock) start "$2" "$USOCK" connect 127.0.0.1 "$3" ;;
	esac
}

# --- failing system calls ----------------------------------------------------

# injected CALL:HOW ARG... runs usock with system calls that fail, as strace(1) injects them: connect:error=EPERM.
# The names of calls are those of the kernel: send(2) is sendto.
injected() {
	need strace
	local how=$1
	shift
	# what looks for leaks at the end is a tracer too
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout --foreground -s KILL "$patience" "${fresh[@]}" \
		strace -f -qq -o injected.trace -e trace="${how%%:*}" -e inject="$how" "$USOCK" "$@" 3>&- 7>&- 8>&-
}

# --- time --------------------------------------------------------------------

# timed COMMAND... takes $elapsed milliseconds and gives $status.
timed() {
	local begin=${EPOCHREALTIME//[.,]/}
	status=0
	"$@" || status=$?
	elapsed=$(((${EPOCHREALTIME//[.,]/} - begin) / 1000))
}

# within MILLISECONDS: what was timed took no longer, and what checks memory had its time for that.
within() {
	local taken=$elapsed
	timed usock --version >/dev/null
	((taken < slowness * $1 + 3 * elapsed)) || fail "it took $taken ms"
}

# on_time MILLISECONDS COMMAND... ends with 124 after that time: never earlier, and not later than 100 ms
# with an ordinary build. What checks memory starts and ends more slowly. On a busy machine one of three
# will do. The function that $before names prepares each.
on_time() {
	local due=$1 slack seen=()
	shift
	timed usock --version >/dev/null
	slack=$((100 * slowness + 3 * elapsed))
	while [ ${#seen[@]} -lt 3 ]; do
		${before-}
		timed "$@"
		status_is 124 || return
		((elapsed >= due)) || fail "ended after $elapsed ms, too early by $((due - elapsed))" || return
		((elapsed <= due + slack)) && return
		seen+=("$elapsed")
	done
	fail "ended after ${seen[*]} ms, not $due"
}

# --- assertions --------------------------------------------------------------

fail() {
	echo "$*" >&2
	return 1
}

status_is() { # NUMBER
	[ "$status" = "$1" ] || fail "exit status $status, not $1; stderr: $(cat ./*err 2>/dev/null)"
}

# text_is FILE TEXT: byte for byte, with the escapes of printf.
text_is() {
	# shellcheck disable=SC2059
	printf "$2" | cmp -s - "$1" || fail "$1 is $(od -An -c "$1" | head -n 20), not $2"
}

is_empty() { # FILE
	[ ! -s "$1" ] || fail "$1 is not empty: $(head -c 1000 "$1")"
}

# says FILE REGEX
says() {
	has_line "$@" || fail "$1 has no line like $2: $(head -c 2000 "$1")"
}

# field FILE EVENT NAME: of the last such event among the JSON lines, which all must be valid.
field() {
	"$python" -IS -c '
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
print([event for event in events if event["event"] == sys.argv[2]][-1].get(sys.argv[3], ""))
' "$@"
}

# says_exactly FILE LINE
says_exactly() {
	grep -q -F -x -e "$2" "$1" || fail "$1 has no line $2: $(head -c 2000 "$1")"
}

# One line, "usock: ", and at most a hint.
one_message() { # FILE
	local lines
	mapfile -t lines <"$1"
	[[ ${#lines[@]} -ge 1 && ${lines[0]} == "usock: "* ]] || fail "$1 is no message: $(cat "$1")" || return
	[[ ${#lines[@]} -eq 1 || (${#lines[@]} -eq 2 && ${lines[1]} == "usock: hint: "*) ]] ||
		fail "$1 is more than one message: $(cat "$1")"
}

# Does $USOCK start valgrind?
is_counted() {
	[ "$(head -c 2 "$USOCK")" = '#!' ]
}

# For what valgrind changes: its fork for vfork hides that exec failed, it has descriptors of its own.
not_counted() { # WHY
	! is_counted || skip "$1 under valgrind"
}

# with_hosts LINES COMMAND... runs with these lines as /etc/hosts.
with_hosts() {
	local enter=(unshare -m)
	need unshare
	has_ipv6 || skip "no IPv6 here"
	"${enter[@]}" true 2>/dev/null || enter=(unshare -rm)
	# shellcheck disable=SC2059
	printf "$1" >hosts
	"${enter[@]}" mount --bind hosts /etc/hosts 2>/dev/null || skip "no mount name spaces here"
	timeout -s KILL "$patience" "${enter[@]}" sh -c 'mount --bind hosts /etc/hosts && exec "$@"' sh "${@:2}" 3>&- 8>&-
}
