# `usock listen` on unix sockets: who may connect, what becomes of the path.

load ../lib/listen

mode_of() { # PATH
	stat -c %a "$1"
}

# --- the path -----------------------------------------------------------------

@test "a path is for its owner alone, whatever the umask" {
	local mask
	for mask in 000 022 077; do
		umask $mask
		serve -k --echo unix:path
		[ "$(mode_of path)" = 600 ]
		server_ends_by TERM 143
	done
}

@test "--mode opens it, whatever the umask" {
	local mode
	umask 077
	for mode in 660 777 0606; do
		serve --mode $mode -k --echo unix:path
		[ "$(mode_of path)" = "${mode#0}" ]
		server_ends_by TERM 143
	done
}

@test "the umask is for files as ever" {
	umask 027
	serve -k unix:path --sh ': >made'
	usock connect unix:path
	[ "$(mode_of made)" = 640 ]
	[ "$(mode_of server.ready)" = 640 ]
	[ "$(mode_of events)" = 640 ]
}

@test "a path is taken in every form" {
	local word
	for word in unix:path ./path "$PWD/path" "unix:$PWD/path" "unix:./path"; do
		serve --echo "$word"
		[ -S path ]
		[ "$address" = "unix:${word#unix:}" ]
		[ "$(usock connect "$word" <<<hello)" = hello ]
		server_ends 0
		[ ! -e path ]
	done
}

@test "a path may have blanks, colons and other letters" {
	local name='a path: ä?*'
	serve --echo "unix:$name"
	[ -S "$name" ]
	[ "$(usock connect "unix:$name" <<<hello)" = hello ]
	server_ends 0
	[ ! -e "$name" ]
}

@test "a path is as long as the kernel allows" {
	local name
	name=$(printf 'x%.0s' {1..107})
	serve --echo "unix:$name"
	[ -S "$name" ]
	[ "$(usock connect "unix:$name" <<<hello)" = hello ]
	server_ends 0
	run -2 usock listen "unix:${name}x"
	[[ $output == *"108 bytes is too long"* ]]
}

@test "the path is gone once the client is accepted, and a second one is refused" {
	endless input
	from=input serve unix:path
	start_peer client connect unix:path send:first file:go close
	eventually test -s server.out
	[ ! -e path ]
	run -1 usock connect unix:path
	touch go
	server_ends 0
}

@test "the path is gone after each end: accept time-out, total time-out, failure" {
	run -124 usock listen --accept-timeout 0.1 unix:path
	[ ! -e path ]
	run -124 usock listen -k --timeout 0.1 unix:path
	[ ! -e path ]
	run -8 usock listen --ready-file none/ready unix:path
	[ ! -e path ]
}

