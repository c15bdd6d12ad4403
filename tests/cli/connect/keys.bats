# Keys that are encrypted: their pass phrase out of a file, or from the terminal.
#
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # bats runs each test in a subshell; status, port and pids are lib's

load ../lib/tls
start_fast

setup_file() {
	load ../lib/tls
	make_identities
}

setup() {
	begin_tls
	openssl pkey -in "$c/leaf.key" -aes256 -passout 'pass:open sesame' -out locked.key
}

# In the ways that openssl knows: those of its version 3, of 1.x, and of old files.
lock_all() {
	local cipher hash
	for cipher in aes-128-cbc aes-192-cbc aes-256-cbc des3; do
		for hash in hmacWithSHA1 hmacWithSHA224 hmacWithSHA256 hmacWithSHA384 hmacWithSHA512; do
			openssl pkcs8 -topk8 -in "$c/leaf.key" -passout 'pass:open sesame' -v2 "$cipher" -v2prf "$hash" \
				-out "pkcs8-$cipher-$hash.key"
		done
	done
	for cipher in aes128 aes192 aes256 des3; do
		openssl ec -in "$c/leaf.key" "-$cipher" -passout 'pass:open sesame' -out "ec-$cipher.key" 2>/dev/null
	done
	openssl genrsa 2048 2>/dev/null | tee rsa.pem |
		openssl pkcs8 -topk8 -passout 'pass:open sesame' -iter 10000 -out rsa-pkcs8.key
	openssl rsa -in rsa.pem -traditional -aes256 -passout 'pass:open sesame' -out rsa-old.key 2>/dev/null
	openssl req -x509 -new -key rsa.pem -days 2 -subj /CN=x -out rsa.crt 2>/dev/null
}

# refuses STATUS REGEX ARG...
refuses() {
	run "-$1" --separate-stderr usock "${@:3}"
	[[ $stderr =~ $2 ]] || fail "$stderr"
	[[ $stderr != *sesame* ]]
}

@test "a key in each way that openssl encrypts it, with the pass phrase in a file" {
	local key cert
	echo 'open sesame' >pass
	echo hello >greeting
	lock_all
	for key in *.key; do
		cert=$c/server.crt
		[[ $key != rsa* ]] || cert=rsa.crt
		usock_listens "$key" --send greeting --tls --cert "$cert" --key "$key" --key-pass-file pass
		usock connect --tls --insecure 127.0.0.1 "$port" >out 2>err || fail "$key: $(cat err)"
		cmp out greeting
		finish "$pid"
	done
}

