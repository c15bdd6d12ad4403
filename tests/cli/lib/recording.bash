# What tests of recordings have in common. In addition to common.bash.
#
# shellcheck shell=bash
# shellcheck disable=SC2154 # python is of common.bash

# Prints the lines of a recording without times and addresses: "1 sent text hello\n".
lines_of() { # FILE
	"$python" -IS -c '
import json, sys
for line in open(sys.argv[1]):
    event = json.loads(line)
    for name in ("t", "local", "peer", "started"):
        event.pop(name, None)
    print(*(json.dumps(value) if name == "text" else value for name, value in event.items()))
' "$1"
}