@test "the path is gone after each signal" {
	local signal
	for signal in INT:130 TERM:143 HUP:129; do
		serve -k --echo unix:path
		server_ends_by ${signal%:*} ${signal#*:}
		[ ! -e path ]
	done
}

@test "the path is found again though we were started with a relative one" {
	mkdir below
	serve -k unix:below/path -- sh -c 'cd / && echo hello'
	[ "$(usock connect unix:below/path)" = hello ]
	server_ends_by TERM 143
	[ ! -e below/path ]
}

@test "programs do not take the path with them" {
	serve -k unix:path --sh 'exit 1'
	usock connect unix:path
	eventually has_events 1 end
	[ -S path ]
	usock connect unix:path
	eventually has_events 2 end
}

@test "a path that another has put there by now is not ours to remove" {
	serve -k --echo unix:path
	rm path
	start other "$USOCK" listen --ready-file other.ready -k --echo unix:path
	eventually test -e other.ready
	server_ends_by TERM 143
	[ "$(usock connect unix:path <<<hello)" = hello ]
}

@test "a path that somebody has removed is no trouble at the end" {
	serve unix:path
	exec 7<.
	mv path moved
	[ -S moved ]
	usock connect unix:moved <<<hello
	server_ends 0
	text_is server.out 'hello\n'
	is_empty server.err
}

@test "a folder that is missing is 1, with the path" {
	run -1 --separate-stderr usock listen unix:none/path
	[ "${stderr_lines[0]}" = "usock: listen unix:none/path: No such file or directory" ] ||
		[ "${stderr_lines[0]}" = "usock: bind unix:none/path: No such file or directory" ]
}

# --- what is there already ----------------------------------------------------

is_taken() { # HINT
	local option
	for option in --quiet --unlink; do
		run -1 --separate-stderr usock listen $option --accept-timeout 5 unix:path
		[[ ${stderr_lines[0]} =~ ^"usock: "(bind|listen)" unix:path: Address already in use"$ ]] || fail "$stderr"
		[ "${stderr_lines[1]}" = "usock: hint: $1" ] || fail "$stderr"
	done
}

@test "a live server's path is never taken, not even with --unlink" {
	serve -k --echo unix:path
	is_taken "a server answers there"
	[ "$(usock connect unix:path <<<hello)" = hello ]
}

@test "a server that is too busy to accept is alive" {
	start_peer full full unix:path
	printed full
	is_taken "a server answers there"
	[ -S path ]
}

@test "a server of datagrams is alive" {
	need socat
	start holder socat -u UNIX-RECV:path -
	eventually test -S path
	is_taken "a server answers there"
	[ -S path ]
}

stale() {
	start_peer bound bound unix:path
	eventually test -S path
	kill -KILL "$pid"
	finish "$pid"
	[ -S path ]
}

@test "a stale path is taken only with --unlink" {
	stale
	run -1 --separate-stderr usock listen unix:path
	[[ ${stderr_lines[0]} =~ ^"usock: "(bind|listen)" unix:path: Address already in use"$ ]]
	[ "${stderr_lines[1]}" = "usock: hint: no server answers there: --unlink removes a stale socket" ]
	[ -S path ]
	serve --unlink --echo unix:path
	[ "$(mode_of path)" = 600 ]
	[ "$(usock connect unix:path <<<hello)" = hello ]
	server_ends 0
	[ ! -e path ]
}

@test "what our own SIGKILL left is stale" {
	serve -k --echo unix:path
	server_ends_by KILL 137
	[ -S path ]
	serve --unlink -k --echo unix:path
	[ "$(usock connect unix:path <<<hello)" = hello ]
}

@test "--unlink is no trouble where nothing is" {
	serve --unlink --echo unix:path
	[ "$(usock connect unix:path <<<hello)" = hello ]
	server_ends 0
}

@test "what is not a socket is never removed" {
	echo precious >path
	is_taken "that file is not a socket, and stays"
	text_is path 'precious\n'
	rm path
	mkdir path
	is_taken "that file is not a socket, and stays"
	[ -d path ]
	rmdir path
	mkfifo path
	is_taken "that file is not a socket, and stays"
	[ -p path ]
}

@test "a symbolic link is never removed, wherever it points" {
	local target
	stale
	mv path stale
	echo precious >file
	for target in stale file none; do
		ln -s $target path
		is_taken "that file is not a socket, and stays"
		[ "$(readlink path)" = $target ]
		[ -S stale ]
		rm path
	done
	text_is file 'precious\n'
}

@test "--mode, --user, --group and --unlink are for paths alone" {
	local option address
	for option in '--mode 660' '--user 0' '--group 0' --unlink; do
		for address in '127.0.0.1 0' unix:@name; do
			[ "$option $address" != '--unlink unix:@name' ] || continue
			# shellcheck disable=SC2086
			run -2 usock listen $option $address
			[ "${lines[0]}" = "usock: listen: ${option%% *}: only for a unix path" ]
		done
	done
}

@test "--user and --group own it, and a group may write unless --mode says otherwise" {
	[ "$(id -u)" = 0 ] || skip "only root gives files away"
	serve -k --echo --user daemon --group 4242 unix:path
	[ "$(stat -c '%U %g %a' path)" = "daemon 4242 660" ]
	[ "$(usock connect unix:path <<<hello)" = hello ]
	server_ends_by TERM 143
	[ ! -e path ]
	serve -k --echo --user 4242 unix:path
	[ "$(stat -c '%u %g %a' path)" = "4242 $(id -g) 600" ]
	server_ends_by TERM 143
	serve -k --echo --group 4242 --mode 640 unix:path
	[ "$(stat -c '%u %g %a' path)" = "0 4242 640" ]
	server_ends_by TERM 143
}

@test "there is no moment with another owner: the path is given away before listen(2)" {
	[ "$(id -u)" = 0 ] || skip "only root gives files away"
	not_counted "strace"
	need strace
	ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0" timeout -s KILL "$patience" strace -f -qq -o trace -e trace=bind,listen,fchownat,chmod,fchmodat,accept4 \
		"$USOCK" listen --accept-timeout 0 --group 4242 unix:path 3>&- || :
	[ "$(sed 's/^[0-9]* *//; s/(.*//' trace | grep -v accept | paste -sd ' ')" = "bind fchownat chmod listen" ] ||
		fail "$(cat trace)"
}

@test "who may not give it away is told, and nothing is left" {
	[ "$(id -u)" = 0 ] || skip "only root can be another user"
	need setpriv
	chown 4242 .
	status=0
	setpriv --reuid=4242 --regid=4242 --clear-groups "$USOCK" listen --user root unix:path 2>err 3>&- || status=$?
	[ ! -e path ]
	status_is 1
	says err '^usock: chown path: Operation not permitted$'
	says err '^usock: hint: only root may give it'
	run -2 usock listen --user no-such-user unix:path
	[ "${lines[0]}" = "usock: listen: --user: no user 'no-such-user'" ]
	[ ! -e path ]
}

# --- abstract names -----------------------------------------------------------

@test "an abstract name is served, and leaves no file" {
	local name="@usock-test-$$-$RANDOM"
	serve -k --echo "unix:$name"
	[ "$address" = "unix:$name" ]
	[ ! -e "$name" ]
	[ "$(usock connect "unix:$name" <<<hello)" = hello ]
	run -1 --separate-stderr usock listen --unlink "unix:$name"
	[[ ${stderr_lines[0]} =~ ^"usock: "(bind|listen)" unix:$name: Address already in use"$ ]]
	[ "${stderr_lines[1]}" = "usock: hint: a server has that name" ]
	server_ends_by TERM 143
	serve --echo "unix:$name"
	[ "$(usock connect "unix:$name" <<<hello)" = hello ]
	server_ends 0
}

# --- serving ------------------------------------------------------------------

tool_connects_to_path() { # TOOL NAME PATH
	need "$1"
	case $1 in
	nc.openbsd) start "$2" nc.openbsd -N -U "$3" ;;
	ncat) start "$2" ncat -U "$3" ;;
	socat) start "$2" socat -t "$patience" - "UNIX-CONNECT:$3" ;;
	usock) start "$2" "$USOCK" connect "unix:$3" ;;
	esac
}

