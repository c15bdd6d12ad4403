# WebSocket peers, for the bats files that load it after common.
# shellcheck shell=bash disable=SC2154 # with, python and peers are common's

# Starts tests/peer/websocket.py, which listens, and sets $port.
websocket_peer() { # NAME ARG...
	start "$1" "$with" "$peers/websocket.py" "${@:2}"
	printed "$1"
}

# Runs tests/peer/websocket.py.
websocket() { # ARG...
	timeout -s KILL "$patience" "$with" "$peers/websocket.py" "$@"
}
