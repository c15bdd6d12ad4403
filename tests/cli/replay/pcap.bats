# Capture files of usock replay --pcap and of --pcap of connect, listen and sendto, as tshark reads them.
# shellcheck disable=SC2016,SC2154 # scripts; output, port and pid are lib's

load ../lib/tls
start_fast

setup_file() {
	make_identities
}

setup() {
	begin_tls
	need tshark
	export HOME=$PWD
}

# Prints warnings and errors of tshark, but those of resets, which are what has happened.
complaints() { # FILE
	tshark -r "$1" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE \
		-T fields -e frame.number -e _ws.expert.severity -e _ws.expert.message \
		-Y '_ws.expert.severity >= 6291456 && !tcp.flags.reset == 1' 2>&1 |
		grep -v 'Running as user'
}

# Prints the bytes that one side of a stream has sent, as tshark follows it.
followed() { # FILE STREAM NODE(0|1)
	tshark -r "$1" -q -z "follow,tcp,raw,$2" 2>/dev/null | "$python" -c '
import sys
node, on = int(sys.argv[1]), False
out = b""
for line in sys.stdin:
    line = line.rstrip("\n")
    if line.startswith("Node 1"):
        on = True
    elif on and line and set(line) <= set("0123456789abcdef\t"):
        if line.startswith("\t") == (node == 1):
            out += bytes.fromhex(line.strip())
sys.stdout.buffer.write(out)' "$3"
}

