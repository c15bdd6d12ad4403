# Small scripts as projects write them for nc: with nc, and with usock in its place in the path, they
# give the same.
#
# shellcheck disable=SC2016,SC2034 # the scripts are text

load ../lib/common

# both SCRIPT: runs it with each nc in a folder of its own, where $1 and $2 are free ports.
both() {
	local tool
	need nc.openbsd
	for tool in theirs ours; do
		mkdir -p "$tool/bin" "$tool/run"
		if [ "$tool" = ours ]; then ln -s "$USOCK" ours/bin/nc; else ln -s "$(command -v nc.openbsd)" theirs/bin/nc; fi
		free_ports
		(
			cd "$tool/run" || exit
			status=0
			mkfifo ready
			PATH=$PWD/../bin:$PATH USOCK=$USOCK timeout --foreground -s KILL "$patience" bash -c "$1" script "$one" "$two" \
				>../out 2>../err 3>&- || status=$?
			echo "status $status" >>../out
		)
	done
	diff theirs/out ours/out || fail "$(cat ours/err)"
	# a script that does nothing would be the same, too
	grep -q -x 'status 0' ours/out || fail "$(cat theirs/out theirs/err)"
	[ "$(wc -l <ours/out)" -gt 1 ]
}

# For the scripts: waits until something listens on a port.
listens() { # PORT
	"$USOCK" status --wait listening --timeout 10s ":$1"
}
export -f listens

