#!/usr/bin/env bats
# Some of the cases of `./dev torture`.

load ../lib/common

@test "system calls that fail end in a message and a status, not in a crash, a hang or a false 0" {
	need strace openssl
	not_counted "strace sees the calls of valgrind"
	"$python" -IS "$USOCK_SOURCE/tests/torture/torture.py" --short 150 "$USOCK" >out 2>&1 3>&- 7>&- 8>&- || fail "$(cat out)"
}
