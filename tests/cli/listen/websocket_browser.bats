# A browser with listen -k --ws --echo.
# shellcheck disable=SC2154 # port, pid and patience are lib's

load ../lib/common

# The page reports by WebSocket, too: its log is one message.
write_page() { # PORT-OF-ECHO PORT-OF-REPORT
	cat >page.html <<-EOF
		<!doctype html><meta charset=utf-8><script>
		const sizes = [0, 1, 125, 126, 65535, 65536, 1 << 20], log = [];
		const ws = new WebSocket("ws://127.0.0.1:$1/echo");
		let n = 0, sent;
		ws.binaryType = "arraybuffer";
		function is_same(got) {
			if (typeof sent === "string")
				return got === sent;
			const a = new Uint8Array(got), b = new Uint8Array(sent);
			return got instanceof ArrayBuffer && a.length === b.length && a.every((v, i) => v === b[i]);
		}
		function next() {
			const size = sizes[n >> 1];
			if (size === undefined)
				return ws.close(4001, "bye");
			sent = n & 1 ? new Uint8Array(size).map((_, i) => 7 * i).buffer
				: "é".repeat(size >> 1) + "x".repeat(size & 1);
			ws.send(sent);
		}
		ws.onopen = next;
		ws.onmessage = e => {
			log.push((n & 1 ? "binary " : "text ") + sizes[n >> 1] + (is_same(e.data) ? " same" : " DIFFERS"));
			n++;
			next();
		};
		ws.onclose = e => {
			log.push("closed " + e.code + " clean " + e.wasClean);
			const report = new WebSocket("ws://127.0.0.1:$2/report");
			report.onopen = () => { report.send(log.join("\n")); report.close(); };
		};
		</script>
	EOF
}

@test "Chromium exchanges text and binary of 0 bytes to 1 MiB, and closes with a code" {
	local size report echo
	usock_listens echo -k --ws --echo -v
	echo=$port
	usock_listens report --ws
	report=$pid
	write_page "$echo" "$port"
	start browser chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$PWD/profile" "file://$PWD/page.html"
	patience=$((4 * patience)) finish "$report"
	for size in 0 1 125 126 65535 65536 1048576; do
		printf 'text %s same\nbinary %s same\n' "$size" "$size"
	done >want
	echo 'closed 4001 clean true' >>want
	cmp want report.out || fail "$(cat report.out browser.err)"
	eventually has_line echo.err 'end=peer-fin .* messages-sent=14 messages-received=14 close=4001 '
}

# The browser says who it is, and reports what it has heard when it is told to.
write_chat_page() { # PORT-OF-CHAT PORT-OF-REPORT
	cat >chat.html <<-EOF
		<!doctype html><meta charset=utf-8><script>
		const ws = new WebSocket("ws://127.0.0.1:$1/"), log = [];
		ws.onopen = () => ws.send("hello from the browser: ü");
		ws.onmessage = e => {
			log.push(e.data);
			if (!e.data.includes("report now"))
				return;
			const report = new WebSocket("ws://127.0.0.1:$2/report");
			report.onopen = () => { report.send(log.join("\n")); report.close(); ws.close(); };
		};
		</script>
	EOF
}

@test "Chromium and a client of usock hear each other in a chat" {
	local chat report
	usock_listens chat -k --chat --ws
	chat=$port
	usock_listens report --ws
	report=$pid
	write_chat_page "$chat" "$port"
	mkfifo keys
	from=keys start terminal "$USOCK" connect "ws://127.0.0.1:$chat/"
	exec 7>keys
	start browser chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
		--user-data-dir="$PWD/profile" "file://$PWD/chat.html"
	patience=$((4 * patience)) eventually has_line terminal.out 'hello from the browser: ü$'
	echo 'report now, 日本' >&7
	patience=$((4 * patience)) finish "$report"
	grep -q 'report now, 日本$' report.out || fail "$(cat report.out browser.err)"
	exec 7>&-
}
