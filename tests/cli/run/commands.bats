# Commands of the command line in scripts: sendto, status; and getpass.
#
# shellcheck disable=SC2016 # scripts have $ in them
# shellcheck disable=SC2154 # from lib: status, pid, patience

load ../lib/listen

passes() {
	cat >script.us
	status=0
	usock run script.us "$@" >out 2>err || status=$?
	[ "$status" = 0 ] || fail "$status: $(cat err)"
}

# What a script's error is: `code {command}` prints -errorcode and message.
code='proc code {script} {catch {uplevel #0 $script} text options; puts "[dict get $options -errorcode] $text"}'

# --- sendto --------------------------------------------------------------------

@test "sendto: datagrams of any bytes, and how many there were" {
	passes <<-'EOF'
		set u [socket -type dgram]
		$u bind 127.0.0.1 0
		lassign [$u getsockname] host port
		puts [sendto $host $port hello "a\0b\xff" ""]
		puts [sendto --count 2 127.0.0.1:$port -- -x]
		puts [sendto udp:127.0.0.1:$port -- --count 7]
		for {set i 0} {$i < 7} {incr i} {
			binary scan [$u recv 100] H* hex
			puts <$hex>
		}
		puts [sockets]
	EOF
	text_is out '3\n2\n2\n<68656c6c6f>\n<610062ff>\n<>\n<2d78>\n<2d78>\n<2d2d636f756e74>\n<37>\nsock1\n'
	is_empty err
}

@test "sendto --wait gives the replies and who sent them" {
	start server "$USOCK" listen -u --echo --ready-file ready 127.0.0.1 0
	eventually test -s ready
	port=$(sed 's/.*://' ready)
	passes "$port" <<-'EOF'
		set replies [sendto --wait 0.5 127.0.0.1 $argv "one\0" two]
		foreach reply $replies {
			lassign $reply bytes from
			puts "[string length $bytes] [lindex $from 0] [expr {[lindex $from 1] == $argv}]"
		}
	EOF
	text_is out '4 127.0.0.1 1\n3 127.0.0.1 1\n'
}

@test "sendto: what goes wrong is an error with its code" {
	passes "$code" <<-'EOF'
		eval [lindex $argv 0]
		set u [socket -type dgram]
		$u bind 127.0.0.1 0
		set port [lindex [$u getsockname] 1]
		code {sendto --wait 0.05 127.0.0.1 $port x}
		code {sendto --timeout 0.05 --count 0 --interval 10 127.0.0.1 $port x}
		$u close
		code {sendto --connected --wait 10 127.0.0.1 $port x}
		code {sendto 127.0.0.1 $port}
		code {sendto --framing hex 127.0.0.1 $port x}
		code {sendto --print-sender 127.0.0.1 $port x}
		code {sendto --type stream 127.0.0.1 $port x}
		code {sendto "127.0.0.1\0" $port x}
		code {sendto nosuch.invalid 1 x}
	EOF
	says out '^USOCK timeout wait 127.0.0.1:[0-9]+: no reply within 0.05 s$'
	says out '^POSIX ECONNREFUSED .*127.0.0.1:[0-9]+: Connection refused$'
	says out '^USOCK usage sendto: DATA is missing$'
	says out '^USOCK usage sendto: --framing: not in a script$'
	says out '^USOCK usage sendto: --print-sender: not in a script$'
	says out '^USOCK usage sendto: a stream has no datagrams: usock connect$'
	says out '^USOCK usage sendto: a NUL byte has no place in an address$'
	says out '^USOCK gai '
	says out '^USOCK timeout wait 127.0.0.1:[0-9]+: timed out \(--timeout\)$'
}

# --- status --------------------------------------------------------------------

