# Serial lines as addresses: tty:DEVICE and pty:LINK. Pairs of socat's pseudo-terminals are the cables.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016
# shellcheck disable=SC2010,SC2238 # links of /proc; a file that is called link
# shellcheck disable=SC2154 # from lib: pid, status, patience, python

load ../lib/common
load ../lib/tmux

# Two terminals that are one cable: a and b.
cable() {
	need socat
	start cable socat pty,link=a,raw,echo=0 pty,link=b,raw,echo=0
	cable=$pid
	eventually test -e a
	eventually test -e b
}

opened() { # WHAT
	has_line line.err "opened $1"
}

@test "what goes in at one end of a line comes out at the other, both ways" {
	cable
	start other socat -u FILE:b,raw,echo=0 CREATE:got
	printf 'a line\n' | usock connect -v tty:a 2>line.err
	opened tty:a
	eventually test -s got
	text_is got 'a line\n'
	has_line line.err 'tty:a > tty:a: end=quiet sent=7 received=0'
}

@test "an answer ends the exchange when it is over: a second of silence after the input" {
	cable
	start modem socat FILE:b,raw,echo=0 SYSTEM:'read -r x; echo "OK $x"'
	run -0 usock connect tty:a <<<AT
	[ "$output" = "OK AT" ]
}

@test "bytes of all kinds pass a line unchanged" {
	cable
	"$python" -c 'import sys; sys.stdout.buffer.write(bytes(range(256)) * 400)' >want
	start other "$USOCK" connect --max-bytes 102400 tty:b
	other=$pid
	eventually is_open b
	usock connect --send-only tty:a <want
	finish "$other"
	cmp other.out want
}

is_open() { # LINK: usock has it
	local device
	device=$(readlink "$1")
	ls -l /proc/"$pid"/fd 2>/dev/null | grep -q -F "$device"
}

@test "the device gets the speed and the frame, and its modes back at the end" {
	local want
	cable
	stty -F a 9600 cooked echo
	stty -F a -a >before
	for want in 115200 300 460800; do
		mkfifo "in.$want"
		from=in.$want start "line$want" "$USOCK" connect "tty:a,$want,8n2,xonxoff,crtscts"
		exec 8>"in.$want"
		eventually is_set a "speed $want baud"
		stty -F a -a >during
		grep -q -w -e 'cstopb' during
		grep -q -w -e 'crtscts' during
		grep -q -w -e 'ixon' during
		grep -q -e '-icanon' during
		grep -q -e '-echo ' during
		exec 8>&-
		finish "$pid"
		status_is 0
		stty -F a -a >after
		diff before after
	done
}

is_set() { # LINK TEXT
	stty -F "$1" -a 2>/dev/null | grep -q -e "$2"
}

@test "the modes come back after a signal and a time-out, too" {
	cable
	stty -F a 9600 cooked echo
	stty -F a -a >before
	mkfifo in
	from=in start line "$USOCK" connect tty:a,1200
	exec 8>in
	eventually is_set a 'speed 1200 baud'
	kill -INT "$pid"
	finish "$pid"
	status_is 130
	stty -F a -a | diff before -
	run -124 usock connect --timeout 0.3 --recv-only tty:a,1200
	stty -F a -a | diff before -
}

@test "any speed: one that stty does not know" {
	cable
	mkfifo in
	from=in start line "$USOCK" connect tty:a,250000
	exec 8>in
	eventually is_open a
	# TCGETS2: the speed as a number
	"$python" -c '
import fcntl, struct, sys
data = fcntl.ioctl(open("a", "rb", buffering=0), 0x802C542A, bytes(44))
sys.exit(struct.unpack("=36xII", data) != (250000, 250000))'
	exec 8>&-
	finish "$pid"
}

@test "what a device does not have is refused, and its modes stay" {
	cable
	stty -F a -a >before
	run -1 usock connect tty:a,9600,7e1
	[ "$output" = "usock: connect tty:a,9600,7e1: the device does not have these data bits, parity and stop bits" ]
	stty -F a -a | diff before -
}

@test "a hang-up is the end" {
	cable
	mkfifo in
	from=in start line "$USOCK" connect -v tty:a
	exec 8>in
	echo hello >b
	eventually has_line line.out hello
	kill "$cable"
	finish "$pid"
	status_is 0
	has_line line.err 'end=peer-fin'
}

@test "two cannot have a device at once" {
	cable
	mkfifo in
	from=in start line "$USOCK" connect tty:a
	exec 8>in
	eventually is_open a
	run -1 usock connect tty:a
	[ "$output" = "usock: connect tty:a: another program has it: Device or resource busy" ]
	exec 8>&-
	finish "$pid"
	usock connect tty:a <<<again
}

@test "a FIFO, a file and nothing are errors at once, and no wait" {
	mkfifo fifo
	echo text >file
	run -1 usock connect tty:fifo
	[ "$output" = "usock: connect tty:fifo: it is no terminal device: Inappropriate ioctl for device" ]
	run -1 usock connect tty:file
	[ "$output" = "usock: connect tty:file: it is no terminal device: Inappropriate ioctl for device" ]
	text_is file 'text\n'
	run -1 usock connect tty:none
	[ "$output" = "usock: connect tty:none: No such file or directory" ]
	run -1 usock connect tty:.
	run -1 usock connect tty:/dev/null
}

