# What cannot be understood is refused: exit status 2, and one line that names what is
# wrong. The options are those that the program itself offers for completion, so a new one
# is covered without a word here, unless it takes a kind of value that is not known yet.

load ../lib/common
start_fast

# The options, a line each: command, name, kind of value (none for a flag). What both commands have is one row of one
# table, and is tried with connect.
setup_file() {
	local command option seen=' '
	for command in connect listen; do
		for option in $(options "$command"); do
			[[ $seen != *" $option "* ]] || continue
			seen+="$option "
			printf '%s\t%s\t%s\n' "$command" "$option" "$(kind_of "$command" "$option")"
		done
	done >"$BATS_FILE_TMPDIR/options"
}

# Values that must be refused, one a line, of each kind of value.
bad_values() { # KIND
	case $1 in
	N) printf '%s\n' x -1 99999999999999999999 1x 1.5 ' 1' '1 ' +1 0x 01 1e3 ;;
	DUR) printf '%s\n' 1y -1 99999999999999999999h x -1s 1.2.3 '1 s' . s 1,5 inf nan +1 0x10 ;;
	SIZE) printf '%s\n' 1Q -1 99999999999999999999 x 1kk '1 k' 0.3 +1 99999999T ;;
	'PORT|LO-HI') printf '%s\n' x 65536 -1 99999 080 080x 5-3 1- 1-65536 1-2-3 1,2 '1 ' +1 0x50 ;;
	NAME=VALUE)
		printf '%s\n' nosuch=1 =1 nosuch SO_RCVBUF SO_KEEPALIVE= SO_KEEPALIVE=maybe SO_RCVBUF=x SO_TYPE=1 \
			1:2 1:x=1 x:1=1 1:2=x 1:2=hex:0 1:2=hex:zz 99999999999:1=1 IP_TTL=1x
		;;
	'FILE|fd:N') printf '%s\n' fd: fd:x fd:-1 fd:99 fd:1.5 fd:99999999999 ;;
	OCTAL) printf '%s\n' x 8 0 -1 1000 0o600 +600 ' 600' 600x rw ;;
	ADDR) long_word 300 ;;
	HOPS) printf '%s\n' 256 -1 x 0 1x 01 1.5 ' 1' ;;
	'[SOURCE@]GROUP[%IF]')
		printf '%s\n' x 10.0.0.1 239.1.2 239.1.2.3%nosuch0 @239.1.2.3 1.2.3.4@ ::1@239.1.2.3 ::1 '239.1.2.3 ' "$(long_word 200)"
		;;
	TYPE) printf '%s\n' x STREAM 1 'stream ' 'stream dgram' streams ;;
	'NAME|NUM') printf '%s\n' nosuch -1 256 08 0x100 1x ' 6' 'tcp ' tcp,udp ;;
	HOW) printf '%s\n' x lines LINE 'line ' chunk chunk= chunk=0 chunk=x chunk=2M raw ;;
	VERSION) printf '%s\n' x 1 1.1 1.4 1.20 tls1.2 ;;
	WHEN) printf '%s\n' x Required optional, 1 ;;
	PROTOCOL) printf '%s\n' x SMTP smtps 'smtp ' 'smtp imap' 1 ;;
	'sha256//BASE64') printf '%s\n' x sha256// sha256//AAAA sha1//AAAA ;;
	ADDRESS) printf '%s\n' x 'x y:1' : x:99999 nosuch:x:1 tcp: udp: ;;
	FIELD) printf '%s\n' x : 'a b: c' ;;
	GROUP | USER) printf '%s\n' nosuch 'x y' 99999999999 -1 ;;
	KIND) printf '%s\n' x HTTP 'http ' 'http socks' ;;
	PROXY) printf '%s\n' x socks5:// http://:1 ftp://x:1 socks5 :1 ;;
	RESOURCE) printf '%s\n' x 'a b' '?x' ;;
	'WORD|NUM') printf '%s\n' nosuch 256 -1 x0 0xgg '1 ' ;;
	WHAT | WHO) printf '%s\n' x/ 1.2.3 1.2.3.4/33 10.0.0.5-10.0.0.1 uid:x ::/129 ;;
	# any text may be one
	IF | FILE | LINE | NAME | DIR | LIST | COMMAND | PATH) ;;
	*) fail "no bad values are known of $1: add some" ;;
	esac
}

