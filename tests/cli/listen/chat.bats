# listen -k --chat: lines of clients go to all others, with their names.
# shellcheck disable=SC2154 # status, output and pid are bats' and lib's

load ../lib/common

# Starts the server, with the operator's FIFO as 7; sets $server and $port.
chats() { # ARG...
	mkfifo operator
	from=operator start server "$USOCK" listen -k --chat --ready-file server.ready "$@" 127.0.0.1 0
	server=$pid
	exec 7>operator
	is_ready server
}

declare -A keys # of each user: a descriptor that it reads

# Joins as NAME.
joins() { # NAME COMMAND...
	local fd
	mkfifo "$1"
	from=$1 start "$@"
	exec {fd}>"$1"
	keys[$1]=$fd
	types "$1" "/nick $1"
	eventually has_line "$1.out" "is now $1"
}

types() { # NAME LINE
	echo "$2" >&"${keys[$1]}"
}

@test "users of nc, ncat, socat and usock hear each other by name" {
	need nc.openbsd ncat socat
	chats
	joins alice nc.openbsd 127.0.0.1 "$port"
	types alice 'alone here'
	joins bob ncat 127.0.0.1 "$port"
	joins carol socat - "TCP4:127.0.0.1:$port"
	joins dave "$USOCK" connect 127.0.0.1 "$port"
	types dave hello
	for who in alice bob carol server; do
		eventually has_line "$who.out" '^<dave> hello$'
	done
	says server.out '^<alice> alone here$'
	says alice.out '^\* you are guest1; /help lists the commands$'
	says alice.out '^\* guest2 has joined$'
	says carol.out '^\* guest4 is now dave$'
	has_line dave.out '<dave>' && fail "he hears himself"
	has_line bob.out 'alone here' && fail "he heard what was said before"
	# shellcheck disable=SC1083,SC2093
	exec {keys[dave]}>&-
	eventually has_line alice.out '^\* dave has left$'
}

@test "a telnet client takes part" {
	need telnet
	chats
	joins alice "$USOCK" connect 127.0.0.1 "$port"
	mkfifo keys
	from=keys start bob telnet 127.0.0.1 "$port"
	exec 9>keys
	eventually has_line bob.out 'you are guest2'
	echo 'from telnet' >&9
	eventually has_line alice.out '^<guest2> from telnet$'
	types alice 'to telnet'
	eventually has_line bob.out '<alice> to telnet'
	exec 9>&-
}

@test "the server's terminal takes part, and kicks" {
	chats
	joins alice "$USOCK" connect 127.0.0.1 "$port"
	local alice=$pid
	joins bob "$USOCK" connect 127.0.0.1 "$port"
	echo 'hello from here' >&7
	eventually has_line bob.out '^<server> hello from here$'
	echo '/list' >&7
	eventually has_line server.out '^\* here: bob alice server$'
	echo '/msg bob only you' >&7
	eventually has_line bob.out '^<server> \(only to you\) only you$'
	echo '/kick alice' >&7
	finish "$alice"
	status_is 0
	says alice.out '^\* you are kicked$'
	eventually has_line bob.out '^\* alice is kicked$'
	has_line alice.out 'only you' && fail "it was for bob"
	has_line bob.out 'alice has left' && fail "she was kicked"
	echo '/kick nobody' >&7
	eventually has_line server.out '^\* nobody is called nobody$'
	echo '/kick server' >&7
	eventually has_line server.out '^\* that is you$'
	# the end of its input is not the end
	exec 7>&-
	types bob still
	eventually has_line server.out '^<bob> still$'
}

@test "a kicked user that reads nothing is gone a second later" {
	chats
	start_peer stuck connect "127.0.0.1:$port" file:on after-reset
	eventually has_line server.out '^\* guest1 has joined$'
	joins bob "$USOCK" connect 127.0.0.1 "$port"
	echo '/kick guest1' >&7
	eventually has_line bob.out '^\* guest1 is kicked$'
	eventually gone_from_port 1
	touch on
}

