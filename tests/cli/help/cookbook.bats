# The recipes of usock-cookbook(7) work as typed, and name options that exist. See ../lib/examples.bash.

load ../lib/common
load ../lib/examples

start_fast
page=$USOCK_SOURCE/man/usock-cookbook.7

# Recipes N, N+4, N+8 ...: several tests, as they take a while.
recipes() { # N
	local name n=0
	while read -r name; do
		n=$((n + 1))
		[ $((n % 4)) = "$1" ] || continue
		run_example usock-cookbook "$name" "$n" || return
	done < <(examples usock-cookbook)
}

@test "recipes 1, 5, 9 ... of usock-cookbook(7) do what they show" {
	recipes 1
}

@test "recipes 2, 6, 10 ... of usock-cookbook(7) do what they show" {
	recipes 2
}

@test "recipes 3, 7, 11 ... of usock-cookbook(7) do what they show" {
	recipes 3
}

@test "recipes 4, 8, 12 ... of usock-cookbook(7) do what they show" {
	recipes 0
}

@test "usock-cookbook(7) has forty recipes, each with the line that it replaces and an example" {
	[ "$(grep -c '^\.\\" test: ' "$page")" -ge 40 ]
	sed '/^\.Sh OPTIONS OF NC/,$d' "$page" | awk '
		function check() { if (recipe != "" && !(line && example)) { print recipe; bad = 1 } }
		/^\.S[sh] / { check(); recipe = $1 == ".Ss" ? $0 : ""; line = example = 0 }
		/^\.Dl / { line = 1 }
		/^\.\\" test: ./ { example = line }
		END { check(); exit bad }'
}

@test "the tables of usock-cookbook(7) name options that a command has" {
	local option missing=''
	for cmd in connect listen sendto status run; do
		"$USOCK" __complete "$cmd" -- | cut -f 1
	done | sort -u >known
	sed -n '/^\.Sh OPTIONS OF NC/,$s/^\.It .* Ta //p' "$page" | sed 's/\\-/-/g' |
		grep -o -E -e '--[a-z][a-z-]+' | sort -u >named
	[ "$(wc -l <named)" -gt 30 ]
	while read -r option; do
		grep -q -x -e "$option" known || missing+=" $option"
	done <named
	[ -z "$missing" ] || fail "no option:$missing"
}