@test "clients and scripts have the option too" {
	echo 'open sesame' >pass
	usock_listens server -k --echo --tls "${own[@]}" --client-ca "$c/root.crt"
	with=(--cert "$c/server.crt" --key locked.key --key-pass-file)
	[ "$(usock connect --tls "${trust[@]}" "${with[@]}" pass 127.0.0.1 "$port" <<<hello)" = hello ]
	[ "$(usock connect --tls "${trust[@]}" "${with[@]}" <(echo open sesame) 127.0.0.1 "$port" <<<hello)" = hello ]
	usock run - >out <<-EOF
		set s [connect --tls ${trust[*]} ${with[*]} pass 127.0.0.1 $port]
		\$s sendall "hello\n"
		puts -nonewline [\$s readline]
		\$s close
		set s [connect 127.0.0.1 $port]
		\$s starttls ${trust[*]/#--/-} ${with[*]/#--/-} pass
		\$s sendall "again\n"
		puts -nonewline [\$s readline]
	EOF
	text_is out 'hello\nagain\n'
}

@test "the lines of the file are tried in turn, for each key" {
	printf 'other\nopen sesame\r\nhunter2\n' >pass
	openssl pkey -in "$c/leaf.key" -aes128 -passout pass:hunter2 -out second.key
	usock_listens server --echo --tls --cert "$c/server.crt" --key locked.key --cert "$c/server.crt" --key second.key \
		--key-pass-file pass
	[ "$(usock connect --tls "${trust[@]}" 127.0.0.1 "$port" <<<hello)" = hello ]
	finish "$pid"
	printf hunter2 >pass
	usock_listens second --echo --tls --cert "$c/server.crt" --key second.key --key-pass-file pass
}

@test "a wrong pass phrase is told as such" {
	local key
	echo 'wrong one' >pass
	lock_all
	for key in *.key; do
		refuses 5 "--key-pass-file: pass: no line of it is the pass phrase of $key" \
			listen --tls --cert "$c/server.crt" --key "$key" --key-pass-file pass 127.0.0.1 0
	done
	: >pass
	refuses 5 'no line of it is the pass phrase of locked.key' \
		connect --tls --insecure --cert "$c/server.crt" --key locked.key --key-pass-file pass 127.0.0.1 1
}

@test "of what cannot be used it is said why" {
	echo 'open sesame' >pass
	refuses 8 '--key-pass-file: open none: No such file' \
		listen --tls --cert "$c/server.crt" --key locked.key --key-pass-file none 127.0.0.1 0
	refuses 2 '--key-pass-file: there is no --cert' listen --tls --self-signed --key-pass-file pass 127.0.0.1 0
	refuses 2 '--key-pass-file: only with --tls' connect --key-pass-file pass 127.0.0.1 1
	openssl pkcs8 -topk8 -in "$c/leaf.key" -passout 'pass:open sesame' -scrypt -out scrypt.key
	refuses 5 '--key: scrypt.key: it is encrypted in a way that [mM]bed TLS [0-9.]* cannot undo' \
		listen --tls --cert "$c/server.crt" --key scrypt.key --key-pass-file pass 127.0.0.1 0
	# what it says to do helps
	openssl pkcs8 -topk8 -v2 aes256 -in scrypt.key -passin 'pass:open sesame' -passout 'pass:open sesame' -out again.key
	usock_listens server --tls --cert "$c/server.crt" --key again.key --key-pass-file pass
}

@test "without a terminal and the option, the option is named" {
	run -5 --separate-stderr timeout "$patience" setsid -w "$USOCK" listen --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 0
	[[ $stderr == *"--key: locked.key: the key is encrypted, and there is no terminal"*"hint: --key-pass-file FILE has it"* ]] ||
		fail "$stderr"
}

# --- the terminal --------------------------------------------------------------

# Runs usock on a terminal, $pid, and types WORD when that asks; what it shows is in shown.
asked_on_terminal() { # WORD ARG...
	local word=$1
	rm -f keys shown terminal.ready && mkfifo keys
	exec 7<>keys
	from=keys to=shown start terminal "$python" -IS "$peers/terminal.py" "$USOCK" "${@:2}"
	eventually grep -q 'Pass phrase of' shown
	printf '%b' "$word" >&7
}

@test "the terminal is asked for the pass phrase, and does not show it" {
	asked_on_terminal 'open sesame\n' listen --ready-file terminal.ready --echo --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 0
	is_ready terminal
	[ "$(usock connect --tls "${trust[@]}" 127.0.0.1 "$port" <<<hello)" = hello ]
	exec 7>&-
	finish "$pid"
	status_is 0
	has_line shown 'Pass phrase of locked.key: '
	run ! grep -q sesame shown
}

@test "what is typed behind the pass phrase is the input" {
	usock_listens server --tls "${own[@]}"
	asked_on_terminal 'open sesame\nhello\n\004' connect --tls "${trust[@]}" --cert "$c/server.crt" --key locked.key 127.0.0.1 "$port"
	finish "$pid"
	status_is 0
	eventually grep -qx hello server.out
}

@test "a wrong pass phrase from the terminal is told as such" {
	asked_on_terminal 'nonsense\n' listen --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 0
	finish "$pid"
	status_is 5
	has_line shown '--key: locked.key: the pass phrase is wrong'
	run ! grep -q nonsense shown
}

@test "Ctrl-C, Ctrl-D and a signal end the question, and the terminal is as before" {
	asked_on_terminal '\003' listen --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 0
	finish "$pid"
	status_is 130
	asked_on_terminal 'half\003' connect --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 1
	finish "$pid"
	status_is 130
	asked_on_terminal '\004' listen --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 0
	finish "$pid"
	status_is 8
	has_line shown 'the input has ended'
	# neither stops nor ends it
	asked_on_terminal '\032\034\n' listen --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 0
	finish "$pid"
	status_is 5
	asked_on_terminal '' listen --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 0
	kill -TERM "$pid"
	finish "$pid"
	status_is 143
}

@test "--timeout ends the question too" {
	asked_on_terminal '' connect --timeout 300ms --tls --cert "$c/server.crt" --key locked.key 127.0.0.1 1
	finish "$pid"
	status_is 124
}
