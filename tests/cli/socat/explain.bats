# usock socat --explain: the line of usock, or the word that has no counterpart.
#
# shellcheck disable=SC2154 # stderr_lines comes from run

load ../lib/common
start_fast

# Socat's words, each behind a bar, and the lines of usock.
table() {
	sed 's/^\t*//' <<-'END'
		- TCP:h:80|usock connect h:80
		- TCP:h:80,retry=5,interval=1,forever|usock connect --retry-interval 1 --retry 1000000 h:80
		- TCP:h:80,forever,retry=5|usock connect --retry 1000000 h:80
		- TCP:h:80,ttl=1,crnl,ttl=2,crlf|usock connect --ttl 2 --crlf h:80
		TCP6:[::1]:80 STDIO|usock connect -6 '[::1]:80'
		-dd -T 5 -t 1 - TCP:h:80|usock connect --idle-timeout 5 --quit-after 1 -v h:80
		-x -u STDIN TCP:h:80|usock connect --hexdump --send-only h:80
		-4 TCP-LISTEN:80,reuseaddr -|usock listen -4 80
		TCP-LISTEN:80,bind=127.0.0.1,fork,max-children=5,range=10.0.0.0/8 EXEC:/bin/cat|usock listen -k --max-clients 5 --allow 10.0.0.0/8 127.0.0.1:80 -- /bin/cat
		TCP-LISTEN:80 EXEC:"sh -c \"'echo hi'\""|usock listen 80 -- sh -c 'echo hi'
		TCP-LISTEN:80,fork SYSTEM:"echo hi",pty,stderr|usock listen -k --pty '--sh=echo hi' 80
		TCP-LISTEN:80,fork TCP:h:81|usock listen -k --forward h:81 80
		exec:'bash -li',pty,stderr,setsid,sigint,sane tcp:h:80|usock connect --pty h:80 -- bash -li
		TCP-LISTEN:80,fork,range=10.0.0.0:255.128.0.0 EXEC:cat|usock listen -k --allow 10.0.0.0/9 80 -- cat
		-d -d -lf /tmp/log -lp name TCP-LISTEN:80,fork TCP:h:81|usock listen -k -v --forward h:81 80
		TCP-LISTEN:80,fork FILE:/etc/passwd,creat|usock listen -k --send /etc/passwd 80
		PTY,link=/tmp/modem,b9600,waitslave TCP:h:80|usock connect pty:/tmp/modem -- usock connect h:80
		TCP-LISTEN:80,fork TCP:h:81,nodelay|usock listen -k 80 -- usock connect --sockopt TCP_NODELAY=1 h:81
		TCP-LISTEN:80,fork OPENSSL:h:443|usock listen -k --forward tls:h:443 80
		TCP-LISTEN:80,fork SOCKS4A:p:h:80|usock listen -k 80 -- usock connect --proxy socks4a://p:1080 h:80
		OPENSSL-LISTEN:443,cert=a.pem,verify=0,fork TCP:h:80|usock listen --tls --cert a.pem -k --forward h:80 443
		OPENSSL-LISTEN:443,cert=a.pem,cafile=ca.pem -|usock listen --tls --client-ca ca.pem --cert a.pem 443
		- OPENSSL:h:443,verify=0|usock connect --tls --insecure h:443
		UDP-LISTEN:53,fork UDP:h:53|usock listen -u -k --forward udp:h:53 53
		UDP-LISTEN:53 -|usock listen -u --first-sender --framing=read=8192 53
		-u UDP-RECV:514 STDOUT|usock listen -u -k --framing=read=8192 --recv-only 514
		UDP-RECVFROM:7,fork PIPE|usock listen -u -k --echo 7
		- UDP-DATAGRAM:224.0.0.1:99,bind=:99,ip-add-membership=224.0.0.1:eth0|usock sendto --source-port 99 --join=224.0.0.1%eth0 --framing=read=8192 --wait 500ms 224.0.0.1:99
		-u TCP:h:80 CREATE:out|usock connect --recv-only h:80 >out
		-u TCP:h:80 OPEN:out,creat,append|usock connect --recv-only h:80 >>out
		-u FILE:in TCP-LISTEN:80,fork|usock listen -k --send in 80
		-u STDIN TCP-LISTEN:80,fork|usock listen -k --broadcast-input 80
		PTY,link=/tmp/modem,raw,echo=0 TCP:h:80|usock connect pty:/tmp/modem -- usock connect h:80
		TCP-LISTEN:80,fork FILE:/dev/ttyUSB0,b9600,raw,crtscts|usock listen -k --forward tty:/dev/ttyUSB0,9600,crtscts 80
		PROXY:p:h:80,proxyport=3128,proxyauth=u:p -|usock connect --proxy http://u:p@p:3128 h:80
		SOCKS5:p:1080:h:80 -|usock connect --proxy socks5h://p:1080 h:80
		ABSTRACT-LISTEN:name,fork EXEC:cat|usock listen -k unix:@name -- cat
		VSOCK-CONNECT:2:1234 -|usock connect vsock:2:1234
		SCTP-LISTEN:80 -|usock listen --proto sctp 80
		UNIX-LISTEN:/run/s,fork,mode=660,group=users,unlink-early TCP:h:80|usock listen -k --mode 660 --group users --unlink --forward h:80 unix:/run/s
		-,ignoreeof TCP:h:80,shut-none|usock connect --no-half-close --no-half-close h:80
	END
}

