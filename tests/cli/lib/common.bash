# Shared by the bats files: starts and reaps processes, waits for conditions, runs other tools as peers,
# and asserts with messages that show what was found. A test runs in its own folder,
# $BATS_TEST_TMPDIR, with an empty stdin.
#
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

: "${USOCK:?the path of the program; tests/run sets it}"
peers=${BASH_SOURCE[0]%/*}/../../peer
# resolved once, as python3 may be a slow wrapper
python=${python:-$(python3 -c 'import sys; print(sys.executable)')}
export python
slowness=${USOCK_TEST_SLOWNESS:-1} # factor for time limits on a slow machine
patience=$((20 * slowness)) # seconds that any step may take
poll_interval=0.02          # seconds between two polls; longer where starting a program is slow
[ "$slowness" = 1 ] || poll_interval=0.3

# The search for leaks at each exit takes a third of a short run, and the red zones around globals another third. One test
# in five has both; all do where USOCK_TEST_LEAKS is set. The unit tests have them.
start_fast() {
	[ -n "${USOCK_TEST_LEAKS-}" ] || export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0:report_globals=0"
}
((${BATS_TEST_NUMBER:-0} % 5 == 1)) || start_fast

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
# Descriptors 7 and 8 belong to the test: no process that it starts inherits them.

# Starts a program with default signal actions, as a shell does in the foreground.
fresh=()
if env --default-signal true 2>/dev/null; then
	fresh=(env --default-signal)
fi

# usock ARG... runs usock in the foreground. Status 137: it did not end in time and was killed.
usock() {
	timeout --foreground -s KILL "$patience" "${fresh[@]}" "$USOCK" "$@" 3>&- 7>&- 8>&-
}

# start NAME COMMAND... runs COMMAND in the background as $pid, in its own process group. Its input is
# the file $from (or empty), its output goes to the file $to (or NAME.out) and to NAME.err.
start() {
	local name=$1
	shift
	# what ran under this name before must not be taken for this one; a fifo is the test's, which made it to be stuck
	[ -n "${to-}" ] || [ -p "$name.out" ] || rm -f "$name.out"
	rm -f "$name.err"
	setsid "${fresh[@]}" "$@" <"${from:-/dev/null}" >"${to:-$name.out}" 2>"$name.err" 3>&- 7>&- 8>&- &
	pid=$!
	pids+=("$pid")
}

# Starts tests/peer/peer.py in the background.
start_peer() { # NAME ARG...
	start "$1" "$python" -IS "$peers/peer.py" "${@:2}"
}

# Runs usock on a terminal: options of terminal.py, then arguments of usock.
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

# eventually COMMAND... repeats COMMAND until it succeeds.
eventually() {
	local end=$((SECONDS + patience))
	until "$@"; do
		if ((SECONDS > end)); then
			echo "never true in $patience seconds: $*" >&2
			[ ! -s events ] || tail -n 5 events >&2
			return 1
		fi
		sleep "$poll_interval"
	done
}

is_over() { # PID
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	[[ $stat == *') Z '* ]]
}

# finish PID waits for the process and sets $status.
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

# has_line FILE REGEX: a line of FILE matches.
has_line() {
	grep -q -E -e "$2" "$1" 2>/dev/null
}

# True where FILE has N lines with PATTERN; for eventually, which runs a command again and not its arguments.
has_count() { # N PATTERN FILE
	[ "$(grep -c -e "$2" "$3")" = "$1" ]
}

# --- ports -------------------------------------------------------------------

# Prints the port that a process listens on.
port_of() { # PID
	local port
	port=$(ss -Hltnp | sed -n "s/.*:\([0-9]*\) .*pid=$1,.*/\1/p" | head -n 1)
	[ -n "$port" ] && echo "$port"
}

# Waits until $pid listens and sets $port.
listening() {
	eventually port_of_or_over "$pid" >port
	port=$(tail -n 1 port)
	[ -n "$port" ] || fail "it does not listen: $(cat ./*.err)"
}

port_of_or_over() { # PID
	port_of "$1" || is_over "$1"
}

# Waits for the port that peer.py prints and sets $port.
printed() { # NAME
	eventually test -s "$1.out"
	port=$(head -n 1 "$1.out")
}

# usock_listens NAME ARG... starts `usock listen` on a free port of 127.0.0.1; sets $port and $pid.
usock_listens() {
	start "$1" "$USOCK" listen --ready-file "$1.ready" "${@:2}" 127.0.0.1 0
	is_ready "$1"
}

# Waits for the ready file and sets $port.
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