# Others of which a second is refused.
good_value() { # KIND OPTION
	case $1 in
	N) echo 1 ;;
	DUR) echo 1s ;;
	SIZE) echo 1k ;;
	'PORT|LO-HI') echo 4000 ;;
	'FILE|fd:N') echo fd:2 ;;
	OCTAL) echo 600 ;;
	ADDR) echo 127.0.0.1 ;;
	IF) echo lo ;;
	TYPE) echo stream ;;
	HOPS) echo 7 ;;
	HOW) echo line ;;
	'NAME|NUM') echo tcp ;;
	VERSION) echo 1.2 ;;
	WHEN) [ "$2" = color ] && echo never || echo optional ;;
	PROTOCOL) echo smtp ;;
	GROUP | USER) echo 0 ;;
	'WORD|NUM') echo 0 ;;
	KIND) echo http ;;
	RESOURCE) echo /x ;;
	FILE | LINE | NAME | DIR | LIST | COMMAND | PATH | sha256//*) echo word ;;
	esac
}

long_word() { # LENGTH
	printf '%*s\n' "$1" '' | tr ' ' a
}

options() { # COMMAND
	"$USOCK" __complete "$1" - | sed -n 's/^--\([a-z0-9-]*\).*/\1/p' | grep -v '^help$'
}

# The kind of value that an option wants, as its complaint says; nothing for a flag.
kind_of() { # COMMAND OPTION
	"$USOCK" "$1" "--$2" 2>&1 >/dev/null | sed -n "1s/.*--$2: wants a value (\(.*\))$/\1/p"
}

# An address that each command takes.
set_address() { # COMMAND
	case $1 in
	connect) address=(127.0.0.1 1) ;;
	*) address=(--quiet 127.0.0.1 0) ;;
	esac
}

# refused COMMAND REGEX ARG...: status 2, nothing on stdout, one line that matches (and at most a hint).
# Goes on, so that one run tells everything; `none_accepted` is the verdict.
refused() {
	local status=0 line rest command=$1 regex=$2
	shift 2
	timeout -s KILL $((5 * slowness)) "$USOCK" "$command" "$@" >out 2>err 3>&- || status=$?
	{ IFS= read -r line && IFS= read -r -d '' rest; } <err || :
	if [ "$status" != 2 ] || [ -s out ] || [[ ! $line =~ $regex ]] ||
		[[ -n $rest && ! $rest =~ ^"usock: hint: "[^$'\n']*$'\n'$ ]]; then
		printf '%s\n  status %s, %s\n' "$(printf '%q ' usock "$command" "$@" | cut -c1-200)" "$status" \
			"$(cut -c1-300 err)" >>accepted
	fi
}

none_accepted() {
	[ ! -e accepted ] || fail "not refused, or not with one line that tells why:"$'\n'"$(cat accepted)"
}

# Calls it for each option of each command, with the kind of its value (none for a flag).
each_option() { # FUNCTION
	local command option kind
	while IFS=$'\t' read -r command option kind; do
		set_address "$command"
		"$1" "$command" "$option" "$kind" </dev/null
	done <"$BATS_FILE_TMPDIR/options"
	none_accepted
}

# --- options ------------------------------------------------------------------

@test "the program tells its options and the kinds of their values" {
	[ "$(options connect | wc -l)" -ge 30 ]
	[ "$(options listen | wc -l)" -ge 30 ]
	[ "$(kind_of connect retry)" = N ]
	[ "$(kind_of connect scan)" = "" ]
	[ "$(kind_of listen accept-timeout)" = DUR ]
}

missing_value() { # COMMAND OPTION KIND
	[ -n "$3" ] || return 0
	refused "$1" "^usock: $1: --$2: wants a value" "${address[@]}" "--$2"
	refused "$1" "^usock: $1: --$2: wants a value" "--$2" -- true
}

@test "an option without its value is refused" {
	each_option missing_value
}

