# Shared by the tests of listen, in addition to common.bash.
#
# shellcheck shell=bash

load ../lib/common

# serve ARG... starts `usock listen ARG...`; sets $server to its pid, and $port and $address. Output goes to
# server.out and server.err, events to the file events.
serve() {
	rm -f server.ready
	start server "$USOCK" listen --ready-file server.ready --events events "$@"
	server=$pid
	is_ready server || return
	address=$(cat server.ready)
}

# serve_with COMMAND... does the same with another command, which must write server.ready itself.
serve_with() {
	rm -f server.ready
	start server "$@"
	server=$pid
	is_ready server || return
	address=$(cat server.ready)
}

# serve_with_few N ARG... does the same with at most N descriptors.
serve_with_few() {
	need prlimit
	serve_with prlimit --nofile="$1:$1" "$USOCK" listen --ready-file server.ready --events events "${@:2}"
}

# The server must end by itself with this status.
server_ends() { # STATUS
	finish "$server"
	status_is "$1"
}

has_no_line() { # FILE REGEX
	! has_line "$@" || fail "$1 has lines like $2: $(grep -E -e "$2" "$1")"
}

server_lives() {
	! is_over "$server" || fail "the server is gone: $(cat server.err)"
}

# Sends SIGNAL to the server, which must end with STATUS.
server_ends_by() { # SIGNAL STATUS
	kill "-$1" "$server"
	server_ends "$2"
}

# Opens descriptor 8 for both ends of a FIFO: a reader gets neither data nor an end.
endless() { # NAME
	mkfifo "$1"
	exec 8<>"$1"
}

# peer STEP... runs peer.py as a client of the server.
peer() {
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/peer.py" connect "$(where)" "$@" 3>&- 8>&-
}

# many COMMAND N... runs many.py against the server.
many() { # COMMAND N [ARG...]
	timeout --foreground -s KILL $((5 * patience)) "$python" -IS "$peers/many.py" "$1" "$(where)" "${@:2}" 3>&- 8>&-
}

start_many() { # NAME COMMAND N [ARG...]
	start "$1" "$python" -IS "$peers/many.py" "$2" "$(where)" "${@:3}"
}

# Prints the server's address for a client on this host.
where() {
	case $address in
	'[::]:'*) echo "[::1]:$port" ;;
	0.0.0.0:*) echo "127.0.0.1:$port" ;;
	*) echo "$address" ;;
	esac
}

# send_line FD LINE, receives FD LINE: a line to and from a connection that the test holds itself.
send_line() {
	printf '%s\n' "$2" >&"$1"
}

receives() {
	local line=''
	IFS= read -r -t "$patience" -u "$1" line || fail "no line came on $1, but '$line'" || return
	[ "$line" = "$2" ] || fail "'$line' came on $1, not '$2'"
}

receives_end() { # FD
	local line='' ended=0
	IFS= read -r -t "$patience" -u "$1" line 2>/dev/null || ended=$?
	# a status above 128: time-out
	[ "$ended $line" = "1 " ] || fail "'$line' came on $1, not the end"
}

receives_nothing() { # FD SECONDS
	local line=''
	! IFS= read -r -t "$2" -u "$1" line || fail "'$line' came on $1"
	[ -z "$line" ]
}

# n_events EVENT [NAME VALUE] prints how many there are so far.
n_events() {
	"$python" -IS -c '
import json, sys
name, want = (sys.argv[2:] + [None, None])[:2]
events = [json.loads(line) for line in open("events")]
print(sum(e["event"] == sys.argv[1] and (name is None or str(e.get(name)) == want) for e in events))
' "$@"
}

has_events() { # N EVENT [NAME VALUE]
	[ "$(n_events "${@:2}")" -ge "$1" ]
}

events_are() { # N EVENT [NAME VALUE]
	local n
	n=$(n_events "${@:2}")
	[ "$n" = "$1" ] || fail "$n events ${*:2}, not $1: $(cat events)"
}

# The build uses more memory than a release build: valgrind or a sanitizer.
is_instrumented() {
	is_counted || grep -q __asan_init "$(readlink -f "$USOCK")"
}

need_ipv6() {
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null || skip "no IPv6 here"
}
