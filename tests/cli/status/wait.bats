# usock status that stays: --wait, --kill, --watch.
# shellcheck disable=SC2154 # status, output and pid are bats' and lib's
# shellcheck disable=SC2094 # a command's argument is no file that is read

load ../lib/common
load ../lib/tmux

@test "--wait returns at once where it is so already" {
	usock_listens server -k --discard
	run -0 usock status ":$port" --wait listening
	[ -z "$output" ]
	run -0 usock status "127.0.0.1:$port" --wait listening
	run -0 usock status "127.0.0.1:$port" 127.0.0.1:1 --wait gone
}

@test "--wait listening on an address is true of a server on every address" {
	start server "$USOCK" listen -k --discard --ready-file server.ready 0
	is_ready server
	run -0 usock status "127.0.0.1:$port" --wait listening --timeout 10s
}

@test "--wait listening on a name of many addresses is true of a server on every address" {
	local hosts='127.0.0.1 localhost\n'
	for i in {1..12}; do hosts+="127.0.1.$i many\n"; done
	start server "$USOCK" listen -k --echo --ready-file ready -4 '*' 0
	eventually test -e ready
	with_hosts "$hosts" "$USOCK" status "many:$(sed 's/.*://' ready)" --wait listening --timeout "$patience"
}

@test "--wait sees each change on time" {
	local try what took slow
	timed usock --version >/dev/null
	# a tenth of a second, and what the program itself takes to end: a poll by the second would not do;
	# on a busy machine one of five tries will
	for try in 1 2 3 4 5; do
		timeout 90 "$python" -IS "$peers/status_wait.py" "$USOCK" >took
		[ "$(wc -l <took)" = 7 ]
		slow=
		while read -r what took; do
			((${took%.*} < 100 + 3 * elapsed)) || slow+=" $what:$took"
		done <took
		[ -n "$slow" ] || return 0
		echo "try $try:$slow"
	done
	false
}

@test "--wait STATE=N waits for so many" {
	usock_listens server -k --discard
	start wait "$USOCK" status ":$port" --wait established=2
	local waiter=$pid
	start one "$USOCK" connect --recv-only 127.0.0.1 "$port"
	eventually has_tcp established "sport = :$port"
	run -124 usock status ":$port" --wait established=2 --timeout 50ms
	[ "$output" = "usock: wait :$port established=2: timed out (--timeout)" ]
	start two "$USOCK" connect --recv-only 127.0.0.1 "$port"
	finish "$waiter"
	[ "$status" = 0 ]
}

@test "--wait touches no service" {
	usock_listens server -v --discard
	run -124 usock status ":$port" --wait established --timeout 200ms
	run ! has_line server.err accepted
}

@test "--wait ends on time, and by a signal" {
	not_counted "its name is another"
	on_time 300 usock status :1 --wait listening --timeout 300ms
	start wait "$USOCK" status :1 --wait listening
	# a shell that becomes it may lose the signal
	eventually grep -q usock "/proc/$pid/comm"
	kill -TERM "$pid"
	finish "$pid"
	[ "$status" = 143 ]
}

# --- kill ----------------------------------------------------------------------

@test "--kill ends what matches and nothing else" {
	unshare -n true 2>/dev/null || skip "no network namespaces"
	cat >inside <<-'END'
		ip link set lo up
		"$USOCK" listen -k --discard --ready-file a 127.0.0.1 0 &
		"$USOCK" listen -k --discard --ready-file b 127.0.0.1 0 &
		until [ -s a ] && [ -s b ]; do sleep 0.01; done
		"$USOCK" connect --recv-only "$(cat a)" 2>a.err &
		a=$!
		"$USOCK" connect --recv-only "$(cat b)" 2>b.err &
		"$USOCK" status "$(cat a)" --wait established --timeout 10s
		"$USOCK" status "$(cat b)" --wait established --timeout 10s
		"$USOCK" status '*' "$(cat a)" --kill --no-header
		echo "status $?"
		wait $a
		echo "client $?"
		"$USOCK" status "$(cat a)" --wait established --timeout 0 || echo "gone"
		"$USOCK" status "$(cat b)" --state established --count
		"$USOCK" status "$(cat a)" --state listen --count
		kill $(jobs -p)
	END
	run -0 --separate-stderr timeout 60 unshare -n -p -f --mount-proc --kill-child bash inside
	[[ ${lines[0]} == tcp*4*ESTABLISHED*"$(cat a)"* ]]
	[[ $output == *$'status 0\nclient 1\n'* ]]
	[[ $output == *$'gone\n1\n1'* ]]
}

