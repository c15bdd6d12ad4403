# ./dev installs what is missing, and asks before it does where a person sits at a terminal.

load ../cli/lib/common

# A copy of ./dev where nothing is there but a package manager that writes down what it is asked for.
setup() {
	local tool
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	cp "$USOCK_SOURCE/dev" .
	mkdir bin
	for tool in awk bash cat dirname env grep id mktemp rm sed tr uname; do
		ln -s "$(command -v "$tool")" bin/
	done
	cat >bin/apt-get <<-'EOF'
		#!/usr/bin/env bash
		echo "$@" >>"${0%/bin/*}/asked"
		[ "$1" = update ]
	EOF
	# for who is not root
	printf '#!/usr/bin/env bash\n"$@"\n' >bin/sudo
	chmod +x bin/apt-get bin/sudo
}

# Types an answer at ./dev run; what the terminal shows is in shown.
dev_run() { # ANSWER [NAME=VALUE...]
	status=0
	printf '%s\n' "$1" | timeout --foreground -s KILL "$patience" \
		"$python" -IS "$peers/terminal.py" env -i PATH="$PWD/bin" "${@:2}" ./dev run >shown 3>&- 7>&- 8>&- || status=$?
}

@test "./dev run asks before it installs, and says how to do without it when the answer is no" {
	dev_run n
	[ "$status" = 1 ]
	[ ! -e asked ]
	grep -q 'apt-get install .* gcc .* cmake ' shown
	grep -q 'Install? \[Y/n\]' shown
	grep -q 'gcc libc6-dev linux-libc-dev cmake ninja-build libmbedtls-dev libpcre2-dev libidn2-dev libedit-dev' shown
	grep -q '^ *cmake -S \. -B build/plain' shown
	grep -q '^ *cmake --build build/plain' shown
}

@test "an empty answer is yes" {
	dev_run ''
	grep -q '^install .* gcc .* cmake ' asked
	[ "$status" != 0 ] # this package manager installs nothing
}

@test "with DEV_INSTALL, and without a terminal, nobody is asked" {
	dev_run n DEV_INSTALL=yes
	run ! grep -q 'Install?' shown
	grep -q '^install .* gcc .* cmake ' asked
	rm asked
	env -i PATH="$PWD/bin" ./dev run >shown 2>&1 || :
	run ! grep -q 'Install?' shown
	grep -q '^install .* gcc .* cmake ' asked
}

@test "what the distribution does not have is said, and the rest is installed" {
	cat >bin/apt-cache <<-'EOF'
		#!/usr/bin/env bash
		[[ " $* " != *" libedit-dev "* ]]
	EOF
	chmod +x bin/apt-cache
	dev_run ''
	grep -q 'this distribution has no libedit-dev' shown
	grep -q '^install .* gcc .* libidn2-dev' asked
	run ! grep -q libedit asked
}