@test "pairs of addresses in usock's words" {
	local words line wrong=() n=0
	while IFS='|' read -r words line; do
		eval "run -0 --separate-stderr usock socat --explain $words" || fail "$words"
		[ "${lines[0]}" = "$line" ] || wrong+=("$words" "  not $line" "  but $output")
		n=$((n + 1))
	done < <(table)
	[ ${#wrong[@]} = 0 ] || fail "$(printf '%s\n' "${wrong[@]}")"
	[ "$n" -gt 30 ]
}

@test "what differs is a comment behind the line" {
	run -0 usock socat --explain -,ignoreeof TCP:h:80,crnl
	[ "${lines[1]}" = "# ignoreeof: what is appended to a file later is not read: tail -f FILE | usock ..." ]
	[ "${lines[2]}" = "# crnl: CR LF that comes is not changed to LF" ]
	run -0 usock socat --explain -v - TCP:h:80
	[ "${lines[1]}" = "# -v: the data is shown in hexadecimal, too" ]
}

@test "a path that is a socket is connected to" {
	start server "$USOCK" listen -k unix:s.sock --sh 'echo here'
	eventually test -S s.sock
	run -0 usock socat --explain stdio ./s.sock
	[ "$output" = "usock connect unix:./s.sock" ] || fail "$output"
	run -0 usock socat --explain "$PWD/s.sock" TCP-LISTEN:80
	[ "$output" = "usock listen --forward unix:$PWD/s.sock 80" ] || fail "$output"
}

@test "the terminal of a program is not raw, which is said" {
	run -0 usock socat --explain TCP-LISTEN:80 EXEC:./x,pty,raw,echo=0
	[ "${lines[0]}" = "usock listen --pty 80 -- ./x" ]
	[[ ${lines[1]} == "# raw, echo: "*"stty raw -echo"* ]]
}

# The word | what is said of it | the beginning of the hint
refused() {
	sed 's/^\t*//' <<-'END'
		TUN - |socat: TUN: usock has no counterpart|packets of an interface
		INTERFACE:eth0 -|socat: INTERFACE: usock has no counterpart|packets of an interface
		READLINE TCP:h:80|socat: READLINE: usock has no counterpart|the prompt reads lines
		IP-SENDTO:h:1 -|socat: IP-SENDTO: usock has no counterpart|usock sendto --type raw
		TCP-LISTEN:80,su=nobody -|socat: TCP-LISTEN: usock has no counterpart of the option su|usock does not change its user
		TCP-LISTEN:80 EXEC:cat,su=nobody|socat: EXEC: usock has no counterpart of the option su|usock does not change its user
		TCP-LISTEN:80 EXEC:cat,chroot=/x|socat: EXEC: usock has no counterpart of the option chroot|usock does not change its root
		- UDP:h:9,shut-null|socat: UDP: usock has no counterpart of the option shut-null|an empty datagram
		- TCP:h:80,cr|socat: TCP: usock has no counterpart of the option cr|
		- TCP:h:80,fork|socat: TCP: usock has no counterpart of the option fork|usock connect --reconnect
		- TCP:h:80,no-such|socat: TCP: usock has no counterpart of the option no-such|
		PTY TCP:h:80|socat: PTY: usock has no counterpart without link=PATH|PTY,link=PATH gives the terminal a name
		STDIN!!STDOUT TCP:h:80|socat: STDIN!!STDOUT: usock has no counterpart of !!|
		- NOSUCH:1|socat: NOSUCH: socat has no such address|
		- TCP:80|socat: TCP: wrong number of parameters: 1, not 2|
		- -|socat: STDIO and STDIO: neither is a socket|
		- ./no.sock|socat: STDIO and GOPEN: neither is a socket|UNIX-CONNECT:PATH
		-,raw,echo=0 TCP:h:80|socat: STDIO: usock has no counterpart of the option raw|stty(1) sets the terminal
		FILE:a CREATE:b|socat: FILE and CREATE: neither is a socket|
		-L lock - TCP:h:80|socat: -L has no counterpart; a lock|
		TCP:h:80|socat: socat has two addresses, not 1|
	END
}

@test "a word without a counterpart is named, with what there is instead" {
	local words text hint
	while IFS='|' read -r words text hint; do
		eval "set -- $words"
		run -2 --separate-stderr usock socat --explain "$@"
		[ -z "$output" ] || fail "$words: $output"
		[[ ${stderr_lines[0]} == "usock: $text"* ]] || fail "$words: ${stderr_lines[0]}"
		[ -z "$hint" ] || [[ ${stderr_lines[1]} == "usock: hint: $hint"* ]] || fail "$words: ${stderr_lines[1]-}"
	done < <(refused)
}

@test "a line that usock would refuse is not printed" {
	local words said
	while IFS='|' read -r words said; do
		eval "set -- $words"
		run -2 --separate-stderr usock socat --explain "$@"
		[ -z "$output" ] || fail "$words: $output"
		[[ ${stderr_lines[0]} == "usock: socat: $said"* ]] || fail "$words: ${stderr_lines[0]}"
	done <<-'END'
		- TCP:h:80,connect-timeout=soon|usock connect: --connect-timeout: 'soon' is not a duration
		TCP-LISTEN:80,max-children=0,fork -|usock listen: --max-clients: '0' is not a number (1-1000000)
		-T never - TCP:h:80|usock connect: --idle-timeout: 'never' is not a duration
		- TCP:h:99999|usock connect: 'h:99999': port 99999 is not in 0-65535
		TCP-LISTEN:80,fork TCP:h:81,nodelay,connect-timeout=|usock listen: --connect-timeout: '' is not a duration
	END
}

@test "addresses are not run" {
	run -2 --separate-stderr usock socat - TCP:127.0.0.1:1
	[ "${stderr_lines[0]}" = "usock: socat: usock does not run addresses of socat" ]
	[[ ${stderr_lines[1]} == *"usock socat --explain"* ]]
	[ -z "$output" ]
}

@test "help and completion" {
	run -0 usock help socat
	[[ $output == *"--explain"* && $output == *"-T timeout"* ]]
	run -0 usock socat -h
	[[ $output == *"--explain"* ]]
	run -0 usock __complete socat -
	[[ $'\n'$output == *$'\n'"--explain"$'\t'* ]]
}