@test "--kill ends a connection of sockets that are bound to an interface" {
	unshare -n true 2>/dev/null || skip "no network namespaces"
	cat >inside <<-'END'
		ip link set lo up
		"$USOCK" listen -k --discard --interface lo --ready-file a 127.0.0.1 0 &
		until [ -s a ]; do sleep 0.01; done
		"$USOCK" connect --recv-only --interface lo "$(cat a)" &
		client=$!
		"$USOCK" status "$(cat a)" --wait established --timeout 10s
		"$USOCK" status '*' "$(cat a)" --kill --count
		echo "status $?"
		wait $client
		echo "client $?"
		kill $(jobs -p)
	END
	run -0 --separate-stderr timeout 60 unshare -n -p -f --mount-proc --kill-child bash inside
	[ "$output" = $'1\nstatus 0\nclient 1' ]
}

@test "--kill without the privilege says so, and kills nothing" {
	need setpriv
	usock_listens server -k --discard
	local drop=(setpriv --inh-caps=-all --bounding-set=-net_admin)
	"${drop[@]}" true 2>/dev/null || drop=()
	[ "${#drop[@]}" -gt 0 ] || [ "$(id -u)" != 0 ] || skip "cannot drop the privilege"
	run -1 --separate-stderr timeout 20 "${drop[@]}" "$USOCK" status "127.0.0.1:$port" --state listen --kill
	[ "${stderr_lines[0]}" = "usock: kill 127.0.0.1:$port > 0.0.0.0:0: Operation not permitted" ]
	[ "${stderr_lines[1]}" = 'usock: hint: it takes CAP_NET_ADMIN' ]
	usock status ":$port" --state listen --count
}

# --- watch ---------------------------------------------------------------------

@test "--watch away from a terminal: plain lines with a time in front" {
	usock_listens server -k --discard
	start watch "$USOCK" status ":$port" --watch=20ms
	three() { [ "$(grep -c LISTEN watch.out)" -ge 3 ]; }
	eventually three
	kill -INT "$pid"
	finish "$pid"
	[ "$status" = 130 ]
	grep -q -E "^ +[0-9]+\.[0-9] LISTEN +127.0.0.1:$port " watch.out
	run ! grep -q $'\033' watch.out
}

# Of a program that is over: the terminal is as it was.
terminal_is_sane() {
	eventually test -s modes.after
	cmp <(grep -v columns modes.before) <(grep -v columns modes.after)
	[ "$(tm display-message -p '#{alternate_on}#{cursor_flag}')" = 01 ]
}

