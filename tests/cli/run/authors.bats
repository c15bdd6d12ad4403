# For authors of tests: prove(1), arguments, variables, JUnit by its schema, --watch.
# shellcheck disable=SC2016 # Tcl has dollars too
# shellcheck disable=SC2154 # status and pid are lib's

load ../lib/common

start_fast

# The rules of the two published schemas, where they differ the stricter one: that of Ant's JUnit task
# (github.com/windyroad/JUnit-Schema), with its order of elements and the attributes that it wants, and that of Jenkins'
# xUnit plug-in (junit-10.xsd, by which pytest checks its own), whose times have no sign and no exponent.
schema() {
	cat <<-'END'
		<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
		<xs:simpleType name="word"><xs:restriction base="xs:token"><xs:minLength value="1"/></xs:restriction></xs:simpleType>
		<xs:simpleType name="seconds"><xs:restriction base="xs:decimal">
			<xs:pattern value="\d{0,3}(\d{3})*(\.\d*)?"/></xs:restriction></xs:simpleType>
		<xs:simpleType name="when"><xs:restriction base="xs:dateTime">
			<xs:pattern value="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"/></xs:restriction></xs:simpleType>
		<xs:complexType name="why"><xs:simpleContent><xs:extension base="xs:string">
			<xs:attribute name="message" type="xs:string"/><xs:attribute name="type" type="xs:string" use="required"/>
		</xs:extension></xs:simpleContent></xs:complexType>
		<xs:complexType name="case"><xs:choice minOccurs="0">
			<xs:element name="skipped"><xs:complexType><xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element>
			<xs:element name="error" type="why"/><xs:element name="failure" type="why"/></xs:choice>
			<xs:attribute name="name" type="word" use="required"/><xs:attribute name="classname" type="word" use="required"/>
			<xs:attribute name="time" type="xs:decimal" use="required"/></xs:complexType>
		<xs:complexType name="suite"><xs:sequence>
			<xs:element name="properties"><xs:complexType/></xs:element>
			<xs:element name="testcase" type="case" minOccurs="0" maxOccurs="unbounded"/>
			<xs:element name="system-out" type="xs:string"/><xs:element name="system-err" type="xs:string"/></xs:sequence>
			<xs:attribute name="id" type="xs:int" use="required"/><xs:attribute name="package" type="word" use="required"/>
			<xs:attribute name="name" type="word" use="required"/><xs:attribute name="hostname" type="word" use="required"/>
			<xs:attribute name="timestamp" type="when" use="required"/><xs:attribute name="time" type="seconds" use="required"/>
			<xs:attribute name="tests" type="xs:int" use="required"/><xs:attribute name="failures" type="xs:int" use="required"/>
			<xs:attribute name="errors" type="xs:int" use="required"/><xs:attribute name="skipped" type="xs:int"/></xs:complexType>
		<xs:element name="testsuites"><xs:complexType><xs:sequence>
			<xs:element name="testsuite" type="suite" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
			<xs:unique name="ids"><xs:selector xpath="testsuite"/><xs:field xpath="@id"/></xs:unique></xs:element>
		</xs:schema>
	END
}

write_files() {
	printf 'test good {}\ntest later {todo soon; fail}\n' >one.us
	printf 'test bad {assert-eq a "b\\n<&>"}\ntest left {socket}\ntest none {skip here}\n' >two.us
}

@test "prove takes the TAP, of files one by one and all together" {
	need prove
	write_files
	run -0 prove -e "$USOCK run --tap" one.us
	[[ $output == *'All tests successful.'* && $output == *'Result: PASS'* ]] || fail "$output"
	run -1 prove -v -e "$USOCK run --tap" one.us two.us
	[[ $output == *'Files=2, Tests=5,'* && $output == *'Result: FAIL'* ]] || fail "$output"
	run -1 prove -e "$USOCK run --tap one.us two.us --" x
	[[ $output == *'Files=1, Tests=5,'* && $output == *'Failed test:  3'* ]] || fail "$output"
}

@test "several files are one list, in which each test names its file; one that dies is a result" {
	not_counted "/proc/self/exe is its own"
	write_files
	printf 'test first {}\nexit 3\n' >dies.us
	status=0
	usock run --tap one.us two.us dies.us >out 2>err || status=$?
	status_is 4
	grep -v '^ ' out | diff - <(
		cat <<-'END'
			TAP version 13
			ok 1 - one.us: good
			not ok 2 - one.us: later # TODO soon
			not ok 3 - two.us: bad
			ok 4 - two.us: left
			# left open, now closed: sock1
			ok 5 - two.us: none # SKIP here
			ok 6 - dies.us: first
			not ok 7 - dies.us: dies.us
			1..7
		END
	)
	says out '^  message: "exit 3"$'
	run -2 usock run --tap=15 one.us
	[[ $output == *"--tap: '15' is not 13 or 14"* ]]
}

