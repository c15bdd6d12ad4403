# listen -u --forward: each sender's datagrams go to a target, and its answers come back.

load ../lib/tls
load ../lib/dgram

setup_file() {
	make_identities
}

# The target is an echo of usock; sets $target.
echo_is() {
	usock_listens echo -u -k --echo
	target=127.0.0.1:$port
}

forwards() { # ARG...
	serve -u "$@" --forward "udp:$target" 127.0.0.1 0
}

# says TEXT [ARG...]: sends TEXT, and expects it back.
echoes_back() { # TEXT [ARG...]
	run --separate-stderr -0 usock sendto --wait 300ms "${@:2}" "$(where)" "$1"
	[ "$output" = "$1" ] || fail "$output $stderr"
}

@test "datagrams of each sender go to the target, and the answers come back to it alone" {
	echo_is
	forwards -k
	echoes_back one
	echoes_back two
	start a "$USOCK" sendto --wait 1s --count 3 --interval 100ms "$(where)" from-a
	local a=$pid
	start b "$USOCK" sendto --wait 1s --count 3 --interval 100ms "$(where)" from-b
	finish "$a"
	finish "$pid"
	text_is a.out 'from-a\nfrom-a\nfrom-a\n' || text_is a.out 'from-afrom-afrom-a'
	text_is b.out 'from-b\nfrom-b\nfrom-b\n' || text_is b.out 'from-bfrom-bfrom-b'
	server_lives
}

@test "the target sees a socket for each sender, and datagrams as they were sent" {
	dgram_peer target 127.0.0.1:0 show:3
	target=127.0.0.1:$port
	local peer=$pid
	forwards -k
	usock sendto "$(where)" 'a b' '' 'c'
	is_content "$peer"
	[ "$(got target)" = "$(printf "b'a b'\nb''\nb'c'")" ] || fail "$(got target)"
}

@test "2,000 datagrams of every length come back whole and in order" {
	dgram_peer target 127.0.0.1:0 echo:2000
	target=127.0.0.1:$port
	forwards -k
	local i sizes=()
	for ((i = 0; i < 2000; i++)); do sizes+=($((i * 7 % 1400))); done
	len16 "${sizes[@]}" >sent
	usock sendto --framing len16 --interval 200us --wait 1s "$(where)" <sent >back
	cmp sent back
}

