# listen -k --script FILE: each client runs in a script.
# shellcheck disable=SC2154,SC2016 # status, output and pid are bats' and lib's; scripts

load ../lib/common

# Starts the server with the script on standard input of this function; sets $server and $port.
scripts() { # ARG...
	cat >client.us
	usock_listens server -k --script client.us "$@"
	server=$pid
}

@test "the client is the current socket, and its address is known" {
	scripts <<-'END'
		send "hello $address $port [expr {$handle in [sockets]}]\n"
		expect -re {(.*)\n}
		send "you said $expect(1)\n"
		close
	END
	printf 'a word\n' >word
	from=word start one "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	status_is 0
	says one.out '^hello 127\.0\.0\.1 [0-9]+ 1$'
	says one.out '^you said a word$'
}

@test "variables belong to one client, global ones to all, and clients take turns" {
	scripts <<-'END'
		global n
		incr n
		set mine $n
		send "$mine\n"
		expect "go\n"
		send "$mine of $n\n"
	END
	local i
	for i in 1 2 3; do
		mkfifo "keys$i"
		from=keys$i start "client$i" "$USOCK" connect 127.0.0.1 "$port"
		exec {keys}>"keys$i"
		eval "keys$i=\$keys"
		eventually has_line "client$i.out" "^$i\$"
	done
	for i in 3 1 2; do
		keys=keys$i
		echo go >&"${!keys}"
		eventually has_line "client$i.out" "^$i of 3\$"
	done
}

@test "a script that fails aborts its client, says where, and the server goes on" {
	scripts <<-'END'
		send "before\n"
		expect "x\n"
		nonsense
	END
	start_peer bad connect "127.0.0.1:$port" recv:7 'send:x\n' after-reset
	finish "$pid"
	status_is 0
	eventually has_line server.err '^usock: server sock1: sock[0-9]+ 127\.0\.0\.1:[0-9]+: .*client\.us:3: invalid command name "nonsense"'
	start_peer good connect "127.0.0.1:$port" recv:7 close
	finish "$pid"
	status_is 0
	kill -TERM "$server"
	finish "$server"
	status_is 143
}

@test "over TLS and a unix path" {
	scripts --tls --self-signed <<<'send "secret\n"; close'
	start one "$USOCK" connect --quiet --tls --insecure 127.0.0.1 "$port"
	finish "$pid"
	status_is 0
	text_is one.out 'secret\n'
	start unix "$USOCK" listen -k --script client.us --ready-file unix.ready unix:path
	is_ready unix
	start two "$USOCK" connect unix:path
	finish "$pid"
	text_is two.out 'secret\n'
}

@test "exit ends the server with its status, and --timeout with 124" {
	scripts <<<'send bye; exit 7'
	start one "$USOCK" connect 127.0.0.1 "$port"
	finish "$server"
	status_is 7
	run -124 usock listen -k --timeout 0.2 --script client.us 127.0.0.1 0
}

@test "what a script may do beyond its client is asked for" {
	scripts <<-'END'
		foreach script {{open other.txt} {exec true} {set ::env(PATH)}} {
			if {[catch $script message]} {
				send "$message\n"
			} else {
				send "yes\n"
			}
		}
	END
	echo x >other.txt
	start one "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	says one.out 'not allowed without --allow-files'
	says one.out 'not allowed without --allow-exec'
	has_line one.out yes && fail "$(cat one.out)"
	start free "$USOCK" listen -k --script client.us --allow-files --allow-exec --allow-env \
		--ready-file free.ready 127.0.0.1 0
	is_ready free
	start two "$USOCK" connect 127.0.0.1 "$port"
	finish "$pid"
	text_is two.out 'yes\nyes\nyes\n'
}

@test "a test suite runs beside it, with --while" {
	# shellcheck disable=SC2028
	echo 'send "mock\n"; close' >client.us
	run -0 usock listen -k --script client.us --while '"$USOCK" connect 127.0.0.1 "$USOCK_PORT"' 127.0.0.1 0
	[[ $output == *mock* ]]
}

@test "the memory of many clients is given back" {
	not_counted "memory is other"
	# a sanitizer keeps what is freed for a while
	export ASAN_OPTIONS="${ASAN_OPTIONS-}:quarantine_size_mb=1"
	scripts <<<'send [string repeat x 1000]; close'
	local before after
	clients 1500
	before=$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")
	clients 1500
	after=$(awk '/VmRSS/ { print $2 }' "/proc/$server/status")
	((after < before + 30000)) || fail "$before KiB, then $after KiB"
}

clients() { # N
	"$python" -IS -c '
import socket, sys
for i in range(int(sys.argv[2])):
    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    n = 0
    while data := s.recv(4096):
        n += len(data)
    assert n == 1000, n
' "$port" "$1"
}

@test "--script and what does not go with it" {
	echo close >client.us
	local words
	while read -r -a words; do
		run -2 --separate-stderr usock listen "${words[@]}"
		[[ $stderr == *"usock: listen: --"* ]] || fail "${words[*]}: $stderr"
	done <<-END
		--script client.us 0
		-k --script client.us --echo 0
		-k --script client.us --chat 0
		-k --script client.us --broker 0
		-k --script client.us --framing line 0
		-k --script client.us --max-clients 3 0
		-k --script client.us --allow 127.0.0.1 0
		-k --script client.us -i 3 0
		-k --script client.us -u 0
		-k --script client.us --dtls --self-signed 0
		-k --script client.us -o TCP_QUICKACK=1 0
		-k --script client.us 0 -- cat
		-k --allow-exec 0
	END
	run -8 --separate-stderr usock listen -k --script missing.us 0
	[[ $stderr == *"open missing.us: No such file"* ]]
}
