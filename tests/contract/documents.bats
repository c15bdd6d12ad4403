# The tables of the manual have each method of the documents, and each row has a test.
#
# shellcheck disable=SC2016 # text with $ in it

load ../cli/lib/common

# Rows of the tables of usock-script(7), and the text that a test of each contains in tests/script.
rows() {
	cat <<-'END_OF_ROWS'
		socket(af, type, proto)|socket \$family \$type \$proto|AF_INET SOCK_STREAM IPPROTO_TCP\}
		Z: socket(..., fileno=N)|socket -fileno
		Z: the dialect|socket -dialect zerynth
		getaddrinfo(host, port)|getaddrinfo 127\.0\.0\.1 \[port_of
		getaddrinfo(host, port)[0][-1]|\[getaddrinfo [^]]*\] 0 end
		Z: ip_to_tuple(ip)|ip_to_tuple 192
		bind((host, port))|\$s bind 127\.0\.0\.1 0
		bind(("", 0))|bind "" 0
		Z: bind(port)|\$l bind 0
		listen([backlog])|foreach backlog \{\{\} -1 0 1
		Z: listen(maxlog=2)|a backlog of 2: three clients connect
		accept()|lassign \$result d address port
		connect(address)|\$s connect \{\*\}\$address
		send(bytes)|\$a send \$bytes
		Z: send(buffer, flags)|send flag MSG_DONTWAIT
		sendall(bytes)|\$a sendall \$bytes
		write(buf)|\$a write \$bytes
		sendto(bytes, address)|sendto hello \$to
		Z: sendto(buffer, address, flags)|sendto flag \{\*\}\$to MSG_DONTWAIT
		recv(bufsize)|\$a recv 100\]
		Z: recv(bufsize, flags)|\$a recv 100 \{MSG_PEEK MSG_DONTWAIT\}
		Z: recv_into(buffer, bufsize, flags)|recv_into x 5 MSG_PEEK
		recvfrom(bufsize)|\$b recvfrom 100\]
		Z: recvfrom(bufsize, flags)|recvfrom 10 MSG_PEEK
		Z: recvfrom_into(buffer, bufsize, flags)|recvfrom_into x 4 MSG_PEEK
		read([size])|\$a read 5\]
		readall()|\$a readall\]
		readinto(buf[, nbytes])|\$a readinto x 5\]
		readline()|\$a readline\]
		setsockopt(level, optname, value)|setsockopt SOL_SOCKET SO_REUSEADDR 1
		setsockopt(level, optname, bytes)|setsockopt SOL_SOCKET SO_REUSEADDR -bytes
		settimeout(value)|settimeout 0\.3
		settimeout(None)|settimeout none
		Z: settimeout(timeout)|settimeout 10000
		setblocking(flag)|setblocking 0
		makefile(mode, buffering)|makefile rwb 0
		getsocketsta()|\$s getsocketsta\] 0
		close()|\$s close$
		Z: fileno()|\$s fileno\] -1
		except OSError, usocket.error, IOError|trap \{POSIX ECONNREFUSED\}
		AF_INET, AF_INET6|AF_INET6 SOCK_STREAM
		Z: AF_CAN|AF_CAN
		SOCK_STREAM, SOCK_DGRAM, SOCK_RAW|AF_INET SOCK_RAW
		IPPROTO_TCP, IPPROTO_UDP|AF_INET SOCK_DGRAM IPPROTO_UDP
		IPPROTO_TCP_SER|IPPROTO_TCP_SER has SO_REUSEADDR
		TCP_CUSTOMIZE_PORT|TCP_CUSTOMIZE_PORT: bind, then connect
		SOL_SOCKET|setsockopt 4095 SO_REUSEADDR 1
		SO_REUSEADDR|setsockopt 4095 4 1
		TCP_KEEPALIVE|setsockopt SOL_SOCKET TCP_KEEPALIVE 1
		Z: SO_RCVTIMEO|setsockopt SOL_SOCKET SO_RCVTIMEO 150
		0|getsocketsta\] 0
		1|getsocketsta\] 1
		2|getsocketsta\] 2
		3|# 3 SYN_RCVD
		4|getsocketsta\]\] \{4 4\}
		5|reaches \$a 5
		6|reaches \$a 6
		7|reaches \$b 7
		8|reaches \$a 8
		9|reaches \$b 9
		10|reaches \$a 10
		-1|getsocketsta\] -1
		Q: do not use domain names as an address|localhost \$port
		Q: an address is opaque, and comes from getaddrinfo|connect \[lindex \[getaddrinfo
		Z: "192.168.1.10", (192,168,1,10), (ip, port), (192,168,1,10,8080)|\{127 0 0 1 \$port\}
		Z: a missing port is zero|"if a port is required but not given
		Q: errors of getaddrinfo are negative|EAI_NONAME -2
		Q: accept gives (conn, address, port); Z, and older Q: (conn, address)|accept returns a pair
		Q: a server must bind; a client may, with TCP_CUSTOMIZE_PORT|without bind the kernel chooses the port
		Q: the socket must not be bound yet|POSIX EINVAL\} \{\$s bind
		Q: a backlog below 0 is 0; without one a reasonable value|backlog 0 still has room for one
		Q: send may be short; sendall and write are not|short once, then ETIMEDOUT
		Q: sendall on a non-blocking socket is undefined, use write|non-blocking: short, then none
		Q: read and readinto have no short reads|read is short at the end only
		Q: recv blocks; use a thread|MSG_DONTWAIT
		Z: recv blocks until all bytes are there|recv waits for all bytes
		Q: a time-out raises OSError|USOCK timeout ETIMEDOUT
		Q: after a time-out the buffer may be inconsistent|loses no bytes in a time-out
		Q: makefile: only binary modes, buffering is ignored|foreach mode \{r w rw
		Q: closing all file objects closes the socket|closing the last file closes the socket
		Q: close frees everything, and the peer gets the end|the end of the stream, again and again
		Q: sockets are closed when memory is recycled|closed when its handle is replaced
		Q, Z: sendto: the socket should not be connected|a connected stream ignores the address
		Z: a connected UDP socket ignores other senders|connected: datagrams of others are dropped
		Z: a UDP socket is bound before it is used|the kernel chooses the port of an unbound sender
		Z: a bufsize below 0 is len(buffer)|recv_into x -1
		Z: link a network driver first|.
	END_OF_ROWS
}

# The first column of each table and list after "THE DOCUMENTS' METHODS".
manual_rows() {
	sed -n '/^\.Sh THE DOCUMENTS/,/^\.Sh DIALOGUE/s/^\.It //p' "$USOCK_SOURCE/man/usock-script.7" |
		grep -v '^Sy ' | sed -E 's/ Ta .*//; s/\\\(dq/"/g'
}

@test "the manual has a row for each method of the documents, and the list has each row" {
	diff <(manual_rows | sort) <(rows | cut -d '|' -f 1 | sort)
}

@test "each row of the manual's tables has a test" {
	local row regexes regex missing=''
	while IFS='|' read -r row regexes; do
		regex=${regexes//|/$'\n'}
		while read -r one; do
			grep -q -E -e "$one" "$USOCK_SOURCE"/tests/script/*.us || missing+="$row: $one"$'\n'
		done <<<"$regex"
	done < <(rows)
	[ -z "$missing" ] || fail "$missing"
}

# What the pages for developers put in quotes of code: paths with a slash, and names with an underscore.
quoted() { # FORM
	grep -ohE "\`$1\`" "$USOCK_SOURCE"/HACKING.md "$USOCK_SOURCE"/docs/{*,decisions/*}.md |
		tr -d '`()' | sort -u
}

@test "the pages for developers name files that are there" {
	local path missing=''
	cd "$USOCK_SOURCE"
	while read -r path; do
		compgen -G "$path*" >/dev/null || compgen -G "src/$path*" >/dev/null ||
			compgen -G "src/*/$path*" >/dev/null || missing+="$path"$'\n'
	done < <(quoted '[a-z_]+/[a-z_0-9/.-]*')
	[ -z "$missing" ] || fail "$missing"
}

@test "the pages for developers name functions and constants that are there" {
	local name missing=''
	cd "$USOCK_SOURCE"
	while read -r name; do
		grep -rqw -e "$name" src tests/unit/test.h cmake || missing+="$name"$'\n'
	done < <(quoted '[a-z]+_[a-z_]+\(\)'; quoted '[A-Z]+_[A-Z_]+')
	[ -z "$missing" ] || fail "$missing"
}

@test "links between the pages lead to a page" {
	local page link missing=''
	cd "$USOCK_SOURCE"
	for page in HACKING.md README.md docs/{*,decisions/*}.md src/*/{,*/}README.md; do
		while read -r link; do
			[ -e "${page%/*}/$link" ] || [ -e "$link" ] || missing+="$page: $link"$'\n'
		done < <(grep -oE '\]\([^):#]+\)' "$page" | tr -d '])(')
	done
	[ -z "$missing" ] || fail "$missing"
}