@test "the first datagrams of a sender wait for a target whose name is looked up" {
	echo_is
	target=localhost:${target##*:}
	forwards -k -4
	run --separate-stderr -0 usock sendto --wait 1s --framing line "$(where)" <<<$'one\ntwo\nthree'
	[ "$output" = $'one\ntwo\nthree' ] || fail "$output"
}

@test "several targets take turns" {
	dgram_peer one 127.0.0.1:0 show:2
	local first=$port one=$pid
	dgram_peer two 127.0.0.1:0 show:1
	target=127.0.0.1:$port
	local two=$pid
	forwards -k --forward "udp:127.0.0.1:$first"
	usock sendto "$(where)" a
	eventually has_events 1 accepted
	usock sendto "$(where)" b
	eventually has_events 2 accepted
	usock sendto "$(where)" c
	is_content "$one"
	is_content "$two"
	[ "$(got two)" = "b'b'" ]
}

@test "a target that refuses is told for its sender, and the next datagram tries again" {
	target=127.0.0.1:$(free_udp_port)
	forwards -k
	usock sendto "$(where)" one
	eventually has_line server.err "^usock: for 127\.0\.0\.1:[0-9]*: forward $target: .*Connection refused"
	start echo "$USOCK" listen -u -k --echo --ready-file echo.ready 127.0.0.1 "${target##*:}"
	is_ready echo
	port=${address##*:}
	echoes_back two
}

@test "a silent sender is forgotten: after --idle-timeout, with its end as an event" {
	echo_is
	forwards -k -i 0.3
	echoes_back one
	eventually has_line events '"end":"idle-timeout","sent":3,"received":3,"datagrams_sent":1,"datagrams_received":1'
	echoes_back two
}

@test "the sender that was silent for longest makes room" {
	echo_is
	forwards -k --max-clients 2
	echoes_back one
	echoes_back two
	echoes_back three
	has_line events '"end":"limit"'
	[ "$(ss -Hanup | grep -c "pid=$server,")" = 3 ]
}

@test "without -k one sender is served, others are dropped and counted" {
	echo_is
	forwards -i 5
	start first "$USOCK" sendto --wait 500ms "$(where)" one
	local first=$pid
	eventually has_events 1 accepted
	usock sendto "$(where)" other
	finish "$first"
	text_is first.out one
	finish "$server"
	says server.err '1 datagrams dropped: other senders were served'
}

@test "DTLS in front of a target of datagrams, and behind a listener of them" {
	begin_tls
	echo_is
	serve -k --dtls "${own[@]}" --forward "udp:$target" 127.0.0.1 0
	local front=$port
	run --separate-stderr -0 usock connect --dtls "${trust[@]}" --after-eof 500ms localhost "$front" <<<secret
	[ "$output" = secret ] || fail "$stderr"
	eventually has_line events '"event":"end"'
	start back "$USOCK" listen -k --dtls "${own[@]}" --echo --ready-file back.ready 127.0.0.1 0
	is_ready back
	target=localhost:$port
	SSL_CERT_FILE=$c/root.crt serve -u -k -4 --forward "dtls:$target" 127.0.0.1 0
	run --separate-stderr -0 usock sendto --wait 2s "$(where)" one two
	[[ $output == onetwo || $output == $'one\ntwo' ]] || fail "$output $(cat server.err)"
	SSL_CERT_FILE=$c/root.crt serve -k -4 --dtls "${own[@]}" --forward "dtls:$target" 127.0.0.1 0
	run --separate-stderr -0 usock connect --dtls "${trust[@]}" --after-eof 2s localhost "$port" <<<secret
	[ "$output" = secret ] || fail "$stderr $(cat server.err)"
}

@test "a DTLS client's end is passed on, and a target that is gone is told" {
	begin_tls
	target=127.0.0.1:$(free_udp_port)
	serve -k --dtls "${own[@]}" --forward "udp:$target" 127.0.0.1 0
	usock connect --dtls "${trust[@]}" --after-eof 500ms localhost "$port" <<<secret >out 2>err || :
	eventually has_line server.err "forward udp:$target: Connection refused"
	server_lives
}

@test "a unix socket of datagrams is forwarded to UDP" {
	echo_is
	serve -u -k --forward "udp:$target" unix:front
	run --separate-stderr -0 usock sendto --wait 500ms unix:front hello
	[ "$output" = hello ] || fail "$stderr"
}

@test "900 senders leave no descriptor, and SIGTERM ends all" {
	local before
	echo_is
	forwards -k -i 0.5
	echoes_back one
	eventually has_events 1 end
	before=$(find "/proc/$server/fd" -type l | wc -l)
	"$python" -IS -c '
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
open_ones = []  # so that each has another port
for i in range(900):
    s = socket.socket(type=socket.SOCK_DGRAM)
    open_ones.append(s)
    s.settimeout(10)
    s.sendto(b"%d" % i, (host, int(port)))
    assert s.recv(100) == b"%d" % i
' "$(where)"
	eventually has_events 901 end
	[ "$(find "/proc/$server/fd" -type l | wc -l)" = "$before" ]
	server_ends_by TERM 143
}

@test "streams and datagrams do not mix, and the message names what does it" {
	refuses() { # TEXT HINT ARG...
		status=0
		usock listen "${@:3}" 2>err || status=$?
		status_is 2
		says err "^usock: listen: $1"
		[ -z "$2" ] || says err "^usock: hint: .*$2"
	}
	refuses "--forward: '127.0.0.1:1': datagrams cannot be forwarded to a stream" '-- usock connect' -u --forward 127.0.0.1:1 0
	refuses "--forward: 'udp:127.0.0.1:1': a stream cannot be forwarded to datagrams" '-- usock connect -u' --forward udp:127.0.0.1:1 0
	refuses "--forward: 'dtls:127.0.0.1:1': a stream cannot be" '' --forward dtls:127.0.0.1:1 0
	refuses "--framing: with --forward" '' -u --framing line --forward udp:127.0.0.1:1 0
	refuses "--crlf: " '' -u --crlf --forward udp:127.0.0.1:1 0
	refuses "--rate: " '' -u --rate 1k --forward udp:127.0.0.1:1 0
	refuses "--forward: only with streams and datagrams" '' --type seqpacket --forward udp:127.0.0.1:1 unix:x
	refuses "--proxy: not for datagrams" '' -u --proxy socks5://h --forward udp:127.0.0.1:1 0
	refuses "--send-proxy: needs a stream" '' -u --send-proxy --forward udp:127.0.0.1:1 0
}

@test "the hint is right: a program for each sender forwards datagrams to a stream, and back" {
	usock_listens lines -k --framing len16 --echo
	target=$port
	serve -u -k --framing len16 127.0.0.1 0 -- "$USOCK" connect 127.0.0.1 "$target"
	echoes_back hello
	echo_is
	serve -k 127.0.0.1 0 -- "$USOCK" connect -u --framing len16 127.0.0.1 "${target##*:}"
	printf '\0\5hello' >sent
	usock connect 127.0.0.1 "$port" <sent >back
	cmp sent back
}
