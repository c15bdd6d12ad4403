# The script language gives what tclsh 8.6 gives, byte for byte: results, return codes, errors with
# their code, line and trace. tests/script/tcl/ has scripts for every command; others are random.
#
# shellcheck disable=SC2016 # scripts have $ in them

setup() {
	scripts=$USOCK_SOURCE/tests/script
	tclrun=$USOCK_BUILD/tests/script/tclrun
	cd "$BATS_TEST_TMPDIR" || return
}

fail() {
	echo "$1"
	return 1
}

# The language has no other specification: without tclsh 8.6 these tests fail, they are not skipped.
compare() { # ARG...
	[ "$(echo 'puts [info tclversion]' | tclsh86)" = 8.6 ] || { fail "there is no tclsh 8.6"; return; }
	python3 "$scripts/compare.py" "$@"
}

tclsh86() {
	"$(command -v tclsh8.6 || command -v tclsh)"
}

same() { # FILE...
	compare "$tclrun" "${@/#/$scripts/tcl/}"
}

@test "lists, loops over them, sorting and searching are as in tclsh" {
	same list.tcl
}

@test "expressions are as in tclsh" {
	same expr.tcl
}

@test "strings and their classes are as in tclsh" {
	same string.tcl
}

@test "format, scan and binary are as in tclsh" {
	same format.tcl
}

@test "control structures, procedures, words and syntax errors are as in tclsh" {
	same control.tcl
}

@test "errors, their traces and lines, catch, try, switch and info are as in tclsh" {
	same error.tcl
}

@test "variables, links to them and numbers in them are as in tclsh" {
	same variable.tcl
}

@test "what a number is held as, and how wide integers are, shows in errors as in tclsh" {
	same forms.tcl
}

@test "dictionaries, arrays and their order, and clock are as in tclsh" {
	same dict.tcl
}

@test "regular expressions that PCRE2 and Tcl mean alike are as in tclsh" {
	same regexp.tcl
}

@test "files, channels and paths are as in tclsh" {
	same file.tcl
}

@test "exec: one program, its input, output, status and signal are as in tclsh" {
	same exec.tcl
}

@test "which of several mistakes is told, and in which words, is as in tclsh" {
	same order.tcl
}

@test "3,000 random programs are as in tclsh" {
	python3 "$scripts/tclgen.py" 7 3000 >"$BATS_TEST_TMPDIR/programs"
	compare --random "$tclrun" "$BATS_TEST_TMPDIR/programs"
}

@test "docs/language.md and help name each command of the language, docs/language.md each of tclsh that is left out" {
	sed -n '/^## What there is$/,/^## What there is not$/p' "$USOCK_SOURCE/docs/language.md" |
		sed -n 's/^| `\([a-z]*\)` |.*/\1/p' >there
	"$tclrun" -c 'join [lsort [info commands]] "\n"' | diff there -
	"$USOCK" help script | sed -n '/^Words of Tcl: /,$s/^Words of Tcl: //; /^after /,$p' | tr ' ' '\n' | diff there -
	sed -n '/^## What there is not$/,/^## Where/p' "$USOCK_SOURCE/docs/language.md" |
		sed -n 's/^| \(`[^|]*\) |.*/\1/p' | grep -o '[a-zA-Z_]*' | sort >missing
	tclsh86 <<<'puts [join [lsort [info commands]] "\n"]' | sort | comm -23 - <(sort there) | diff missing -
}

# --- a library of its own -----------------------------------------------------------

@test "the language builds without any other folder, and a program can embed it" {
	mkdir alone
	cp -R "$USOCK_SOURCE/src/tcl" alone/tcl
	cmake -G Ninja -S alone/tcl -B built >/dev/null
	cmake --build built >/dev/null
	sed -n '/^```c$/,/^```$/{/^```/!p}' alone/tcl/README.md >example.c
	cc -I alone -o example example.c built/libusock_tcl.a -lm
	[ "$(./example)" = $'1\n4\n9' ]
}

# --- what is too much ends with an error ------------------------------------------

# ends WORDS COMMAND...: it fails, and says so.
ends() {
	local words=$1 code=0
	shift
	timeout 120 "$@" 2>said || code=$?
	if [ $code != 1 ] || ! grep -q -F "$words" said; then
		echo "$code: $(head -c 300 said)"
		return 1
	fi
}

