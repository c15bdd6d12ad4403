# What usock nc asks for on the terminal: the password of a proxy, when the proxy wants it, and the key of
# TCP MD5.

load ../lib/common

# Waits for the Nth prompt: what is typed before it is thrown away.
prompted() {
	eventually has_prompts "$1"
}

has_prompts() {
	[ "$(grep -o 'password[^:]*: ' -i shown | wc -l)" -ge "$1" ]
}

@test "-P: the password is asked for when the proxy wants it" {
	echo me:secret >users
	usock_listens target -k --sh 'echo through'
	target=$port
	usock_listens proxy -k --proxy-server http --proxy-users users
	: >shown
	{ prompted 1 && echo wrong && prompted 2 && echo secret; } | on_terminal --out got nc -d -X connect -P me -x "127.0.0.1:$port" 127.0.0.1 "$target" >shown
	[ "$(cat got)" = through ]
	[ "$(grep -o 'Proxy password for me@127.0.0.1: ' shown | wc -l)" = 2 ]
	run ! grep -q secret shown
	status=0
	: >shown
	{ for i in 1 2 3; do prompted $i && echo wrong; done; } | on_terminal --out got nc -d -X connect -P me -x "127.0.0.1:$port" 127.0.0.1 "$target" >shown || status=$?
	[ "$status" = 1 ]
	grep -q 'nc: Too many authentication failures' shown
}

@test "-P: a proxy without a login is not told one" {
	usock_listens target -k --sh 'echo through'
	target=$port
	usock_listens proxy -k --proxy-server http
	on_terminal --out got nc -d -X connect -P me -x "127.0.0.1:$port" 127.0.0.1 "$target" </dev/null >shown
	[ "$(cat got)" = through ]
	run ! grep -q password shown
}

@test "-S: segments are signed with the key from the terminal" {
	echo key >key
	if ! usock listen --md5-file key --timeout 1ms 127.0.0.1 0 2>err && grep -q -E 'not supported|Protocol not available|No such file' err; then
		skip "this kernel has no TCP MD5"
	fi
	start server "$USOCK" listen --ready-file ready --md5-file key --sh 'echo signed' -k 127.0.0.1 0
	eventually test -s ready
	: >shown
	{ prompted 1 && echo key; } | on_terminal --out got nc -d -S -w 5 127.0.0.1 "$(sed 's/.*://' ready)" >shown
	[ "$(cat got)" = signed ]
	grep -q 'TCP MD5SIG password: ' shown
	# another key: nothing that comes is believed
	status=0
	: >shown
	{ prompted 1 && echo other; } | on_terminal --out got nc -d -S -w 1 127.0.0.1 "$(sed 's/.*://' ready)" >shown || status=$?
	[ "$status" = 1 ] && [ ! -s got ]
}