# It is a variable that was not set, more often than not.
empty_value() { # COMMAND OPTION KIND
	[ -z "$3" ] || refused "$1" "^usock: $1: --$2: " "--$2=" "${address[@]}"
}

@test "an option with an empty value is refused" {
	each_option empty_value
}

unwanted_value() { # COMMAND OPTION KIND
	[ -z "$3" ] || return 0
	case $2 in
	hexdump | send-proxy | proxy-protocol | reserve | listen-fds) # the value may be left out
		refused "$1" "^usock: $1: --$2: the value is empty" "--$2=" "${address[@]}"
		return 0
		;;
	esac
	refused "$1" "^usock: $1: --$2: takes no value" "--$2=1" "${address[@]}"
	refused "$1" "^usock: $1: --$2: takes no value" "--$2=" "${address[@]}"
}

@test "a value for an option that takes none is refused" {
	each_option unwanted_value
}

# All of them for the first option of a kind, and some for each other.
malformed_value() { # COMMAND OPTION KIND
	local values value
	[ -n "$3" ] || return 0
	bad_values "$3" >values || return
	mapfile -t values <values
	if [[ $'\n'$tried == *$'\n'"$3"$'\n'* ]]; then
		values=("${values[@]:0:3}")
	fi
	tried+=$3$'\n'
	for value in "${values[@]}"; do
		refused "$1" "^usock: $1: --$2: " "--$2=$value" "${address[@]}"
	done
	[ ${#values[@]} = 0 ] || refused "$1" "^usock: $1: --$2: " "--$2" "${values[0]}" "${address[@]}"
}

@test "a malformed value, or one out of range, is refused" {
	tried=
	each_option malformed_value
}

@test "every kind of value has its bad ones, and a good one" {
	local kind
	cut -f 3 "$BATS_FILE_TMPDIR/options" | sort -u >kinds
	while read -r kind; do
		[ -z "$kind" ] || bad_values "$kind" >/dev/null
		# lists take a second value
		case $kind in
		'' | NAME=VALUE | '[SOURCE@]'* | ADDRESS | FIELD | PROXY | WHAT | WHO) ;;
		*) [ -n "$(good_value "$kind" "")" ] ;;
		esac
	done <kinds
}

@test "values out of an option's own range are refused" {
	refused connect '^usock: connect: --retry: ' --retry 1000001 127.0.0.1 1
	refused connect '^usock: connect: --rate: ' --rate 0 127.0.0.1 1
	refused connect '^usock: connect: --idle-timeout: ' -i 0 127.0.0.1 1
	refused listen '^usock: listen: --max-clients: ' -k --max-clients 0 127.0.0.1 0
	refused listen '^usock: listen: --backlog: ' --backlog 2147483648 127.0.0.1 0
	refused listen '^usock: listen: --ready-fd: ' --ready-fd 0 127.0.0.1 0
	refused listen '^usock: listen: --ready-fd: ' --ready-fd 99 127.0.0.1 0
	refused listen '^usock: listen: --mode: ' --mode 01777 unix:path
	none_accepted
}

@test "an interface that is not there is 1, and named" {
	run -1 --separate-stderr usock connect --interface nosuch0 127.0.0.1 1
	[[ $stderr == "usock: "*nosuch0*": No such device" ]]
}

@test "a file that cannot be opened is 8 and named, before anything else is done" {
	local arg
	for arg in "connect --hexdump=none/file" "connect --events=none/file" "listen --hexdump=none/file" \
		"listen --events=none/file" "listen --send=none/file"; do
		status=0
		# shellcheck disable=SC2086 # two words
		timeout -s KILL $((5 * slowness)) "$USOCK" $arg 127.0.0.1 0 2>err >out 3>&- || status=$?
		status_is 8
		one_message err
		says err 'none/file: No such file or directory$'
	done
}

duplicate() { # COMMAND OPTION KIND
	local value
	case $3 in
	'' | NAME=VALUE | '[SOURCE@]GROUP[%IF]') return 0 ;;   # flags, and what is a list
	ADDRESS | FIELD | PROXY | WHAT | WHO) return 0 ;; # lists, too
	esac
	case $2 in
	cert | key | pin | subprotocol) return 0 ;; # so are these
	esac
	value=$(good_value "$3" "$2")
	[ "$2" != proxy-auth ] || value=basic
	refused "$1" "^usock: $1: --$2: given twice" "--$2" "$value" "--$2" "$value" "${address[@]}"
}

