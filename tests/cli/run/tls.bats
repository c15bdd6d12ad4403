# TLS in scripts: connect, listen and server with it, starttls, tls info, and how it ends.
#
# shellcheck disable=SC2016 # scripts have $ in them
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # bats runs each test in a subshell; status, port and pids are lib's

load ../lib/tls

more_identities() {
	sign client /CN=Client extendedKeyUsage=clientAuth
	bundle client leaf.key client.crt
}

setup_file() {
	load ../lib/tls
	make_identities more_identities
}

setup() {
	begin_tls
}

# runs ARG... with a script on standard input, whose argv is: where the certificates are, the ARGs.
# $status, out, err.
runs() {
	cat >script.us
	status=0
	usock run script.us "$c" "$@" >out 2>err || status=$?
}

passes() {
	runs "$@"
	[ "$status" = 0 ] || fail "$status: $(cat err)"
}

# --- both ends in a script -----------------------------------------------------

@test "a script is server and client, and both know what was agreed on" {
	passes <<-'EOF'
		lassign $argv c
		set l [listen --tls --cert $c/server.crt --key $c/leaf.key --alpn h2,echo 127.0.0.1 0]
		server $l {h a p} {
			set info [$h tls info]
			puts "server: [dict get $info alpn] [dict get $info server_name] [dict exists $info subject]"
			while {[set line [$h readline]] ne ""} {$h sendall [string toupper $line]}
			puts "server: [$h end]"
			$h close
		}
		set port [lindex [$l getsockname] 1]
		set s [connect --tls --ca-file $c/root.crt --alpn echo localhost $port]
		set info [$s tls info]
		foreach name {alpn server_name verified resumed subject issuer names} {
			puts "$name: [dict get $info $name]"
		}
		puts [regexp {^TLSv1\.[23]$} [dict get $info version]],[regexp {^TLS.*_} [dict get $info cipher]]
		puts [string length [dict get $info sha256]],[string range [dict get $info pin] 0 7]
		puts "[dict get [$s status] tls] [dict get $info version]"
		$s sendall "hello\n"
		puts [$s expect -re {(\S+)\n}]
		$s halfclose
		puts "[$s read][$s end]"
		puts [dict get [$l tls info] pin],[dict get $info pin]
		puts "[dict get [$l status] name] [dict exists [$l status] tls]"
		$s close
		puts "closed: [$s tls info]"
	EOF
	grep -q 'TLSv1.* TLSv1' out
	grep -v 'TLSv1\|sha256//' out | sort | diff - <(printf '%s\n' 'server: echo localhost 0' \
		'alpn: echo' 'server_name: localhost' 'verified: 1' 'resumed: 0' 'subject: CN=x' 'issuer: CN=Root' \
		'names: localhost 127.0.0.1' 1,1 HELLO 'server: tls-close' tls-close 'LISTEN 0' 'closed: ' | sort)
	[ "$(sed -n 's/^64,//p' out)" = sha256// ]
	[ "$(sed -n 's/^\(sha256.*\),\(.*\)/\1/p' out)" = "$(sed -n 's/^\(sha256.*\),\(.*\)/\2/p' out)" ]
}

@test "a self-signed certificate is known by the pin that the listener tells" {
	passes <<-'EOF'
		set l [listen --tls --self-signed 127.0.0.1 0]
		server $l {h a p} {$h sendall ok; $h close}
		set port [lindex [$l getsockname] 1]
		set s [connect --insecure --pin [dict get [$l tls info] pin] tls:127.0.0.1 $port]
		puts [$s readall]
		set other sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
		puts [catch {connect --insecure --pin $other tls:127.0.0.1:$port} text options]
		puts [lrange [dict get $options -errorcode] 0 1]
		# the server goes on after a client that broke off
		puts [[connect --tls --insecure 127.0.0.1 $port] readall]
	EOF
	text_is out 'ok\n1\nUSOCK tls\nok\n'
	says_exactly err "usock: tls: the server's certificate is not checked (--insecure), only its key (--pin)"
	says err '^usock: server: tls 127.0.0.1:'
}

@test "a session that a script keeps is no way past what it trusts" {
	usock_listens server -k --echo --tls "${own[@]}"
	cat >again.us <<-'END'
		set s [connect --tls --tls-max 1.2 --server-name localhost --session session {*}[lassign $argv port] 127.0.0.1 $port]
		$s sendall x
		puts "[$s recv 1] [dict get [$s tls info] resumed]"
	END
	again() { # ARG... : of connect
		status=0
		usock run --allow-files again.us "$port" "$@" >out 2>err || status=$?
	}
	again "${trust[@]}"
	text_is out 'x 0\n'
	again "${trust[@]}"
	text_is out 'x 1\n'
	cp session kept
	again
	status_is 5
	cp kept session
	again "${trust[@]}" --pin "sha256//$(printf %032d 0 | base64)"
	status_is 5
	cp kept session
	again "${trust[@]}" --cert "$c/client.crt" --key "$c/leaf.key"
	text_is out 'x 0\n'
}

@test "methods work through TLS as without it" {
	passes <<-'EOF'
		set l [listen --tls --self-signed 127.0.0.1 0]
		server $l {h a p} {
			$h sendall "one\ntwo\r\nthree"
			$h sendall [binary format c3 {0 255 10}]
			set n [string length [$h read 1000000]]
			$h sendall "\nn=$n\n"
			$h split "a\nb\n" 1 -delay 1ms
			$h readall
			$h close
		}
		set s [connect --tls --insecure 127.0.0.1 [lindex [$l getsockname] 1]]
		$s settimeout 10
		puts [$s recv 1 MSG_PEEK][$s recv 1][$s read 2][string length [$s readline]]
		puts [string trim [$s readline]],[$s read 5]
		binary scan [$s expect -len 3] H* hex
		puts $hex
		puts [catch {$s recv 5 MSG_DONTWAIT} text options],[dict get $options -errorcode]
		puts [catch {$s recv 5 MSG_OOB} text options],[lindex [dict get $options -errorcode] 1]
		puts [$s sendall [string repeat x 1000000]]
		$s expect "n=1000000\n"
		set f [$s makefile rb]
		puts [$f readline][$f readline]
		$s shutdown w
		puts <[$s recv 10]>[$s end]
		$s settimeout 0.05
	EOF
	grep -q '1,POSIX EAGAIN' out
}

@test "accept makes the handshake, and fails with it; the listener goes on" {
	cat >script.us <<-'EOF'
		lassign $argv c
		set l [listen --tls --cert $c/server.crt --key $c/leaf.key 127.0.0.1 0]
		puts [lindex [$l getsockname] 1]
		puts [catch {$l accept} text options]:[lrange [dict get $options -errorcode] 0 1]
		lassign [$l accept -timeout 60] s address port
		puts "$address [$s read 5]"
		$s sendall "bye"
		$s close
	EOF
	start server "$USOCK" run script.us "$c"
	printed server
	echo 'this is no TLS' | usock connect 127.0.0.1 "$port" >/dev/null 2>&1 || :
	tls_client "$port" close hello >client.out
	finish "$pid"
	status_is 0
	text_is server.out "$port\n1:USOCK tls\n127.0.0.1 hello\n"
	text_is client.out 'byeclosed\n'
}

@test "a client that goes on sending hears why it was not accepted" {
	cat >script.us <<-'EOF'
		lassign $argv c
		set l [listen --tls --cert $c/server.crt --key $c/leaf.key 127.0.0.1 0]
		puts [lindex [$l getsockname] 1]
		puts [catch {$l accept} text options]:[lrange [dict get $options -errorcode] 0 1]
	EOF
	start server "$USOCK" run script.us "$c"
	printed server
	# a ClientHello whose only cipher suite is TLS_NULL_WITH_NULL_NULL
	"$python" -IS "$peers/tls_hostile.py" rush "$port" \
		"160301002d010000290303$(printf '%064d' 7)00000200000100" >client.out
	finish "$pid"
	text_is server.out "$port\n1:USOCK tls\n"
	run cat client.out
	[[ $output =~ ^15030[0-4]000202[0-9a-f]{2}$ ]] || fail "$output"
}

@test "a silent client holds accept up no longer than the handshake may take" {
	passes <<-'EOF'
		set l [listen --tls --self-signed --handshake-timeout 0.2 127.0.0.1 0]
		set s [connect 127.0.0.1 [lindex [$l getsockname] 1]]
		puts [catch {$l accept} text options]:[dict get $options -errorcode]
		puts [catch {$l accept -timeout 0.1} text options]:[lrange [dict get $options -errorcode] 0 1]
		puts [$s recv 10]<[$s end]
	EOF
	text_is out '1:USOCK timeout ETIMEDOUT {Connection timed out}\n1:USOCK timeout\n<peer-fin\n'
}

@test "a client shows its certificate, and the script sees whose it is" {
	passes <<-'EOF'
		lassign $argv c
		set l [listen --tls --cert $c/server.pem --client-ca $c/root.crt 127.0.0.1 0]
		server $l {h a p} {$h sendall [dict get [$h tls info] subject]; $h close}
		set port [lindex [$l getsockname] 1]
		puts [[connect --tls --ca-file $c/root.crt --cert $c/client.pem 127.0.0.1 $port] readall]
		puts [catch {[connect --tls --ca-file $c/root.crt 127.0.0.1 $port] readall} t o],[lrange [dict get $o -errorcode] 0 1]
	EOF
	text_is out 'CN=Client\n1,USOCK tls\n'
}

# --- with others ----------------------------------------------------------------

@test "connect tls: checks a server of OpenSSL, and refuses the wrong name: 5" {
	tls_serve --echo "$c/server.pem"
	port=$(port_for server.pem)
	passes "$port" <<-'EOF'
		lassign $argv c port
		set s [connect --ca-file $c/root.crt tls:localhost:$port]
		$s sendall hello
		$s halfclose
		puts [$s readall],[$s end]
	EOF
	text_is out 'hello,tls-close\n'
	runs "$port" <<<'lassign $argv c port; connect --tls --ca-file $c/root.crt --server-name other.test localhost $port'
	status_is 5
	says err '^usock: script.us:1: tls 127.0.0.1:'
	says err '^usock: hint: '
	runs "$port" <<<'lassign $argv c port; connect --tls localhost $port'
	status_is 5
}

@test "a stream that is cut is told as such, after what has come: 5" {
	tls_serve --cut "$c/server.pem"
	port=$(port_for server.pem)
	runs "$port" <<-'EOF'
		lassign $argv c port
		set s [connect --tls --ca-file $c/root.crt localhost $port]
		puts [$s readline][catch {$s read} text options],[dict get $options -errorcode],[$s end]
		set s [connect --tls --ca-file $c/root.crt localhost $port]
		$s expect "ok\n"
		puts [catch {$s expect eof} text options],[dict get $options -errorcode]
		set s [connect --tls --ca-file $c/root.crt localhost $port]
		$s readall
	EOF
	status_is 5
	text_is out 'ok\n1,USOCK tls truncated,tls-truncated\n1,USOCK tls truncated\n'
	says err 'script.us:8: .*close_notify'
}

@test "close, and the end of the script, say close_notify; abort does not" {
	cat >script.us <<-'EOF'
		lassign $argv c how
		set l [listen --tls --cert $c/server.pem 127.0.0.1 0]
		puts [lindex [$l getsockname] 1]
		set s [lindex [$l accept] 0]
		$s sendall bye
		$s recv 100
		if {$how ne "exit"} {$s $how}
	EOF
	for how in close exit abort; do
		start "server-$how" "$USOCK" run script.us "$c" "$how"
		printed "server-$how"
		tls_client "$port" close hello >client.out
		says client.out '^bye'
		end=closed
		[ "$how" != abort ] || end=reset
		has_line client.out "$end\$" || fail "$how: $(cat client.out)"
		finish "$pid"
	done
}

# --- starttls -------------------------------------------------------------------

@test "starttls asks as the protocol does, and knows whom it was connected to" {
	for protocol in smtp imap postgres; do
		start "s-$protocol" "$python" -IS "$peers/starttls.py" "$protocol" "$c/server.pem"
		printed "s-$protocol"
		passes "$protocol" "$port" <<-'EOF'
			lassign $argv c protocol port
			set s [socket]
			$s connect localhost $port
			$s starttls -proto $protocol -ca-file $c/root.crt
			$s sendall hello
			puts [$s read 5],[dict get [$s tls info] verified]
		EOF
		text_is out 'hello,1\n'
	done
}

@test "starttls -proto goes on from where the script is: greeting held, begun or read" {
	local protocol
	for protocol in smtp imap pop3 ftp; do
		start "s-$protocol" "$python" -IS "$peers/starttls.py" "$protocol" "$c/server.pem"
		printed "s-$protocol"
		passes "$protocol" "$port" <<-'EOF'
			lassign $argv c protocol port
			proc talk {how} {
				upvar #0 c c protocol protocol port port
				set s [connect -4 localhost $port]
				switch $how {
					held {catch {$s expect -timeout 0.3 "never said"}}
					begun {$s expect -re {^(220|\* OK|\+OK|120)}}
					read {$s expect -re {(220 ready|hello)\r\n}}
				}
				$s starttls -proto $protocol -ca-file $c/root.crt
				$s sendall $how
				puts [$s read [string length $how]]
				$s close
			}
			talk held
			talk begun
			talk read
		EOF
		text_is out 'held\nbegun\nread\n'
	done
}

@test "starttls -proto smtp after the script's own EHLO, and where the greeting would have been needed" {
	start smtp "$python" -IS "$peers/starttls.py" smtp "$c/server.pem" --twice
	printed smtp
	passes "$port" <<-'EOF'
		lassign $argv c port
		set s [connect -4 localhost $port]
		$s expect "220 ready\r\n"
		$s sendall "EHLO me\r\n"
		$s expect "250-"
		$s starttls -proto smtp -ca-file $c/root.crt
		$s sendall hello
		puts [$s read 5]
	EOF
	text_is out 'hello\n'
	start mysql "$python" -IS "$peers/starttls.py" mysql "$c/server.pem"
	printed mysql
	runs "$port" <<-'EOF'
		lassign $argv c port
		set s [connect -4 localhost $port]
		$s recv 1
		puts [catch {$s starttls -proto mysql -ca-file $c/root.crt} text options],[$s getsocketsta]
		puts [lrange [dict get $options -errorcode] 0 1],$text
	EOF
	says out '^1,-1$'
	says out "^USOCK tls,starttls .*: the server's greeting, which says whether there is TLS, has been read already$"
}

@test "a server that refuses, or says more in plain text: 5, and the socket is closed" {
	for option in --refuse --inject; do
		start "s$option" "$python" -IS "$peers/starttls.py" smtp "$c/server.pem" "$option"
		printed "s$option"
		runs "$port" <<-'EOF'
			lassign $argv c port
			set s [connect localhost $port]
			puts [catch {$s starttls --proto smtp --ca-file $c/root.crt} text options],[$s getsocketsta]
			puts [lrange [dict get $options -errorcode] 0 1]
			fails
		EOF
		text_is out '1,-1\nUSOCK tls\n'
	done
}

@test "a dialogue of the script's own, both ends; what comes early is refused" {
	passes <<-'EOF'
		set port [lindex [[server 127.0.0.1:0 {h a p} {
			$h expect "STARTTLS\n"
			$h sendall "go\n[expr {[incr ::n] > 1 ? "QUIT\n" : ""}]"
			$h starttls -server -self-signed
			$h sendall [string reverse [$h readline]]
			$h close
		}] getsockname] 1]
		set s [connect 127.0.0.1 $port]
		$s sendall "STARTTLS\n"
		$s expect "go\n"
		$s starttls -insecure
		$s sendall "abc\n"
		puts [$s readall]
		set s [connect 127.0.0.1 $port]
		$s sendall "STARTTLS\n"
		$s expect "go\n"
		catch {$s expect -timeout 0.3 "nothing"} text
		puts [catch {$s starttls -insecure} text options],[dict get $options -errorcode],$text
	EOF
	says out 'USOCK tls,starttls 127.0.0.1:.*: 5 bytes have come before the handshake$'
}

@test "starttls where it has no place" {
	passes <<-'EOF'
		set l [listen --tls --self-signed 127.0.0.1 0]
		server $l {h a p} {$h readall}
		set s [connect --tls --insecure 127.0.0.1 [lindex [$l getsockname] 1]]
		proc code {script} {catch {uplevel #0 $script} text options; puts "[dict get $options -errorcode] $text"}
		code {$s starttls -insecure}
		$s sendall "TLS goes on"
		code {[socket -type dgram] starttls -insecure}
		code {[socket] starttls -insecure}
		code {$s starttls -nosuch}
		code {$s starttls word}
		code {$s starttls -server}
		code {$s tls}
		code {connect --ca-file x 127.0.0.1 1}
		code {connect --udp --tls --insecure 127.0.0.1 1}
		code {set u [socket]; $u close; $u starttls -insecure}
		puts <[[socket] tls info]>
	EOF
	says out '^POSIX EISCONN '
	[ "$(grep -c '^POSIX ENOTCONN ' out)" = 2 ]
	says out '^USOCK usage .*nosuch'
	says out "^USOCK usage starttls: 'word' is no option\$"
	says out '^USOCK usage starttls: .*a server needs a certificate$'
	says out '^USOCK usage connect: --ca-file: only with --tls or --dtls, or such an address$'
	says out '^POSIX ECONNREFUSED .*tls 127.0.0.1:1: '
	says out '^POSIX EBADF '
	says out '^<>$'
}
