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

@test "layers accepts an include that goes downward" {
	echo '#include "base/error.h"' >"$tree/src/net/a.c"
	run "$lint/layers" "$tree"
	[ "$status" = 0 ]
	[ "$output" = "" ]
}

@test "banned names a print below the command line" {
	printf '/* printf( */\n\tprintf("x");\n' >"$tree/src/net/a.c"
	cp "$tree/src/net/a.c" "$tree/src/cli/a.c"
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

@test "functions names a struct with more than eight bools, in the folders that have states" {
	mkdir -p "$tree/src/relay"
	printf 'struct a {\n\tbool b, c, d, e;\n\tbool f; /* bool */\n\tbool g, h,\n\t    i;\n};\n' >"$tree/src/relay/a.h"
	sed 's/i;/i, j;/' "$tree/src/relay/a.h" | tee "$tree/src/cli/b.h" >"$tree/src/relay/b.h"
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