@test "a value given twice is refused" {
	each_option duplicate
}

@test "a value given twice as letter and name is refused, by its name" {
	refused connect '^usock: connect: --connect-timeout: given twice' -w 1 --connect-timeout 2 127.0.0.1 1
	refused connect '^usock: connect: --source-port: given twice' -p 1 -p1 127.0.0.1 1
	none_accepted
}

# clash COMMAND ARG... where the first two words are the options.
clash() {
	refused "$1" "^usock: $1: ($2: .*$3|$3: .*$2)" "${@:4}" "${address[@]}"
}

@test "options that exclude each other are refused, both named" {
	local command
	for command in connect listen; do
		set_address "$command"
		clash "$command" --ipv4 --ipv6 -4 -6
		clash "$command" --ipv4 --ipv6 -64
		clash "$command" --send-only --recv-only --send-only --recv-only
		clash "$command" --half-open --send-only --half-open --send-only
		clash "$command" --no-half-close --send-only --no-half-close --send-only
		clash "$command" --recv-only --crlf --recv-only --crlf
		clash "$command" --recv-only --delay --recv-only --delay 1
		clash "$command" --verbose --quiet -v --quiet
		clash "$command" --reuse-addr --no-reuse-addr --reuse-addr --no-reuse-addr
	done
	set_address connect
	for option in send-only recv-only progress hexdump half-open fastopen; do
		clash connect --scan "--$option" -z "--$option"
	done
	clash connect --scan --sh -z --sh true
	clash connect --scan --tls -z --tls
	clash connect --scan --starttls -z --starttls smtp
	set_address listen
	clash listen --echo --discard --echo --discard
	clash listen --echo --send --echo --send /dev/null
	clash listen --echo --sh --echo --sh true
	clash listen --discard --send --discard --send /dev/null
	clash listen --discard --sh --discard --sh true
	clash listen --send --sh --send /dev/null --sh true
	clash listen --echo --send-only --echo --send-only
	clash listen --echo --half-open --echo --half-open
	for option in echo discard; do
		clash listen "--$option" --after-eof -k "--$option" --after-eof 1
		clash listen "--$option" --quit-after -k "--$option" --quit-after 1
	done
	clash listen --discard --no-half-close --discard --no-half-close
	clash listen --discard --half-close --discard --half-close 1
	refused listen '^usock: listen: --framing: --echo has datagrams of its own$' -u -k --echo --framing line 127.0.0.1 0
	clash listen --keep-open --progress -k --progress
	clash listen --accept-timeout --keep-open -k --accept-timeout 1
	none_accepted
}

@test "options that make no sense here are refused" {
	refused listen '^usock: listen: --refuse: ' --refuse 127.0.0.1 0
	refused listen '^usock: listen: --max-clients: ' --max-clients 1 127.0.0.1 0
	refused listen '^usock: listen: --exec-stderr: ' --exec-stderr 127.0.0.1 0
	refused listen '^usock: listen: --mode: ' --mode 600 127.0.0.1 0
	refused listen '^usock: listen: --unlink: ' --unlink 127.0.0.1 0
	refused connect '^usock: connect: --scan: ' -z vsock:2:80
	refused connect '^usock: connect: --scan: ' -z 127.0.0.1 1 -- true
	refused connect '^usock: connect: --sh: ' --sh true 127.0.0.1 1 -- true
	refused listen '^usock: listen: --sh: ' --sh true 127.0.0.1 0 -- true
	refused listen '^usock: listen: --echo: ' --echo 127.0.0.1 0 -- true
	refused connect '^usock: connect: a program must follow --' 127.0.0.1 1 --
	none_accepted
}

