# Names with letters beyond ASCII: what they become, and that nothing else goes on the wire.
#
# shellcheck disable=SC2034,SC2154 # port and pids are of lib, output and stderr of run

load ../lib/tls
start_fast

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	exec </dev/null
	pids=()
}

has_idn() {
	"$USOCK" --version | grep -q -w idn
}

need_idn() {
	has_idn || skip "this build has no libidn2"
}

# What a name becomes, or "refused".
becomes() { # NAME
	run --separate-stderr "$USOCK" resolve --numeric "$1"
	case $status in
	3) sed -n 's/^usock: resolve \([^:]*\): .*/\1/p' <<<"$stderr" ;;
	2) echo refused ;;
	*) echo "status $status" ;;
	esac
}

# What a HTTP server is told that the host is, by curl.
becomes_with_curl() { # NAME
	local host
	host=$(curl -s --max-time "$patience" --connect-to "::127.0.0.1:$port" "http://$1/") || host="Host: refused"
	host=${host%$'\r'}
	echo "${host#Host: }"
}

# One name in a line, of every kind; which of them are refused is curl's to say.
names() {
	cat <<-'END'
		bücher.example
		BÜCHER.example
		Bücher.EXAMPLE.
		bücher.example
		straße.example
		STRASSE.bücher
		faß.de
		FAẞ.de
		İstanbul.example
		ısparta.example
		ΣΊΣΥΦΟΣ.gr
		βόλος.com
		παράδειγμα.δοκιμή
		παράδειγμα。δοκιμή
		bücher．example
		bücher｡example
		аpple.com
		раураӏ.com
		例え.テスト
		中国。中国
		مثال.إختبار
		אתר.קום
		хn--аlpha.рф
		xn--bcher-kva.bücher
		a_b.bücher.de
		_http._tcp.bücher.de
		☃.net
		💩.la
		♥.example
		ﬁ.example
		①.example
		ª.example
		Ⅷ.example
		ｆｕｌｌ.example
		நிறுவனம்.com
		नेपाली.example
		l·l.example
		ab·c.example
	END
	printf '%b\n' 'b\u00ad\u00fccher.example' 'nama\u200cn.example' '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com' \
		'\u0301a.example' 'x.-b\u00fccher.example' 'b\u00fccher-.example' 'ab--\u00fc.example' 'xn--\u00fc.example' \
		'\u05d0a.example' '1\u05d0.example' 'a\u2260b.example' '\ufffd.example' '\ue000.example' '\u0378.example' \
		'e\u0301.example' '\u00fc..example' '.\u00fc.example' '\u00fc.example..' '\u00ad.example' \
		"$(printf '\\u00fc%.0s' {1..60}).example" "$(printf 'a%.0s' {1..63})\u00fc.example" \
		"$(printf '\\u4e2d%.0s' {1..100}).example" "$(printf '\\u00fc.%.0s' {1..80})example"
}

@test "every name becomes what curl makes of it" {
	local name ours theirs
	need_idn
	need curl
	curl --version | grep -q -w IDN || skip "this curl has no IDN"
	# shellcheck disable=SC2016 # for the inner shell
	usock_listens http -k --quiet --sh 'IFS= read -r line; IFS= read -r host; printf "HTTP/1.0 200 OK\r\n\r\n%s" "$host"'
	while IFS= read -r name; do
		ours=$(becomes "$name")
		theirs=$(becomes_with_curl "$name")
		[ "$ours" = "$theirs" ] || echo "$name: $ours, with curl $theirs" >>differ
	done < <(names)
	[ ! -e differ ] || fail "$(cat differ)"
}

@test "a character that stands for what no name has is refused" {
	local name
	need_idn
	# a/c, a letter and a slash, a question mark, an at sign, a colon, a number sign, a space
	for name in '℀.example' 'ü／x.example' 'ü？.example' 'ü＠x.example' 'ü：1.example' 'ü＃.example' $'\u00fc\u3000.example'; do
		run -2 --separate-stderr usock connect "$name" 80
		[[ $stderr == *"is not a host name"* ]] || fail "$name: $stderr"
	done
}

