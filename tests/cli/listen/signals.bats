# A signal ends every command that waits as it ends any program: the parent sees that signal, not a
# status (the program catches it, tidies up and dies of it).
#
# shellcheck disable=SC2154 # from lib: status, pid, patience

load ../lib/listen

# SECONDS WORD... [-- FILE]: starts the command, waits until it catches SIGTERM, sends each of INT, TERM
# and HUP to one, and prints how it ended: the number of the signal, negative as Python has it.
by_signals() {
	timeout --foreground -s KILL $((3 * patience)) "$python" -IS - "$USOCK" "$@" 3>&- 7>&- 8>&- <<-'EOF'
		import os, pty, signal, sys, time

		usock, words = sys.argv[1], sys.argv[2:]
		terminal = words[0] == "tty"
		words = words[terminal:]

		def catches(pid, signo):
		    try:
		        with open("/proc/%d/status" % pid) as f:
		            for line in f:
		                if line.startswith("SigCgt:"):
		                    return int(line.split()[1], 16) >> signo - 1 & 1
		    except (FileNotFoundError, ProcessLookupError):
		        return False

		def start():
		    pid, master = (pty.fork() if terminal else (os.fork(), None))
		    if pid == 0:
		        if not terminal:
		            null = os.open(os.devnull, os.O_RDWR)
		            for fd in 0, 1, 2:
		                os.dup2(null, fd)
		        os.execv(usock, [usock, *words])
		    return pid, master

		def wait(pid, master):
		    if master is not None:
		        try:
		            while os.read(master, 4096):
		                pass
		        except OSError:
		            pass
		    return os.waitpid(pid, 0)[1]

		# before the fork: Python catches SIGINT, and its child must not pass for usock
		for signo in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
		    signal.signal(signo, signal.SIG_DFL)

		for signo in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
		    pid, master = start()
		    until = time.monotonic() + 20
		    while not catches(pid, signo):
		        if time.monotonic() > until:
		            sys.exit("%s never catches %s" % (words, signo))
		        time.sleep(0.01)
		    # it may still be on its way to where it waits
		    time.sleep(0.05)
		    os.kill(pid, signo)
		    status = wait(pid, master)
		    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signo:
		        sys.exit("%s: status %#x after signal %d" % (words, status, signo))
		    if master is not None:
		        os.close(master)
		print("ended")
	EOF
}


dies_of_signals() { # WORD...
	by_signals "$@" >out || fail "$*"
	text_is out 'ended\n'
}

@test "listen dies of the signal: waiting, with -k, for datagrams, with a client's program" {
	local args
	for args in "" "-k" "-k --echo" "-u" "-u -k" "-k --sh cat" "--accept-timeout 60"; do
		# shellcheck disable=SC2086
		dies_of_signals listen $args 127.0.0.1 0
	done
}

@test "connect dies of the signal: connected, in a handshake, retrying" {
	start server "$USOCK" listen -k --ready-file server.ready --discard 127.0.0.1 0
	is_ready server
	dies_of_signals connect 127.0.0.1 "$port"
	dies_of_signals connect --timeout 60 127.0.0.1 "$port"
	dies_of_signals connect --tls --insecure 127.0.0.1 "$port"
	dies_of_signals connect --retry 1000 --retry-interval 60 127.0.0.1 "$(free_port)"
	dies_of_signals connect -u 127.0.0.1 "$port" --after-eof 60
}

@test "connect -- PROGRAM dies of the signal" {
	start server "$USOCK" listen -k --ready-file server.ready --discard 127.0.0.1 0
	is_ready server
	dies_of_signals connect 127.0.0.1 "$port" -- sleep 60
}

@test "run dies of the signal: in after, in a body, in accept, computing" {
	echo 'after 60000' >after.us
	printf '%s\n' 'set s [listen 127.0.0.1 0]' "\$s accept" >accept.us
	echo 'while 1 {incr i}' >compute.us
	local file
	for file in after accept compute; do
		dies_of_signals run $file.us
	done
}

@test "sendto --wait and status --wait die of the signal" {
	start server "$USOCK" listen -u -k --ready-file server.ready --discard 127.0.0.1 0
	is_ready server
	dies_of_signals sendto --wait 60 127.0.0.1 "$port" hello
	dies_of_signals status --wait gone --udp --timeout 60 --port "$port"
}

@test "status --watch dies of the signal, on a terminal too" {
	dies_of_signals status --watch
	dies_of_signals tty status --watch
}
