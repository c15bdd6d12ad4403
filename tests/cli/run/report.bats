# run --report: results of tests as a page, with what the sockets of a failed test have said.
# shellcheck disable=SC2016 # scripts

load ../lib/common
start_fast

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
	cat >talk.us <<-'END'
		set l [server 127.0.0.1:0 {h address port} {
			while {[set line [$h readline]] ne ""} {$h sendall "echo $line"}
			$h close
		}]
		proc to_echo {} {connect 127.0.0.1 [lindex [$::l getsockname] 1]}
		test "it echoes" {
			set s [to_echo]; $s sendall "passed over\n"; $s readline; $s close
		}
		test "it greets <politely>" {
			set s [to_echo]
			$s sendall "HELO me\r\n"
			$s readline
			$s sendall "\x00\x01\xff"
			$s shutdown w
			assert-eq [$s readall] "250 hello\r\n"
		}
		test "no socket" {fail "just so"}
		test "later" {todo "not now"; fail}
		test "never" {skip "no net"}
	END
}

# A page as what tests ask about. Fails where it is no HTML, needs another file, or a link leads nowhere.
look_at() { # FILE QUERY
	"$python" -IS -c '
import re, sys
from html.parser import HTMLParser

class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.texts = [], [], [], []
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        assert tag not in ("script", "img", "link", "iframe"), tag
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [attrs["href"]] if "href" in attrs else []
        if tag != "meta":
            self.open.append((tag, attrs.get("class", "")))
    def handle_startendtag(self, tag, attrs):
        pass
    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, tag
    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else ("", ""), data))
    def of(self, tag):
        return [text for (name, _), text in self.texts if name == tag]

page = Page()
page.feed(open(sys.argv[1], encoding="utf-8").read())
page.close()
assert page.open == [], page.open
assert len(set(page.ids)) == len(page.ids), "ids"
assert all(link[0] == "#" and link[1:] in page.ids for link in page.links), page.links
text = "".join(text for _, text in page.texts)
exec(sys.argv[2])
' "$1" "$2"
}

@test "a page has all results, and of a failed test the message, both values and the dialogue" {
	run -4 usock run --report page.html talk.us
	look_at page.html '
assert page.of("title")[:1] == ["2 of 5 tests failed"], page.of("title")
assert page.of("h2") == ["talk.us"]
assert page.of("h3") == ["it greets <politely>", "no socket", "later"], page.of("h3")
assert "1 passed" in text and "2 failed" in text and "2 skipped; 1 file" in text
assert "250 hello\\r\\n" in text
assert "talk.us:" in text
assert "No socket has sent or received." in text
assert "passed over" not in text
'
}

@test "files of results have the mode that the umask gives, and keep that of a file that is there" {
	local mask mode
	while read -r mask mode; do
		rm -f page.html results.xml events
		(umask "$mask" && ! usock run --report page.html --junit results.xml --events events talk.us)
		[ "$(stat -c %a page.html results.xml events | uniq)" = "$mode" ] || fail "$(ls -l)"
	done <<<$'022 644\n077 600\n002 664'
	chmod 640 results.xml
	run -4 usock run --junit results.xml talk.us
	[ "$(stat -c %a results.xml)" = 640 ]
}

@test "both ends of a connection are one in the diagram, with what each has sent" {
	run -4 usock run --report page.html talk.us
	look_at page.html '
labels = page.of("text")
assert labels.count("connects") == 1, labels
assert labels.count("HELO me") == 1 and labels.count("echo HELO me") == 1, labels
assert any("00 01 ff" in label for label in labels), labels
lanes = [label for label in labels if label.startswith("tcp:127.0.0.1:")]
assert len(lanes) == 2, lanes
assert labels.index("HELO me") < labels.index("echo HELO me")
'
}

@test "several files are sections of one page, and a file whose process was killed says so" {
	echo 'test "fine" {}' >fine.us
	cat >killed.us <<-'END'
		test "before" {}
		exec sh -c {kill -KILL $PPID}
	END
	run -4 usock run --allow-exec --jobs 2 --report page.html talk.us fine.us killed.us
	look_at page.html '
assert page.of("h2") == ["talk.us", "fine.us", "killed.us"], page.of("h2")
assert page.of("title")[:1] == ["3 of 7 tests failed"], page.of("title")
assert "ended with status 137, and has left no results" in text
'
	[ "$(find . -name '*.part')" = '' ]
}

