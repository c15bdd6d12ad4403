#!/usr/bin/env bats
# Some of the cases of `./dev torture`.

load ../lib/common

@test "system calls that fail end in a message and a status, not in a crash, a hang or a false 0" {
	need strace openssl
	not_counted "strace sees the calls of valgrind"
	# those of which every case has passed
	local scenarios=(connect-send connect-file connect-recv connect-both connect-echo connect-crlf connect-scan connect-tls
		connect-udp sendto sendto-wait listen listen-echo listen-discard status status-proc status-process resolve
		resolve-probe run)
	"$python" -IS "$USOCK_SOURCE/tests/torture/torture.py" --short 150 "${scenarios[@]}" "$USOCK" >out 2>&1 3>&- 7>&- 8>&- || fail "$(cat out)"
}
