# What a script may not do unless it was allowed: each option of each command that names a file or a
# descriptor, `source`, the environment; and the kernel's part, against a program that has been taken over.
# shellcheck disable=SC2016 # scripts

load ../lib/common

# --- options -----------------------------------------------------------------

# What becomes of each option of a command of scripts whose value names a file, a descriptor or a program:
#   files    not allowed without --allow-files
#   fd       only descriptors that usock was started with
#   trust    certificates and keys, which may be read by name
#   never    not in a script
# COMMAND OPTION[=VALUE] KIND ARGUMENTS that make the command whole
reaching() {
	cat <<-'END'
		connect --sh never
		connect --hexdump never
		connect --transcript never
		connect --record never
		connect --pcap never
		connect --events never
		connect --ca-file trust
		connect --ca-path trust
		connect --cert trust
		connect --key trust
		connect --key-pass-file trust
		connect --session files
		connect --psk-file trust
		connect --md5-file trust
		connect --keylog files
		connect --save-chain files
		connect --proxy-auth-file files
		connect --proxy-ca-file trust
		listen --control never
		listen --send never
		listen --sh never
		listen --script never
		listen --while never
		listen --proxy-users never
		listen --proxy-auth-file never
		listen --proxy-ca-file never
		listen --ready-fd fd
		listen --ready-file files
		listen --unlink files
		listen --hexdump never
		listen --transcript never
		listen --record never
		listen --pcap never
		listen --events never
		listen --cert trust
		listen --key trust
		listen --key-pass-file trust
		listen --client-ca trust
		listen --psk-file trust
		listen --md5-file trust
		listen --keylog files
		sendto --md5-file trust
		sendto --proxy-auth-file files
		sendto --hexdump never
		sendto --record never
		sendto --pcap never
		sendto --events never
		resolve --events never
		connect --netns never
		listen --netns never
		sendto --netns never
		status --netns never
	END
}

script_commands() {
	"$USOCK" __complete '' | cut -f 1 | grep -v -e '^-' -e shell -e replay -e run -e help
}

# COMMAND --OPTION of each row of help whose value is a file, a folder, a descriptor or a shell line
file_options() {
	local cmd
	for cmd in $(script_commands); do
		"$USOCK" help "$cmd" |
			sed -nE "s/^  (-., |    )(--[a-z0-9-]*)(\[=| )[^ ]*(FILE|PATH|DIR|LINE|COMMAND|fd:).*/$cmd \2/p"
		# those that say so in words alone
		{ "$USOCK" help "$cmd" | tr '\n' ' ' && echo; } | sed 's/      *\(--\|-., --\)/\n\1/g' |
			sed -nE "s/^(-., )?(--[a-z0-9-]*) .*(descriptor N|or a path|remove a).*/$cmd \2/p"
	done | sort -u
}

@test "the table of this file has every option that names a file, and nothing else" {
	diff <(reaching | cut -d ' ' -f 1-2 | sort) <(file_options)
}

# What an option is tried with; the file is one that is there, so that a change would be seen.
try_option() { # COMMAND OPTION VALUE
	local target
	case $1 in
	connect | sendto) target='127.0.0.1 9' ;;
	listen) target='127.0.0.1 0' ;;
	resolve) target=localhost ;;
	status) target= ;;
	esac
	[ "$2" != --unlink ] || target='unix:stale'
	[ "$1" != sendto ] || target+=' x'
	run --separate-stderr bare_in watched -c "$1 $2${3:+=$3} $target"
}

bare_in() { # FOLDER ARG...
	cd "$1" || return
	bare "${@:2}"
}

# usock with the standard descriptors and no others
bare() {
	timeout -s KILL "$patience" "$python" -ISc 'import os, sys
os.closerange(3, 64)
os.execv(sys.argv[1], sys.argv[1:])' "$USOCK" "$@"
}