titles_are_above_their_columns() {
	local titles row end
	titles=$(screen | grep '^STATE .* RECV-Q *SEND-Q *QUEUES$')
	row=$(screen | grep '^LISTEN')
	end=${titles%%QUEUES*}
	[[ ${row:${#end}-1:2} == ' ▁' ]] || fail "$(screen)"
	end=${titles%%RATE *}RATE
	[[ ${row:${#end}-1:4} == [s-]"  ▁" ]] || fail "$(screen)"
}

@test "--watch on a terminal is redrawn in place, after a resize too; q gives the terminal back" {
	usock_listens server -k --discard
	columns=110 in_terminal status "'*:$port'" '"*"' --watch=50ms
	shows ': 1 socket, [0-9]+ s$'
	# a block of a graph is one character of three bytes
	shows "^LISTEN +127.0.0.1:$port .* 0 +[0-9]+ +(▁){16}\$"
	titles_are_above_their_columns
	[ "$(tm display-message -p '#{alternate_on}#{cursor_flag}')" = 10 ]
	start client "$USOCK" connect --recv-only 127.0.0.1 "$port"
	shows ': 2 sockets, [1-9][0-9]* s$'
	shows "^ESTABLISHED +127.0.0.1:$port "
	[ "$(count_of '^STATE +LOCAL')" = 1 ]
	[ "$(count_of ^LISTEN)" = 1 ]
	[ "$(screen | grep -c .)" = 4 ]
	# graphs become narrow, then columns are left out: the least important ones
	tm resize-window -x 90 -y 5
	shows ' (▁|▂|▃|▄|▅|▆|▇|█){4,15}$'
	shows 'and 1 more'
	[ "$(count_of '^STATE +LOCAL')" = 1 ]
	[ "$(screen | grep -c .)" = 4 ]
	types x q
	ends_with '^status=0$'
	run ! screen_matches LISTEN
	terminal_is_sane
}

@test "--watch of one connection draws its rates, round-trip time, window and queues, and fits 40 columns" {
	local mine
	usock_listens server -k --echo
	mine=$(free_port)
	start client bash -c "head -c 1000000000 /dev/zero | '$USOCK' connect --rate 200k -p $mine 127.0.0.1 $port >/dev/null"
	eventually has_tcp ESTABLISHED "sport = :$mine"
	columns=80 in_terminal status "127.0.0.1:$mine" "127.0.0.1:$port" --watch=50ms
	shows '^sent +[0-9.]+ [KM]iB/s .*(▂|▃|▄|▅|▆|▇|█).* most [0-9.]+ [KM]iB/s *$'
	shows '^rtt +[0-9.]+ ms .*(▁|▂|▃|▄|▅|▆|▇|█)'
	shows '^cwnd +[0-9.]+ [KM]iB .*(▁|▂|▃|▄|▅|▆|▇|█)'
	shows '^send queue +[0-9.]+ '
	shows '^recv queue +[0-9.]+ '
	tm resize-window -x 40 -y 20
	eventually narrow
	types q
	ends_with '^status=0$'
	terminal_is_sane
}

# The lines are there, without the largest value, and none is longer than the terminal.
narrow() {
	screen_matches '^rtt +[0-9.]+ ms .*(▁|▂|▃|▄|▅|▆|▇|█)' && ! screen_matches ' most '
}

@test "--watch leaves out columns that a narrow terminal has no room for, and says so" {
	usock_listens server -k --discard
	columns=60 in_terminal status "'*:$port'" '"*"' --watch=50ms
	shows "^LISTEN +127.0.0.1:$port "
	shows '^left out: .*QUEUES.*; '
	shows 'a wider terminal has them$'
	# then a row has several lines
	tm resize-window -x 34 -y 20
	shows "^LISTEN +127.0.0.1:$port \*\$"
	shows '^ +- +(▁+ )?'
	# what is gone is not shown
	kill "${pids[0]}"
	shows ': 0 sockets, '
	run ! screen_matches LISTEN
}

@test "--watch has the colors of states" {
	usock_listens server -k --discard
	start client "$USOCK" connect --recv-only 127.0.0.1 "$port"
	start watch "$USOCK" status ":$port" --watch=20ms --color always
	eventually has_line watch.out $'\e\\[32mESTABLISHED\e\\[m'
}

@test "Ctrl-C ends --watch on a terminal with 130 and gives it back" {
	usock_listens server -k --discard
	# the shell would end with it
	preparation='trap : INT' in_terminal status "':$port'" --watch=50ms
	shows '^LISTEN'
	types C-c
	ends_with '^status=130$'
	terminal_is_sane
}

@test "--watch shows the rate of what moves" {
	usock_listens server -k --discard
	start client bash -c "head -c 1000000000 /dev/zero | '$USOCK' connect --rate 200k 127.0.0.1 $port"
	start watch "$USOCK" status "*" ":$port" --watch=50ms
	eventually has_line watch.out 'ESTABLISHED .* [0-9.]+ KiB/s .*[1-7]'
}

@test "--wait STATE=0 and STATE<=N wait for fewer" {
	usock_listens server -k --discard
	start one "$USOCK" connect --recv-only 127.0.0.1 "$port"
	local one=$pid
	start two "$USOCK" connect --recv-only 127.0.0.1 "$port"
	local two=$pid
	run -0 usock status ":$port" --wait established=2 --timeout 10s
	run -0 usock status ":$port" --wait 'established<=2'
	run -124 usock status ":$port" --wait 'established<=1' --timeout 50ms
	[ "$output" = "usock: wait :$port established<=1: timed out (--timeout)" ]
	run -124 usock status ":$port" --wait established=0 --timeout 50ms
	start wait "$USOCK" status ":$port" --wait 'ESTAB<=1'
	local waiter=$pid
	kill -TERM "$one"
	finish "$waiter"
	[ "$status" = 0 ]
	start wait "$USOCK" status ":$port" --wait estab=0
	waiter=$pid
	kill -TERM "$two"
	finish "$waiter"
	[ "$status" = 0 ]
	run -0 usock status ":$port" --wait syn-sent=0
	run -0 usock status ":$port" --wait listening=1
	run -124 usock status ":$port" --wait 'listening<=0' --timeout 50ms
}

@test "--wait: what is no goal is refused" {
	local goal
	for goal in 'established<1' 'established<' 'established<=' 'established==1' 'established=-1' '<=1' gone=1 'gone<=2' 'established>=1'; do
		run -2 --separate-stderr usock status :1 --wait "$goal"
		[[ $stderr == "usock: status: --wait: "* ]] || fail "$goal: $stderr"
	done
}
