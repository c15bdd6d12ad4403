#!/usr/bin/env bats
# usock as the ProxyCommand of ssh.

load ../lib/proxy

# A server of ssh that accepts the key of this test: sets $port.
sshd_runs() {
	need sshd ssh ssh-keygen
	chosen_port
	ssh-keygen -q -t ed25519 -N '' -f host
	ssh-keygen -q -t ed25519 -N '' -f key
	cp key.pub authorized
	cat >sshd.conf <<-END
		ListenAddress 127.0.0.1
		Port $port
		HostKey $PWD/host
		AuthorizedKeysFile $PWD/authorized
		PidFile none
		StrictModes no
		UsePAM no
	END
	[ "$(id -u)" != 0 ] || mkdir -p /run/sshd
	proxy_starts sshd "$(command -v sshd)" -D -e -f sshd.conf
}

# logs_in PROXYCOMMAND HOST: a line and 2 MB go each way.
logs_in() {
	local options=(-F none -i key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=known
		-o "ProxyCommand=$1" -p "$port" "$2")
	run -0 timeout -s KILL "$patience" ssh -q "${options[@]}" 'echo here' </dev/null
	[ "$output" = here ]
	timeout -s KILL "$patience" ssh -q "${options[@]}" cat <data >back
	cmp data back
}

@test "usock goes through the SOCKS server of ssh -D, with SOCKS4a too" {
	local kind sshd
	sshd_runs && sshd=$port
	echoes
	chosen_port
	start socks ssh -N -F none -i key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=known \
		-p "$sshd" -D "127.0.0.1:$port" 127.0.0.1
	proxy_answers socks
	for kind in socks4 socks4a socks5 socks5h; do
		run -0 usock connect --proxy "$kind://127.0.0.1:$port" localhost "$echo" <<<"hello $kind"
		[ "$output" = "hello $kind" ]
	done
}

@test "ssh goes through usock, without and with a proxy" {
	sshd_runs
	local ssh_port=$port
	head -c 2000000 /dev/urandom >data
	logs_in "$USOCK connect %h %p" 127.0.0.1
	microsocks_runs socks
	local socks=$port
	tinyproxy_runs http
	local http=$port
	port=$ssh_port
	logs_in "$USOCK connect --proxy socks5h://127.0.0.1:$socks %h %p" localhost
	logs_in "$USOCK connect --proxy http://127.0.0.1:$http %h %p" localhost
}
