# Networks of a test's own. Loaded behind common.bash.
#
# shellcheck shell=bash
# shellcheck disable=SC2154 # pid is of common.bash

# new_net NAME: one, that $NAME in front of a command enters.
new_net() {
	[ "$(id -u)" = 0 ] || skip "only root can make a network"
	need unshare nsenter ip
	unshare --net true || skip "no network can be made here"
	start "net-$1" unshare --net sleep 600
	eventually is_elsewhere "$pid"
	eval "$1=(nsenter --net=/proc/$pid/ns/net)"
	nsenter "--net=/proc/$pid/ns/net" ip link set lo up
}

is_elsewhere() { # PID
	local there
	there=$(readlink "/proc/$1/ns/net") && [ -n "$there" ] && [ "$there" != "$(readlink /proc/self/ns/net)" ]
}
