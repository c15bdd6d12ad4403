# Servers for tests in bats and plain bash: usock-bash(7). Nothing here sleeps or polls, and what a shell
# has started is reaped when it exits.
#
# shellcheck shell=bash

# Of each server of this shell and its parents: PID:DESCRIPTOR:SHELL. Its events, or the lines that a mock
# prints, come from the descriptor, whose end is that of the server.
_usock_servers=()

_usock_program() {
	"${USOCK:-usock}" "$@"
}

_usock_fail() {
	echo "$*" >&2
	return 1
}

# Runs a function in the background with descriptor 9 open for writing, and sets USOCK_PID and _usock_fd.
# Descriptors 3 and 4 belong to bats, which waits until nobody has them.
_usock_start() { # FUNCTION ARG...
	local folder both
	folder=$(mktemp -d) || return
	mkfifo "$folder/pipe" || return
	# open for both, so that opening does not wait; the server inherits its end
	exec {both}<>"$folder/pipe" {_usock_fd}<"$folder/pipe"
	rm -r "$folder"
	if [ -n "${BATS_VERSION-}" ]; then
		"$@" 9>&"$both" </dev/null 3>&- 4>&- &
	else
		"$@" 9>&"$both" </dev/null &
	fi
	USOCK_PID=$!
	exec {both}>&-
	_usock_servers+=("$USOCK_PID:$_usock_fd:$BASHPID")
	_usock_trap_exit
}

# Makes this shell reap its servers.
_usock_trap_exit() {
	[ "${_usock_trapped-}" != "$BASHPID" ] || return 0
	_usock_trapped=$BASHPID
	if [ "$BASHPID" != "$$" ]; then
		# what `trap -p` prints in a subshell is its parent's, and is not run
		trap usock_reap EXIT
	elif declare -F bats_teardown_trap >/dev/null; then
		_usock_wrap teardown
	elif declare -F bats_file_teardown_trap >/dev/null; then
		_usock_wrap teardown_file
	else
		_usock_chain_trap
	fi
}

