# Examples of texts that are typed and have to show what they say: those of the manual and of README.md. In addition to
# common.bash.
#
# An example of the manual is the literal text that follows `.\" test: NAME`; one that cannot run is marked
# `.\" no test: WHY`. Lines behind "$ " are typed, the others have to come out. A line of three dots stands for any
# lines. Ports 7000 to 7099 become free ones, and what no two runs have in common (time, ports that the kernel picks) is
# not compared.
#
# shellcheck shell=bash
# shellcheck disable=SC2016 # text with $ and ` in it
# shellcheck disable=SC2154 # fresh and patience are of common.bash

man=$USOCK_SOURCE/man

page_of() { # PAGE
	echo "$man/$1".[157]
}

# The names of a page's examples.
examples() { # PAGE
	sed -n 's/^\.\\" test: //p' "$(page_of "$1")"
}

# One of them, as it is read.
example() { # PAGE NAME
	awk -v mark=".\\\\\" test: $2" '
		$0 == mark { found = 1 }
		found && /^\.Ed/ { exit }
		found && inside
		found && /^\.Bd/ { inside = 1 }' "$(page_of "$1")" |
		sed 's/\\e/\\/g; s/\\&//g'
}

# sed's script that gives the ports of an example free ones, and with --back that takes them back.
ports() { # [--back] FILE
	local back='' port
	[ "$1" != --back ] || { back=yes && shift; }
	while read -r port; do
		if [ -n "$back" ]; then
			printf 's/\\b%s\\b/%s/g\n' $((base + port)) "$port"
		else
			printf 's/\\b%s\\b/%s/g\n' "$port" $((base + port))
		fi
	done < <(grep -o -E '\b70[0-9][0-9]\b' "$1" | sort -u)
}

# $base + 7000 to $base + 7099 are ports that no socket has, in any state, and that the kernel does not pick.
find_base() {
	base=$((13000 + RANDOM % 90 * 100))
	local from=:$((base + 7000)) to=:$((base + 7099))
	[ -z "$(ss -Htan "( sport >= $from and sport <= $to ) or ( dport >= $from and dport <= $to )")" ]
}

# A server in the background is there when the next line is typed: people are slow.
patient() {
	sed -E '/--ready-fd/!s/^(usock listen )(.*)&$/\1--ready-fd 9 \29> ready.fifo \& until read -r _ < ready.fifo; do :; done/'
}

# What is typed, as a script that leaves no process behind.
typed() { # FILE
	echo "PATH=$PWD/bin:\$PATH"
	echo 'trap '\''exec 2>/dev/null; kill $(jobs -p); wait'\'' EXIT'
	sed -n 's/^\$ //p' "$1" | sed -f <(ports "$1")
}

same_everywhere() {
	sed -E 's/(127\.0\.0\.1|0\.0\.0\.0|\[::1\]):[0-9]{5}\b/\1:PORT/g
		s/\b(seconds|left)=[0-9.]+/\1=TIME/g
		s/"(seconds|time_wait_left)":[0-9.]+/"\1":TIME/g
		s/( (open|closed|filtered)) +[0-9.]+/\1 TIME/
		s/(duration_ms): [0-9.]+/\1: TIME/
		s/ +/ /g'
}

# Text as a pattern of bash that matches it.
pattern() {
	sed 's/[][*?\\]/\\&/g; s/^\.\.\.$/*/'
}

# Runs a script, and compares with the lines of FILE that are not typed.
shows() { # FILE SCRIPT
	local status=0 got want
	timeout -k 1 "$patience" "${fresh[@]}" bash "$2" </dev/null >out 2>&1 3>&- || status=$?
	[ "$status" != 124 ] || fail "did not end in time: $(cat "$1" out)" || return
	got=$(sed -f <(ports --back "$1") out | same_everywhere)
	want=$(sed -n '/^\$ /!p' "$1" | same_everywhere)
	# shellcheck disable=SC2053 # a pattern
	[[ $got == $(pattern <<<"$want") ]] ||
		fail "$(printf '%s\n' "--- example" "$(cat "$1")" "--- came out" "$(cat out)")"
}

prepare() { # NAME
	mkdir "$1"
	cd "$1" || return
	mkdir bin
	ln -s "$USOCK" bin/usock
	mkfifo ready.fifo
	seq 10000 >original
	echo welcome >motd
	cp -r "$USOCK_SOURCE/README.md" "$USOCK_SOURCE/share" .
	eventually find_base
}

run_example() { # PAGE NAME FOLDER
	prepare "$3"
	example "$1" "$2" >shown
	grep -q '^\$ ' shown || fail "$1: $2: shows nothing" || return
	typed shown | patient >script
	shows shown script || fail "$1: $2" || return
	cd ..
}

run_page() { # PAGE
	local name n=0
	[ -n "$(examples "$1")" ]
	while read -r name; do
		n=$((n + 1))
		run_example "$1" "$name" "$n" || return
	done < <(examples "$1")
}
