# A terminal for tests of the prompt. Each test has its own tmux server.
# shellcheck shell=bash

# prompt [ARG...] starts usock in a terminal of $columns columns.
prompt() {
	in_terminal "$@"
	# text typed before that would go to the shell
	shows '^usock> *$'
}

# The same with any command of usock.
in_terminal() { # [ARG...]
	need tmux
	mkdir -p home
	printf '%s\n' "cd $PWD && ${preparation:-:}" \
		"env HOME=$PWD/home EDITRC=/dev/null LC_ALL=C.UTF-8 TERM=${term:-screen} '$USOCK' $* ; echo status=\$?; stty -a >modes.after; exec cat" >start.sh
	TMUX_TMPDIR=$PWD LC_ALL=C.UTF-8 TERM=screen tmux -u -f /dev/null -S "$PWD/tmux" new-session -d \
		-x "${columns:-80}" -y 30 "stty -a >modes.before; exec bash start.sh"
	pids+=("$(tm display-message -p '#{pid}')")
}

# Ends the terminal, so that the test can open another one.
end_terminal() {
	local server
	server=$(tm display-message -p '#{pid}')
	tm kill-server
	eventually is_no_process "$server"
}

is_no_process() {
	! kill -0 "$1" 2>/dev/null
}

tm() {
	tmux -u -S "$PWD/tmux" "$@" 3>&- 7>&- 8>&-
}

# types WORD... types keys as tmux names them: text, Enter, C-c.
types() {
	tm send-keys "$@"
}

screen() {
	tm capture-pane -p
}

screen_matches() {
	screen | grep -q -E -e "$1"
}

# shows REGEX waits for a line that matches.
shows() {
	eventually screen_matches "$1" || { screen >&2 && return 1; }
}

# Prints the last line that is not empty.
last_line_matches() {
	screen | grep -v '^$' | tail -n 1 | grep -q -E -e "$1"
}

ends_with() {
	eventually last_line_matches "$1" || { screen >&2 && return 1; }
}

# Prints how often the screen has it.
count_of() {
	screen | grep -c -E -e "$1"
}
