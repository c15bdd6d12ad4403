# The script language gives what tclsh 8.6 gives, byte for byte: results, return codes, errors with
# their code, line and trace. tests/script/tcl/ has scripts for every command; others are random.

setup() {
	scripts=$USOCK_SOURCE/tests/script
	tclrun=$USOCK_BUILD/tests/script/tclrun
	command -v tclsh >/dev/null || skip "there is no tclsh"
	[ "$(echo 'puts [info tclversion]' | tclsh)" = 8.6 ] || skip "tclsh is not 8.6"
}

same() { # FILE...
	python3 "$scripts/compare.py" "$tclrun" "${@/#/$scripts/tcl/}"
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

@test "dictionaries, arrays and their order, and clock are as in tclsh" {
	same dict.tcl
}

@test "regular expressions that PCRE2 and Tcl mean alike are as in tclsh" {
	same regexp.tcl
}

@test "3,000 random programs are as in tclsh" {
	python3 "$scripts/tclgen.py" 7 3000 >"$BATS_TEST_TMPDIR/programs"
	python3 "$scripts/compare.py" --random "$tclrun" "$BATS_TEST_TMPDIR/programs"
}