@test "what is not UTF-8 is 2 and says so, in each place and whatever the locale" {
	local bad=$'b\xfccher.example'
	refuses_it connect "$bad" 80
	LC_ALL=C refuses_it connect "$bad:80"
	refuses_it listen "$bad" 0
	refuses_it resolve "$bad"
	refuses_it sendto "$bad" 80
	refuses_it connect --tls --server-name "$bad" 127.0.0.1 1
	printf 'connect "%s" 80\n' "$bad" >script.us
	refuses_it run script.us
}

refuses_it() { # ARG...
	run -2 --separate-stderr usock "$@"
	[[ $stderr == *"is not a host name: it is not UTF-8"* ]] || fail "$*: $stderr"
}

@test "messages have the name as DNS has it" {
	need_idn
	run -3 --separate-stderr usock connect Bücher.invalid 80
	[[ $stderr == "usock: resolve xn--bcher-kva.invalid: "* ]] || fail "$stderr"
	run -3 --separate-stderr usock -c 'connect bücher.invalid 80'
	[[ $stderr == *"xn--bcher-kva.invalid"* && $stderr != *ü* ]] || fail "$stderr"
}

# What a server that never answers hears of a client.
hello_of() { # OPTION...
	rm -f hello.ready
	to=hello start hello "$USOCK" listen --ready-file hello.ready 127.0.0.1 0
	is_ready hello
	run -124 usock "$@" --handshake-timeout 1s 127.0.0.1 "$port"
	finish "$pid"
}

@test "no other form of a name is sent to a server" {
	need_idn
	need_tls
	hello_of connect --tls --insecure --server-name Bücher.example
	grep -q -a 'xn--bcher-kva\.example' hello
	hello_of connect --starttls xmpp --insecure --server-name BÜCHER.example
	grep -q -a "to='xn--bcher-kva\.example'" hello
	run ! grep -q -a ü hello
}

@test "SNI and the name check have the name as DNS has it, in scripts too" {
	local how
	need_idn
	begin_tls
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out cert.pem -days 2 \
		-subj /CN=x -addext 'subjectAltName=DNS:xn--bcher-kva.example' 2>/dev/null
	usock_listens server -k -v --echo --tls --cert cert.pem --key key.pem
	[ "$(usock connect -v --tls --ca-file cert.pem --server-name BÜCHER.example 127.0.0.1 "$port" <<<hello 2>err)" = hello ]
	has_line err 'name=xn--bcher-kva\.example '
	has_line server.err 'name=xn--bcher-kva\.example '
	usock run - >out <<-EOF
		set s [connect --tls --ca-file cert.pem --server-name bücher.example 127.0.0.1 $port]
		\$s sendall "hello\n"
		puts -nonewline [\$s readline]
		\$s close
		set s [connect 127.0.0.1 $port]
		\$s starttls -ca-file cert.pem -server-name Bücher.example
		\$s sendall "again\n"
		puts -nonewline [\$s readline]
	EOF
	text_is out 'hello\nagain\n'
	run -5 --separate-stderr usock connect --tls --ca-file cert.pem --server-name straße.example 127.0.0.1 "$port"
	[[ $stderr == *"the certificate is for xn--bcher-kva.example, not for xn--strae-oqa.example"* ]] || fail "$stderr"
}

@test "without the module such a name is 2, and its form in DNS is asked for" {
	local real=$USOCK name
	[ -e "$USOCK_BUILD/usock-idn.so" ] || skip "the module is linked in, or there is none"
	not_counted "a copy of the program"
	mkdir alone
	cp "$(readlink -f "$USOCK")" alone/usock
	USOCK=$PWD/alone/usock
	! has_idn || skip "a module is installed"
	for name in "connect bücher.example 443" "resolve bücher.example" "listen bücher.example 0"; do
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr usock $name
		[[ $stderr == *"xn-- and ASCII alone"*"hint: the package usock-idn converts it; idn2 NAME prints it"* ]] ||
			fail "$stderr"
	done
	# others need none
	run -3 --separate-stderr usock resolve --numeric xn--bcher-kva.example
	USOCK=$real
}