@test "what follows -- is argv of each file, and --set sets variables" {
	not_counted "/proc/self/exe is its own"
	echo 'test "$argv of $argc, $host" {}' | tee one.us >two.us
	usock run --tap --set host=here --set 'odd name=a=b' one.us two.us -- x 'y z' >out
	[ "$(grep -c '\.us: x {y z} of 2, here$' out)" = 2 ] || fail "$(cat out)"
	run -0 usock run --tap --set host= one.us -- --tap
	[ "${lines[1]}" = 'ok 1 - --tap of 1, ' ]
	run -0 usock run --set 'odd name=a=b' -c 'puts ${odd name}'
	[ "$output" = 'a=b' ]
	run -2 usock run --set host -c ''
	[[ $output == *"--set: 'host' is not NAME=VALUE"* ]]
	run -2 usock run --tap -- -- x
	[[ $output == *'a test file is missing before --'* ]]
}

@test "on a terminal the number of tests that failed or passed is said" {
	printf 'test one {}\ntest two {}\n' >good.us
	write_files
	run -0 on_terminal run good.us
	[[ $output == *'usock: good.us: 2 tests passed'* ]] || fail "$output"
	run -4 on_terminal run two.us
	[[ $output == *'usock: two.us: 1 of 3 tests failed'* ]] || fail "$output"
	run -0 on_terminal run one.us
	[[ $output == *'usock: one.us: 2 tests: none failed, 1 skipped'* ]] || fail "$output"
	run -0 --separate-stderr usock run good.us
	[ -z "$output$stderr" ]
}

@test "the reason of one test's socket is none of the next" {
	printf '%s\n' 'set l [listen 127.0.0.1 0]' 'test one {connect {*}[$l getsockname]; close}' \
		'test two {fail no}' >ends.us
	run -4 usock run --tap ends.us
	[[ $output == *'not ok 2 - two'* && $output != *'end:'* ]] || fail "$output"
}

@test "JUnit XML is valid by its schema, of one file and of several" {
	not_counted "/proc/self/exe is its own"
	need xmllint
	write_files
	schema >junit.xsd
	printf 'after 60000\n' >hangs.us
	run -4 usock run --junit two.xml two.us
	xmllint --noout --schema junit.xsd two.xml
	run -4 usock run --timeout 1s --junit all.xml two.us one.us hangs.us
	xmllint --noout --schema junit.xsd all.xml
	says all.xml '<system-err>left: left open, now closed: sock1'
	# a program that collects results reads what was meant
	need_module junitparser
	"$with" -I - >results <<-'END'
		from junitparser import JUnitXml
		for suite in JUnitXml.fromfile("all.xml"):
		    print(suite.name, suite.tests, suite.failures, suite.skipped, sorted(
		        (case.name, [type(r).__name__ for r in case.result], [r.message.split(' after ')[0] for r in case.result]) for case in suite))
	END
	text_is results "two.us 3 1 1 [\
('bad', ['Failure'], ['assert-eq: got a, expected {b\\\\n<&>}']), ('left', [], []), ('none', ['Skipped'], ['here'])]
one.us 2 0 1 [('good', [], []), ('later', ['Skipped'], ['soon'])]
hangs.us 1 1 0 [('hangs.us', ['Failure'], ['script:'])]
"
}

@test "--watch runs what has changed, and all beside a script that they may source" {
	not_counted "/proc/self/exe is its own"
	echo 'test one {source helper.us; assert $good}' >one.us
	echo 'test two {}' >two.us
	echo 'set good 0' >helper.us
	start watch "$USOCK" run --watch --tap one.us two.us
	eventually has_line watch.err '^usock: 2 files: failed; waiting for a change'
	says watch.out '^not ok 1 - one.us: one'
	echo 'test three {}' >two.us
	eventually has_line watch.err '^usock: 1 file: passed; '
	says watch.out '^ok 1 - two.us: three'
	echo 'set good yes' >helper.us
	eventually has_line watch.err '^usock: 2 files: passed; '
	says watch.out '^ok 1 - one.us: one'
	kill -INT "$pid"
	finish "$pid"
	status_is 130
	run -2 usock run --watch --junit x.xml one.us
	run -2 usock run --watch
}

@test "on a terminal the number is in the color of the result, and what a failed test left comes after it" {
	printf 'test one {}\n' >good.us
	printf 'test bad {socket; assert 0}\n' >bad.us
	TERM=screen run -0 on_terminal run good.us
	[[ $output == *$'\e[32musock: \e[mgood.us: 1 test passed'* ]] || fail "$output"
	TERM=screen run -4 on_terminal run bad.us
	[[ $output == *$'\e[1;31musock: \e[mbad.us: 1 of 1 test failed'* ]] || fail "$output"
	[[ $output == *'test bad: assert'*'test bad: left open'* ]] || fail "$output"
}

@test "results are in color where that is wanted, and comments are dim" {
	not_counted "/proc/self/exe is its own"
	write_files
	run -4 usock run --tap --color always two.us
	[[ $output == *$'\e[1;31mnot ok\e[m 1 - bad'* && $output == *$'\e[32mok\e[m 2 - left'* ]] || fail "$output"
	run -4 usock run --tap --color always one.us two.us
	[[ $output == *$'\e[1;31mnot ok\e[m 3 - two.us: bad'* && $output == *$'\e[2m# left open'* ]] || fail "$output"
	run -4 usock run --tap one.us two.us
	[[ $output != *$'\e'* ]]
}
