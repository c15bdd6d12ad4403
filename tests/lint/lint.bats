# The checks of this folder find what they are for, and name it.

setup() {
	lint=$USOCK_SOURCE/tests/lint
	tree=$BATS_TEST_TMPDIR
	mkdir -p "$tree/src/base" "$tree/src/net" "$tree/src/cli"
}

@test "layers names an include that goes upward" {
	printf '#include <errno.h>\n#include "net/addr.h"\n' >"$tree/src/base/a.c"
	run "$lint/layers" "$tree"
	[ "$status" = 1 ]
	[ "$output" = 'src/base/a.c:2: base must not include "net/addr.h"' ]
}

@test "layers names an include without a folder" {
	echo '#include "addr.h"' >"$tree/src/net/a.c"
	run "$lint/layers" "$tree"
	[ "$status" = 1 ]
	[ "$output" = 'src/net/a.c:1: "addr.h": name its folder' ]
}

@test "layers looks at the room, and not at its layer alone" {
	mkdir -p "$tree/src/relay/copy" "$tree/src/stream"
	printf '#include "relay/copy/a.h"\n#include "relay/server/a.h"\n' >"$tree/src/relay/copy/a.c"
	echo '#include "stream/mbedtls/a.h"' >"$tree/src/stream/a.c"
	run "$lint/layers" "$tree"
	[ "$status" = 1 ]
	[ "$(echo "$output" | head -n 1)" = 'src/relay/copy/a.c:2: relay/copy must not include "relay/server/a.h"' ]
	[ "$(echo "$output" | tail -n 1)" = 'src/stream/a.c:1: stream must not include "stream/mbedtls/a.h"' ]
}

@test "layers names a folder that is none of its layers" {
	mkdir -p "$tree/src/attic"
	echo 'int a;' >"$tree/src/attic/a.c"
	run "$lint/layers" "$tree"
	[ "$status" = 1 ]
	[ "$output" = 'src/attic/a.c:1: attic is no layer of this program' ]
}

