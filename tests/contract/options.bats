# Help, completion, manual and tests name the same commands and options.

bats_require_minimum_version 1.5.0

commands() {
	"$USOCK" __complete '' | cut -f 1 | grep -v '^-'
}

# Prints --name of each option in the help of a command.
help_options() { # COMMAND
	"$USOCK" help "$1" | sed -n 's/^  \(-.,\|   \) \(--[a-z0-9-]*\).*/\2/p' | sort
}

completed_options() { # COMMAND
	"$USOCK" __complete "$1" -- | cut -f 1 | sort
}

# Prints --name of each option that the manual page explains: mdoc's ".It Fl w , -name Ar DUR", or the first column of
# a table, ".It -w, --name DUR Ta WORDS".
manual_options() { # COMMAND
	sed -n 's/\\-/-/g; s/^\.It Fl / /p; s/^\.It \(-.*\) Ta .*/ \1/p' "$USOCK_SOURCE/man/usock-$1.1" |
		sed 's/ --/ -/g' |
		grep -o -E -e ' -[a-z][a-z0-9-]+' | sed 's/^ /-/' | sort -u
}

same() { # WHAT EXPECTED GOT
	diff <(echo "$2") <(echo "$3") || {
		echo "$1: < what is expected, > what is there"
		return 1
	}
}

@test "there are commands" {
	[ "$(commands | wc -l)" -ge 3 ]
}

@test "every command is in the program's help" {
	for cmd in $(commands); do
		"$USOCK" help | grep -q "^  $cmd  "
	done
}

@test "every command has its tests" {
	for cmd in $(commands); do
		compgen -G "$USOCK_SOURCE/tests/cli/$cmd/*.bats" >/dev/null || {
			echo "tests/cli/$cmd/*.bats is missing"
			false
		}
	done
}

@test "every command has its manual page" {
	for cmd in $(commands); do
		[ -f "$USOCK_SOURCE/man/usock-$cmd.1" ] || {
			echo "man/usock-$cmd.1 is missing"
			false
		}
	done
}

@test "the manual page of the program names every command" {
	for cmd in $(commands); do
		grep -q "usock-$cmd 1\|usock-$cmd(1)" "$USOCK_SOURCE/man/usock.1" || {
			echo "man/usock.1 does not refer to usock-$cmd"
			false
		}
	done
}

@test "completion offers every option that help shows, and no other" {
	for cmd in $(commands); do
		same "completion of $cmd" "$(help_options "$cmd")" "$(completed_options "$cmd")"
	done
}

@test "the manual explains every option that help shows, and no other" {
	for cmd in $(commands); do
		same "manual of $cmd" "$(help_options "$cmd" | grep -v -x -e --help)" \
			"$(manual_options "$cmd" | grep -v -x -e --help)"
	done
}

@test "a value that may be left out is optional in the manual" {
	local option lines
	for cmd in $(commands); do
		for option in $("$USOCK" help "$cmd" | grep -oE -e '^ .*--[a-z0-9-]+\[=' | grep -oE -e '[a-z0-9-]+\[' | tr -d '['); do
			option=${option#--}
			lines=$(grep -E -e "^\.(Op|It) .*Fl -$option( |$)" "$USOCK_SOURCE/man/usock-$cmd.1" || true)
			! grep -v -F -e "-$option Ns Op =" <<<"$lines" | grep . || return 1
		done
	done
}

@test "every word that help takes is completed and explained" {
	words=$("$USOCK" help help | sed -n 's/^usage: .*\[COMMAND|\(.*\)\]$/\1/p' | tr '|' ' ')
	[ -n "$words" ]
	for word in $words; do
		"$USOCK" help "$word" | grep -q .
		"$USOCK" __complete help '' | cut -f 1 | grep -q -x "$word"
		"$USOCK" help help | grep -q "^  $word  "
	done
}

@test "help fits into 80 columns, and no line ends with a blank" {
	[ -z "$("$USOCK" help | awk 'length > 80')" ]
	for word in $(commands) exit address sockopt; do
		long=$("$USOCK" help "$word" | awk 'length > 80 || / $/')
		[ -z "$long" ] || {
			echo "help $word: $long"
			false
		}
	done
}

@test "help exit explains every status of src/base/error.h" {
	statuses=$(sed -n 's/.*X(ERROR_[A-Z_]*, "[a-z-]*", \([0-9]*\)).*/\1/p' "$USOCK_SOURCE/src/base/error.h")
	[ -n "$statuses" ]
	for status in $statuses; do
		"$USOCK" help exit | grep -q -E "^  $status(\+N)?  "
	done
}

@test "every command of the language is in its manual, and those of Tcl have an example" {
	local name names manual=$USOCK_SOURCE/man/usock-script.7
	names=$("$USOCK" -c 'puts [join [lsort [info commands]] "\n"]')
	[ "$(wc -l <<<"$names")" -gt 90 ]
	for name in $names; do
		grep -q -E "^\.(It )?Cm (.* , )?$name( |$)" "$manual" "$USOCK_SOURCE/man/usock-run.1" || {
			echo "not in the manual: $name"
			return 1
		}
	done
	for name in $("$USOCK_BUILD/tests/script/tclrun" -c 'lsort [info commands]'); do
		grep -q -x ".*\" script: tcl-$name" "$manual" || {
			echo "without an example: $name"
			return 1
		}
	done
}

# --- exit statuses -------------------------------------------------------------

@test "code, usock help exit and manual have the same exit statuses" {
	code=$(printf '0\n'; sed -n 's/^\tX(ERROR_[A-Z_]*, "[a-z-]*", \([0-9]*\)).*/\1/p' "$USOCK_SOURCE/src/base/error.h")
	code=$(sort -nu <<<"$code" | paste -sd ' ')
	[ "$(wc -w <<<"$code")" -ge 13 ]
	same "code, help" "$code" "$("$USOCK" help exit | sed -n 's/^  \([0-9]*\)+*N*  *.*/\1/p' | sort -nu | paste -sd ' ')"
	same "code, manual" "$code" "$(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It \([0-9]*\).*/\1/p' "$USOCK_SOURCE/man/usock.1" |
		sort -nu | paste -sd ' ')"
}
