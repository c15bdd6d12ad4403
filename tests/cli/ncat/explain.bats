# usock ncat --explain, help, links and completion: which ncat it is, and what it is in usock's words.

load ../lib/common

explains() { # EXPECTED ARG...
	run -0 --separate-stderr usock ncat --explain "${@:2}"
	[ "$output" = "$1" ] || fail "ncat ${*:2}: $output"
	[ -z "$stderr" ]
}

@test "a client in usock's words" {
	explains "usock connect --half-close 0 example.org 80" example.org 80
	explains "usock connect --half-close 0 example.org 31337" example.org
	explains "usock connect -4 --crlf --connect-timeout 3s --half-close 0 h 25" -C4 h 25 --wait 3s
	explains "usock connect --udp --quit-after 0 --framing=read=8192 h 53" -u h 53
	explains "usock connect --scan h 80" -z h 80
	explains "usock connect --half-close 0 unix:/run/app.sock" -U /run/app.sock
	explains "usock connect --half-close 0 vsock:2:1234" --vsock 2 1234
	explains "usock connect --tls --insecure --quiet --half-close 2 h 443" --ssl h 443
	explains "usock connect --server-name n --alpn a,b --tls --ca-file ca.pem --half-close 2 h 443" \
		--ssl-verify --ssl-trustfile ca.pem --ssl-servername n --ssl-alpn a,b h 443
	explains "usock connect --half-close 0 --proxy socks5h://u:p%40@gate:1080 h 22" --proxy gate --proxy-type socks5 --proxy-auth u:p@ h 22
	explains "usock connect --half-close 0 --proxy socks4://gate:9 h 22" --proxy gate:9 --proxy-type socks4 --proxy-dns local h 22
	explains "usock connect --tls --insecure --quiet --send-only h 443 </dev/null" -z --ssl h 443
	explains "usock connect --half-close 0 --proxy socks5://gate:1080 h 22" --proxy gate --proxy-type socks5 --proxy-dns both h 22
	explains "usock connect --half-close 0 --proxy http://gate:3128 h 22" --proxy gate --proxy-dns both h 22
	explains "usock connect h 22 -- /bin/echo 'a b' c" -e '/bin/echo a\ b c' h 22
}

@test "what is about sending is left out where nothing is sent" {
	explains "usock connect --recv-only h 1" --recv-only -C h 1
	explains "usock connect --crlf --sh=true h 1" --recv-only -C -c true h 1
}

@test "a server in usock's words" {
	explains "usock listen --half-close 0 8080" -l 8080
	explains "usock listen --half-close 0 127.0.0.1 31337" -l 127.0.0.1
	explains "usock listen --half-close 0 -k --broadcast-input --no-half-open 8080" -lk 8080
	explains "usock listen --recv-only --half-close 0 8080" -l --recv-only 8080
	explains "usock listen --recv-only -k 8080" -lk --recv-only --no-shutdown 8080
	explains "usock listen --send-only -k --broadcast-input 8080" -lk --send-only --no-shutdown 8080
	explains "usock listen --no-half-close 8080" -l --no-shutdown 8080
	explains "usock listen -k --max-clients 3 --refuse 8080 -- /bin/cat" -lk -m 3 -e /bin/cat 8080
	explains "usock listen -k --sh=cat 8080" -l 8080 -k -c cat
	explains "usock listen -k --broker --no-half-open 8080" --broker 8080
	explains "usock listen -k --proxy-server http --plain-methods --proxy-users FILE 8080" -l --proxy-type http --proxy-auth u:p 8080
	explains "usock listen --udp --after-eof none --framing=read=8192 --first-sender 514" -lu 514
	explains "usock listen --tls --self-signed --half-close 2 443" -l --ssl 443
}

@test "access lists are entries, and commas of octets stay" {
	explains "usock listen --half-close 0 --allow 10.0.0.1 --allow 10.0.0.0/8 --allow a.test --deny @bad 80" \
		-l 80 --allow 10.0.0.1,10.0.0.0/8,a.test --denyfile bad
	explains "usock listen --half-close 0 --allow 192.168.0-3.1,7-9 --allow ::1 80" -l 80 --allow 192.168.0-3.1,7-9,::1
}

@test "what differs is said" {
	run -0 usock ncat --explain -x log h 80
	[ "${lines[1]}" = "# -x: each line begins with its direction, > or <" ]
}

@test "what --explain prints is a line that usock takes" {
	usock_listens server -k --echo
	run -0 usock ncat --explain -w 5 127.0.0.1 "$port"
	[ "$(sh -c "echo hello | \"$USOCK\" ${output#usock}")" = hello ]
}

@test "a link named ncat is ncat" {
	mkdir bin
	ln -s "$USOCK" bin/ncat
	run -2 --separate-stderr bin/ncat 127.0.0.1 http
	[ "$stderr" = 'Ncat: Invalid port number "http". QUITTING.' ]
}

@test "help says which ncat it is" {
	run -0 --separate-stderr usock ncat -h
	[[ $output == "Ncat 7.96 ( https://nmap.org/ncat ), by usock "* && -z $stderr ]]
	[[ $output == *"--ssl-servername name"* ]]
	run -0 usock ncat --help
	[[ $output == *"--proxy-dns type"* ]]
	run -0 usock help ncat
	[[ $output == *"--explain"* && $output == *"--sh-exec command"* ]]
}

@test "what is not offered says so" {
	run -2 --separate-stderr usock ncat --lua-exec x h 1
	[[ $stderr == "Ncat: Lua is not built in"*QUITTING. ]] || fail "$stderr"
}

@test "completion offers the letters and the names" {
	run -0 usock __complete ncat -
	for word in -4 -z --ssl --chat --explain --help; do
		[[ $'\n'$output == *$'\n'"$word"$'\t'* ]] || fail "not offered: $word"
	done
}

@test "a number of clients that is none is refused, and not left out" {
	for number in 0 -1 x 3x ''; do
		run -2 --separate-stderr usock ncat -l -k --max-conns "$number" 127.0.0.1 0
		[[ $stderr == "Ncat: Invalid maximum number of connections \"$number\". QUITTING." ]] || fail "$number: $stderr"
	done
}

@test "a login or a proxy that is too long is refused, and not cut" {
	long=$(printf '%02000d' 0)
	for words in "--proxy p --proxy-auth $long:x" "--proxy p --proxy-auth x:$long" "--proxy $long"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr usock ncat --explain $words h 1
		[[ $stderr == *"too long. QUITTING." ]] || fail "$stderr"
	done
	run -1 --separate-stderr usock nc --explain -x "$long" h 1
	[[ $stderr == *"too long" ]]
}