@test "layers accepts an include that goes downward" {
	echo '#include "base/error.h"' >"$tree/src/net/a.c"
	run "$lint/layers" "$tree"
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "banned names a print below the command line" {
	printf '/* printf( */\n\tprintf("x");\n' >"$tree/src/net/a.c"
	cp "$tree/src/net/a.c" "$tree/src/cli/usage.c"
	run "$lint/banned" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/net/a.c:2: printf: only cli/ prints" ]
}

@test "banned leaves comments, strings, members and longer names alone" {
	printf '/* exit(1) */ "abort()" s->exit(1); my_exit(1); // exit(1)\n' >"$tree/src/net/a.c"
	run "$lint/banned" "$tree"
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "functions counts lines of code and branches" {
	cat >"$tree/src/net/a.c" <<-'END'
		int
		name(int a)
		{
			/* if (comment)
			 * while */

			return a ? a && a : a || a;
		}
	END
	run "$lint/functions" "$tree"
	[ "$status" = 0 ]
	[[ $output == *"1 functions, 8 lines"* ]]
	[[ $output =~ longest\ +4\.0 ]]
	[[ $output =~ complexity\ +4\.0 ]]
}

@test "functions names a function that is too long" {
	{
		printf 'int\nname(void)\n{\n'
		for _ in {1..60}; do printf '\tf();\n'; done
		printf '}\n'
	} >"$tree/src/net/a.c"
	run "$lint/functions" "$tree"
	[ "$status" = 1 ]
	[[ $output == *"src/net/a.c:2: name() has 63 lines"* ]]
}

@test "functions names a struct with more than eight bools, but not of options" {
	mkdir -p "$tree/src/relay"
	printf 'struct a {\n\tbool b, c, d, e;\n\tbool f; /* bool */\n\tbool g, h,\n\t    i;\n};\n' >"$tree/src/relay/a.h"
	sed 's/i;/i, j;/' "$tree/src/relay/a.h" >"$tree/src/relay/b.h"
	sed 's/struct a/struct a_opts/' "$tree/src/relay/b.h" >"$tree/src/cli/b.h"
	run "$lint/functions" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/relay/b.h:1: struct a has 9 bools, more than 8" ]
}

@test "globals names what can be written from everywhere, and nothing else" {
	cat >"$tree/a.c" <<-'END'
		int bad = 1, worse;
		static int own;
		const char *const table[] = { "a" };
		int *f(void);
		int *f(void) { return &own; }
	END
	cc -fPIC -c -o "$tree/a.o" "$tree/a.c"
	ar rc "$tree/a.a" "$tree/a.o"
	run "$lint/globals" "$tree/a.a"
	[ "$status" = 1 ]
	[ "$(echo "$output" | awk '{ print $2 }' | sort | xargs)" = "bad: worse:" ]
}

# module FILE FUNCTION CALLED: a function that calls another
module() {
	printf 'int\n%s(void)\n{\n\treturn %s(1);\n}\n' "$2" "$3" >"$tree/src/$1"
}

@test "circles names the calls of modules that call each other" {
	module net/a.c a_open b_find
	module net/b.c b_find c_read
	module net/c.c c_read a_open
	run "$lint/circles" "$tree"
	[ "$status" = 1 ]
	[ "${lines[0]}" = "src/net: 3 modules in circles" ]
	[ "${lines[1]}" = "src/net/a.c:4: a_open() calls b_find() of net/b" ]
	[ "${lines[2]}" = "src/net/b.c:4: b_find() calls c_read() of net/c" ]
	[ "${lines[3]}" = "src/net/c.c:4: c_read() calls a_open() of net/a" ]
}

@test "circles finds those over folders of a layer" {
	mkdir "$tree/src/net/can"
	module net/a.c a_open b_find
	module net/can/b.c b_find a_open
	run "$lint/circles" "$tree"
	[ "$status" = 1 ]
	[ "${lines[0]}" = "src/net: 2 modules in circles" ]
}

@test "circles leaves tables, functions that are handed over, comments and other layers alone" {
	printf 'int\na_open(void)\n{\n\tb_run(a_open, "b_find()"); /* b_find() */\n\treturn s->b_find(1);\n}\n' >"$tree/src/net/a.c"
	printf 'const struct row rows[] = { { a_open } };\nint\nb_run(fn f)\n{\n\treturn add(a_open);\n}\n\nint\nb_find(void)\n{\n\treturn 0;\n}\n' >"$tree/src/net/b.c"
	module cli/c.c c_main a_open
	run "$lint/circles" "$tree"
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

# body FILE FUNCTION VARIABLE [LINE...]: a function with six lines of the same shape, and more
body() {
	local file=$1 function=$2 variable=$3
	shift 3
	{
		printf 'static int\n%s(int %s)\n{\n' "$function" "$variable"
		printf '\tuse(%s, 1);\n\tput("one", %s);\n\tuse(%s, 2);\n\tput("two", %s);\n' "$variable"{,,,}
		printf '\tif (%s == 0)\n\t\treturn end(%s);\n' "$variable"{,}
		printf '%s\n' "$@"
		printf '}\n'
	} >"$tree/src/$file"
}

@test "twins names runs of six lines that differ in names, numbers and strings" {
	body net/a.c one x
	body cli/b.c two y "" "	/* a comment */" "	return 3;"
	run "$lint/twins" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/cli/b.c:4-9 two() and src/net/a.c:4-9 one(): 6 lines of the same shape" ]
}

@test "twins leaves five lines alone, and lines that use names in another way" {
	body net/a.c one x
	body cli/b.c two y
	sed -i '/use(y, 2)/d' "$tree/src/cli/b.c"
	body cli/c.c three z
	sed -i 's/use(z, 2)/use(w, 2)/' "$tree/src/cli/c.c"
	run "$lint/twins" "$tree"
	[ "$output" = "" ]
	[ "$status" = 0 ]
}

@test "twins names six lines to the letter between functions" {
	for file in a b; do
		for row in 1 2 3 4 5 6; do echo "	{ .name = \"x$row\", .flag = $row },"; done >"$tree/src/net/$file.c"
		echo "/* $file */" >>"$tree/src/net/$file.c"
	done
	run "$lint/twins" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/net/a.c:1-6 and src/net/b.c:1-6: 6 lines of the same shape" ]
	sed -i 's/x4/y4/' "$tree/src/net/b.c"
	run "$lint/twins" "$tree"
	[ "$status" = 0 ]
}

@test "twins names a short body that is the same to the letter" {
	for file in a b; do
		printf 'static bool\n%s_is(int x)\n{\n\tx = f(x);\n\tg(x, "one");\n\treturn h(x);\n}\n' $file >"$tree/src/net/$file.c"
	done
	run "$lint/twins" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/net/a.c:4-6 a_is() and src/net/b.c:4-6 b_is(): 3 lines of the same shape" ]
	sed -i 's/one/two/' "$tree/src/net/b.c"
	run "$lint/twins" "$tree"
	[ "$status" = 0 ]
}

@test "predicates names an is_ function that fills an error, has an output or stores" {
	cat >"$tree/src/net/a.c" <<-'END'
		static bool
		is_shut(const struct thing *t, struct error *e)
		{
			return fail(e);
		}

		static bool
		thing_is_new(const struct thing *t, int *ret_age)
		{
			return t->age == 0;
		}

		static bool
		is_first(struct thing *t)
		{
			bool first = t->n == 0;

			t->n = 1;
			return first;
		}

		static bool
		is_known(struct thing *t, const struct error *e, const char *p)
		{
			p = t->p;
			return t->n == 1 && *p == e->c;
		}
	END
	run "$lint/predicates" "$tree"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 3 ]
	[ "${lines[0]}" = "src/net/a.c:2: is_shut() fills a struct error: name what it does" ]
	[ "${lines[1]}" = "src/net/a.c:8: thing_is_new() has an output, ret_age: name what it does" ]
	[ "${lines[2]}" = "src/net/a.c:14: is_first() stores through t: name what it does" ]
}

@test "headers names one of more than 120 lines" {
	seq 121 >"$tree/src/net/a.h"
	seq 120 >"$tree/src/net/b.h"
	seq 121 >"$tree/src/net/c.c"
	seq 300 >"$tree/src/net/sock.h"
	run "$lint/headers" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/net/a.h: 121 lines, more than 120" ]
}

@test "phrases names one, over the end of a line of a comment too, and says the plainer one" {
	mkdir "$tree/man"
	printf '/* ten unless\n * told */\n' >"$tree/src/net/a.c"
	printf 'Ten\nunless told.\nWhat is told.\n' >"$tree/man/a.1"
	run "$lint/phrases" "$tree"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 2 ]
	[ "${lines[0]}" = 'src/net/a.c:1: "unless told": by default' ]
	[ "${lines[1]}" = 'man/a.1:2: "unless told": by default' ]
}

@test "statics names functions of one name with other parameters" {
	printf 'static int\nput(int a)\n{\n}\n' | tee "$tree/src/net/a.c" >"$tree/src/net/b.c"
	run "$lint/statics" "$tree"
	[ "$status" = 0 ]
	printf 'static int\nput(char *a)\n{\n}\n' >"$tree/src/net/b.c"
	run "$lint/statics" "$tree"
	[ "$status" = 1 ]
	[ "${lines[0]}" = "put: src/net/a.c:2 src/net/b.c:2" ]
	[ "${lines[1]}" = "1 names of static functions stand for different things" ]
}

@test "unused names a function that is defined and declared, and called nowhere" {
	printf '/* put() is good */\nint put(int a);\nint get(void);\n' >"$tree/src/net/a.h"
	printf 'int\nput(int a)\n{\n}\n\nint\nget(void)\n{\n}\n' >"$tree/src/net/a.c"
	printf 'int\nmain(void)\n{\n\treturn get();\n}\n' >"$tree/src/net/b.c"
	run "$lint/unused" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/net/a.c:2: put() is called by no line of src/" ]
}

@test "tracked names a file that no rule has" {
	touch "$tree/src/net/a.c" "$tree/src/net/a.orig" "$tree/core"
	run "$lint/tracked" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "core: no rule of tests/lint/tracked names it
src/net/a.orig: no rule of tests/lint/tracked names it" ]
}

@test "banned names who asks the kernel what a socket is, and who writes and may wait" {
	printf '\tgetsockname(fd, a, b);\n\tgetsockopt(fd, SOL_SOCKET, SO_TYPE, &t, &n);\n\tgetsockopt(fd, SOL_SOCKET, SO_ERROR, &t, &n);\n' >"$tree/src/net/a.c"
	printf '\tfwrite(a, 1, n, f);\n\twrite(fd, a, n);\n' >"$tree/src/cli/a.c"
	cp "$tree/src/net/a.c" "$tree/src/net/sys.c"
	cp "$tree/src/cli/a.c" "$tree/src/cli/usage.c"
	run "$lint/banned" "$tree"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 5 ]
	[[ ${lines[0]} == "src/cli/a.c:1: fwrite: "* ]]
	[[ ${lines[1]} == "src/cli/a.c:2: write: "* ]]
	[[ ${lines[2]} == "src/cli/usage.c:2: write: "* ]]
	[[ ${lines[3]} == "src/net/a.c:1: getsockname: "* ]]
	[[ ${lines[4]} == "src/net/a.c:2: getsockopt(fd, SOL_SOCKET, SO_TYPE: "* ]]
}

