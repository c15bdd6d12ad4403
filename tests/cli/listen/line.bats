# `usock listen` on serial lines: who has the line is the client.
#
# What stands in single quotes here is for other programs' shells.
# shellcheck disable=SC2016
# shellcheck disable=SC2154 # from lib: pid, status, patience, server, address

load ../lib/listen

@test "pty: who opens the link is the client, and its close is the end" {
	serve pty:link --sh 'read -r x; echo "got $x"; cat >/dev/null'
	[ "$address" = pty:link ]
	# shellcheck disable=SC2238
	exec 5<>link
	send_line 5 word
	receives 5 'got word'
	exec 5>&-
	server_ends 0
	[ ! -L link ]
}

@test "pty: -k serves one opener after the other, and links until it is ended" {
	local i
	serve -k pty:link --echo
	for i in 1 2 3; do
		# shellcheck disable=SC2238
		exec 5<>link
		send_line 5 "round $i"
		receives 5 "round $i"
		exec 5>&-
		eventually has_events "$i" end
	done
	events_are 3 accepted
	server_ends_by TERM 143
	[ ! -L link ]
}

@test "pty: --accept-timeout is the time to wait for an opener" {
	run -124 usock listen --accept-timeout 0.2 pty:link
	[ "$output" = "usock: accept pty:link: timed out: no client came" ]
	[ ! -L link ]
}

@test "tty: the device is the client, and again when it has come back" {
	need socat
	start cable socat pty,link=a,raw,echo=0 pty,link=b,raw,echo=0
	cable=$pid
	eventually test -e a
	eventually test -e b
	serve -k tty:a --echo
	[ "$address" = tty:a ]
	exec 5<>b
	send_line 5 one
	receives 5 one
	exec 5>&-
	kill "$cable"
	finish "$cable"
	eventually has_events 1 end
	start cable socat pty,link=a,raw,echo=0 pty,link=b,raw,echo=0
	eventually test -e b
	eventually has_events 2 accepted
	exec 5<>b
	send_line 5 two
	receives 5 two
	exec 5>&-
	server_ends_by INT 130
}

@test "tty: a device that is not there is an error at the start" {
	run -1 usock listen tty:none --echo
	[ "$output" = "usock: listen tty:none: No such file or directory" ]
}
