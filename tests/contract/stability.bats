# docs/stability.md says which fields, words and statuses stay: they are those that the program has.
#
# shellcheck disable=SC2016 # patterns with ` in them

load ../cli/lib/common

start_fast
page=$USOCK_SOURCE/docs/stability.md

# The rows of the table below a heading, without title and rule: "NAME: FIELD FIELD".
table() { # HEADING
	sed -n "/^## $1\$/,/^## /s/^| \(.*\) |\$/\1/p" "$page" | sed '1d; s/`//g; s/ | /: /'
}

# Fields of a row, one a line, sorted.
recorded() { # HEADING NAME
	table "$1" | sed -n "s/^$2: //p" | tr ' ' '\n' | sort
}

same() { # RECORDED FOUND
	diff <(echo "$1") <(echo "$2") || fail "< in docs/stability.md, > in the program"
}

# Names of members of the objects in a file, sorted; nested ones are left out.
members() { # FILE
	"$python" -IS -c '
import json, sys
found = {name for line in open(sys.argv[1]) for name in json.loads(line)}
print("\n".join(sorted(found)))' "$1"
}

# Every member in FILE is recorded, and the ones named here are there.
recorded_as() { # RECORD FILE MEMBER...
	local member extra
	[ -s "$2" ] || fail "$2 is empty"
	extra=$(comm -13 <(recorded Records "$1") <(members "$2"))
	[ -z "$extra" ] || fail "$1 has members that docs/stability.md does not: $extra"
	for member in "${@:3}"; do
		members "$2" | grep -q -x "$member" || fail "$1 without $member: $(cat "$2")"
	done
}

@test "exit statuses and their words" {
	same "$(table 'Exit statuses' | sed 's/: / /' | awk '{ for (i = 2; i <= NF; i++) print $1, $i }' | sort)" \
		"$(sed -n 's/.*X(ERROR_[A-Z_]*, "\([a-z-]*\)", \([0-9]*\)).*/\2 \1/p' "$USOCK_SOURCE/src/base/error.h" | sort)"
}

@test "words of an end" {
	same "$(sed -n '/^## Words of an end/,/^## Events/s/`//gp' "$page" | tr ' ' '\n' | sort)" \
		"$(sed -n 's/.*X(END_[A-Z_]*, "\([a-z-]*\)").*/\1/p' "$USOCK_SOURCE/src/sock/sock.h" | grep -v -x open | sort)"
}

# "NAME: FIELD FIELD" of each row of src/cli/output/event.c that --events writes.
events_of_the_program() {
	"$python" -IS -c '
import re, sys
text = open(sys.argv[1]).read()
fields = re.search(r"#define END_FIELDS\s(.*?)\n#define", text, re.S)[1]
text = text[text.index("rows[EVENTS]"):].replace("END_FIELDS, {", fields + ", {")
rows = re.findall(r"\[EVENT_\w+\] = \{ \"([a-z-]+)\", LOG_\w+,\s*(?:\\\s*)?\{(.*?)\}", text, re.S)
seen = {name: re.findall(r"\"(\w+)\"", names) for name, names in rows}
for name in sorted(seen):
    print(name + ": " + " ".join(seen[name]))' "$USOCK_SOURCE/src/cli/output/event.c"
}

@test "events and their fields" {
	[ "$(events_of_the_program | wc -l)" -ge 16 ]
	# these two are said in the voice of another netcat, and are not written
	same "$(table Events | sort)" "$(events_of_the_program | grep -v -e '^attempt: ' -e '^port: ' | sort)"
}

@test "share/events.schema.json has the events with their fields, and real ones follow it" {
	local schema=$USOCK_SOURCE/share/events.schema.json
	need_module jsonschema
	same "$("$python" -IS -c '
import json, sys
for name, event in json.load(open(sys.argv[1]))["$defs"].items():
    if name.startswith("event-"):
        print(name[6:] + ": " + " ".join(sorted(set(event["properties"]) - {"event"})))' "$schema" | sort)" \
		"$(events_of_the_program | while read -r name fields; do echo "$name $(tr ' ' '\n' <<<"$fields" | sort | xargs)"; done | sort)"
	usock_listens server -k --deny 127.0.0.2 --tls --self-signed --echo --events server.json
	echo hello | usock connect --tls --insecure --events client.json 127.0.0.1 "$port"
	usock connect --source 127.0.0.2 127.0.0.1 "$port" </dev/null || true
	eventually has_line server.json '.*"event":"denied".*'
	run -1 usock connect --tls --timeout "$patience" --events refused.json 127.0.0.1 1
	echo hello | usock sendto --events sendto.json udp:127.0.0.1:9 || true
	"$with" -I -c '
import json, jsonschema, sys
schema = json.load(open(sys.argv[1]))
events = [json.loads(line) for name in sys.argv[2:] for line in open(name)]
for event in events:
    jsonschema.validate(event, schema)
assert {"listening", "accepted", "denied", "connected", "tls", "end", "error"} <= {e["event"] for e in events}, events
' "$schema" ./*.json
}