@test "lines says when the language has grown, and when it has become so small that the limit is to follow" {
	mkdir "$tree/src/tcl"
	printf 'one\n\n \t\ntwo\n' >"$tree/src/tcl/a.c"
	printf 'three\n' >"$tree/src/tcl/a.h"
	printf 'not one of them\n' | tee "$tree/src/tcl/README.md" >"$tree/src/net/a.c"
	run "$lint/lines" "$tree" 2
	[ "$status" = 1 ]
	[ "$output" = "src/tcl has 3 lines, and may have 2: save 1 somewhere in it" ]
	for limit in 3 53; do
		run "$lint/lines" "$tree" $limit
		[ "$status" = 0 ]
	done
	run "$lint/lines" "$tree" 54
	[ "$status" = 1 ]
	[ "$output" = "src/tcl has 3 lines: lower LIMIT in tests/lint/lines from 54 to that" ]
}

@test "banned names idioms that have one place" {
	mkdir "$tree/src/tcl"
	printf '\tn = sizeof(rows) / sizeof(rows[0]);\n\tp = (struct a *)((char *)w - offsetof(struct a, w));\n' >"$tree/src/net/a.c"
	printf "\trc = WEXITSTATUS(status);\n\tn = c - 'a' + 10;\n" >>"$tree/src/net/a.c"
	cp "$tree/src/net/a.c" "$tree/src/tcl/a.c"
	run "$lint/banned" "$tree"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 4 ]
	[[ ${lines[0]} == "src/net/a.c:1: sizeof(rows) / sizeof: base/array.h: ARRAY_LEN" ]]
	[[ ${lines[1]} == *"base/array.h: CONTAINER_OF" ]]
	[[ ${lines[2]} == *"base/wait_status.h: wait_status_code" ]]
	[[ ${lines[3]} == *"base/parse: parse_hex_digit" ]]
}

