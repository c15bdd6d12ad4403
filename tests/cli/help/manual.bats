# The manual keeps its word: what it shows happens (see ../lib/examples.bash), and what it lists is what the program has.

load ../lib/common
load ../lib/examples

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
	for page in "$man"/*.[157]; do
		page=$(basename "${page%.*}")
		case $page in
		usock | usock-connect | usock-listen | usock-cookbook) continue ;;
		esac
		[ -n "$(examples "$page")" ] || continue
		mkdir "$BATS_TEST_TMPDIR/$page"
		cd "$BATS_TEST_TMPDIR/$page"
		run_page "$page"
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