snapshot() {
	stat -c '%n %i %a %s %y %z' watched watched/*
	cat watched/kept
}

@test "each of them is refused without its permission, and nothing is changed" {
	mkdir watched
	echo 'a line of a secret' >watched/kept
	"$python" -c 'import socket; socket.socket(socket.AF_UNIX).bind("watched/stale")'
	snapshot >before
	while read -r command option kind; do
		case $kind in
		files)
			value=kept
			[ "$option" != --unlink ] || value=
			try_option "$command" "$option" "$value"
			[ "$stderr" = "usock: -c:1: $command: $option: not allowed without --allow-files" ]
			status_is 2
			;;
		never)
			try_option "$command" "$option" kept
			[ "$stderr" = "usock: -c:1: $command: $option: not in a script" ]
			status_is 2
			;;
		fd)
			for ((fd = 3; fd < 12; fd++)); do
				try_option "$command" "$option" $fd
				[[ $stderr == "usock: -c:1: $command: $option: descriptor $fd is not "* ]]
				status_is 2
			done
			;;
		trust)
			try_option "$command" "$option" kept
			[[ $stderr != *"a line"* && $stderr != *secret* ]]
			;;
		esac
	done < <(reaching)
	diff before <(snapshot)
}

@test "with --allow-files they are options as in the shell" {
	usock run --allow-files -c 'listen --ready-file ready 127.0.0.1 0'
	[[ $(<ready) == 127.0.0.1:* ]]
}

@test "starttls has the same rules" {
	echo x >kept
	for option in keylog session; do
		run -2 --separate-stderr usock -c 'set l [listen 127.0.0.1 0]; set s [connect 127.0.0.1 [lindex [$l getsockname] 1]]
			$s starttls -insecure -'"$option"' kept'
		[ "$stderr" = "usock: -c:2: starttls: --$option: not allowed without --allow-files" ]
	done
	[ "$(<kept)" = x ]
}

@test "a file that the next shell would run is not written" {
	echo mine >.bashrc
	run -2 usock -c 'listen --ready-file .bashrc "unix:@x;id >pwned;#"'
	[ "$(<.bashrc)" = mine ]
}

@test "a script that is its own proxy does not get what a file of logins holds" {
	printf 'db.example:5432:shop:admin:secret\n' >logins
	chmod 600 logins
	cat >own.us <<-'END'
		set l [server 127.0.0.1:0 {h address port} {
			$h expect "\r\n\r\n"
			$h sendall "HTTP/1.1 407 who\r\nProxy-Authenticate: Basic realm=me\r\nContent-Length: 0\r\n\r\n"
			$h expect -re {Authorization: [^\r]*}
			puts $expect(0)
			$h sendall "HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n"
		}]
		connect --proxy http://127.0.0.1:[lindex [$l getsockname] 1] --proxy-auth-file logins 127.0.0.1 80
	END
	run -2 usock own.us
	[[ $output == *"connect: --proxy-auth-file: not allowed without --allow-files"* ]]
	[[ $output != *Authorization* ]]
	run -6 usock run --allow-files own.us
	[[ $output == *Authorization* ]]
}

@test "a new unix socket may be made, and is taken away; what is there stays" {
	echo mine >kept
	usock -c 'set l [listen --mode 666 unix:new]; set c [connect unix:new]; $c close; $l close'
	[ ! -e new ]
	usock -c 'listen unix:new'
	[ ! -e new ]
	run -1 usock -c 'listen --mode 777 unix:kept'
	run -1 usock -c 'set s [socket -family unix -type dgram]; $s bind kept'
	[ "$(<kept)" = mine ]
}

# --- descriptors -------------------------------------------------------------

@test "no number names a descriptor of usock's own" {
	local line='for {set i 3} {$i < 40} {incr i} {
		foreach command {{connect fd:$i} {listen fd:$i} {sendto fd:$i x} {socket -fileno $i}
				{server fd:$i {h a p} {}} {listen --ready-fd $i 127.0.0.1 0}} {
			if {![catch $command m]} {puts "$command: $i: $m"}
		}
	}'
	[ -z "$(bare -c 'set l [listen 127.0.0.1 0]; set c [connect 127.0.0.1 [lindex [$l getsockname] 1]]'"; $line")" ]
	# nor the script that is being read
	[ "$(echo "catch {connect fd:0} m; puts \$m" | usock)" = 'connect: fd:0: not a descriptor that usock was started with' ]
}

@test "what usock was started with is there, once" {
	"$python" - "$USOCK" >out <<-'END'
		import os, socket, sys
		a, b = socket.socketpair()
		os.dup2(b.fileno(), 9)
		if os.fork() == 0:
		    os.execv(sys.argv[1], ["usock", "-c", "set s [connect fd:9]; $s sendall hello; puts [catch {connect fd:9} m]"])
		b.close()
		os.close(9)
		os.wait()
		print(a.recv(100))
	END
	[ "$(<out)" = "1
b'hello'" ]
	[ "$(usock -c 'set l [listen --ready-fd 9 127.0.0.1 0]; catch {listen --ready-fd 9 127.0.0.1 0} m; puts $m' 9>ready)" = \
		'listen: --ready-fd: descriptor 9 is not one that usock was started with' ]
	[[ $(<ready) == 127.0.0.1:* ]]
}

@test "the shell's own commands do not take a descriptor of usock's either" {
	for fd in 3 4 5 6; do
		run -2 --separate-stderr usock listen --ready-fd $fd 127.0.0.1 0 3>&- 4>&- 5>&- 6>&-
		[[ $stderr == "usock: listen: --ready-fd: descriptor $fd is not open"* ]]
		run -2 usock connect --events fd:$fd 127.0.0.1 9 3>&- 4>&- 5>&- 6>&-
	done
}

# --- source ------------------------------------------------------------------

@test "source reads what lies below the script's own folder, and nothing else" {
	mkdir -p own/below other
	echo 'puts [info script]' | tee own/a.us own/below/b.us >other/c.us
	ln -s ../other/c.us own/link.us
	ln -s ../other own/away
	ln -s a.us own/inner.us
	echo 'foreach name $argv { if {[catch {source $name} m]} {puts $m} }' >own/main.us
	here=$(pwd -P)
	[ "$(usock own/main.us own/a.us own/../own/below/b.us own/inner.us "$here/own/a.us")" = "own/a.us
own/../own/below/b.us
own/inner.us
$here/own/a.us" ]
	for name in other/c.us own/link.us own/away/c.us own/../other/c.us "$here/other/c.us" /etc/passwd /etc/shadow \
		own/away/none /none .. own/.. /dev/stdin /proc/self/environ; do
		[ "$(usock own/main.us "$name" </dev/null)" = \
			"source: $name: not allowed without --allow-files, as it is outside the script's folder" ]
	done
	[ "$(usock own/main.us own/none)" = "couldn't read file \"own/none\": no such file or directory" ] ||
		[ "$(usock own/main.us own/none)" = "couldn't read file \"own/none\": No such file or directory" ]
	(cd own && [ "$(usock main.us a.us)" = a.us ])
	[ "$(usock run --allow-files own/main.us other/c.us)" = other/c.us ]
}

@test "a script without a file sources nothing" {
	echo 'puts read' >lib.us
	run -2 --separate-stderr usock -c 'source lib.us'
	[ "$stderr" = 'usock: -c:1: source: lib.us: not allowed without --allow-files' ]
	run -2 --separate-stderr usock <<<'source lib.us'
	[ "$stderr" = 'usock: stdin:1: source: lib.us: not allowed without --allow-files' ]
	[ "$(usock run --allow-files -c 'source lib.us')" = read ]
}

@test "source does not wait for a pipe" {
	mkdir own && mkfifo own/pipe
	echo 'source [file]' >own/main.us
	echo "source $PWD/own/pipe" >own/main.us
	run -8 --separate-stderr usock own/main.us
	[[ $stderr == *'not a file' ]]
}

@test "a loop over source reads no key" {
	cat >read.us <<-'END'
		# define what source calls unknown, and go on
		for {set i 0} {$i < 100} {incr i} {
			if {![catch {source [lindex $argv 0]} m o]} break
			if {[lrange [dict get $o -errorcode] 0 2] eq {TCL LOOKUP COMMAND}} {
				proc [lindex [dict get $o -errorcode] 3] args {}
				puts [dict get $o -errorcode]
			} else { puts $m; break }
		}
	END
	mkdir elsewhere && mv read.us elsewhere
	printf 'alpha secret\nbeta secret\n' >key
	[ "$(usock elsewhere/read.us "$PWD/key")" = "source: $PWD/key: not allowed without --allow-files, as it is outside the script's folder" ]
}

# --- the environment ---------------------------------------------------------

@test "without --allow-env there is no array env; programs have the environment" {
	[ "$(X=7 usock run --allow-exec --allow-files -c 'puts [info exists env]')" = 0 ]
	[ "$(X=7 usock run --allow-exec -c 'puts [exec sh -c {echo $X}]; set env(X) 8; puts [exec sh -c {echo $X}]')" = $'7\n8' ]
	[ "$(X=7 usock run --allow-env -c 'puts $env(X)')" = 7 ]
	run -2 usock run --allow-env -c 'exec true'
}

# --- the kernel's part -------------------------------------------------------

# try_escape ARG... runs a script as a program that was taken over, in ./watched
try_escape() {
	[ -e escape.so ] || cc -shared -fPIC -o escape.so "$USOCK_SOURCE/tests/cli/run/escape.c"
	mkdir -p watched/folder
	echo kept >watched/kept
	LD_PRELOAD=$PWD/escape.so ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 \
		"$USOCK" "$@" -c "puts {escape $PWD/watched}" >tries
}

kernel_confines() {
	[[ $("$USOCK" --version) == *sandbox=landlock*+seccomp* ]]
}

@test "usock --version says what the kernel can" {
	[[ $("$USOCK" --version) == *" sandbox="?* ]]
	kernel_confines || grep -q -v landlock /sys/kernel/security/lsm
}

@test "a script that has taken over its interpreter changes no file and runs no program" {
	kernel_confines || skip "this kernel has no Landlock or no seccomp"
	try_escape run
	# what is left is reading, and sockets
	for try in open-write open-both open-empty open-new open-nameless openat creat truncate mkdir rmdir rename link \
		symlink mkfifo chmod chown utimes execute io_uring type; do
		has_line tries "^$try (EACCES|EPERM|ENOSYS)$" || fail "$try: $(grep "^$try " tries)"
	done
	has_line tries '^openat2 (ENOSYS|EACCES)$'
	has_line tries '^kill EPERM$'
	has_line tries '^read done$'
	has_line tries '^socket done$'
	[ ! -e watched/made ]
}

@test "the same attack works where the permissions were given" {
	try_escape run --allow-files --allow-exec
	for try in open-write open-new execute; do
		has_line tries "^$try done$"
	done
}

@test "with --allow-files alone, no program runs" {
	kernel_confines || skip "this kernel has no Landlock or no seccomp"
	try_escape run --allow-files
	has_line tries '^open-write done$'
	has_line tries '^execute E'
}

@test "what usock itself writes for a confined script is written" {
	usock run --junit results.xml -c 'test a {assert 1}'
	has_line results.xml '<testcase'
	usock run --events events -c 'puts 1' >out
	[ -e events ]
	usock_listens server -k --echo --tls --self-signed
	SSLKEYLOGFILE=keys usock run -c "set c [connect --tls --insecure 127.0.0.1 $port]
		\$c sendall x
		puts [\$c read 1]" >out
	has_line out '^x$'
	has_line keys '^CLIENT_'
}

@test "a serial line is a file: neither opened nor linked without --allow-files" {
	for script in 'connect tty:/dev/null' 'connect pty:link' 'listen pty:link' 'listen tty:/dev/ptmx' 'server pty:link {c a p} {}'; do
		run -2 usock -c "$script"
		[[ $output == *': not allowed without --allow-files' ]]
	done
	[ ! -e link ]
	usock run --allow-files -c 'set s [connect pty:link]; puts [file exists link]; $s close' >out
	text_is out '1\n'
	[ ! -L link ]
}
