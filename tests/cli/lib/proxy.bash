# Proxies of other people, and an echo server behind them.
#
# shellcheck shell=bash

load ../lib/tls

# An address for a daemon that has no port 0: sets $port.
chosen_port() {
	port=$(free_port)
}

# Waits until $pid has the port.
proxy_answers() { # NAME
	local end
	usock connect -z --timeout "$patience" --retry-interval 50ms 127.0.0.1 "$port" >/dev/null && ! is_over "$pid" && return
	cat "$1.err" "$1.out" >&2
	return 1
}

# starts NAME COMMAND...: the daemon that has $port in its settings.
proxy_starts() { # NAME COMMAND...
	start "$@"
	proxy_answers "$1"
}

# An echo server: sets $echo to its port.
echoes() {
	usock_listens echo -k --echo
	echo=$port
}

microsocks_runs() { # NAME [OPTION...]
	need microsocks
	chosen_port
	proxy_starts "$1" microsocks -i 127.0.0.1 -p "$port" "${@:2}"
}

# SOCKS4, 4a and 5 with dante: for logins the method is none or username.
dante_runs() { # NAME METHOD
	need danted
	chosen_port
	cat >"$1.conf" <<-END
		logoutput: stderr
		internal: 127.0.0.1 port = $port
		external: lo
		clientmethod: none
		socksmethod: $2
		user.privileged: root
		user.unprivileged: nobody
		client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
		socks block { from: 0.0.0.0/0 to: 127.0.0.1/32 port = 9 }
		socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
	END
	proxy_starts "$1" danted -f "$1.conf" -p "$PWD/$1.pid"
}

tinyproxy_runs() { # NAME [LINE...]
	need tinyproxy
	chosen_port
	printf '%s\n' "Port $port" 'Listen 127.0.0.1' 'Timeout 60' 'Allow 127.0.0.1' "${@:2}" >"$1.conf"
	proxy_starts "$1" tinyproxy -d -c "$1.conf"
}

# squid with a login: SCHEME is basic or digest; the user is bob with the password secret. Another user than ours
# runs its helpers, and may read no file here: sed knows the login.
squid_runs() { # NAME SCHEME
	local hash
	need squid
	chosen_port
	hash=$(printf bob:house:secret | md5sum | cut -d ' ' -f 1)
	{
		printf '%s\n' "http_port 127.0.0.1:$port" 'pid_filename none' 'cache_log /dev/null' \
			'access_log none' 'cache deny all' 'shutdown_lifetime 0 seconds' 'pinger_enable off'
		case $2 in
		basic) echo 'auth_param basic program /usr/bin/sed -u -e s/^bob.secret$/OK/ -e t -e s/.*/ERR/' ;;
		digest)
			printf "%s\n" "auth_param digest program /usr/bin/sed -u -e s/^.bob.:.house.*/OK\\x20ha1=\\x22$hash\\x22/ -e t -e s/.*/ERR/"
			echo 'auth_param digest realm house'
			;;
		esac
		printf '%s\n' "auth_param $2 children 1" 'acl known proxy_auth REQUIRED' 'http_access allow known' 'http_access deny all'
	} >"$1.conf"
	proxy_starts "$1" squid -N -f "$PWD/$1.conf"
}