@test "exec refuses what tclsh would not pass on to the program, and names what it takes" {
	for words in 'true | true' 'true |& true' 'true < x' 'true <@ stdin' 'true >> x' 'true >@ stdout' 'true >& x' \
		'true >>& x' 'true 2> x' 'true 2>> x' 'true 2>@ stdout' '-- true' '-keepnewline true' 'true | true &'; do
		ends 'is not part of the language: one program, and <<, >, 2>@1 and &; sh -c runs several' \
			"$tclrun" -c "exec $words"
	done
	[ ! -e x ]
}

@test "open and fconfigure refuse what is not of the language, and say what is" {
	for access in r+ w+ a+ 'RDWR CREAT' RDONLY rw q ''; do
		ends "access \"$access\" is not part of the language: r, w or a, with a b for bytes as they are" \
			"$tclrun" -c "open x {$access}"
	done
	ends 'open of a program is not part of the language: exec gives what it prints' "$tclrun" -c 'open "|cat"'
	for words in '' -translation '-translation crlf' '-buffering none' '-translation binary -blocking 0'; do
		ends 'fconfigure but for -translation binary is not part of the language' \
			"$tclrun" -c "fconfigure stdout $words"
	done
	[ ! -e x ]
}

@test "a megabyte of nested braces, brackets and parentheses is an error or a value" {
	python3 -c 'n = 1 << 20; open("braces", "w").write("set x " + "{" * n + "}" * n + "\nllength $x\nlindex $x 0 0 0 0")'
	python3 -c 'n = 1 << 20; open("lists", "w").write("set x " + "{" * n + "}" * n + "\nwhile {[llength $x]} {set x [lindex $x 0]; if {[incr i] == 5} break}; set i")'
	python3 -c 'n = 1 << 20; open("open", "w").write("set x " + "{" * n)'
	python3 -c 'n = 1 << 20; open("brackets", "w").write("set x " + "[" * n + "]" * n)'
	python3 -c 'n = 1 << 20; open("parentheses", "w").write("expr {" + "(" * n + "1" + ")" * n + "}")'
	python3 -c 'n = 1 << 20; open("minus", "w").write("expr {" + "-" * n + "1}")'
	python3 -c 'n = 1 << 20; open("choice", "w").write("expr {" + "1?" * n + "1" + ":1" * n + "}")'
	for file in braces lists open brackets parentheses minus choice; do
		timeout 120 "$tclrun" $file >out || fail "$file died"
		grep -q '^= [01]' out || fail "$file has no outcome"
	done
	"$tclrun" open | grep -q 'missing close-brace'
	"$tclrun" brackets | grep -q 'too many nested evaluations'
}

@test "a list of ten million elements fits" {
	[ "$(timeout 300 "$tclrun" -c 'set l [lrepeat 10000000 x]; lappend l y; lset l 5 z
		list [llength $l] [lindex $l 5] [lindex $l end]')" = '10000001 z y' ]
}

@test "recursion without an end is an error" {
	ends 'too many nested evaluations (infinite loop?)' "$tclrun" -c 'proc p {} {p}; p'
	ends 'too many nested evaluations (infinite loop?)' "$tclrun" -c 'proc p {} {eval p}; p'
	ends 'too many nested evaluations (infinite loop?)' "$tclrun" -c 'proc p {} {expr {[p]}}; p'
	ends 'too many nested evaluations (infinite loop?)' "$tclrun" -c 'set x {eval $x}; eval $x'
	ends 'too many nested evaluations (infinite loop?)' "$tclrun" -c 'proc p {} {lsort -command p {a b}}; proc p {args} {uplevel 1 {p 1 2}}; p'
}

@test "memory without an end is an error" {
	ends 'memory limit exceeded' "$tclrun" -c 'set x x; while 1 {append x $x}'
	ends 'memory limit exceeded' "$tclrun" -c 'set l x; while 1 {set l [list $l $l $l]; string length $l}'
}

# quick SCRIPT: in less time of the processor than what grows faster than its input would take
quick() {
	(ulimit -t $((15 * ${USOCK_TEST_SLOWNESS:-1})) && exec "$tclrun" -c "$1; set done yes")
}

@test "arrays, dictionaries, lists and procedures of many, and their release, take time for each once" {
	[ "$(quick 'for {set i 0} {$i < 400000} {incr i} {set x($i) $i}; array size x; array unset x 1*; unset x')" = yes ]
	[ "$(quick 'for {set i 0} {$i < 400000} {incr i} {dict set d $i $i}; dict size $d
		for {set i 0} {$i < 400000} {incr i} {dict unset d $i}')" = yes ]
	[ "$(quick 'for {set i 0} {$i < 100000} {incr i} {proc p$i {} {}}; for {set i 0} {$i < 400000} {incr i} {lappend l $i}')" = yes ]
}