@test "--retry waits for a device that is not there yet" {
	need socat
	start line "$USOCK" connect -v --retry 100 --retry-interval 0.1 tty:a
	eventually has_line line.err 'No such file or directory; retry 1'
	start cable socat pty,link=a,raw,echo=0 pty,link=b,raw,echo=0
	eventually opened tty:a
	run -124 usock connect --timeout 0.3 --retry 100 --retry-interval 0.1 tty:none
}

@test "our own terminal is no line" {
	run -1 on_terminal connect tty:/dev/tty
	[[ $output == *'it is the terminal that usock runs on'* ]]
}

@test "a program on a line, with its address in the environment" {
	cable
	start modem socat FILE:b,raw,echo=0 SYSTEM:'read -r x; echo "OK $x"'
	run -5 usock connect tty:a --sh 'echo "$USOCK_PROTO $USOCK_PEER_ADDR"; read -r x; echo "$x" >&2; exit 5'
	[ "$output" = "OK tty tty:a" ]
}

# --- links --------------------------------------------------------------------

@test "pty: makes a link that others open, many times, and takes it away" {
	mkfifo in
	from=in start line "$USOCK" connect pty:link
	exec 8>in
	eventually test -e link
	echo one >&8
	IFS= read -r -t "$patience" got <link
	[ "$got" = one ]
	echo back >link
	eventually has_line line.out back
	echo two >&8
	IFS= read -r -t "$patience" got <link
	[ "$got" = two ]
	exec 8>&-
	finish "$pid"
	status_is 0
	[ ! -L link ]
}

@test "pty: the link goes at a signal" {
	mkfifo in
	from=in start line "$USOCK" connect pty:link
	exec 8>in
	eventually test -e link
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
	[ ! -L link ]
}

@test "pty: what is there stays; a link that was left behind is replaced" {
	echo kept >file
	ln -s /dev/null null
	run -1 usock connect pty:file
	[ "$output" = "usock: connect pty:file: make the link: File exists" ]
	run -1 usock connect pty:null
	text_is file 'kept\n'
	ln -s /dev/pts/99999 stale
	usock connect --send-only pty:stale
	[ ! -L stale ]
}

@test "pty: what nobody has read is told" {
	run -1 usock connect --after-eof 0.1 pty:link <<<word
	[ "$output" = "usock: send pty:link: 5 bytes were not taken by the other end" ]
}

@test "pty: with socat at the other end: binary, both ways" {
	need socat
	head -c 100000 /dev/urandom >want
	start line "$USOCK" connect pty:link --sh 'cat'
	eventually test -e link
	from=want to=got start other socat -t 2 - FILE:link,raw,echo=0
	finish "$pid"
	cmp got want
}

@test "pty: picocom's keys arrive, its screen shows what comes, and it may come again" {
	need picocom
	local round
	mkfifo in
	from=in start line "$USOCK" connect pty:link
	exec 8>in
	eventually test -e link
	for round in first second; do
		in_window "picocom --quiet --baud 115200 link"
		eventually is_set link 'speed 115200 baud'
		echo "hello $round" >&8
		shows "hello $round"
		types "typed $round" Enter
		eventually has_line line.out "typed $round"
		types C-a C-x
		eventually window_is_gone
	done
	exec 8>&-
	finish "$pid"
	status_is 0
}

in_window() { # COMMAND
	need tmux
	TMUX_TMPDIR=$PWD LC_ALL=C.UTF-8 TERM=screen tmux -u -f /dev/null -S "$PWD/tmux" new-session -d -x 80 -y 30 "$1" 3>&- 8>&-
	pids+=("$(tm display-message -p '#{pid}')")
}

window_is_gone() {
	! tm list-sessions 2>/dev/null
}

# --- scripts ------------------------------------------------------------------

@test "a script talks to a modem: send, expect, readline" {
	cable
	start modem socat FILE:b,raw,echo=0 SYSTEM:'while read -r x; do echo "OK $x"; done'
	usock run --allow-files -c '
		set s [connect tty:a,115200]
		$s send "AT\n"
		puts -nonewline [$s readline]
		$s send "AT+CSQ\n"
		expect "OK AT+CSQ"
		puts [$s getpeername]
		$s close' >out
	has_line out '^OK AT$'
	has_line out 'a'
}

# --- what does not apply ------------------------------------------------------

@test "options of sockets are refused" {
	local words
	for words in -4 -6 -u '--type stream' '--proto tcp' '-s ::1' '-p 1' --reuse-port '--interface lo' '-o TCP_NODELAY=1' \
		--tls --mptcp --fastopen '--half-close 1s' --scan '--ttl 3' --dtls; do
		# shellcheck disable=SC2086
		run -2 usock connect $words tty:a
		# shellcheck disable=SC2086
		run -2 usock connect $words pty:link
	done
	for words in 'connect tls:tty:a' 'connect udp:tty:a' 'sendto tty:a x' 'listen -u tty:a' 'listen --tls --self-signed tty:a' \
		'listen --backlog 1 tty:a' 'connect tty:a 80' 'connect tty:' 'connect tty:a,' 'connect tty:a,fast' 'connect tty:a,9600,9600'; do
		# shellcheck disable=SC2086
		run -2 usock $words
	done
	[ ! -e link ]
}
