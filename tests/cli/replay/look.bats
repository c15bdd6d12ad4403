# usock replay --show, --svg, --html, --stat, --json, --script: a recording as people read it.
# shellcheck disable=SC2154,SC2016 # output and status are bats'; lines of sh have dollars

load ../lib/common
load ../lib/tmux
start_fast

# A request of HTTP with its answer, a long silence, bytes that are no text, and a reset; then datagrams.
recording() {
	cat <<-'EOF'
		{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z","command":"listen"}
		{"t":0,"c":1,"event":"open","role":"server","type":"stream","local":"tcp:127.0.0.1:4000","peer":"tcp:127.0.0.1:5000"}
		{"t":150000,"c":1,"dir":"received","text":"GET / HTTP/1.1\r\nHost: <b>&x</b>\r\n\r\n"}
		{"t":1350000,"c":1,"dir":"sent","text":"HTTP/1.1 200 OK\r\n\r\nhello"}
		{"t":3001350000,"c":1,"dir":"received","base64":"AAECA/8="}
		{"t":3001450000,"c":1,"event":"reset","dir":"received","reason":"peer-reset"}
		{"t":3002000000,"c":2,"event":"open","role":"server","type":"datagram","local":"udp:127.0.0.1:4000","peer":"udp:127.0.0.1:5001"}
		{"t":3002000001,"c":2,"dir":"received","text":"ping"}
		{"t":3002400001,"c":2,"dir":"sent","text":"pong"}
	EOF
}

@test "--show prints times, directions, text as text and other bytes as a hexdump" {
	recording >dialogue
	usock replay --show dialogue >got
	cat >want <<-'EOF'
		# usock listen, 2026-11-30T23:00:00.000000000Z, times in seconds since then
		   0.000000 #1 - tcp:127.0.0.1:5000 connects to tcp:127.0.0.1:4000
		   0.000150 #1 < GET / HTTP/1.1
		               < Host: <b>&x</b>
		               < 
		   0.001350 #1 > HTTP/1.1 200 OK
		               > 
		               > hello
		        ... 3.0 s of silence
		   3.001350 #1 < 00000000  00 01 02 03 ff                                    |.....|
		   3.001450 #1 - the peer resets: peer-reset
		   3.002000 #2 - udp:127.0.0.1:5001 connects to udp:127.0.0.1:4000
		   3.002000 #2 < ping
		   3.002400 #2 > pong
	EOF
	diff want got
}

@test "--show fits into 80 and into 40 columns, and has colors on a terminal only" {
	local width
	recording >dialogue
	for width in 80 40; do
		tm kill-server 2>/dev/null || :
		columns=$width in_terminal replay --show --hex dialogue
		shows 'status=0'
		tm capture-pane -p -J -S - >"shown.$width"
		# -J joins the lines that the terminal has wrapped
		run ! grep -E ".{$((width + 1))}" "shown.$width"
		grep -q '|.....|' "shown.$width"
		grep -q 'GET / HT' "shown.$width"
		# what happened is broken between words
		grep -q -E 'connects( |$)' "shown.$width"
	done
	usock replay --show --color always dialogue | grep -q $'\033\[3.m> pong'
	usock replay --show dialogue >plain
	run ! grep -q $'\033' plain
}

# Reads a picture or a page as a program does, and fails where it is malformed or needs anything else.
check_markup() { # FILE
	"$python" - "$1" <<-'EOF'
		import re, sys
		from html.parser import HTMLParser
		import xml.etree.ElementTree as ET
		text = open(sys.argv[1], encoding="utf-8").read()
		if text.startswith("<svg"):
		    ET.fromstring(text)
		void = {"meta", "br", "hr", "img", "link", "input"}
		class Checked(HTMLParser):
		    open = []
		    def handle_starttag(self, tag, attrs):
		        assert tag not in ("script", "link", "iframe", "object"), tag
		        for name, value in attrs:
		            assert name not in ("src",) and not name.startswith("on"), (name, value)
		            assert name != "href" or value.startswith("#"), value
		        if tag not in void:
		            self.open.append(tag)
		    def handle_startendtag(self, tag, attrs):
		        pass
		    def handle_endtag(self, tag):
		        got = self.open.pop()
		        assert got == tag, (got, tag)
		page = Checked()
		page.feed(text)
		page.close()
		assert not page.open, page.open
		assert "url(" not in text and "@import" not in text
	EOF
}

@test "--svg draws a lane for each endpoint and an arrow for each message, with its payload" {
	recording >dialogue
	usock replay --svg dialogue >picture.svg
	check_markup picture.svg
	# three endpoints, each with a lane
	[ "$(grep -c '<line class="lane"' picture.svg)" = 4 ]
	[ "$(grep -c '<g class="m ' picture.svg)" = 8 ]
	grep -q 'Host: &#60;b&#62;&#38;x&#60;/b&#62;' picture.svg
	grep -q 'prefers-color-scheme:dark' picture.svg
	# the silence is folded; to scale it takes its room
	grep -q '3.0 s</text>' picture.svg
	usock replay --svg --scale dialogue >scaled.svg
	check_markup scaled.svg
	run ! grep -q '3.0 s</text>' scaled.svg
	run ! cmp -s picture.svg scaled.svg
}

@test "--html is one page without a script, which has all messages, and folds what is large" {
	recording >dialogue
	printf '{"t":4000000000,"c":2,"dir":"received","text":"%s"}\n' "$(printf 'x%.0s' {1..6000})" >>dialogue
	usock replay --html dialogue >page.html
	check_markup page.html
	grep -q '<details><summary>xxx' page.html
	grep -q '(1.9 KiB more)' page.html
	grep -q '@media print' page.html
	# each arrow leads to its message
	[ "$(grep -c '<a href="#m[0-9]*">' page.html)" = "$(grep -c 'id="m[0-9]*"' page.html)" ]
}

@test "--stat tells round trips, think times and sizes; --json has them as numbers" {
	recording >dialogue
	usock replay --stat dialogue >got
	grep -q -E '^round trips +2 +0.40 ms +0.40 ms +1.20 ms +1.20 ms$' got
	grep -q -E '^think times +1 +3.0 s' got
	grep -q -E '^requests +3 +4 B +5 B' got
	grep -q -E '^  <= 2.00 ms +#+ +1$' got
	usock replay --stat --json dialogue >got
	"$python" - got <<-'EOF'
		import json, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		by = {row["what"]: row for row in rows if row["what"] != "connection"}
		assert by["round-trips"]["n"] == 2 and abs(by["round-trips"]["most"] - 0.0012) < 1e-9, by
		assert by["think-times"]["n"] == 1 and by["think-times"]["least"] == 3, by
		assert by["answers"]["most"] == 24, by
		connections = [row for row in rows if row["what"] == "connection"]
		assert [c["received"] for c in connections] == [40, 4], connections
		assert connections[0]["server"] == "tcp:127.0.0.1:4000", connections
	EOF
}

@test "--show --json has each message with its bytes" {
	recording >dialogue
	usock replay --show --json dialogue >got
	"$python" - got <<-'EOF'
		import base64, json, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		assert [row["event"] for row in rows] == ["open", "data", "data", "data", "reset", "open", "data", "data"], rows
		assert rows[1]["text"] == "GET / HTTP/1.1\r\nHost: <b>&x</b>\r\n\r\n", rows[1]
		assert base64.b64decode(rows[3]["base64"]) == b"\0\1\2\3\xff", rows[3]
		assert rows[2]["from"] == "tcp:127.0.0.1:4000" and rows[2]["to"] == "tcp:127.0.0.1:5000", rows[2]
		assert rows[4]["reason"] == "peer-reset" and "text" not in rows[4], rows[4]
	EOF
}

@test "a recording that was cut off is shown up to there, one that is none is refused with its line" {
	recording | head -c 700 >dialogue
	usock replay --show dialogue >got 2>note
	grep -q 'GET / HTTP/1.1' got
	grep -q 'dialogue: the recording is cut off: ' note
	printf '{"event":"listening"}\n' >events
	run -2 usock replay --show events
	[[ $output == *'events:1: '* ]]
	recording | sed '4s/sent/send/' >damaged
	run -2 usock replay --show damaged
	[[ $output == *'damaged:4: '* && $output == *'GET / HTTP/1.1'* ]]
}

@test "what --show and its neighbours do not go with is refused" {
	recording >dialogue
	local words
	for words in '--show --svg' '--html --stat' '--hex --svg' '--scale --show' '--json --html' '--hex --show --json'; do
		# shellcheck disable=SC2086 # words
		run -2 usock replay $words dialogue
	done
	run -2 usock replay --show
	run -8 usock replay --show missing
	[[ $output == *'open missing: No such file or directory'* ]]
}

@test "--timeout ends what waits for the recording" {
	local held
	mkfifo dialogue
	run -124 usock replay --show --timeout 0.1 dialogue
	exec {held}<>dialogue
	run -124 usock replay --stat --timeout 0.1 - <&"$held"
	exec {held}<&-
}

@test "addresses that were not recorded are unknown, and left out of JSON" {
	cat >dialogue <<-'EOF'
		{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z","command":"listen"}
		{"t":0,"c":1,"event":"open","role":"server","type":"stream"}
		{"t":1,"c":1,"event":"tls","version":"TLSv1.3"}
	EOF
	usock replay --show dialogue >got
	cat >want <<-'EOF'
		# usock listen, 2026-11-30T23:00:00.000000000Z, times in seconds since then
		   0.000000 #1 - unknown connects to unknown
		   0.000000 #1 - TLS: TLSv1.3
	EOF
	diff want got
	usock replay --show --json dialogue >rows
	usock replay --stat --json dialogue >>rows
	"$python" -IS - rows <<-'EOF'
		import json, sys
		rows = [json.loads(line) for line in open(sys.argv[1])]
		assert not any(row.get(name) == "" for row in rows for name in row), rows
		assert rows[-1]["tls"] == "TLSv1.3", rows[-1]
	EOF
}

@test "--script notices what a server says beyond what was recorded" {
	cat >dialogue <<-'EOF'
		{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z","command":"listen"}
		{"t":0,"c":1,"event":"open","role":"server","type":"stream","local":"tcp:127.0.0.1:1","peer":"tcp:127.0.0.1:5000"}
		{"t":2,"c":1,"dir":"sent","text":"hello\n"}
		{"t":3,"c":1,"event":"end","dir":"sent"}
		{"t":4,"c":1,"event":"close"}
	EOF
	usock replay --script dialogue >talk.us
	echo hello >exact
	echo more | cat exact - >beyond
	run -0 usock listen --quiet --send exact --while '"$USOCK" talk.us "127.0.0.1:$USOCK_PORT"' 127.0.0.1 0
	run -4 usock listen --quiet --send beyond --while '"$USOCK" talk.us "127.0.0.1:$USOCK_PORT"' 127.0.0.1 0
	[[ $output == *'got {more'* ]] || fail "$output"
}