echoes() { # TOOL
	head -c 8M /dev/urandom >data
	serve --echo unix:path
	from=data tool_connects_to_path "$1" client path
	finish "$pid"
	status_is 0
	cmp data client.out
	server_ends 0
	[ "$(field events end sent) $(field events end received)" = "8388608 8388608" ]
}

@test "--echo sends back everything: nc.openbsd" { echoes nc.openbsd; }
@test "--echo sends back everything: ncat" { echoes ncat; }
@test "--echo sends back everything: socat" { echoes socat; }
@test "--echo sends back everything: usock" { echoes usock; }

sends() { # TOOL
	head -c 8M /dev/urandom >data
	from=data serve unix:path
	tool_connects_to_path "$1" client path
	finish "$pid"
	status_is 0
	cmp data client.out
	server_ends 0
}

@test "our input reaches the client whole: nc.openbsd" { sends nc.openbsd; }
@test "our input reaches the client whole: ncat" { sends ncat; }
@test "our input reaches the client whole: socat" { sends socat; }
@test "our input reaches the client whole: usock" { sends usock; }

@test "-k serves many clients at once" {
	local name clients=()
	serve -k --echo unix:path
	for name in one two three; do
		start_peer $name connect unix:path "send:$name" recv:${#name} "touch:$name.served" file:go "send:again" recv:5 close
		clients+=("$pid")
	done
	for name in one two three; do
		eventually test -e $name.served
	done
	touch go
	for pid in "${clients[@]}"; do
		finish "$pid"
		[ "$status" = 0 ]
	done
	eventually has_events 3 end end peer-fin
}

@test "-k collects what all clients send" {
	serve -k unix:path
	usock connect unix:path <<<one
	eventually has_line server.out '^one$'
	usock connect unix:path <<<two
	eventually has_line server.out '^two$'
	text_is server.out 'one\ntwo\n'
}

@test "a program is told the path and who the client is" {
	local line
	serve -k unix:path -- env
	start client "$USOCK" connect unix:path
	finish "$pid"
	for line in USOCK_ID=1 USOCK_PROTO=unix USOCK_LOCAL_ADDR=path PROTO=UNIX UNIXLOCALPATH=path \
		"UNIXREMOTEPID=$pid" "UNIXREMOTEEUID=$(id -u)" "UNIXREMOTEEGID=$(id -g)"; do
		grep -q -x -F "$line" client.out || fail "no $line in $(cat client.out)"
	done
	has_no_line client.out '^TCP'
}

@test "what another server has told us about its client is not passed on" {
	serve_with env TCPREMOTEIP=old TCPREMOTEPORT=1 TCPREMOTEHOST=old USOCK_PEER_PORT=1 \
		"$USOCK" listen --ready-file server.ready -k unix:path -- env
	usock connect unix:path >got
	has_no_line got '^TCPREMOTE|^USOCK_PEER_PORT'
}

@test "a program has the connection itself, and its status is ours" {
	# shellcheck disable=SC2016
	serve unix:path --sh 'n=$(readlink /proc/self/fd/0); [ "$n" = "$(readlink /proc/$$/fd/1)" ] && ss -Hx | grep -q "path ${n//[!0-9]/}" && echo itself; exit 7'
	usock connect unix:path >got
	server_ends 7
}

@test "a client's end reaches the program, and what it says later the client" {
	serve unix:path --sh 'cat >seen; until [ -e go ]; do sleep 0.01; done; echo answer'
	(eventually test -s seen && touch go) 3>&- &
	peer 'send:question\n' shut save:got
	server_ends 0
	text_is seen 'question\n'
	text_is got 'answer\n'
}

@test "the address is told with -v, in the ready file and in the events" {
	serve -v --echo unix:path
	text_is server.err 'usock: listening on unix:path\n'
	text_is server.ready 'unix:path\n'
	[ "$(field events listening local)" = unix:path ]
	usock connect unix:path <<<hello
	server_ends 0
	says server.err '^usock: unix: > unix:path: end=peer-fin sent=6 received=6 seconds='
	[ "$(field events end local)" = unix:path ]
	[ "$(field events end end)" = peer-fin ]
}

@test "without -v nothing is told of a path" {
	serve --echo unix:path
	usock connect unix:path <<<hello
	server_ends 0
	is_empty server.err
}

@test "--max-clients: the next one waits until another leaves" {
	serve -k --max-clients 1 --echo unix:path
	start_peer one connect unix:path send:one recv:3 touch:one.served file:go close
	eventually test -e one.served
	start_peer two connect unix:path send:two none:0.3 touch:two.waits recv:3 close
	eventually test -e two.waits
	touch go
	finish "$pid"
	[ "$status" = 0 ] || fail "$(cat two.err)"
}