@test "tests/run fails where a test leaves a file in the source tree" {
	mkdir -p "$tree/repo/tests/cli/all" "$tree/repo/build/dev"
	cp "$USOCK_SOURCE/tests/run" "$tree/repo/tests/run"
	cp "$USOCK_SOURCE/tests/run" "$tree/repo/build/dev/usock" # any program
	git -C "$tree/repo" init -q
	echo build/ >"$tree/repo/.gitignore"
	printf '@test "tidy" {\n\ttrue\n}\n' >"$tree/repo/tests/cli/all/a.bats"
	git -C "$tree/repo" add -A
	# bats has put its own parts in front, which know nothing of a bats within
	PATH=$(echo "$PATH" | tr : '\n' | grep -v /libexec | paste -sd :)
	run "$tree/repo/tests/run"
	[ "$status" = 0 ]
	# shellcheck disable=SC2016 # expands there
	printf '@test "untidy" {\n\ttouch "$USOCK_SOURCE/left" "$USOCK_SOURCE/build/right"\n}\n' >"$tree/repo/tests/cli/all/a.bats"
	run "$tree/repo/tests/run"
	[ "$status" = 1 ]
	[ "${lines[0]}" = "not ok left in the source tree: left" ]
	[ "${lines[1]}" = "1 passed, 0 failed" ]
}

@test "rooms names a folder of too many files, and one without a README.md" {
	mkdir "$tree/src/net/can"
	for n in {1..24}; do echo >"$tree/src/net/a$n.c"; done
	echo >"$tree/src/net/can/a.c"
	echo >"$tree/src/net/README.md"
	run "$lint/rooms" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/net/can: no README.md says what it is" ]
	echo >"$tree/src/net/can/README.md"
	echo >"$tree/src/net/b.h"
	run "$lint/rooms" "$tree"
	[ "$status" = 1 ]
	[ "$output" = "src/net: 25 files, more than 24" ]
}

@test "mutants names a bug that the code no longer has a place for" {
	mkdir -p "$tree/tests/sim"
	echo 'int x = 1;' >"$tree/src/net/a.c"
	printf '# comment\nhit|net/a.c|s/x = 1/x = 2/\nmiss|net/a.c|s/y = 1/y = 2/\ngone|net/b.c|s/a/b/\n' >"$tree/tests/sim/mutants"
	run "$lint/mutants" "$tree"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 2 ]
	[ "${lines[0]}" = "tests/sim/mutants:3: miss: changes nothing in src/net/a.c" ]
	[ "${lines[1]}" = "tests/sim/mutants:4: gone: there is no src/net/b.c" ]
}
