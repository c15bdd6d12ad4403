# Servers under attack, in short: tests/bench/attack.py is the attacker, and ./dev soak the long form.

load ../lib/listen

# attacked WORD...: runs the attacker for a moment. On a machine that is busy with other tests one of three
# runs is enough, and a round trip takes longer than the 50 ms of ./dev soak.
attacked() {
	local limit=$((300 * slowness)) try
	! is_instrumented || limit=$((10 * limit))
	# the sanitizer keeps what is freed, which would look like a leak
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0"
	for try in 1 2 3; do
		if USOCK_ATTACK_LIMIT=$limit timeout -s KILL $((5 * patience)) \
			"$python" -IS "$peers/../bench/attack.py" "$USOCK" "$@" >"attack.$try" 2>&1 3>&-; then
			return
		fi
	done
	fail "$(cat attack.*)"
}

@test "half-open clients and a byte a second hold up nobody" {
	attacked 0.3 half_open trickle
}

@test "resets in every state end nothing but their own connections" {
	attacked 0.3 resets
}

@test "clients that send without reading are held back, and use bounded memory" {
	attacked 0.5 deaf
}

@test "negotiations that stall at any byte, or begin with anything else, are clients of their own" {
	attacked 0.5 stall garbage
}

@test "connections in quick turn leave nothing behind" {
	attacked 0.3 churn
	attacked count 300
}

@test "everything at once" {
	attacked 1 all
}

@test "without descriptors the connected are served, the next wait, and nothing spins" {
	attacked exhaust
}

@test "--max-children holds back the next client, and not those that are served" {
	serve -k --max-children 2 127.0.0.1 0 --sh 'echo ready; cat'
	exec 4<>"/dev/tcp/127.0.0.1/$port" 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
	receives 4 ready
	receives 5 ready
	receives_nothing 6 0.3
	send_line 4 still
	receives 4 still
	exec 5>&-
	receives 6 ready
	exec 4>&- 6>&-
}