recording() {
	cat <<-'EOF'
		{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z","command":"listen"}
		{"t":0,"c":1,"event":"open","role":"server","type":"stream","local":"tcp:127.0.0.1:4000","peer":"tcp:127.0.0.1:5000"}
		{"t":150000,"c":1,"dir":"received","text":"hello\n"}
		{"t":1350000,"c":1,"dir":"sent","text":"and hello to you\n"}
		{"t":1360000,"c":1,"event":"end","dir":"received"}
		{"t":1370000,"c":1,"event":"close"}
		{"t":2000000,"c":2,"event":"open","role":"client","type":"stream","local":"tcp:[::1]:4001","peer":"tcp:[::1]:5001"}
		{"t":2100000,"c":2,"dir":"sent","base64":"AAEC"}
		{"t":2200000,"c":2,"event":"reset","dir":"received"}
		{"t":3000000,"c":3,"event":"open","role":"server","type":"stream","local":"unix:/run/app","peer":"unix:"}
		{"t":3100000,"c":3,"dir":"received","text":"local\n"}
		{"t":4000000,"c":4,"event":"open","role":"server","type":"datagram","local":"udp:127.0.0.1:4002","peer":"udp:127.0.0.1:5002"}
		{"t":4100000,"c":4,"dir":"received","text":"ping"}
		{"t":4200000,"c":4,"dir":"received","text":""}
		{"t":4300000,"c":4,"dir":"sent","text":"pong"}
	EOF
}

@test "replay --pcap: streams, a reset, unix sockets and datagrams as packets without a fault" {
	recording >dialogue
	usock replay --pcap dialogue.pcapng dialogue
	[ -z "$(complaints dialogue.pcapng)" ] || fail "$(complaints dialogue.pcapng)"
	[ "$(followed dialogue.pcapng 0 0)" = hello ]
	[ "$(followed dialogue.pcapng 0 1)" = 'and hello to you' ]
	tshark -r dialogue.pcapng -T fields -e frame.time_epoch -e tcp.payload 2>/dev/null >packets
	grep -q '^1796079600.000150000.68656c6c6f0a$' packets
	[ "$(tshark -r dialogue.pcapng -Y 'tcp.stream==0 && tcp.flags.fin==1' 2>/dev/null | wc -l)" = 2 ]
	[ "$(tshark -r dialogue.pcapng -Y 'ipv6 && tcp.flags.reset==1' 2>/dev/null | wc -l)" = 1 ]
	tshark -r dialogue.pcapng -T fields -e frame.comment 2>/dev/null | grep -q 'stands for unix:/run/app'
	[ "$(tshark -r dialogue.pcapng -Y udp -T fields -e udp.length 2>/dev/null | tr '\n' ' ')" = '12 8 12 ' ]
}

@test "replay --pcap: a connection whose ends are both recorded is written once, with what each has sent" {
	cat >both.us <<-'END'
		record start both.rec
		set l [server 127.0.0.1:0 {h address port} {$h readline; $h sendall "and hello to you\n"; $h close}]
		for {set i 0} {$i < 3} {incr i} {
			set s [connect 127.0.0.1 [lindex [$l getsockname] 1]]
			$s sendall "hello\n"
			$s readall
			$s close
		}
		set a [socket -type dgram]; $a bind 127.0.0.1 0
		set b [socket -type dgram]; $b connect {*}[$a getsockname]
		$b send ping
		$a sendto pong {*}[lindex [$a recvfrom 9] 1]
		$b recv 9
		record stop
	END
	usock run --allow-files both.us
	usock replay --pcap both.pcapng both.rec
	[ -z "$(complaints both.pcapng)" ] || fail "$(complaints both.pcapng)"
	[ "$(tshark -r both.pcapng -Y 'tcp.flags.syn==1 && tcp.flags.ack==0' 2>/dev/null | wc -l)" = 3 ]
	[ "$(tshark -r both.pcapng -Y 'tcp.flags.fin==1' 2>/dev/null | wc -l)" = 6 ]
	for stream in 0 1 2; do
		[ "$(followed both.pcapng $stream 0)" = hello ]
		[ "$(followed both.pcapng $stream 1)" = 'and hello to you' ]
	done
	[ "$(tshark -r both.pcapng -Y udp -T fields -e udp.payload 2>/dev/null | tr '\n' ' ')" = '70696e67 706f6e67 ' ]
}

@test "replay --pcap: many bytes are segments of a packet's size, and the same bytes" {
	"$python" - >dialogue <<-'EOF'
		import base64, random
		print('{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z","command":"connect"}')
		print('{"t":0,"c":1,"event":"open","role":"client","type":"stream","local":"tcp:127.0.0.1:4000","peer":"tcp:127.0.0.1:5000"}')
		data = random.Random(7).randbytes(200000)
		open("want", "wb").write(data)
		for i in range(0, len(data), 50000):
		    print('{"t":%d,"c":1,"dir":"sent","base64":"%s"}' % (i + 1, base64.b64encode(data[i:i + 50000]).decode()))
	EOF
	usock replay --pcap big.pcapng dialogue
	[ -z "$(complaints big.pcapng)" ] || fail "$(complaints big.pcapng)"
	followed big.pcapng 0 0 >got
	cmp want got
	[ "$(tshark -r big.pcapng -T fields -e ip.len 2>/dev/null | sort -n | tail -n 1)" = 1500 ]
}

# What a server of TLS with --pcap and its client exchange, decrypted by the secrets in the file.
decrypts() { # VERSION
	start server "$USOCK" listen --ready-file ready --tls "${own[@]}" --tls-max "$1" --pcap "server-$1" 127.0.0.1 0 --echo
	is_ready ready 2>/dev/null || eventually test -s ready
	port=$(sed 's/.*://' ready)
	printf 'GET /secret HTTP/1.1\r\n\r\n' |
		usock connect --tls "${trust[@]}" --pcap "client-$1" localhost "$port" >got
	finish "$pid"
	for file in "server-$1" "client-$1"; do
		[ -z "$(complaints "$file")" ] || fail "$(complaints "$file")"
		tshark -r "$file" -d "tcp.port==$port,tls" -q -z follow,tls,ascii,0 2>/dev/null >plain
		grep -q 'GET /secret HTTP/1.1' plain || fail "$file: $(cat plain)"
		[ "$(stat -c %a "$file")" = 600 ]
	done
}

@test "--pcap of connect and listen: what is encrypted by TLS 1.2 decrypts" {
	decrypts 1.2
}

@test "--pcap of connect and listen: what is encrypted by TLS 1.3 decrypts" {
	has_tls13 || skip "no TLS 1.3"
	decrypts 1.3
}

# The server's capture and recording have what the peer has sent and got.
check_tls13() { # NAME GREP-OF-THE-REQUEST
	[ -z "$(complaints "$1.pcapng")" ] || fail "$(complaints "$1.pcapng")"
	tshark -r "$1.pcapng" -d "tcp.port==$port,tls" -q -z follow,tls,ascii,0 2>/dev/null | tr -d '\r' >plain
	grep -q "$2" plain || fail "$1: $(cat plain)"
	grep -q '^the secret: 7' plain || fail "$1: $(cat plain)"
	grep -q '"event":"tls","version":"TLSv1.3"' "$1.rec"
}

@test "--pcap of a server: what openssl and curl say in TLS 1.3 decrypts" {
	has_tls13 || skip "no TLS 1.3"
	need curl
	printf 'HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\nthe secret: 7' >answer
	usock_listens curl --tls "${own[@]}" --pcap curl.pcapng --record curl.rec --send answer
	[ "$(curl -sS --cacert "${trust[1]}" --tlsv1.3 "https://localhost:$port/")" = 'the secret: 7' ]
	finish "$pid"
	check_tls13 curl '^User-Agent: curl'
	usock_listens openssl --tls "${own[@]}" --pcap openssl.pcapng --record openssl.rec --send answer
	mkfifo input
	openssl s_client -tls1_3 -quiet -CAfile "${trust[1]}" -connect "localhost:$port" <input >said 2>/dev/null &
	local client=$!
	exec 7>input
	echo 'hello from openssl' >&7
	eventually grep -q 'secret: 7' said
	eventually grep -q 'hello from openssl' openssl.rec
	exec 7>&-
	wait "$client" || :
	finish "$pid"
	check_tls13 openssl '^hello from openssl'
}

# Wireshark 4.0 does not decrypt ChaCha20-Poly1305 of DTLS.
@test "--pcap of connect and listen: datagrams that are encrypted by DTLS decrypt" {
	usock_listens server --dtls "${own[@]}" --ciphers TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256:TLS-ECDHE-RSA-WITH-AES-128-GCM-SHA256 --pcap server.dtls -k --echo
	run usock connect -4 --dtls "${trust[@]}" --pcap client.dtls --max-bytes 12 localhost "$port" <<<'hello secret'
	[[ $output == 'hello secret'* ]]
	kill "$pid"
	finish "$pid"
	for file in server.dtls client.dtls; do
		[ -z "$(complaints "$file")" ] || fail "$(complaints "$file")"
		tshark -r "$file" -d "udp.port==$port,dtls" -Y 'dtls.record.content_type == 23' -T fields -e data.data 2>/dev/null >plain
		[ "$(sort -u plain)" = "$(printf 'hello secret\n' | od -An -tx1 | tr -d ' \n')" ] || fail "$file: $(cat plain)"
		[ "$(wc -l <plain)" = 2 ] || fail "$file: $(cat plain)"
	done
}

# Digits: Wireshark 4.4 takes a part of a program for IPsec in TCP.
@test "--pcap of several workers is one file of whole packets, which is no pipe" {
	usock_listens server -k --workers 2 --echo --pcap workers.pcapng
	local clients=()
	for _ in 1 2 3 4; do
		seq 10000 | head -c 20000 | usock connect 127.0.0.1 "$port" >/dev/null &
		clients+=($!)
	done
	wait "${clients[@]}"
	kill "$pid"
	finish "$pid"
	[ -z "$(complaints workers.pcapng)" ] || fail "$(complaints workers.pcapng)"
	tshark -r workers.pcapng -T fields -e tcp.stream -e tcp.len -e tcp.flags.fin 2>/dev/null |
		awk '{ bytes += $2; fins += $3 == 1 || $3 == "True"; streams[$1] } END { print length(streams), bytes, fins }' >sums
	[ "$(cat sums)" = '4 160000 8' ] || fail "$(cat sums)"
	mkfifo fifo
	for option in --pcap --record; do
		run -2 usock listen -k --workers 2 $option fifo 127.0.0.1 0
		[[ $output == *'not into a pipe'* ]]
	done
}

@test "--pcap of a plain connection: the same bytes, the names, and the ends" {
	usock_listens server --pcap server.pcapng --send "$BATS_TEST_FILENAME"
	usock connect --pcap client.pcapng --recv-only localhost "$port" >got
	finish "$pid"
	cmp got "$BATS_TEST_FILENAME"
	for file in server.pcapng client.pcapng; do
		[ -z "$(complaints "$file")" ] || fail "$(complaints "$file")"
		followed "$file" 0 1 | cmp - got
		[ "$(tshark -r "$file" -Y tcp.flags.fin==1 2>/dev/null | wc -l)" = 2 ]
	done
}

@test "--pcap of datagrams: each with its boundaries, by sender" {
	usock_listens server --udp -k --echo --pcap server.pcapng
	usock sendto --pcap client.pcapng --wait 1s "127.0.0.1:$port" one three >got
	kill "$pid"
	finish "$pid"
	for file in server.pcapng client.pcapng; do
		[ "$(tshark -r "$file" -Y udp -T fields -e udp.length 2>/dev/null | sort -n | tr '\n' ' ')" = '11 11 13 13 ' ]
	done
}

# captured ARG...: a script serves a client with --pcap.
captured() {
	cat >client.us <<-'END'
		puts [recv 5 MSG_PEEK]
		set hello "hello [string trim [readline]]\n"
		# layers take no flags
		if {[catch {send $hello 0x8000}]} { send $hello }
		expect eof
		puts [$handle end]
		send "bye\n"
		$handle shutdown w
	END
	usock_listens server -k --once 1 --script client.us --pcap server.pcapng "$@"
}

@test "--pcap of a server with a script: the same bytes, flags and ends work, and nothing else is different" {
	captured
	[ "$(printf 'world\n' | usock connect 127.0.0.1 "$port")" = $'hello world\nbye' ]
	finish "$pid"
	text_is server.out 'world\npeer-fin\n'
	[ -z "$(complaints server.pcapng)" ] || fail "$(complaints server.pcapng)"
	[ "$(followed server.pcapng 0 0)" = world ]
	[ "$(followed server.pcapng 0 1)" = $'hello world\nbye' ]
	[ "$(tshark -r server.pcapng -Y tcp.flags.fin==1 2>/dev/null | wc -l)" = 2 ]
	# a reset by the script
	echo 'recv 5; [use] abort' >client.us
	usock_listens other -k --once 1 --script client.us --pcap other.pcapng
	printf hello | usock connect 127.0.0.1 "$port" || :
	finish "$pid"
	[ "$(tshark -r other.pcapng -Y tcp.flags.reset==1 2>/dev/null | wc -l)" = 1 ]
}

@test "--pcap of a server with a script: what is encrypted decrypts" {
	captured --tls "${own[@]}"
	[ "$(printf 'world\n' | usock connect --tls "${trust[@]}" localhost "$port")" = $'hello world\nbye' ]
	finish "$pid"
	text_is server.out 'world\ntls-close\n'
	tshark -r server.pcapng -q -z follow,tls,ascii,0 2>/dev/null | grep -q 'hello world'
	# that the script begins in the middle
	cat >client.us <<-'END'
		$handle readline
		$handle sendall "yes\n"
		$handle starttls -server -self-signed
		$handle sendall "secret\n"
	END
	usock_listens other -k --once 1 --script client.us --pcap other.pcapng
	cat >go.us <<-'END'
		connect 127.0.0.1 $argv
		send "go\n"
		readline
		[use] starttls -insecure
		puts -nonewline [readline]
	END
	usock go.us "$port" >out 2>err || fail "$(cat err other.err)"
	finish "$pid"
	text_is out 'secret\n'
	[ "$(followed other.pcapng 0 0 | head -n 1)" = go ]
	(($(followed other.pcapng 0 0 | wc -c) > 200))
}

@test "--pcap to a full disk ends with a message and status 8, and the connection goes on" {
	[ -e /dev/full ] || skip "no /dev/full"
	usock_listens server --send "$BATS_TEST_FILENAME"
	run -8 --separate-stderr usock connect --pcap /dev/full --recv-only 127.0.0.1 "$port"
	[ "$output" = "$(cat "$BATS_TEST_FILENAME")" ]
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr == *'--pcap: the capture has ended: write /dev/full: No space left on device'* ]]
}
