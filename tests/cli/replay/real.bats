# What other tools say to their servers, recorded on its way and played by a mock: they do not notice.

load ../lib/tls
start_fast

setup_file() {
	make_identities
}

# Records what goes to 127.0.0.1:$1 in talk.rec, for N clients; sets $port.
records() { # PORT N ARG...
	rm -f recorder.ready
	usock_listens recorder -k --once "$2" --forward "127.0.0.1:$1" --record talk.rec "${@:3}"
}

# Starts the mock; sets $port.
mocks() { # ARG...
	start mock "$USOCK" replay --ready-file ready talk.rec "$@"
	eventually test -s ready
	port=$(sed 's/.*://' ready)
	rm ready
}

@test "redis-cli does not notice that its server is a replay" {
	need redis-cli redis-server
	real=$(free_port)
	start redis redis-server --port "$real" --save '' --daemonize no
	redis=$pid
	eventually redis-cli -p "$real" ping
	records "$real" 1
	ask() {
		printf 'SET greeting "hello world"\nGET greeting\nINCR n\nLRANGE none 0 -1\n' | redis-cli -p "$port"
	}
	ask >expected
	finish "$pid"
	kill "$redis"
	mocks
	ask >out
	cmp expected out
	finish "$pid"
	status_is 0
}

@test "curl does not notice that its HTTP server is a replay, nor the one with TLS" {
	need curl
	begin_tls
	mkdir site && head -c 100000 /dev/urandom >site/file
	start http "$python" -IS -u -m http.server --bind 127.0.0.1 --directory site 0
	eventually grep -q 'port [0-9]' http.out
	real=$(sed -n 's/.* port \([0-9]*\).*/\1/p' http.out)
	records "$real" 2
	fetch() {
		curl -s -A test "$1://localhost:$port/file" -H Host:test "${@:2}" -o "got" && cmp got site/file
		curl -s -A test "$1://localhost:$port/none" -H Host:test "${@:2}" -o "none" -w '%{http_code}'
	}
	[ "$(fetch http -4)" = 404 ]
	finish "$pid"
	mocks
	[ "$(fetch http -4)" = 404 ]
	finish "$pid"
	status_is 0
	records "$real" 2 --tls "${own[@]}"
	[ "$(fetch https -4 --cacert "$c/root.crt")" = 404 ]
	finish "$pid"
	mocks --tls "${own[@]}"
	[ "$(fetch https -4 --cacert "$c/root.crt")" = 404 ]
	finish "$pid"
	status_is 0
}

@test "swaks does not notice that its SMTP server is a replay" {
	need swaks
	cat >smtp.us <<-'END'
		$handle sendall "220 test ESMTP\r\n"
		while {[set line [$handle readline]] ne ""} {
			switch -glob -- $line {
				EHLO* {$handle sendall "250-test\r\n250 SIZE 1000000\r\n"}
				DATA* {
					$handle sendall "354 go on\r\n"
					while {[$handle readline] ne ".\r\n"} {}
					$handle sendall "250 queued\r\n"
				}
				QUIT* {
					$handle sendall "221 bye\r\n"
					break
				}
				default {$handle sendall "250 ok\r\n"}
			}
		}
	END
	usock_listens smtp -k --script smtp.us
	smtp=$pid
	records "$port" 1
	mail() {
		swaks --server "127.0.0.1:$port" --ehlo test --from a@test --to b@test --header 'Date: now' --header 'Subject: test' \
			--header 'Message-Id: <1@test>' --body "hello" --suppress-data
	}
	mail >expected
	finish "$pid"
	kill "$smtp"
	mocks
	mail >out
	diff <(grep '<-' expected) <(grep '<-' out)
	grep -q '221 bye' out
	finish "$pid"
	status_is 0
}