@test "a report does not overwrite a script" {
	echo 'test a {}' >a.us
	cp a.us kept
	for option in --report --junit --events; do
		run -2 --separate-stderr usock run "$option" ./a.us a.us
		[[ $stderr == "usock: run: $option: would overwrite ./a.us, which is a script"* ]] || fail "$stderr"
		run -2 usock run --tap "$option" a.us kept a.us
		cmp a.us kept
	done
	run -2 --separate-stderr usock run --events ./kept kept
	[[ $stderr == "usock: run: --events: would overwrite ./kept, which is read (a script)"* ]] || fail "$stderr"
	cmp a.us kept
}

@test "a script whose name stands where that of an output is missing is not overwritten" {
	local option
	echo 'test a {}' >a.us
	echo 'test b {}' >b.us
	echo 'test "without a suffix" {}' >smoke
	printf '#!/usr/bin/env usock\nputs hi\n' >tool
	cp a.us kept
	cp smoke smoke.kept
	cp tool tool.kept
	for option in --junit --report --events; do
		run -2 --separate-stderr usock run "$option" [ab].us
		[ "${stderr_lines[0]}" = "usock: run: $option: would overwrite a.us, which is a script" ] || fail "$stderr"
		[ "${stderr_lines[1]}" = 'usock: hint: the option takes the file to write; remove a.us first if it is meant' ] || fail "$stderr"
		run -2 --separate-stderr usock run "$option" tool b.us
		[ "${stderr_lines[0]}" = "usock: run: $option: would overwrite tool, which is a script" ] || fail "$stderr"
		cmp a.us kept
		cmp tool tool.kept
	done
	run -2 --separate-stderr usock run --tap --junit smoke b.us
	[ "${stderr_lines[0]}" = "usock: run: --junit: would overwrite smoke, which is no report" ] || fail "$stderr"
	cmp smoke smoke.kept
}

@test "an older report is replaced, and so is an empty file" {
	echo 'test a {}' >a.us
	: >page.html
	for _ in 1 2; do
		usock run --junit results.xml --report page.html a.us
		grep -q '<testsuite ' results.xml
		grep -q -i '^<!doctype html>' page.html
	done
}

@test "a page is written where nothing has failed, also of a script without tests, and beside the other reports" {
	echo 'puts hi' >plain.us
	usock run --report page.html --junit page.xml --tap plain.us >out
	look_at page.html '
assert page.of("title")[:1] == ["1 tests, none failed"], page.of("title")
assert page.of("h3") == []
'
	grep -q '<testsuite ' page.xml
	grep -q -x 'ok 1 - plain.us' out
	run -2 usock run --report page.xml --junit page.xml plain.us
	[ "${lines[0]}" = 'usock: run: --junit and --report: both write page.xml' ]
}

@test "a page that cannot be written is an error" {
	echo 'puts hi' >plain.us
	run -8 usock run --report /dev/full plain.us
	[[ $output == *'write /dev/full: No space left on device'* ]]
	run -8 usock run --report missing/page.html plain.us
	[[ $output == *'open missing/page.html: No such file or directory'* ]]
}

@test "of a long dialogue the end is shown, and what is left out is counted" {
	cat >long.us <<-'END'
		test "long" {
			set u [socket -type dgram]
			$u bind 127.0.0.1 0
			set v [socket -type dgram]
			$v connect 127.0.0.1 [lindex [$u getsockname] 1]
			for {set i 1} {$i <= 1200} {incr i} {$v sendall "number $i"; $u recv 100}
			fail
		}
	END
	run -4 usock run --report page.html long.us
	look_at page.html '
found = re.search("The first ([0-9]+) messages are left out", text)
assert found and int(found.group(1)) % 500 == 0, text[:200]
assert "number 1200" in text and "number 1 " not in text
'
}