# has_tcp STATE FILTER...: a connection in this state exists; STATE and FILTER are those of ss(8).
has_tcp() {
	[ -n "$(ss -Htn state "$1" "${*:2}")" ]
}

has_no_tcp() {
	! has_tcp "$@"
}

# has_unread FILTER...: a connection has bytes that its program has not read.
has_unread() {
	ss -Htn state established "$*" | awk '$1 > 0 { n++ } END { exit !n }'
}

has_ipv6() {
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null
}

# --- other tools -------------------------------------------------------------

# Sets $with to a python that has the module. dev installs it for the system's.
need_module() { # MODULE
	for with in "$python" /usr/bin/python3; do
		! "$with" -I -c "import $1" 2>/dev/null || return 0
	done
	fail "no python has $1"
}

# What is missing is a failure where ./dev installs it: a test must not be left out unseen.
need() { # COMMAND...
	local command
	for command; do
		command -v "$command" >/dev/null || is_missing "$command"
	done
}

is_missing() { # COMMAND
	! "$USOCK_SOURCE/dev" installs "$1" 2>/dev/null || fail "$1 is not installed; ./dev test installs it"
	skip "$1 is not installed"
}

need_services() {
	[ -e /etc/services ] || is_missing services
}

# Starts a listener of another tool, which writes to NAME.out and reads from $from.
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

# Starts a client of another tool.
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

# injected CALL:HOW ARG... runs usock with failing system calls that strace(1) injects: connect:error=EPERM.
# CALL is the kernel's name: send(2) is sendto.
injected() {
	need strace
	local how=$1
	shift
	# the leak checker is a tracer too, and a process has one at most
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout --foreground -s KILL "$patience" "${fresh[@]}" \
		strace -f -qq -o injected.trace -e trace="${how%%:*}" -e inject="$how" "$USOCK" "$@" 3>&- 7>&- 8>&-
}

# --- time --------------------------------------------------------------------

# timed COMMAND... runs COMMAND and sets $elapsed in milliseconds, and $status.
timed() {
	local begin=${EPOCHREALTIME//[.,]/}
	status=0
	"$@" || status=$?
	elapsed=$(((${EPOCHREALTIME//[.,]/} - begin) / 1000))
}

# within MILLISECONDS: the timed command took no longer, plus an allowance for a memory checker.
within() {
	local taken=$elapsed
	timed usock --version >/dev/null
	((taken < slowness * $1 + 3 * elapsed)) || fail "it took $taken ms"
}

# on_time MILLISECONDS COMMAND...: COMMAND ends with 124 after that time, never earlier, and at most 100 ms
# later in an ordinary build; a memory checker starts and ends more slowly. On a busy machine one of
# three runs is enough. The function named $before runs before each.
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

# text_is FILE TEXT: FILE is TEXT, byte for byte; TEXT has the escapes of printf.
text_is() {
	# shellcheck disable=SC2059
	printf "$2" | cmp -s - "$1" || fail "$1 is $(od -An -c "$1" | head -n 20), not $2"
}

is_empty() { # FILE
	[ ! -s "$1" ] || fail "$1 is not empty: $(head -c 1000 "$1")"
}

# says FILE REGEX: a line of FILE matches, else the test fails.
says() {
	has_line "$@" || fail "$1 has no line like $2: $(head -c 2000 "$1")"
}

# field FILE EVENT NAME prints a field of the last EVENT in FILE; all lines of FILE must be valid JSON.
field() {
	"$python" -IS -c '
import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
print([event for event in events if event["event"] == sys.argv[2]][-1].get(sys.argv[3], ""))
' "$@"
}

# says_exactly FILE LINE: FILE has this line, else the test fails.
says_exactly() {
	grep -q -F -x -e "$2" "$1" || fail "$1 has no line $2: $(head -c 2000 "$1")"
}

# FILE is one message: a line "usock: ..." and at most one hint.
one_message() { # FILE
	local lines
	mapfile -t lines <"$1"
	[[ ${#lines[@]} -ge 1 && ${lines[0]} == "usock: "* ]] || fail "$1 is no message: $(cat "$1")" || return
	[[ ${#lines[@]} -eq 1 || (${#lines[@]} -eq 2 && ${lines[1]} == "usock: hint: "*) ]] ||
		fail "$1 is more than one message: $(cat "$1")"
}

# $USOCK runs the program under valgrind.
is_counted() {
	[ "$(head -c 2 "$USOCK")" = '#!' ]
}

# Skips what valgrind changes: it forks for vfork, which hides a failed exec, and has its own descriptors.
not_counted() { # WHY
	! is_counted || skip "$1 under valgrind"
}

# with_hosts LINES COMMAND... runs COMMAND with LINES as /etc/hosts.
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
