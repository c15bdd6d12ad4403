# What the tests of listen share beyond lib/common.bash.
#
# shellcheck shell=bash

load ../lib/common

# serve ARG... starts `usock listen ARG...` as $server, with server.out, server.err and the events in
# events; $port and $address are where it listens.
serve() {
	rm -f server.ready
	start server "$USOCK" listen --ready-file server.ready --events events "$@"
	server=$pid
	is_ready server || return
	address=$(cat server.ready)
}

# serve_with COMMAND... is the same for a server that COMMAND becomes; --ready-file server.ready is up to it.
serve_with() {
	rm -f server.ready
	start server "$@"
	server=$pid
	is_ready server || return
	address=$(cat server.ready)
}

# The server ends by itself with this status.
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

# Kills it and looks at what it became.
server_ends_by() { # SIGNAL STATUS
	kill "-$1" "$server"
	server_ends "$2"
}

# Opens descriptor 8 on a fifo that is at both ends: reading it finds nothing, and no end.
endless() { # NAME
	mkfifo "$1"
	exec 8<>"$1"
}

# peer STEP... is a client of the server.
peer() {
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/peer.py" connect "$(where)" "$@" 3>&- 8>&-
}

# many ARG... runs many.py against the server.
many() { # COMMAND N [ARG...]
	timeout --foreground -s KILL $((5 * patience)) "$python" -IS "$peers/many.py" "$1" "$(where)" "${@:2}" 3>&- 8>&-
}

start_many() { # NAME COMMAND N [ARG...]
	start "$1" "$python" -IS "$peers/many.py" "$2" "$(where)" "${@:3}"
}

# Where a client on this host finds the server.
where() {
	case $address in
	'[::]:'*) echo "[::1]:$port" ;;
	0.0.0.0:*) echo "127.0.0.1:$port" ;;
	*) echo "$address" ;;
	esac
}

# tell FD LINE, hear FD LINE: lines to and from a connection that the test holds itself.
tell() {
	printf '%s\n' "$2" >&"$1"
}

hear() {
	local line=''
	IFS= read -r -t "$patience" -u "$1" line || fail "no line came on $1, but '$line'" || return
	[ "$line" = "$2" ] || fail "'$line' came on $1, not '$2'"
}

hear_end() { # FD
	local line='' ended=0
	IFS= read -r -t "$patience" -u "$1" line 2>/dev/null || ended=$?
	# more than 128: nothing came in time
	[ "$ended $line" = "1 " ] || fail "'$line' came on $1, not the end"
}

hear_nothing() { # FD SECONDS
	local line=''
	! IFS= read -r -t "$2" -u "$1" line || fail "'$line' came on $1"
	[ -z "$line" ]
}

# n_events EVENT [NAME VALUE]: how many of them there are so far.
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

# Is its memory not what it would be for users?
is_instrumented() {
	is_counted || grep -q __asan_init "$(readlink -f "$USOCK")"
}

need_ipv6() {
	grep -q '^0*1 ' /proc/net/if_inet6 2>/dev/null || skip "no IPv6 here"
}
