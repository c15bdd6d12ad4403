# bats file_tags=vm,ktls
#
# TLS whose records the kernel seals and opens, mostly with OpenSSL at the other end. Run in a virtual
# machine, on a kernel that has its module tls.
#
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # bats runs each test in a subshell; status, port and pids are lib's

load ../lib/tls

setup_file() {
	load ../lib/tls
	make_identities
}

setup() {
	begin_tls
	has_tls13 && versions="1.2 1.3" || versions=1.2
}

tls_connect() { # ARG...
	usock connect --tls "${trust[@]}" 127.0.0.1 "$port" "$@"
}

tls_server() { # ARG...
	serve --tls "${own[@]}" 127.0.0.1 0 "$@"
}

# VERSION and the name of each cipher that a kernel has.
each_cipher() {
	local version cipher
	for version in $versions; do
		for cipher in AES_128_GCM_SHA256 AES_256_GCM_SHA384 CHACHA20_POLY1305_SHA256; do
			[ "$version" = 1.3 ] || cipher=ECDHE_ECDSA_WITH_$cipher
			echo "$version TLS_$cipher"
		done
	done
}

has_keys() { # FILE VERSION CIPHER
	says "$1" "^usock: tls 127.0.0.1:[0-9]*: TLSv$2 $3 .*ktls=tx,rx "
}

# How many sides of connections the kernel has had the keys of: TlsTxSw, TlsRxSw.
count_of() { # NAME
	sed -n "s/^$1[[:space:]]*//p" /proc/net/tls_stat
}

hostile_client() { # ARG...
	timeout --foreground -s KILL "$patience" "$python" -IS "$peers/tls_hostile.py" "$@" 3>&- 8>&-
}

@test "each cipher, with openssl for a server" {
	local version cipher
	head -c 300000 /dev/urandom >down
	while read -r version cipher; do
		s_server "server-$cipher" -cert "$c/server.crt" -key "$c/leaf.key" -HTTP -naccept 1
		printf 'GET /down HTTP/1.0\r\n\r\n' | tls_connect -v --ciphers "$cipher" >out 2>err
		has_keys err "$version" "$cipher"
		cmp down out
	done < <(each_cipher)
}

@test "each cipher, with openssl for a client" {
	local version cipher
	head -c 300000 /dev/urandom >down
	while read -r version cipher; do
		tls_server -v --ciphers "$cipher" --send down
		timeout --foreground -s KILL "$patience" openssl s_client -quiet -ign_eof -CAfile "$c/root.crt" \
			-verify_return_error -connect "127.0.0.1:$port" <<<hello >out 2>err
		cmp down out
		has_keys server.err "$version" "$cipher"
		server_ends 0
		has_line server.err 'end=tls-close sent=300000 received=[06] ' # it may end before it asks
	done < <(each_cipher)
}

@test "bulk both ways at once, files by sendfile, pipes by copies" {
	local version
	head -c 67108864 /dev/urandom >up
	head -c 67108863 /dev/urandom >down
	for version in $versions; do
		from=down tls_server -vv
		tls_connect -vv --tls-max "$version" <up 2>err | cat >got
		server_ends 0
		has_line server.err 'ktls=tx,rx '
		has_line err 'ktls=tx,rx '
		has_line err '^usock: send: .*\(sendfile\)$'
		has_line server.err '^usock: send: .*\(sendfile\)$'
		cmp up server.out
		cmp down got
	done
}

@test "one side in the kernel and the other not" {
	local version
	head -c 300000 /dev/urandom >up
	for version in $versions; do
		tls_server -v --tls-max "$version" --no-ktls --echo
		tls_connect -v <up >got 2>err
		has_line server.err 'ktls=no '
		has_line err 'ktls=tx,rx '
		cmp up got
		tls_server -v --tls-max "$version" --echo
		tls_connect -v --no-ktls <up >got 2>err
		has_line server.err 'ktls=tx,rx '
		has_line err 'ktls=no '
		cmp up got
	done
}

@test "half-close: a program reads to the end, then answers" {
	local version
	for version in $versions; do
		tls_server --tls-max "$version" -- wc -c
		tls_connect -v <<<hello >out 2>err
		text_is out '6\n'
		has_line err 'end=tls-close sent=6 received=2 '
		server_ends 0
	done
}

@test "without half-close the last piece of a file goes at once" {
	head -c 100001 /dev/urandom >up
	tls_server --sh 'head -c 100001 | cksum'
	tls_connect --no-half-close <up >out
	cksum <up | cmp - out
	server_ends 0
}

