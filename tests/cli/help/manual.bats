# The manual and README.md keep their word: what they show happens, and what they list is what
# the program has.
#
# An example of the manual is the literal text that follows `.\" test: NAME`; one that cannot run
# is marked `.\" no test: WHY`. Lines behind "$ " are typed, the others have to come out. An example
# of README.md is a paragraph of its block of one-liners, where "#> " is in front of what comes out.
# A line of three dots stands for any lines. Ports 7000 to 7099 become free ones, and what no two
# runs have in common (time, ports that the kernel picks) is not compared.
#
# shellcheck disable=SC2016 # text with $ and ` in it
# shellcheck disable=SC2154 # fresh and patience are lib's

load ../lib/common

man=$USOCK_SOURCE/man

# --- examples ----------------------------------------------------------------

page_of() { # PAGE
	echo "$man/$1".[17]
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

# The one-liners of README.md as line.1, line.2, ... in the form of the manual's.
split_readme() {
	sed -n '/^```sh$/,/^```$/p' "$USOCK_SOURCE/README.md" |
		awk 'BEGIN { RS = "" } /usock (connect|listen) / { print > "raw." ++n }'
	for raw in raw.*; do
		sed -n 's/^#> //p; t; /^#/d; /^```/d; s/^/$ /p' "$raw" >"line.${raw#*.}"
	done
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

# $base + 7000 to $base + 7099 are ports that nobody listens on, and that the kernel does not pick.
find_base() {
	base=$((13000 + RANDOM % 90 * 100))
	[ -z "$(ss -Hltn "sport >= :$((base + 7000)) and sport <= :$((base + 7099))")" ]
}

# A server in the background is there when the next line is typed: people are slow.
patient() {
	sed -E '/--ready-fd/!s/^(usock listen )(.*)&$/\1--ready-fd 9 \29> ready.fifo \& until read -r _ < ready.fifo; do :; done/
		/--ready-file address/s/$/; until [ -s address ]; do sleep 0.01; done/'
}

# What is typed, as a script that leaves no process behind.
typed() { # FILE
	echo "PATH=$PWD/bin:\$PATH"
	echo 'trap '\''exec 2>/dev/null; kill $(jobs -p); wait'\'' EXIT'
	sed -n 's/^\$ //p' "$1" | sed -f <(ports "$1")
}

same_everywhere() {
	sed -E 's/(127\.0\.0\.1|\[::1\]):[0-9]{5}\b/\1:PORT/g
		s/\b(seconds|left)=[0-9.]+/\1=TIME/g
		s/"(seconds|time_wait_left)":[0-9.]+/"\1":TIME/g
		s/( (open|closed|filtered)) +[0-9.]+/\1 TIME/
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

run_page() { # PAGE
	local name n=0
	[ -n "$(examples "$1")" ]
	while read -r name; do
		n=$((n + 1))
		prepare "$n"
		example "$1" "$name" >shown
		grep -q '^\$ ' shown || fail "$1: $name: shows nothing"
		typed shown | patient >script
		shows shown script || fail "$1: $name" || return
		cd ..
	done < <(examples "$1")
}

@test "the examples of usock(1) do what they show" {
	run_page usock
}

@test "the examples of usock-connect(1) do what they show" {
	run_page usock-connect
}

@test "the examples of usock-listen(1) do what they show" {
	run_page usock-listen
}

@test "the examples of all other pages do what they show" {
	local page
	for page in "$man"/*.[17]; do
		page=$(basename "${page%.*}")
		case $page in
		usock | usock-connect | usock-listen) continue ;;
		esac
		[ -z "$(examples "$page")" ] || { mkdir "$page" && cd "$page" && run_page "$page" && cd ..; }
	done
}

@test "the one-liners of README.md work as pasted" {
	local one
	split_readme
	[ -f line.10 ] && [ ! -f line.11 ]
	for one in line.*; do
		prepare "${one#*.}"
		{
			typed "../$one" | grep -v '^trap'
			# nothing that was started may stay
			echo '{ wait; } 2>/dev/null'
		} >script
		shows "../$one" script
		cd ..
	done
}

@test "every example of the manual is run, or says why not" {
	local page
	for page in "$man"/*.1; do
		awk -v page="${page##*/}" '
			/^\.Sh / { examples = $2 == "EXAMPLES" }
			examples && /^\.Bd/ && before !~ /^\.\\" (no )?test: ./ { print page ": line " NR; bad = 1 }
			{ before = $0 }
			END { exit bad }' "$page"
		[ -z "$(examples "$(basename "$page" .1)" | sort | uniq -d)" ]
	done
}

# --- lists -------------------------------------------------------------------

# Options as "z, -scan", "-retry N", "x, -hexdump=FILE", one a line.
help_options() { # COMMAND
	"$USOCK" help "$1" | sed -n -E 's/^  (-., |    )--([^ ]+( [^ ]+)?)(  .*)?$/\1-\2/p' |
		grep -v -x -e '-h, -help' | sed -E 's/^ +//; s/^-(.,)/\1/; s/\[=(.*)\]/=\1/; s/[][]//g' | sort
}

# mdoc's words without its macros.
plain() {
	sed -E 's/\b(Ar|Cm|Op|Oo) //g; s/ Oc\b//g; s/ :/:/g; s/ Ns //g; s/ \.\.\.$//'
}

# What the page explains.
explained_options() { # COMMAND
	sed -n -E 's/^\.It Fl (.*)$/\1/p' "$man/usock-$1.1" | plain | sed 's/ ,/,/' | sort -u
}

# The same from the synopsis, where letter and name are alternatives like others.
synopsis_options() { # COMMAND
	sed -n '/^\.Sh SYNOPSIS/,/^\.Ar ADDRESS/s/^\.Op Fl //p' "$man/usock-$1.1" | plain |
		sed -E 's/ ?(\| )?Fl / | /g; s/ \| /\n/g' | sort
}

same() { # EXPECTED GOT
	diff <(echo "$1") <(echo "$2") || fail "< in the program, > in the manual"
}

@test "options, their letters and their values are explained as the program has them" {
	for cmd in connect listen; do
		same "$(help_options $cmd)" "$(explained_options $cmd)"
	done
}

@test "the synopsis has all of them" {
	for cmd in connect listen; do
		same "$(help_options $cmd | sed 's/, /\n/' | sort)" "$(synopsis_options $cmd)"
	done
}

@test "every exit status of the manual is one of help's" {
	for page in usock usock-connect usock-listen; do
		sed -n '/^\.Sh EXIT STATUS/,/^\.Sh [A-DF-Z]/s/^\.It //p' "$man/$page.1" >statuses
		grep -q -x 124 statuses
		while read -r status; do
			"$USOCK" help exit | grep -q -E "^  $status(\+N)? " || fail "$page: $status"
		done < <(grep -o -E '\b[0-9]+\b' statuses)
	done
}

@test "every end of the manual is one of the program's" {
	sed -n '/^Each connection ends/,/^\.El/s/^\.It Cm //p' "$man/usock-connect.1" >ends
	[ "$(wc -l <ends)" -ge 10 ]
	while read -r end; do
		grep -q "X(END_[A-Z_]*, \"$end\")" "$USOCK_SOURCE/src/sock/sock.h" || fail "$end"
	done <ends
}

# Names that a program finds and we do not have.
added_variables() { # ADDRESS
	start server "$USOCK" listen --quiet --ready-file ready "$1" -- env
	eventually test -s ready
	usock connect "$(cat ready)" | sed -n 's/=.*//p' | grep -E '^(USOCK|TCP|UNIX|PROTO)' |
		grep -v -E '^USOCK(_TEST_FOUND|_TEST_SLOWNESS|_BUILD|_SOURCE)?$'
	rm ready
}

@test "the variables of a program are those of the manual" {
	# up to those of other programs than a client's
	sed -n '/^\.Sh ENVIRONMENT/,/^The$/p' "$man/usock-listen.1" |
		grep -o -E '\b(USOCK|TCP|UNIX)[A-Z_]+\b|\bPROTO\b' | sort -u >manual
	{
		added_variables 127.0.0.1:0
		added_variables unix:socket
	} | sort -u >program
	diff program manual
}