# Sets $one and $two to ports that are free for streams and datagrams.
free_ports() {
	read -r one two < <("$python" -IS -c '
import random, socket
found = []
while len(found) < 2:
    port = random.randint(20000, 32000)
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(type=kind) as s:
                s.bind(("", port))
        found.append(port)
    except OSError:
        pass
print(*found)')
}

@test "waiting for a port that opens later" {
	both 'until nc -z 127.0.0.1 "$1" >/dev/null 2>&1; do
			"$USOCK" listen -k --background --timeout 10s --discard 127.0.0.1 "$1" >/dev/null
		done
		echo up'
}

@test "a wait that gives up" {
	both 'for i in 1 2 3; do nc -w 1 -z 127.0.0.1 "$1" && break; done || echo "$1 is down" | tr -d 0-9; echo tried $i'
}

@test "zookeeper: ruok" {
	both '"$USOCK" listen --background --timeout 10s --sh "read -r x; [ \$x = ruok ] && printf imok" 127.0.0.1 "$1" >/dev/null
		[ "$(echo ruok | nc 127.0.0.1 "$1")" = imok ] && echo healthy'
}

@test "redis: PING of a server that stays" {
	both '"$USOCK" listen --background --timeout 10s --sh "read -r x; printf \"+PONG\r\n\"; cat >/dev/null" 127.0.0.1 "$1" >/dev/null
		set -e -o pipefail
		printf "PING\r\n" | nc -w 1 127.0.0.1 "$1" | tr -d "\r"'
}

@test "memcached: stats and quit" {
	both '"$USOCK" listen --background --timeout 10s --sh "while read -r x; do case \$x in stats*) printf \"STAT pid 1\r\nEND\r\n\";; quit*) exit;; esac; done" 127.0.0.1 "$1" >/dev/null
		printf "stats\r\nquit\r\n" | nc 127.0.0.1 "$1" | grep STAT'
}

@test "statsd: a counter in a datagram" {
	both '"$USOCK" listen -u --ready-fd 9 --timeout 10s --max-receives 1 127.0.0.1 "$1" >got 9>ready & server=$!
		read -r _ <ready
		set -e
		echo "deploys:1|c" | nc -u -w 1 127.0.0.1 "$1"
		wait $server; cat got'
}

@test "graphite: -q0 after a line" {
	both '"$USOCK" listen --timeout 10s 127.0.0.1 "$1" >got & server=$!
		listens "$1"
		echo "metric 1 1700000000" | nc -q0 127.0.0.1 "$1"; wait $server; cat got'
}

@test "a file is copied" {
	both 'seq 1 100000 >in; nc -l "$1" >out & server=$!
		listens "$1"; nc -N 127.0.0.1 "$1" <in
		wait $server; cmp in out && echo same'
}

@test "a tree is copied with tar" {
	both 'mkdir -p from/sub to; seq 1 5000 >from/sub/file; echo x >from/other
		nc -l "$1" | tar -x -C to & server=$!
		listens "$1"; tar -c from | nc -N 127.0.0.1 "$1"
		wait $server; diff -r from to/from && echo same'
}

@test "a tiny web server" {
	both '(printf "HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nhello\n" | nc -lN 127.0.0.1 "$1" >request) & server=$!
		listens "$1"
		printf "GET /path HTTP/1.0\r\n\r\n" | "$USOCK" connect 127.0.0.1 "$1" | tail -n 1
		wait $server; head -n 1 request'
}

@test "a web client" {
	both '"$USOCK" listen --background --timeout 10s --sh "while read -r x && [ \"\$x\" != \"\$(printf \"\r\")\" ]; do :; done; printf \"HTTP/1.0 200 OK\r\n\r\nbody\n\"" 127.0.0.1 "$1" >/dev/null
		printf "GET / HTTP/1.0\r\n\r\n" | nc 127.0.0.1 "$1" | tail -n 1'
}

@test "a proxy of two nc and a FIFO" {
	both '"$USOCK" listen --background --timeout 10s --sh "read -r x; echo \"you said \$x\"" 127.0.0.1 "$2" >/dev/null
		mkfifo back; (nc -l 127.0.0.1 "$1" <back | nc -N 127.0.0.1 "$2" >back) &
		listens "$1"
		exec 3<>/dev/tcp/127.0.0.1/"$1"; echo hello >&3; read -r -t 5 line <&3; echo "$line"; exec 3>&-; kill %1'
}

@test "ssh: ProxyCommand through SOCKS" {
	both '"$USOCK" listen --background --timeout 10s --sh "printf \"SSH-2.0-test\r\n\"; read -r x; echo \"\$x\"" 127.0.0.1 "$2" >/dev/null
		"$USOCK" listen -k --background --timeout 10s --proxy-server socks --proxy-allow 127.0.0.1 127.0.0.1 "$1" >/dev/null ||
			"$USOCK" listen -k --background --timeout 10s --proxy-server socks 127.0.0.1 "$1" >/dev/null
		printf "SSH-2.0-client\r\n" | nc -X 5 -x 127.0.0.1:"$1" 127.0.0.1 "$2" | tr -d "\r"'
}

@test "wake-on-LAN: a magic packet to a broadcast address" {
	both '"$USOCK" listen -u --ready-fd 9 --timeout 10s --max-receives 1 --framing hex 0.0.0.0 "$1" >got 9>ready & server=$!
		read -r _ <ready
		mac="\x02\x00\x00\x00\x00\x01"; packet="\xff\xff\xff\xff\xff\xff"
		for i in $(seq 16); do packet+=$mac; done
		printf "$packet" | nc -u -b -w 1 127.255.255.255 "$1"; wait $server; cut -c 1-48 got'
}

@test "syslog: a message in a datagram" {
	both '"$USOCK" listen -u --ready-fd 9 --timeout 10s --max-receives 1 127.0.0.1 "$1" >got 9>ready & server=$!
		read -r _ <ready
		echo "<14>app: it happened" | nc -w 1 -u 127.0.0.1 "$1"; wait $server; cat got'
}

@test "a shell behind a FIFO, as nc(1) shows it" {
	both 'mkfifo f; (cat f | sh 2>&1 | nc -l 127.0.0.1 "$1" >f) &
		listens "$1"
		echo "echo \$((6 * 7)); exit" | "$USOCK" connect --half-close 1s 127.0.0.1 "$1" | head -n 1'
}

@test "smtp: a dialogue from a here-document" {
	both '"$USOCK" listen --background --timeout 10s --sh "echo 220 ready; while read -r x; do echo 250 ok; case \$x in QUIT*) exit;; esac; done" 127.0.0.1 "$1" >/dev/null
		nc -C 127.0.0.1 "$1" <<-END | grep -c 250
			HELO there
			QUIT
		END'
}

@test "a service on a unix socket is asked" {
	both '"$USOCK" listen --background --timeout 10s --sh "read -r x; read -r x; printf \"HTTP/1.0 200 OK\r\n\r\n{}\n\"" unix:"$PWD/api.sock" >/dev/null
		printf "GET /info HTTP/1.0\r\n\r\n" | nc -U "$PWD/api.sock" | tail -n 1'
}

@test "a loop over ports and their messages" {
	both '"$USOCK" listen -k --background --timeout 10s --discard 127.0.0.1 "$1" >/dev/null
		for port in 1 2 "$1"; do nc -zv -w 1 127.0.0.1 $port 2>&1 | sed "s/ $1 / N /; s/^.*\/nc: /nc: /"; done'
}

@test "the health check of a container" {
	both '"$USOCK" listen -k --background --timeout 10s --discard 127.0.0.1 "$1" >/dev/null
		check() { nc -z -w 2 127.0.0.1 "$1" >/dev/null 2>&1 || return 1; }
		check "$1" && echo healthy; check "$2" || echo "the other is not"'
}

@test "a port is up when -v says succeeded" {
	both '"$USOCK" listen -k --background --timeout 10s --discard 127.0.0.1 "$1" >/dev/null
		for port in "$1" "$2"; do nc -vz 127.0.0.1 $port 2>&1 | grep -q succeeded && echo up || echo down; done'
}

@test "the first free port" {
	both '"$USOCK" listen -k --background --timeout 10s --discard 127.0.0.1 "$1" >/dev/null
		port=$1; while nc -z 127.0.0.1 $port; do port=$((port + 1)); done
		echo "free: +$((port - $1))"'
}

@test "whois: a question and all that comes" {
	both '"$USOCK" listen --background --timeout 10s --sh "read -r x; echo \"domain: \$x\"; echo \"registrar: none\"" 127.0.0.1 "$1" >/dev/null
		echo example.test | nc 127.0.0.1 "$1" | awk "/^registrar:/ { print \$2 }"'
}

@test "pop3: the greeting" {
	both '"$USOCK" listen --background --timeout 10s --sh "printf \"+OK ready\r\n\"; read -r x; printf \"+OK bye\r\n\"" 127.0.0.1 "$1" >/dev/null
		printf "QUIT\r\n" | nc 127.0.0.1 "$1" | grep -c "^+OK"'
}

@test "the admin socket of a load balancer" {
	both '"$USOCK" listen -k --background --timeout 10s --sh "read -r x; echo \"answer to \$x\"; echo" unix:"$PWD/admin.sock" >/dev/null
		for word in "show info" "show stat"; do echo "$word" | nc -U "$PWD/admin.sock" | head -n 1; done'
}

@test "a compressed copy" {
	both 'seq 1 50000 >in; nc -l "$1" | gunzip >out & server=$!
		listens "$1"; gzip -c in | nc -N 127.0.0.1 "$1"
		wait $server; cmp in out && echo same'
}

@test "an image with dd, and its checksum" {
	both 'head -c 300000 /dev/zero | tr "\0" x >disk; nc -l "$1" | dd of=copy bs=64k 2>/dev/null & server=$!
		listens "$1"; dd if=disk bs=64k 2>/dev/null | nc -N 127.0.0.1 "$1"
		wait $server; cksum <copy'
}

@test "ntp: a question and an answer in datagrams" {
	both '"$USOCK" listen -u --ready-fd 9 --timeout 10s --framing whole --sh "head -c 4 >/dev/null; printf \"\x1c\x02\x03\xe9\"" -k 127.0.0.1 "$1" 9>ready & server=$!
		read -r _ <ready
		printf "\x1b\0\0\0" | nc -u -w 1 127.0.0.1 "$1" | od -An -tx1; kill $server; wait $server 2>/dev/null; true'
}

@test "irc: a bot that answers PING" {
	both '"$USOCK" listen --background --timeout 10s --sh "read -r nick; echo \"PING :42\"; read -r pong; echo \"\$nick said \$pong\"" 127.0.0.1 "$1" >/dev/null
		coproc bot { nc 127.0.0.1 "$1"; }; in=${bot[0]} out=${bot[1]}
		echo "NICK tester" >&"$out"
		while read -r word rest <&"$in"; do case $word in PING) echo "PONG $rest" >&"$out" ;; *) echo "$word $rest"; break ;; esac; done'
}

@test "a metric is posted from a here-document" {
	both '"$USOCK" listen --background --timeout 10s --sh "n=0; while read -r x && [ \"\$x\" != \"\$(printf \"\r\")\" ]; do n=\$((n + 1)); done; read -r metric; printf \"HTTP/1.0 202 Accepted\r\n\r\n\"; echo \"\$n \$metric\"" 127.0.0.1 "$1" >/dev/null
		nc 127.0.0.1 "$1" <<-END | tr -d "\r" | tail -n 1
			POST /metrics/job/backup HTTP/1.0$(printf "\r")
			Content-Length: 10$(printf "\r")
			$(printf "\r")
			last_run 1
		END'
}

@test "a banner for one client after the other" {
	both '(for i in 1 2; do echo "banner $i" | nc -lN 127.0.0.1 "$1"; done) >/dev/null 2>&1 &
		for i in 1 2; do listens "$1"; "$USOCK" connect --recv-only 127.0.0.1 "$1"; done; wait'
}