gone_from_port() { # N
	[ "$(ss -Htn state established "sport = :$port" | wc -l)" = "$1" ]
}

@test "commands: names, private lines, mistakes" {
	chats
	joins alice "$USOCK" connect 127.0.0.1 "$port"
	mkfifo second
	from=second start bob "$USOCK" connect 127.0.0.1 "$port"
	local bob=$pid
	exec 9>second
	echo /nick alice >&9
	eventually has_line bob.out '^\* alice is taken$'
	echo '/nick two words' >&9
	eventually has_line bob.out '^\* a name has 1 to 32 bytes without spaces'
	echo '/nick server' >&9
	echo '/nick guest9' >&9
	echo '/nick' >&9
	echo '/nick Bjørn' >&9
	eventually has_line alice.out '^\* guest2 is now Bjørn$'
	[ "$(grep -c 'a name has' bob.out)" = 4 ]
	echo '/msg alice psst' >&9
	eventually has_line alice.out '^<Bjørn> \(only to you\) psst$'
	echo '/msg carol psst' >&9
	eventually has_line bob.out '^\* nobody is called carol$'
	echo '/kick alice' >&9
	eventually has_line bob.out '^\* /kick is no command; /help lists them$'
	echo '//not a command' >&9
	eventually has_line alice.out '^<Bjørn> /not a command$'
	echo '/help' >&9
	eventually has_line bob.out '^\* /quit: leave$'
	has_line bob.out '/kick NAME' && fail "that is not for users"
	echo '/list' >&9
	eventually has_line bob.out '^\* here: Bjørn alice server$'
	echo '/quit' >&9
	eventually has_line alice.out '^\* Bjørn has left$'
	exec 9>&-
	finish "$bob"
	status_is 0
	has_line server.out psst && fail "that was for alice alone"
	true
}

@test "control characters are harmless, UTF-8 stays, long lines are cut" {
	chats
	joins alice "$USOCK" connect 127.0.0.1 "$port"
	printf 'a\033[2Jb\001\377 \xc2\x9b Grüße\r\n' >raw
	{
		head -c 5000 /dev/zero | tr '\0' y
		echo
		echo after
		printf 'no end'
	} >>raw
	from=raw start bob "$USOCK" connect 127.0.0.1 "$port"
	local bob=$pid
	finish "$bob"
	status_is 0
	eventually has_line alice.out '^<guest2> after$'
	eventually has_line alice.out '^<guest2> no end$'
	says alice.out '^<guest2> a\\e\[2Jb\\x01\\xff \\xc2\\x9b Grüße$'
	says alice.out '^<guest2> y{4096}$'
	says bob.out '^\* your line was cut after 4096 bytes$'
}

@test "over TLS and packets, and lines end with CR LF where that is asked" {
	mkfifo operator
	from=operator start server "$USOCK" listen -k --chat --tls --self-signed -C --ready-file server.ready 127.0.0.1 0
	exec 7>operator
	is_ready server
	joins alice "$USOCK" connect --quiet --tls --insecure 127.0.0.1 "$port"
	echo hello >&7
	eventually has_line alice.out $'^<server> hello\r$'
	kill -TERM "$server" 2>/dev/null || :
	from=operator start packets "$USOCK" listen -k --chat --type seqpacket --ready-file packets.ready unix:packets
	is_ready packets
	joins bob "$USOCK" connect --type seqpacket unix:packets
	joins carol "$USOCK" connect --type seqpacket unix:packets
	types carol hello
	eventually has_line bob.out '^<carol> hello$'
}

@test "a user that takes nothing is given up, and the others go on" {
	chats -o SO_SNDBUF=16k
	start_peer stuck connect "127.0.0.1:$port" file:on after-reset
	eventually has_line server.out '^\* guest1 has joined$'
	joins alice "$USOCK" connect 127.0.0.1 "$port"
	yes "$(printf 'x%.0s' {1..200})" | head -n 60000 >lines
	from=lines start bob "$USOCK" connect --no-half-close 127.0.0.1 "$port"
	eventually has_line server.err 'it took too little for 5 s, and the others wait for it$'
	eventually has_line alice.out '^\* guest1 has left$'
	eventually all_lines alice.out
	touch on
}

