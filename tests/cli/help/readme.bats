# README.md keeps its word: what it shows happens. See ../lib/examples.bash.
#
# A paragraph of the block of one-liners is an example, where "#> " is in front of what comes out. A block of Tcl is a
# file, which the block after it runs.
#
# shellcheck disable=SC2016 # text with $ and ` in it
# shellcheck disable=SC2154 # pid, port and python are of common.bash

load ../lib/common
load ../lib/examples

start_fast
readme=$USOCK_SOURCE/README.md

# The one-liners of README.md as line.1, line.2, ... in the form of the manual's.
split_readme() {
	sed -n '/^```sh$/,/^```$/p' "$USOCK_SOURCE/README.md" |
		awk 'BEGIN { RS = "" } /usock (connect|listen) / { print > "raw." ++n }'
	for raw in raw.*; do
		sed -n 's/^#> //p; t; /^#/d; /^```/d; s/^/$ /p' "$raw" >"line.${raw#*.}"
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

# Block N of a kind, without its fences.
block() { # KIND N
	awk -v kind="\`\`\`$1" -v n="$2" '
		$0 == "```" { inside = 0 }
		inside
		$0 == kind && ++seen == n { inside = 1 }' "$readme"
}

@test "the dialogue of README.md is twelve lines, and says what it shows" {
	prepare dialogue
	block tcl 1 >ask-mail.us
	[ "$(wc -l <ask-mail.us)" = 12 ]
	start mock "$USOCK" "$USOCK_SOURCE/tests/examples/mock-smtp.us" 0
	printed mock
	block console 1 >shown
	typed shown | sed "s/mail\.example\.org 25/127.0.0.1 $port/" >script
	shows shown script
	finish "$pid"
	[ "$status" = 0 ]
}

@test "the test of README.md is six lines, and its TAP is what comes out" {
	prepare tap
	block console 2 >shown
	block tcl 2 | sed -f <(ports <(block tcl 2)) >capitals.us
	[ "$(wc -l <capitals.us)" = 6 ]
	typed shown >script
	shows shown script
}

@test "the pictures of README.md are drawn from sessions, as SVG that fetches nothing" {
	need tmux
	mkdir drawn
	"$python" -I "$USOCK_SOURCE/docs/pictures/draw" --usock "$USOCK" --folder drawn prompt
	for picture in drawn/prompt "$USOCK_SOURCE"/docs/pictures/{prompt,watch}; do
		"$python" -IS -c '
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
text = "\n".join(root.itertext())
assert "ESTABLISHED" in text
assert not any("href" in name for e in root.iter() for name in e.attrib)' "$picture.svg"
	done
	grep -q 'usock&gt; connect 127.0.0.1 [0-9]' drawn/prompt.svg
	grep -q '220 mock ready' drawn/prompt.svg
}

# Packages that README.md installs, for a column of the table of ./dev, sorted.
installs() { # COMMAND
	sed -n "s/.*\`$1 \(.*\)\` |/\1/p" "$readme" | tr ' ' '\n' | sort
}

needed() { # COLUMN
	local what
	what=$(sed -n 's/^for_build="\(.*\)"/\1/p' "$USOCK_SOURCE/dev")
	sed -n '/#needed/,/EOF/p' "$USOCK_SOURCE/dev" | awk -v column="$1" -v needed=" $what " '
		NR == 1 { for (i = 2; i <= NF; i++) if ($i == column) at = i }
		index(needed, " " $1 " ") && $at != "-" { print $at }' | sort
}

@test "README.md installs what ./dev installs for a build" {
	local row
	while IFS='|' read -r row column; do
		[ -n "$(needed "$column")" ]
		diff <(installs "$row") <(needed "$column") || fail "$row: < README.md, > dev"
	done <<-'END'
		apt install|apt
		dnf install|dnf
		pacman -S|pacman
		apk add|apk
		zypper install|zypper
	END
}
