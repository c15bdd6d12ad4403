# WebSocket peers, for the bats files that load it after common.
# shellcheck shell=bash disable=SC2154 # python and peers are common's

# Sets $with to a python that has the package websockets.
need_websockets() {
	for with in "$python" /usr/bin/python3; do
		! "$with" -I -c 'import websockets' 2>/dev/null || return 0
	done
	fail "no python has websockets"
}

# Starts tests/peer/websocket.py, which listens, and sets $port.
websocket_peer() { # NAME ARG...
	start "$1" "$with" "$peers/websocket.py" "${@:2}"
	printed "$1"
}

# Runs tests/peer/websocket.py.
websocket() { # ARG...
	timeout -s KILL "$patience" "$with" "$peers/websocket.py" "$@"
}
