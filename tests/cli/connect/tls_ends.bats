# What a peer, or somebody on the way, can do to TLS after the first byte and before the last.
#
# shellcheck disable=SC2016 # for other programs' shells
# shellcheck disable=SC2034,SC2154 # status, port, pid and pids are lib's

load ../lib/tls

setup_file() {
	load ../lib/tls
	make_identities
}

setup() {
	begin_tls
	need python3
}

# tls_hostile.py in the background; $port where it listens.
hostile() { # NAME ARG...
	start "$1" "$python" -IS "$peers/tls_hostile.py" "${@:2}"
	printed "$1"
}

# The same in the foreground.
hostile_client() { # ARG...
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/tls_hostile.py" "$@" 3>&- 8>&-
}

tls_connect() { # ARG...
	usock connect --tls "${trust[@]}" 127.0.0.1 "$port" "$@"
}

versions() {
	echo 1.2
	! has_tls13 || echo 1.3
}

# --- the handshake --------------------------------------------------------------

# Records and what only looks like one, without a handshake in it.
garbage=(
	160303 160303000 # cut in its header
	1603030004deadbeef # a message that does not exist
	1703030010000102030405060708090a0b0c0d0e0f # data, before there is a key
	170303000101
	160303ffff00 # longer than any record
	1603030000 # of no length
	160303000402000000 # a hello without a word in it
	160303000401000000
	16030300040200ffff # one that never ends
	160303000402ffffff
	160303002a02000026030300000000000000000000000000000000000000000000000000000000000000000000ffff00
	1502020002 # half an alert
	150303000101
	15030300030246aa # more than one
	ffffffffffffffffffffffffffffffff
	00
	80620103010039000000200000390000380000350000 # SSL 2
)

# Hexadecimal that can be sent: whole bytes.
whole_bytes() {
	local text
	for text in "${garbage[@]}"; do
		echo "${text:0:$((${#text} / 2 * 2))}"
	done
}

@test "garbage for an answer is 5, whatever it is" {
	local text texts
	mapfile -t texts < <(whole_bytes)
	hostile server answers "${texts[@]}"
	for text in "${texts[@]}"; do
		run -5 tls_connect
		[[ $output =~ ^"usock: tls 127.0.0.1:$port: " ]] || fail "$text: $output"
		[ "${#lines[@]}" -le 2 ] || fail "$text: $output"
	done
}

@test "garbage for a question is told, and costs the others nothing" {
	local texts
	mapfile -t texts < <(whole_bytes)
	serve -v -k --tls "${own[@]}" --echo 127.0.0.1 0
	hostile_client ask "$port" "${texts[@]}"
	eventually told "${#texts[@]}"
	run -1 grep -v -e '^usock: tls 127\.0\.0\.1:' -e '^usock: listening ' -e '^usock: accepted ' -e ': end=error ' server.err
	[ "$(tls_connect <<<hello)" = hello ]
	server_lives
}

@test "a client that goes on sending hears why the server has ended it" {
	serve -k --tls "${own[@]}" --echo 127.0.0.1 0
	# a ClientHello whose only cipher suite is TLS_NULL_WITH_NULL_NULL
	hostile_client rush "$port" "160301002d010000290303$(printf '%064d' 7)00000200000100" >rush.out
	run cat rush.out
	[[ $output =~ ^15030[0-4]000202[0-9a-f]{2}$ ]] || fail "$output"
	eventually told 1
	server_lives
}

told() { # N
	has_events "$1" error error tls
}