@test "unknown options are refused, with the nearest one" {
	refused connect '^usock: connect: --bogus: unknown option' --bogus 127.0.0.1 1
	refused connect '^usock: connect: --idle-timout: unknown option, did you mean --idle-timeout\?$' --idle-timout 1 h 1
	refused listen '^usock: listen: --ecko: unknown option, did you mean --echo\?$' --ecko 1
	refused listen '^usock: listen: --retry: unknown option' --retry 1 127.0.0.1 0
	refused connect '^usock: connect: -Q: unknown option' -Q 127.0.0.1 1
	refused connect '^usock: connect: -Q: unknown option' -vQ 127.0.0.1 1
	refused connect '^usock: connect: --re: ambiguous: could be --retry, ' --re 1 127.0.0.1 1
	refused connect '^usock: connect: --: ' --= 127.0.0.1 1
	refused connect "^usock: connect: --$(long_word 30)" "--$(long_word 3000)" 127.0.0.1 1
	none_accepted
}

# --- addresses ----------------------------------------------------------------

@test "ports that are none are refused, by what was written" {
	local command port
	for command in connect listen; do
		for port in 65536 -1 99999 080x 080 00 0x50 +80 80- -80 80,,81 ',' - '80 ' ' 80' '' 80-79 80-65536 1.5 \
			4294967376 "$(long_word 300)" '80;id' 'ht tp' $'80\n'; do
			refused "$command" "^usock: $command: .*port" 127.0.0.1 "$port"
		done
		for port in 65536 99999 080x 0x50 80- '' 4294967376; do
			refused "$command" "^usock: $command: .*port" "127.0.0.1:$port"
			refused "$command" "^usock: $command: .*port" "[::1]:$port"
		done
	done
	refused listen '^usock: listen: .*65536' 65536
	refused listen '^usock: listen: .*80,81' 127.0.0.1 80,81
	refused connect '^usock: connect: .*80-81.* more than one port' 127.0.0.1 80-81
	none_accepted
}

