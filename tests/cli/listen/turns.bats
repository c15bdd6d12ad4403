# Clients in turn (--serial), and the first sender of datagrams (--first-sender).

load ../lib/common
load ../lib/listen

@test "--serial: one client after the other, each with standard input and output" {
	mkfifo in
	from=in to=out usock_listens server -k --serial &
	exec 9>in
	eventually test -e server.ready
	port=$(sed 's/.*://' server.ready)
	echo first | usock connect --half-close 0 --after-eof 300ms 127.0.0.1 "$port" >one || :
	eventually has_line out first
	echo second | usock connect --half-close 0 --after-eof 300ms 127.0.0.1 "$port" >two || :
	eventually has_line out second
	exec 9>&-
	pkill -TERM -f "ready-file server.ready -k --serial" || :
}

@test "--serial needs --keep-open, and connections" {
	run -2 --separate-stderr usock listen --serial 0
	[[ $stderr == *"--serial: needs --keep-open"* ]]
	run -2 --separate-stderr usock listen -ku --serial 0
	[[ $stderr == *"--serial: only with connections"* ]]
	run -2 --separate-stderr usock listen -k --serial --echo 0
	[[ $stderr == *"--serial"*"--echo"* ]]
}

@test "--first-sender hears and answers the first sender alone" {
	echo answer >in
	from=in start server "$USOCK" listen -u --first-sender --ready-file ready --after-eof 500ms 127.0.0.1 0
	eventually test -s ready
	port=$(sed 's/.*://' ready)
	run -0 usock sendto --wait 300ms "127.0.0.1:$port" one
	[ "$output" = answer ]
	run usock sendto "127.0.0.1:$port" two
	finish "$pid"
	[ "$status" = 0 ]
	[ "$(cat server.out)" = one ]
}

@test "--first-sender is for datagrams, and may be limited" {
	run -2 --separate-stderr usock listen --first-sender 0
	[[ $stderr == *"--first-sender: only with datagrams"* ]]
	run -124 --separate-stderr usock listen -u --first-sender --accept-timeout 100ms 127.0.0.1 0
	[[ $stderr == *"timed out: no datagram came"* ]]
}

@test "--max-receives ends after datagrams, and leaves the rest unread" {
	start server "$USOCK" listen -u --max-receives 2 --ready-file ready 127.0.0.1 0
	eventually test -s ready
	port=$(sed 's/.*://' ready)
	usock sendto "127.0.0.1:$port" a b
	finish "$pid"
	[ "$status" = 0 ]
	[ "$(cat server.out)" = ab ]
}