@test "alerts are named" {
	local code texts=() names=(unexpected_message=10 bad_record_mac=20 decryption_failed=21 record_overflow=22
		decompression_failure=30 handshake_failure=40 no_certificate=41 bad_certificate=42 unsupported_certificate=43
		certificate_revoked=44 certificate_expired=45 certificate_unknown=46 illegal_parameter=47 unknown_ca=48
		access_denied=49 decode_error=50 decrypt_error=51 export_restriction=60 protocol_version=70
		insufficient_security=71 internal_error=80 inappropriate_fallback=86 user_canceled=90 no_renegotiation=100
		missing_extension=109 unsupported_extension=110 certificate_unobtainable=111 unrecognized_name=112
		bad_certificate_status_response=113 bad_certificate_hash_value=114 unknown_psk_identity=115
		certificate_required=116 no_application_protocol=120 unknown=200)
	for code in "${names[@]}"; do
		texts+=("$(printf '150303000202%02x' "${code#*=}")")
	done
	hostile server answers "${texts[@]}"
	for code in "${names[@]}"; do
		run -5 tls_connect
		[[ $output == "usock: tls 127.0.0.1:$port: the peer has ended it with alert ${code%=*} (${code#*=})"* ]] ||
			fail "$code: $output"
	done
}

@test "a client that does not trust us says so, and the server repeats it" {
	serve -k --tls "${own[@]}" --echo 127.0.0.1 0
	openssl s_client -verify_return_error -connect "127.0.0.1:$port" <<<hello >out 2>&1 || :
	eventually has_line server.err 'the peer has ended it with alert unknown_ca \(48\)$'
}

# Nobody who stalls is waited for longer than the others, nor given up before the time.
@test "a handshake that stalls after each byte of the client's ends on time" {
	local version n first last
	for version in $(versions); do
		serve -v -k --tls "${own[@]}" --handshake-timeout 2s --echo 127.0.0.1 0
		hostile_client stall "$port" "$version" >stall.out
		read -r n first last <stall.out
		[ "$n" -gt 200 ] || fail "$version: $n bytes"
		[[ ! $first =~ ^(0|1\.[0-8]) ]] || fail "$version: the first after $first s"
		[ "${last%.*}" -lt $((2 + patience / 4)) ] || fail "$version: the last after $last s"
		eventually gave_up "$n"
		server_lives
	done
}

gave_up() { # N
	[ "$(n_events error error timeout)" = "$1" ]
}

# Where a handshake stops: some of each header, and some of what is behind it.
@test "a handshake that stalls after any byte of the server's is 124" {
	local target n clients=() at
	serve -k --tls "${own[@]}" --echo 127.0.0.1 0
	target=$port
	for at in 2 7 10 43 44 76 80 120 130 200 350 500; do
		hostile_relay "$target" "$at"
		start "client$at" "$USOCK" connect --tls "${trust[@]}" --handshake-timeout 1s 127.0.0.1 "$port"
		clients+=("$at=$pid")
	done
	for n in "${clients[@]}"; do
		finish "${n#*=}"
		[ "$status" = 124 ] || fail "${n%=*} bytes: $status, $(cat "client${n%=*}.err")"
		says "client${n%=*}.err" 'timed out: the handshake is not over$'
	done
}

hostile_relay() { # PORT N
	start "relay$2" "$python" -IS "$peers/tls.py" relay "$1" "$2"
	printed "relay$2"
}

# bats test_tags=ktls
@test "a client that wants another handshake on the same connection is told at once that there is none" {
	serve -k --tls "${own[@]}" --tls-max 1.2 --echo 127.0.0.1 0
	mkfifo orders
	exec 9<>orders
	from=orders start asking openssl s_client -tls1_2 -connect "127.0.0.1:$port"
	echo first >&9
	eventually has_line asking.out '^first$'
	echo R >&9
	eventually has_line asking.err 'no renegotiation'
	exec 9>&-
	[ "$(tls_connect <<<hello)" = hello ]
	server_lives
}

# bats test_tags=ktls
@test "so is a server, and what it makes of that is told" {
	mkfifo orders
	exec 9<>orders
	from=orders start asking openssl s_server -accept 127.0.0.1:0 -cert "$c/server.crt" -key "$c/leaf.key" -tls1_2
	listening
	start client "$USOCK" connect --tls "${trust[@]}" 127.0.0.1 "$port" -- sh -c 'echo ready; cat'
	eventually has_line asking.out '^ready$'
	echo r >&9
	eventually has_line asking.err 'no renegotiation'
	exec 9>&-
	finish "$pid"
	status_is 5
	says client.err 'alert handshake_failure \(40\): it wanted another handshake on this connection \(renegotiation\)'
	says client.err 'hint: a server that wants a certificate has to ask for it in the first handshake'
}

# --- data ------------------------------------------------------------------------

# bats test_tags=ktls
@test "a bit that changes on the way is 5, never a wrong byte" {
	local version
	head -c 300000 /dev/urandom >data
	for version in $(versions); do
		serve -k --tls "${own[@]}" --send data 127.0.0.1 0
		hostile "spoiler$version" spoil "$port" 4000
		run -5 --separate-stderr tls_connect --tls-max "$version" -v
		[[ $stderr == *"usock: recv 127.0.0.1:$port: "*"MAC"* ]] || fail "$stderr"
		tls_connect --tls-max "$version" >out 2>err || :
		cmp -n "$(stat -c %s out)" out data
	done
}

# bats test_tags=ktls
@test "records of every length, odd and round ones, both roles" {
	hostile server records "$c/server.pem"
	usock connect --tls "${trust[@]}" 127.0.0.1 "$port" -- cat
	finish "$pid"
	status_is 0
	serve -k --tls "${own[@]}" --echo 127.0.0.1 0
	hostile_client ask-records "$port"
}

@test "bulk both ways at once, in pieces with pauses, unchanged" {
	local version
	head -c 67108864 /dev/urandom >up
	head -c 67108864 /dev/urandom >down
	for version in $(versions); do
		from=down serve --tls "${own[@]}" 127.0.0.1 0
		hostile "way$version" pauses "$port" 1
		timeout --foreground -s KILL $((6 * patience)) "$USOCK" connect --tls "${trust[@]}" --tls-max "$version" \
			127.0.0.1 "$port" <up >got 3>&-
		finish "$server"
		status_is 0
		cmp up server.out
		cmp down got
	done
}