@test "a service that does not exist is 3, with its name" {
	run -3 --separate-stderr usock connect 127.0.0.1 nosuchservice
	[[ $stderr == "usock: resolve 127.0.0.1"*nosuchservice* ]]
	[ "${stderr_lines[1]}" = 'usock: hint: a port is a number, or the name of a service: services(5)' ]
	[ ${#stderr_lines[@]} = 2 ]
}

@test "a host that does not exist is 3, with its name" {
	run -3 --separate-stderr usock connect nosuch.invalid 80
	[[ $stderr =~ ^"usock: resolve nosuch.invalid: ".*" (EAI_"[A-Z]+", -"[0-9]+")"$ ]]
	[ ${#stderr_lines[@]} = 1 ]
}

@test "hosts that are too long are refused" {
	local command
	for command in connect listen; do
		refused "$command" "^usock: $command: .*aaa.*too long for a host name" "$(long_word 300)" 80
		refused "$command" "^usock: $command: .*aaa.*too long for a host name" "$(long_word 300):80"
		refused "$command" "^usock: $command: .*aaa.*too long for a host name" "$(long_word 100000)" 80
	done
	none_accepted
}

@test "unix paths that are too long are refused, with the limit" {
	local command
	for command in connect listen; do
		refused "$command" "^usock: $command: .*(too long|108|107)" "unix:$(long_word 108)"
		refused "$command" "^usock: $command: .*(too long|108|107)" "unix:@$(long_word 108)"
		refused "$command" "^usock: $command: .*(too long|108|107)" "/$(long_word 300)"
		refused "$command" "^usock: $command: .*path" unix:
		refused "$command" "^usock: $command: .*(path|name)" unix:@
	done
	none_accepted
	# the longest that fits is no matter of usage
	run -1 usock connect "unix:$(long_word 107)"
	run -1 usock connect "unix:@$(long_word 107)"
}

@test "addresses that are none are refused" {
	local address
	for address in '[::1' '[::1 80' '::1]:80' '[::1]80' '[]:80' '[::1]:80:90' ::1:80 a:b:80 fd: fd:x fd:-1 fd:1x \
		vsock: vsock:1 vsock:x:1 can: '' ' ' 'a b:80' $'a\nb:80' tcp: tcp:// bogus://x:1; do
		refused connect '^usock: connect: ' "$address"
	done
	refused connect '^usock: connect: an address is missing'
	refused listen '^usock: listen: an address is missing'
	refused connect '^usock: connect: .*127\.0\.0\.1.*the port is missing' 127.0.0.1
	refused connect "^usock: connect: unexpected argument 'extra'" 127.0.0.1 1 extra
	refused listen "^usock: listen: unexpected argument 'extra'" 127.0.0.1 0 extra
	refused connect "^usock: connect: .*" unix:/path 80
	none_accepted
}

@test "sendto speaks no DTLS, and says so" {
	refused sendto '^usock: sendto: dtls: ' dtls://127.0.0.1:80
	none_accepted
}

@test "a descriptor that is not open, or no socket, is named" {
	run --separate-stderr usock connect fd:99
	[[ $status -ne 0 && $stderr == "usock: "*fd:99* ]]
	run --separate-stderr usock connect fd:0
	[[ $status -ne 0 && $stderr == "usock: "*fd:0* ]]
	run --separate-stderr usock listen fd:99
	[[ $status -ne 0 && $stderr == "usock: "*fd:99* ]]
}

# --- commands -----------------------------------------------------------------

@test "unknown commands are refused, with the nearest one" {
	refused conect '^usock: conect: unknown command, did you mean connect\?$'
	refused lsten '^usock: lsten: unknown command, did you mean listen\?$'
	refused xyzzy '^usock: xyzzy: unknown command$'
	refused --bogus '^usock: --bogus: unknown option'
	refused '' '^usock: : unknown command$'
	refused "$(long_word 100000)" '^usock: aaa.*: unknown command$'
	none_accepted
}

@test "what cannot be shown is escaped in a message" {
	local word=$'--\e[31m\a\n\x9b31m'
	refused connect '^usock: connect: ' "$word:1 x"
	! grep -q -a $'[\e\a\x9b]' err || fail "$(cat -A err)"
	refused connect '^usock: connect: ' "$word" 127.0.0.1 1
	! grep -q -a $'[\e\a\x9b]' err || fail "$(cat -A err)"
	refused connect '^usock: connect: ' --retry "$word" 127.0.0.1 1
	! grep -q -a $'[\e\a\x9b]' err || fail "$(cat -A err)"
	refused "$word" '^usock: .*unknown option'
	! grep -q -a $'[\e\a\x9b]' err || fail "$(cat -A err)"
	none_accepted
}

@test "help wins over what is wrong after it, not before" {
	run -0 usock connect --help --bogus
	run -2 usock connect --bogus --help
}

# shellcheck disable=SC2016 # scripts
@test "an empty host or port is a mistake, not any address" {
	for words in "connect '' 80" "connect 127.0.0.1 ''" "connect ''" "connect tcp: 80" "connect -z '' 80" "listen '' 0" \
		"listen 127.0.0.1 ''" "listen ''" "listen -u '' 0" "sendto '' 9 x" "sendto 127.0.0.1 '' x" "resolve ''" \
		"resolve '' 80" "resolve localhost ''" "resolve --passive '' 80" "connect -s '' 127.0.0.1 9" "status ''" \
		"connect udp:'' 80" "connect --tls '' 443"; do
		run --separate-stderr timeout -s KILL 10 bash -c "\"$USOCK\" $words"
		[ "$status" = 2 ] || fail "$words: status $status"
		[[ $stderr == "usock: ${words%% *}: "* ]] || fail "$words: $stderr"
	done
	for command in 'connect {} 80' 'connect 127.0.0.1 {}' 'listen {} 0' 'sendto {} 9 x' 'resolve {}' 'getaddrinfo {} 80' \
		'server {{} 0} {h a p} {}' 'set s [socket]; $s connect {} 80' 'connect -s {} 127.0.0.1 9'; do
		run -2 usock -c "$command"
	done
	# these say any
	usock listen --accept-timeout 0 :0 2>/dev/null || [ $? = 124 ]
	usock listen --accept-timeout 0 '*:0' 2>/dev/null || [ $? = 124 ]
	usock listen --accept-timeout 0 '*' 0 2>/dev/null || [ $? = 124 ]
	usock resolve '*' 80 >out
	[ -s out ]
}
