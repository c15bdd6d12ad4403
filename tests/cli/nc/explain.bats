# usock nc --explain, help, links and completion: which nc it is, and what it is in usock's words.

load ../lib/common

explains() { # EXPECTED ARG...
	run -0 --separate-stderr usock nc --explain "${@:2}"
	[ "$output" = "$1" ] || fail "nc ${*:2}: $output"
	[ -z "$stderr" ]
}

@test "a client in usock's words" {
	explains "usock connect --no-half-close --half-open example.org 80" example.org 80
	explains "usock connect --half-close 0 --half-open example.org 80" -N example.org 80
	explains "usock connect --connect-timeout 3 --idle-timeout 3 --no-half-close --half-open ::1 80" -w3 ::1 80
	explains "usock connect -4 --crlf --source-port 4000 --half-close 0 --half-open --source 127.0.0.1 h 25" \
		-4C -p 4000 -q 2 -s 127.0.0.1 h 25
	explains "usock connect --udp --connect-timeout 1 --idle-timeout 1 --after-eof none --framing=read=16384 h 53" -uw 1 h 53
	explains "usock connect --half-close 0 --half-open h 25" -q0 h 25
	explains "usock connect --recv-only --no-half-close --half-open h 25" -dC -i1 h 25
	explains "usock connect --delay 1 --scan h 20-25" -dz -i1 h 20-25
	explains "usock connect --udp --quit-after 0 --framing=read=16384 h 53" -uq 0 h 53
	explains "usock connect --scan h 20-25
usock connect --scan h 80" -z h 25-20 80
	explains "usock connect --half-close 0 --half-open unix:/run/app.sock" -NU /run/app.sock
	explains "usock connect --no-half-close --half-open --proxy http://gate:3128 h 22" -X connect -x gate h 22
	explains "usock connect --no-half-close --half-open --proxy http://me:PASSWORD@gate:8080 h 22" -X connect -x gate:8080 -P me h 22
}

@test "a port may have leading zeros, however many" {
	explains "usock connect --scan h 801-802" -z h 00000000000000000801-802
	run -0 --separate-stderr usock nc --explain -x gate:00000000000000000801 h 80
	[[ $output == *"--proxy socks5h://gate:801 "* ]] || fail "$output"
}

@test "what nc ignores with a unix socket is left out" {
	explains "usock connect --no-half-close --half-open unix:x" -4 -b -M 3 -m 2 -T lowdelay -U x
}

@test "a line that usock would refuse is not printed" {
	run -1 --separate-stderr usock nc --explain -p 99999 h 80
	[[ -z $output && $stderr == "nc: --source-port: '99999' is not a port"* ]] || fail "$output $stderr"
}

@test "a server in usock's words" {
	explains "usock listen --no-half-close --reuse-port -4 8080" -l 8080
	explains "usock listen --no-half-close -k --serial --reuse-port 127.0.0.1 8080" -lk 127.0.0.1 8080
	explains "usock listen --half-close 0 --quit-after 0 --reuse-port -4 80" -lq 0 80
	explains "usock listen --udp --after-eof none --framing=read=16384 --first-sender --reuse-port -4 514" -lu 514
	explains "usock listen --udp --framing=read=16384 -k --reuse-port -4 514" -luk 514
	# of -4 and -6 the last one counts
	explains "usock listen --no-half-close --reuse-port 8080" -46l 8080
	explains "usock listen -4 --no-half-close --reuse-port 8080" -64l 8080
}

@test "what --explain prints is a line that usock takes" {
	usock_listens server -k --echo
	run -0 usock nc --explain -N -w 5 127.0.0.1 "$port"
	[ "$(sh -c "echo hello | \"$USOCK\" ${output#usock}")" = hello ]
}

@test "a word that a shell would change is quoted" {
	explains "usock connect --no-half-close --half-open 'unix:/tmp/a b'\\''c'" -U "/tmp/a b'c"
}

@test "a link named nc, nc.openbsd or netcat is nc" {
	mkdir bin
	for name in nc nc.openbsd netcat; do
		ln -s "$USOCK" "bin/$name"
		run -1 --separate-stderr "bin/$name" -z 127.0.0.1 0
		[ "$stderr" = "nc: port number too small: 0" ] || fail "$name: $stderr"
	done
	# -V is nc's here, and usock's elsewhere
	run -1 --separate-stderr bin/nc -V 1
	[ "$stderr" = "nc: no alternate routing table support available" ]
}

# What the hints say is followed, too.
@test "letters of other netcats: what they are here, and it works" {
	# shellcheck disable=SC2053 # a pattern
	says() { # HINT ARG...
		run -1 --separate-stderr usock nc "${@:2}"
		[[ $stderr == "nc: invalid option -- "*$'\n'"usage: "*$'\n'"nc: hint: "$1 ]] || fail "${*:2}: $stderr"
	}
	says "usock ncat -e 'PROGRAM ARG...' runs a program, with the other words as they are; usock listen PORT -- PROGRAM ARG..." -l -p 80 -e /bin/sh
	says "usock ncat -c LINE runs *" -c 'echo hi' h 1
	says "usock ncat -x FILE *" -o log h 1
	says "usock ncat -4 -g HOP,... *" -g 192.0.2.1 h 1
	says "-w SECONDS *" -z -G 3 h 1
	says "-lk *" -L -p 80
	says "long options are those of ncat: usock ncat, with the same words" --recv-only h 1
	run -1 --separate-stderr usock nc -y h 1
	[[ $stderr != *hint* ]]
	start server "$USOCK" ncat -lvp 0 -e 'echo one two'
	eventually has_line server.err '0\.0\.0\.0:[1-9]'
	port=$(sed -n 's/.*0\.0\.0\.0:\([1-9]\)/\1/p' server.err)
	[ "$(usock nc -d 127.0.0.1 "$port")" = "one two" ]
	usock_listens server -k --sh 'echo three'
	[ "$(usock ncat --recv-only 127.0.0.1 "$port")" = three ]
	run -0 usock nc -z -w 3 127.0.0.1 "$port"
}

@test "-v asks a port of datagrams first" {
	explains "usock connect --scan --udp --connect-timeout 1 h 53
usock connect --udp --connect-timeout 1 --idle-timeout 1 --after-eof none --framing=read=16384 h 53" -uvw 1 h 53
}

@test "help says which nc it is" {
	run -0 --separate-stderr usock nc -h
	[[ $stderr == "OpenBSD netcat (Debian patchlevel 1.219-1), by usock "* && -z $output ]]
	[[ $stderr == *$'\n''usage: nc [-46bCDdFhklNnrStUuvz]'* ]]
	run -0 usock nc --help
	[[ $output == *"OpenBSD"* && $output == *"--explain"* && $output == *"-X proxy_protocol"* ]]
	run -0 usock help nc
	[[ $output == *"-w timeout"* ]]
}

@test "completion offers the letters and --explain" {
	run -0 usock __complete nc -
	for word in -4 -z -w -X --explain --help; do
		[[ $'\n'$output == *$'\n'"$word"$'\t'* ]] || fail "not offered: $word"
	done
}