@test "the objects of status" {
	start server "$USOCK" listen --ready-file ready unix:socket
	eventually test -s ready
	usock status --unix --process --json unix:socket >unix.json
	usock_listens tcp -k --discard
	usock status --json --process --info ":$port" >tcp.json
	mkfifo keys
	exec 4<>keys
	from=keys start client "$USOCK" connect 127.0.0.1 "$port"
	usock status --wait established=1 --timeout "$patience" ":$port"
	usock status --json --info --state established ":$port" >>tcp.json
	cat unix.json tcp.json >all.json
	recorded_as status all.json proto family code state local peer recv_q send_q uid inode type processes info
}

@test "the objects of scan and resolve" {
	usock connect -z --json 127.0.0.1 1 >scan.json || true
	recorded_as scan scan.json host address port verdict milliseconds reason
	usock resolve --json --probe 127.0.0.1 1 >resolve.json || true
	recorded_as resolve resolve.json host service family type proto sockaddr address port verdict milliseconds reason
	usock resolve --json --reverse 127.0.0.1 80 >reverse.json
	recorded_as reverse reverse.json host address name service port
}

@test "the objects of datagrams" {
	start server "$USOCK" listen -u --ready-file ready --json --max-bytes 3 127.0.0.1 0
	is_ready server || eventually test -s ready
	usock sendto --framing hex "$(cat ready)" < <(printf '68\n00ff\n')
	finish "$pid"
	recorded_as datagram server.out from bytes data hex
}

@test "the objects of a control socket" {
	start server "$USOCK" listen -k --quiet --control ./control --ready-file ready unix:socket --echo
	eventually test -s ready
	mkfifo keys
	exec 4<>keys
	from=keys start client "$USOCK" connect unix:socket
	clients() { usock status ./control --json >answer.json && grep -q '"id"' answer.json; }
	eventually clients
	grep '"id"' answer.json >client.json
	grep '"accepted"' answer.json >server.json
	printf 'nosuch -json\nkick 99 -json\nlist -json\n' | usock connect ./control | grep '"ok"' >ok.json
	recorded_as client client.json id peer seconds sent received state what
	recorded_as server server.json state connected accepted refused denied failed kicked sent received
	recorded_as answer ok.json ok error
	same "$(recorded Records server)" "$(members server.json)"
}

@test "the objects of replay" {
	printf '%s\n' '{"usock":"recording","version":1,"started":"2026-11-30T23:00:00.000000000Z"}' \
		'{"t":0,"c":1,"event":"open","role":"client","type":"stream","local":"tcp:127.0.0.1:50000","peer":"tcp:127.0.0.1:7"}' \
		'{"t":5,"c":1,"event":"tls","version":"TLSv1.3"}' \
		'{"t":10,"c":1,"dir":"sent","text":"hello\n"}' \
		'{"t":20,"c":1,"dir":"received","base64":"/w=="}' \
		'{"t":30,"c":1,"event":"close","reason":"peer-fin"}' >talk.rec
	usock replay --show --json talk.rec >messages.json
	recorded_as message messages.json connection time event from to bytes text base64 reason
	same "$(recorded Records message)" "$(members messages.json)"
	usock replay --stat --json talk.rec >figures.json
	recorded_as figures figures.json what n least median p90 most connection client server type sent received tls
	same "$(recorded Records figures)" "$(members figures.json)"
}

@test "the objects of tests" {
	printf 'test good {assert 1}\ntest bad {assert-eq 1 2}\n' >two.us
	usock run --tap --events events two.us >/dev/null || true
	grep '"event":"test"' events >test.json
	[ -z "$(comm -13 <({ recorded Events test; echo event; } | sort) <(members test.json))" ] || fail "$(cat test.json)"
}