@test "an end without close_notify is 5" {
	tls_serve --cut "$c/server.pem"
	port=$(port_for server.pem)
	status=0
	tls_connect -v >out 2>err || status=$?
	status_is 5
	has_line err 'ktls=tx,rx '
	text_is out 'ok\n'
	has_line err 'end=tls-truncated '
	has_line err 'without close_notify'
}

@test "a spoilt record is 5, and the alert about it is named at the other end" {
	local version
	head -c 100000 /dev/urandom >down
	for version in $versions; do
		tls_server -v --send down --tls-max "$version"
		start spoiler "$python" -IS "$peers/tls_hostile.py" spoil "$port" 4000
		printed spoiler
		status=0
		tls_connect -v >out 2>err || status=$?
		status_is 5
		has_line err 'ktls=tx,rx '
		has_line err "^usock: recv 127.0.0.1:$port: .*MAC"
		server_ends 5
		has_line server.err 'alert bad_record_mac \(20\)$'
	done
}

@test "what comes with the end of the handshake is read before the kernel takes over" {
	local version before
	for version in $versions; do
		serve -k -v --tls "${own[@]}" --echo 127.0.0.1 0
		before=$(count_of TlsRxSw)
		hostile_client glued "$port" "$version" >out
		text_is out 'first\nsecond\nfirst\nsecond\n'
		eventually has_events 2 end
		has_line server.err 'ktls=tx,\(rx\) resumed=yes '
		[ "$(count_of TlsRxSw)" = $((before + 2)) ]
		[ "$(n_events end end tls-close)" = 2 ]
	done
}

@test "--session has its ticket first, and resumes" {
	local version rx
	for version in $versions; do
		rx=rx
		[ "$version" = 1.2 ] || rx='\(rx\)'
		serve -k --tls "${own[@]}" --tls-max "$version" --echo 127.0.0.1 0
		[ "$(tls_connect -v --session "session$version" <<<hello 2>err)" = hello ]
		has_line err "ktls=tx,$rx resumed=no "
		[ "$(tls_connect -v --session "session$version" <<<hello 2>err)" = hello ]
		has_line err "ktls=tx,$rx resumed=yes "
	done
}

@test "starttls in scripts, both roles" {
	usock run - >out 2>err <<-'EOF'
		set l [server 127.0.0.1:0 {h address port} {
			$h expect "STARTTLS\r\n"
			$h sendall "220 go ahead\r\n"
			$h starttls -server -self-signed
			set line [$h readline]
			$h sendall "[dict get [$h tls info] ktls] $line"
			$h close
		}]
		set s [connect 127.0.0.1 [lindex [$l getsockname] 1]]
		$s sendall "STARTTLS\r\n"
		$s expect "220*\n"
		$s starttls -insecure
		puts [dict get [$s tls info] ktls]
		$s sendall "hello\n"
		puts -nonewline [$s readall]
		puts [$s end]
		$s close
		set s [connect 127.0.0.1 [lindex [$l getsockname] 1]]
		$s sendall "STARTTLS\r\n"
		$s expect "220*\n"
		$s starttls -insecure -no-ktls
		puts "without [dict get [$s tls info] ktls]"
	EOF
	text_is out 'tx,rx\ntx,rx hello\ntls-close\nwithout \n'
}

@test "a cipher that the kernel has not, and a buffer that is too small, stay with the library" {
	tls_server -v --echo
	[ "$(tls_connect -v --ciphers TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 <<<hello 2>err)" = hello ]
	has_line err 'ktls=no '
	tls_server -v --echo
	[ "$(tls_connect -v -o SO_SNDBUF=8192 <<<hello 2>err)" = hello ]
	has_line err 'ktls=rx '
}

# New keys for the other direction were asked for with the first, not with the second.
@test "KeyUpdate is followed where the kernel can (6.14), and told where not" {
	has_tls13 || skip "this mbedTLS has no TLS 1.3"
	serve -v --tls "${own[@]}" --echo 127.0.0.1 0
	mkfifo orders
	exec 9<>orders
	from=orders start asking openssl s_client -tls1_3 -connect "127.0.0.1:$port"
	echo first >&9
	eventually has_line asking.out '^first$'
	echo K >&9
	eventually has_line asking.err '^KEYUPDATE$'
	if [ "$(printf '%s\n' 6.14 "$(uname -r)" | sort -V | head -n 1)" != 6.14 ]; then
		server_ends 5
		exec 9>&-
		has_line server.err 'the peer has new keys \(KeyUpdate\), which cannot be taken: '
		return
	fi
	echo second >&9
	eventually has_line asking.out '^second$'
	echo k >&9
	echo third >&9
	eventually has_line asking.out '^third$'
	echo Q >&9
	exec 9>&-
	server_ends 0
}