# The former trap finds the status in $?.
_usock_chain_trap() {
	local old
	old=$(trap -p EXIT)
	old=${old#trap -- }
	old=${old% EXIT}
	[ -z "$old" ] || eval "old=$old"
	# shellcheck disable=SC2064 # now
	trap "if _usock_on_exit \"\$?\"; then ${old:-:}; else ${old:-:}; fi" EXIT
}

# bats replaces the trap when a test has succeeded.
_usock_wrap() { # FUNCTION
	local own
	own=$(declare -f "$1") || own="$1 () { :; }"
	eval "_usock_own_$own
		$1() {
			usock_reap
			_usock_own_$1
		}"
}

_usock_on_exit() { # STATUS
	usock_reap
	return "$1"
}

# Sets _usock_fd to the descriptor of a server of this shell, or of a shell that this one comes from.
_usock_find() { # PID
	local entry
	for entry in ${_usock_servers[@]+"${_usock_servers[@]}"}; do
		if [ "${entry%%:*}" = "$1" ]; then
			_usock_fd=${entry#*:}
			_usock_fd=${_usock_fd%:*}
			return 0
		fi
	done
	_usock_fail "usock: no server with the number '$1' was started here"
}

# Sets _usock_now to milliseconds; in bash 4 to those of a whole second.
_usock_clock() {
	_usock_now=${EPOCHREALTIME-}
	_usock_now=${_usock_now/[.,]/}
	_usock_now=${_usock_now%???}
	[ -n "$_usock_now" ] || printf -v _usock_now '%(%s000)T' -1
}

# A wait begins: all of it, however many lines it reads, takes USOCK_TIMEOUT at most.
_usock_begin_wait() {
	local seconds=${USOCK_TIMEOUT:-10} part=''
	[[ $seconds != *.* ]] || part=${seconds#*.}
	part+=000
	seconds=${seconds%%.*}
	_usock_clock
	_usock_until=$((_usock_now + 10#${seconds:-0}${part:0:3}))
}

# Reads a line of the wait into _usock_line. Returns more than 128 where it has taken too long.
_usock_next_line() {
	local left
	_usock_clock
	left=$((_usock_until - _usock_now))
	((left > 0)) || return 142
	printf -v left '%d.%03d' $((left / 1000)) $((left % 1000))
	IFS= read -r -t "$left" -u "$_usock_fd" _usock_line
}

# The same, and tells why there is none.
_usock_read() { # WHAT
	local status=0
	_usock_next_line || status=$?
	[ $status = 0 ] && return
	((status > 128)) && _usock_fail "usock: $1: nothing in ${USOCK_TIMEOUT:-10} s" && return
	_usock_fail "usock: $1: the server has ended"
}

# Waits until the server has ended. Fails where it takes too long.
_usock_await_end() {
	local status=0
	_usock_begin_wait
	while [ $status = 0 ]; do
		_usock_next_line || status=$?
	done
	((status <= 128))
}

# Forgets a server that has ended; returns its status.
_usock_forget() { # PID
	local entry left=() status=0
	for entry in ${_usock_servers[@]+"${_usock_servers[@]}"}; do
		[ "${entry%%:*}" = "$1" ] || left+=("$entry")
	done
	_usock_servers=(${left[@]+"${left[@]}"})
	exec {_usock_fd}<&-
	wait "$1" || status=$?
	return $status
}

_usock_address() { # ADDRESS
	USOCK_ADDRESS=$1
	case $1 in
	unix:*) USOCK_ADDR=${1#unix:} USOCK_PORT='' ;;
	vsock:*) USOCK_ADDR=${1%:*} USOCK_PORT=${1##*:} ;;
	*) USOCK_ADDR=${1%:*} USOCK_PORT=${1##*:} ;;
	esac
	USOCK_ADDR=${USOCK_ADDR#[}
	USOCK_ADDR=${USOCK_ADDR%]}
	# all addresses: the one of loopback
	case $USOCK_ADDR in
	0.0.0.0 | ::) USOCK_ADDR=127.0.0.1 ;;
	esac
}

# --- servers -----------------------------------------------------------------

_usock_listen() {
	local word quiet=(--quiet)
	for word; do
		[ "$word" != -- ] || break
		if [[ $word =~ ^-[46kuCx]*v+$ || $word == --verbose ]]; then
			quiet=()
		elif [[ $word == --background || $word =~ ^--events(=|$) ]]; then
			_usock_fail "usock_serve: $word: the server is in the background, and its events go to the shell"
			exit 2
		fi
	done
	exec "${USOCK:-usock}" listen ${quiet[@]+"${quiet[@]}"} --events fd:9 "$@"
}

# usock_serve ARG... starts `usock listen ARG...` and returns when it listens: USOCK_ADDR, USOCK_PORT,
# USOCK_ADDRESS and USOCK_PID.
usock_serve() {
	local listening='"event":"listening","local":"([^"]*)"'
	_usock_start _usock_listen "$@" || return
	_usock_line=''
	_usock_begin_wait
	until [[ $_usock_line =~ $listening ]]; do
		_usock_next_line || break
	done
	if [[ $_usock_line =~ $listening ]]; then
		_usock_address "${BASH_REMATCH[1]}"
		return 0
	fi
	# the program has told why
	kill -TERM "$USOCK_PID" 2>/dev/null || :
	_usock_forget "$USOCK_PID"
}

_usock_run() {
	exec "${USOCK:-usock}" run "$@" >&9 9>&-
}

# usock_mock [OPTION...] FILE.us [ARG...] starts a script that is a server, and returns when it has printed
# its port, or its address, as a line. Sets the same variables.
usock_mock() {
	_usock_start _usock_run "$@" || return
	_usock_begin_wait
	if ! _usock_read "usock_mock"; then
		kill -TERM "$USOCK_PID" 2>/dev/null || :
		_usock_forget "$USOCK_PID" || return
		return 1
	fi
	case $_usock_line in
	*:*) _usock_address "$_usock_line" ;;
	*) _usock_address "127.0.0.1:$_usock_line" ;;
	esac
}

# usock_line [PID] prints the next line that a mock has printed.
usock_line() {
	_usock_find "${1-$USOCK_PID}" && _usock_begin_wait && _usock_read usock_line && printf '%s\n' "$_usock_line"
}

# usock_join [PID] waits until a server ends by itself, and returns its status.
usock_join() {
	local pid=${1-$USOCK_PID}
	_usock_find "$pid" || return
	if ! _usock_await_end; then
		_usock_fail "usock_join: the server has not ended in ${USOCK_TIMEOUT:-10} s"
		return 124
	fi
	_usock_forget "$pid"
}

# usock_stop [PID] ends a server, which may have ended.
usock_stop() {
	local pid=${1-$USOCK_PID}
	_usock_find "$pid" || return
	kill -TERM "$pid" 2>/dev/null || :
	_usock_await_end || kill -KILL "$pid" 2>/dev/null || :
	_usock_forget "$pid" || :
}

# Ends all servers that this shell has started.
usock_reap() {
	local entry
	for entry in ${_usock_servers[@]+"${_usock_servers[@]}"}; do
		[ "${entry##*:}" != "$BASHPID" ] || kill -TERM "${entry%%:*}" 2>/dev/null || :
	done
	for entry in ${_usock_servers[@]+"${_usock_servers[@]}"}; do
		[ "${entry##*:}" != "$BASHPID" ] || usock_stop "${entry%%:*}"
	done
}

# --- ports -------------------------------------------------------------------

# usock_wait ADDRESS|PORT... waits until somebody on this host listens on each.
usock_wait() {
	local address
	for address; do
		[[ $address != [0-9]* || $address == *[:.]* ]] || address=:$address
		_usock_program status --wait listening --timeout "${USOCK_TIMEOUT:-10}" "$address" >/dev/null || return
	done
}

# usock_reserve [N [HOST]] prints ports that nobody gets by chance.
usock_reserve() {
	_usock_program listen --reserve="${1:-1}" "${@:2}"
}

# --- assertions --------------------------------------------------------------

# assert_end REASON... asserts why the next connections of the server $USOCK_PID ended, in the order of their
# ends, and waits for them.
assert_end() {
	local reason n=0 end='"event":"end",.*"end":"([a-z-]*)"' lost='"event":"lost","count":([0-9]*)'
	_usock_find "${USOCK_PID-}" || return
	for reason; do
		n=$((n + 1))
		_usock_line=''
		_usock_begin_wait
		until [[ $_usock_line =~ $end ]]; do
			_usock_read "assert_end: connection $n, $reason" || return
			[[ ! $_usock_line =~ $lost ]] ||
				_usock_fail "assert_end: connection $n, $reason: ${BASH_REMATCH[1]} events were lost before it: nobody had read a megabyte of them" ||
				return
		done
		[ "${BASH_REMATCH[1]}" = "$reason" ] ||
			_usock_fail "assert_end: connection $n ended with ${BASH_REMATCH[1]}, not $reason: $_usock_line" || return
	done
}
