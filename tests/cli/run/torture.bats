# What is too much for a script ends in time, with the right status, and nothing crashes. The long
# form is ./dev torture scripts.
#
# shellcheck disable=SC2016 # scripts have $ in them
# shellcheck disable=SC2154 # from bats: output, stderr

load ../lib/common

@test "a part of the torture of scripts: no crash, nothing deaf, the right status" {
	python3 "$USOCK_SOURCE/tests/torture/scripts.py" --short "$USOCK"
}

# stopped STATUS SCRIPT: --timeout ends it.
stopped() {
	local began now
	began=$(date +%s%N)
	run -124 --separate-stderr usock run --timeout 200ms -c "$1"
	now=$(date +%s%N)
	echo "$1: $(((now - began) / 1000000)) ms, $stderr"
	[[ $stderr =~ ^'usock: script: '(after 10000: )?'Connection timed out'(' after '[0-9.]+' s')?$ ]]
	# of which the machine may need some by itself
	[ $((now - began)) -lt 5000000000 ]
}

@test "a single command ends at --timeout, and no catch, finally or cleanup holds that up" {
	stopped 'format %.1000000000f 1.5; after 10000'
	stopped 'while 1 {string repeat x 100000000}'
	stopped 'catch {while 1 {}}; puts caught'
	stopped 'try {while 1 {}} finally {while 1 {}}'
	stopped 'cleanup {while 1 {}}'
	stopped 'server 0 {h a p} {while 1 {}}; after 10000'
}

@test "what a command had not finished when it was interrupted is not seen by the next one" {
	run -124 --separate-stderr usock run --timeout 1s -c 'while 1 {puts [string length [string repeat x 5000000]]}'
	[ "$(sort -u <<<"$output")" = 5000000 ]
}

@test "a script that is over in time but not its last command ends with 124" {
	run -124 usock run --timeout 100ms -c 'string length [string repeat [string repeat x 1000] 1000000]; string length [string repeat x 1000000000]'
}

@test "deep nesting is an error whatever the stack is" {
	for size in 256 512 1024 8192 unlimited; do
		for script in 'proc f {} {f}; f' 'subst [string repeat {$a(} 100000]' 'expr [string repeat {$a(} 50000]' \
			'expr [string repeat ( 5000]1' 'eval [string repeat {[} 5000]' 'expr [string repeat 1+ 100000]1' \
			'expr max(1[string repeat ,1 30000])' 'proc f {} {lsort -command g {1 2}}; proc g {a b} {f}; f'; do
			status=0
			(ulimit -s $size && usock run -c "$script" 2>said) || status=$?
			echo "$size $script: $status $(head -c 200 said)"
			[ $status -le 2 ]
			[ $status = 0 ] || grep -q 'too many nested evaluations (infinite loop?)' said
		done
	done
}

@test "cleanups outside of tests run while servers and the deadline are there" {
	run -124 --separate-stderr usock run --timeout 300ms -c 'cleanup {after 100000}; fail x'
	[ "${stderr_lines[0]}" = 'usock: -c:1: x' ]
	run -124 --separate-stderr usock run --timeout 300ms -c 'cleanup {after 100000}'
	run -0 usock run -c 'cleanup {set s [server 0 {h a p} {$h sendall hello}]
		puts [[connect 127.0.0.1 [lindex [$s getsockname] 1]] recv 5]}'
	[ "$output" = hello ]
}