all_lines() { # FILE
	[ "$(grep -c '^<guest3> x' "$1")" = 60000 ]
}

@test "on a terminal what is typed and what is heard are lines of their own" {
	need tmux
	export TMUX_TMPDIR=$BATS_TEST_TMPDIR
	tmux -f /dev/null new-session -d -s chat -x 80 -y 24 \
		"'$USOCK' listen -k --chat --ready-file server.ready 127.0.0.1 0 2>server.err"
	eventually test -s server.ready
	port=$(sed 's/.*://' server.ready)
	joins alice "$USOCK" connect 127.0.0.1 "$port"
	types alice 'hello terminal'
	eventually shows '<alice> hello terminal'
	tmux send-keys -t chat 'hello alice' Enter
	eventually has_line alice.out '^<server> hello alice$'
	tmux send-keys -t chat '/list' Enter
	eventually shows '\* here: alice server'
	tmux send-keys -t chat C-c
	eventually session_is_over
}

shows() { # REGEX
	tmux capture-pane -p -t chat | grep -q -E "^$1\$"
}

session_is_over() {
	! tmux has-session -t chat 2>/dev/null
}

@test "--chat and what does not go with it" {
	local words
	while read -r -a words; do
		run -2 --separate-stderr usock listen --chat "${words[@]}"
		[[ $stderr == *"usock: listen: --"* ]] || fail "${words[*]}: $stderr"
	done <<-END
		0
		-k --echo 0
		-k --discard 0
		-k --send x 0
		-k --sh cat 0
		-k --broker 0
		-k --broadcast-input 0
		-k --framing line 0
		-k --send-only 0
		-k --recv-only 0
		-k --half-open 0
		-k -u 0
		-k 0 -- cat
	END
}

@test "output that cannot be written ends the chat with 8, with users and without" {
	mkfifo operator
	from=operator to=/dev/full start server "$USOCK" listen -k --chat --ready-file server.ready 127.0.0.1 0
	server=$pid
	exec 7>operator
	is_ready server
	usock connect --send-only 127.0.0.1 "$port" </dev/null
	finish "$server"
	status_is 8
	has_line server.err '^usock: write stdout: No space left on device$'
	exec 7>&-
	to=/dev/full start server "$USOCK" listen -k --chat --ready-file again.ready 127.0.0.1 0
	server=$pid
	is_ready again
	usock connect --quiet --recv-only 127.0.0.1 "$port" >/dev/null 2>&1 || :
	finish "$server"
	status_is 8
}

# Has a user say 2000 lines of 100 bytes, and waits until the chat has read them.
talks() { # FILE
	yes "$(printf '%098d' 0)" | head -n 2000 >"$1"
	usock connect --quit-after 100ms 127.0.0.1 "$port" <"$1" >/dev/null
}

@test "a chat that is drained writes what was said, for as long as it may take" {
	mkfifo slow
	exec 7<>slow
	to=slow start server "$USOCK" listen -k --chat --drain 30 --ready-file server.ready 127.0.0.1 0
	server=$pid
	is_ready server
	talks said
	kill -TERM "$server"
	eventually has_line server.err '^usock: draining: [01] connected'
	from=slow start reader cat
	exec 7<&-
	finish "$server"
	status_is 0
	finish "$pid"
	has_count 2000 '^<guest1> 0*$' reader.out
	has_line reader.out '^\* guest1 has left$'
}

@test "what nobody reads of a chat that ends is reported as lost" {
	mkfifo slow
	exec 7<>slow
	to=slow start server "$USOCK" listen -k --chat --ready-file server.ready 127.0.0.1 0
	server=$pid
	is_ready server
	talks said
	kill -TERM "$server"
	finish "$server"
	status_is 143
	exec 7<&-
	has_line server.err '^usock: standard output: the last [0-9]+ bytes are lost: nobody read them$'
}