@test "status alone is the current socket's; with words it is the table" {
	not_counted "its name is another"
	passes <<-'EOF'
		set l [socket]
		$l bind 127.0.0.1 0
		$l listen 5
		set port [lindex [$l getsockname] 1]
		puts [dict get [status] name]
		set rows [status --state listen :$port]
		puts [llength $rows]
		foreach key {proto code name local peer wqueue} {puts "$key: [dict get [lindex $rows 0] $key]"}
		set c [connect 127.0.0.1 $port]
		set own [$c getsockname]
		set row [lindex [status --info --process [join $own :] 127.0.0.1:$port] 0]
		puts [dict get $row code],[dict get $row peer],[dict exists $row info rtt_us]
		puts [lindex [dict get $row processes] 0 1]
		puts [status --code [join $own :] 127.0.0.1:$port]
		puts [status --count :$port]
		puts [dict get [lindex [status --sort state --tcp :$port] 0] code]
		$l close
		lassign $own host own
		puts <[status --state listen --port $port]>
		puts <[status --code 127.0.0.1:9 127.0.0.1:$port]>
		puts <[status --count --udp :$port]>
	EOF
	sed -i "s/{127.0.0.1 [0-9]*}/ADDRESS/; s/127.0.0.1 [0-9]\\+/ADDRESS/" out
	grep -v '^[01]$' out | diff - <(printf '%s\n' LISTEN 'proto: tcp' 'code: 1' 'name: LISTEN' \
		'local: ADDRESS' 'peer: 0.0.0.0 0' 'wqueue: 5' 4,ADDRESS,1 usock 4 2 '<>' '<0>' '<0>')
}

@test "a connection that nobody can accept yet is 3, SYN_RCVD" {
	passes <<-'EOF'
		set l [listen --sockopt TCP_DEFER_ACCEPT=30 127.0.0.1 0]
		set port [lindex [$l getsockname] 1]
		set c [connect 127.0.0.1 $port]
		puts [$c getsocketsta],[status --code 127.0.0.1:$port [join [$c getsockname] :]]
		puts [dict get [lindex [status 127.0.0.1:$port [join [$c getsockname] :]] 0] name]
	EOF
	text_is out '4,3\nSYN_RCVD\n'
}

@test "status --wait waits while the script's servers go on" {
	passes "$code" <<-'EOF'
		eval [lindex $argv 0]
		set l [server 127.0.0.1:0 {h a p} {$h readall; $h close}]
		set port [lindex [$l getsockname] 1]
		set c [connect 127.0.0.1 $port]
		$c close
		puts <[status --wait time-wait --timeout 30 [join [$c getsockname] :] 127.0.0.1:$port]>
		code {status --wait syn-sent --timeout 0.05 :$port}
		code {status --wait nosuch :$port}
		code {status --watch}
		code {status --netns x}
		code {status --json}
		code {status --kill}
		code {use {}; status}
	EOF
	says out '^<>$'
	says out '^USOCK timeout .*wait :[0-9]+ syn-sent: '
	says out '^USOCK usage status: --watch: not in a script$'
	says out '^USOCK usage status: --netns: not in a script$'
	says out '^USOCK usage status: --json: not in a script$'
	says out '^USOCK usage status: --kill: of every socket'
}

@test "\$s status has what TCP_INFO says" {
	passes <<-'EOF'
		set l [server 127.0.0.1:0 {h a p} {$h sendall hello; $h readall; $h close}]
		set c [connect 127.0.0.1 [lindex [$l getsockname] 1]]
		$c sendall abc
		puts [$c read 5]
		set st [$c status]
		puts [dict get $st info received_bytes],[dict get $st sent],[dict get $st received]
		foreach key {rtt_us snd_mss_bytes retrans rto_us} {puts [string is integer [dict get $st info $key]]}
		puts [dict exists [$l status] info]
		$c close
		puts [dict exists [$c status] info]
		puts [dict size [dict get [[socket -type dgram] status] info]]
	EOF
	text_is out 'hello\n5,3,5\n1\n1\n1\n1\n0\n0\n0\n'
}

# --- getpass -------------------------------------------------------------------

@test "getpass reads a line of the terminal, and does not show it" {
	need tmux
	cat >script.us <<-'EOF'
		set secret [getpass "Secret: "]
		puts "length [string length $secret]"
	EOF
	tmux -S "$PWD/tmux" -f /dev/null new-session -d -x 80 -y 20 "'$USOCK' run script.us; echo over; exec cat"
	eventually pane_has 'Secret:'
	tmux -S "$PWD/tmux" send-keys hunter22 Enter
	eventually pane_has over
	tmux -S "$PWD/tmux" capture-pane -p >screen
	tmux -S "$PWD/tmux" kill-server
	says screen 'length 8'
	run -1 grep -q hunter screen
}

pane_has() {
	tmux -S "$PWD/tmux" capture-pane -p | grep -q "$1"
}

@test "getpass without a terminal is an error, not a wait" {
	cat >script.us <<<'getpass'
	status=0
	timeout "$patience" setsid "$USOCK" run script.us >out 2>err || status=$?
	status_is 8
	says err 'script.us:1: getpass: no terminal'
}
