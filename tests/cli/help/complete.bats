# Completion, from `usock __complete` to what each shell makes of it.
# shellcheck disable=SC2016 # the inner shell expands

load ../lib/common

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$(dirname "$USOCK"):$PATH
	pids=()
}

complete_words() { # WORD...
	"$USOCK" __complete "$@"
}

# What the bash completion offers at the end of LINE, whose words bash has cut into WORD...
bash_offers() { # LINE WORD...
	bash -c '
		source "$USOCK_SOURCE/completions/usock.bash"
		COMP_LINE=$1 COMP_POINT=${#1}
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_usock usock
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$@"
}

zsh_offers() { # WORD...
	zsh -f -c '
		_describe() { print -l -- ${(P)2%%:*} }
		_files() { print FILES }
		_hosts() { print HOSTS }
		_command_names() { print COMMANDS }
		words=("$@") CURRENT=$# PREFIX=$words[-1]
		function ask { source $USOCK_SOURCE/completions/_usock }
		ask
		true
	' zsh "$@"
}

fish_offers() { # LINE
	fish --no-config -c 'source "$USOCK_SOURCE/completions/usock.fish"; complete -C "$argv"' "$1"
}

has() { # WORD: a line of $output begins with it
	grep -q -- "^$1\(	\|\$\)" <<<"$output" || {
		echo "no '$1' in:" "$output"
		return 1
	}
}

has_not() { # WORD
	! grep -q -- "^$1\(	\|\$\)" <<<"$output"
}

@test "nothing typed: the commands with their summaries" {
	run -0 complete_words ''
	has connect
	has listen
	has help
	has --version
	[[ $output == *$'connect\t'?* ]]
}

@test "no word at all is as good as an empty one" {
	[ "$(complete_words)" = "$(complete_words '')" ]
}

@test "half a command: only those that begin so" {
	run -0 complete_words conn
	has connect
	has_not listen
}

@test "after an unknown command there is nothing to offer" {
	run -0 complete_words no-such-command --
	[ -z "$output" ]
}

@test "a dash: the options of the command with their help" {
	run -0 complete_words connect -
	has --ipv4
	has --connect-timeout
	has --help
	[[ $output == *$'--ipv4\t'?* ]]
}

@test "options may follow operands" {
	run -0 complete_words connect localhost 80 --conn
	[ "${output%%$'\t'*}" = --connect-timeout ]
}

@test "the value of an option is completed, not taken for an operand or option" {
	run -0 complete_words connect --hexdump=x
	[ "$output" = :file ]
	run -0 complete_words connect --events ''
	[ "$output" = :file ]
	run -0 complete_words connect --source ''
	has :host
	run -0 complete_words connect --connect-timeout ''
	[ -z "$output" ]
	run -0 complete_words connect --connect-timeout -
	[ -z "$output" ]
}

@test "a letter with its value apart, attached or behind flags" {
	run -0 complete_words connect -w ''
	[ -z "$output" ]
	run -0 complete_words connect -46w ''
	[ -z "$output" ]
	run -0 complete_words connect -w2 ''
	has :host
}

@test "an option whose value may be missing takes no word of its own" {
	run -0 complete_words connect --hexdump ''
	has :host
}

@test "interfaces" {
	run -0 complete_words connect --interface l
	has lo
	run -0 complete_words connect --interface=l
	has --interface=lo
}

@test "socket options come with their = and without those that cannot be set" {
	run -0 complete_words connect -o SO_
	has SO_RCVBUF=
	has_not SO_ERROR=
	has_not TCP_NODELAY=
	run -0 complete_words connect --sockopt=TCP_NO
	has --sockopt=TCP_NODELAY=
}

@test "an address is a host, or a file as soon as it has a slash" {
	run -0 complete_words connect ''
	has :host
	run -0 complete_words connect ./
	[ "$output" = :file ]
	run -0 complete_words connect unix:
	[ "$output" = :file ]
}

@test "help is completed with commands and topics" {
	run -0 complete_words help ''
	has connect
	has exit
	has address
	has sockopt
	run -0 complete_words help connect ''
	[ -z "$output" ]
}

@test "after -- comes a program and then its arguments" {
	run -0 complete_words connect localhost 80 -- c
	[ "$output" = :command ]
	run -0 complete_words connect localhost 80 -- cat --
	[ "$output" = :file ]
}

@test "after -- of a command that takes no program, words are no options" {
	run -0 complete_words help -- con
	[ "$output" = $'connect\tconnect, and connect standard input and output' ] || has connect
	run -0 complete_words sendto -- localhost --
	[ -z "$output" ]
}

@test "/dev/full: what could not be written is an error" {
	[ -c /dev/full ] || skip "no /dev/full"
	run -8 bash -c '"$USOCK" __complete connect - >/dev/full'
}

@test "bash: commands" {
	run -0 bash_offers 'usock con' usock con
	[ "$output" = connect ]
}

@test "bash: options" {
	run -0 bash_offers 'usock connect --conn' usock connect --conn
	[ "$output" = --connect-timeout ]
}

@test "bash: a value behind = is completed alone, as bash cuts there" {
	run -0 bash_offers 'usock connect --interface=l' usock connect --interface = l
	has lo
	run -0 bash_offers 'usock connect --sockopt=TCP_NOD' usock connect --sockopt = TCP_NOD
	[ "$output" = TCP_NODELAY= ]
}

@test "bash: a blank ends a word, a colon does not" {
	run -0 bash_offers 'usock connect :80 --conn' usock connect : 80 --conn
	[ "$output" = --connect-timeout ]
}

@test "bash: files, blanks in their names included" {
	touch 'some file' other
	run -0 bash_offers 'usock connect --hexdump=so' usock connect --hexdump = so
	[ "$output" = 'some file' ]
	run -0 bash_offers 'usock connect unix:so' usock connect unix : so
	[ "$output" = 'some file' ]
}

@test "bash: programs after --" {
	run -0 bash_offers 'usock connect localhost 80 -- bas' usock connect localhost 80 -- bas
	has bash
}

@test "bash: it is registered for usock" {
	run -0 bash -c 'source "$USOCK_SOURCE/completions/usock.bash"; complete -p usock'
	[ "$output" = 'complete -F _usock usock' ]
}

@test "zsh: commands, options, values, files" {
	need zsh
	run -0 zsh_offers usock con
	has connect
	run -0 zsh_offers usock connect --conn
	has --connect-timeout
	run -0 zsh_offers usock connect -o TCP_NOD
	has TCP_NODELAY=
	run -0 zsh_offers usock connect --events ''
	has FILES
	run -0 zsh_offers usock connect ''
	has HOSTS
	run -0 zsh_offers usock connect localhost 80 -- ''
	has COMMANDS
}

# Types LINE and a tab in a zsh with the styles of the system, and prints the line that it becomes.
zsh_completes() { # LINE
	timeout 60 zsh -f -c '
		zmodload zsh/zpty
		zpty z env ZDOTDIR=$PWD TERM=vt100 zsh -i
		zpty -w z "PS1=; unsetopt beep; autoload -U compinit"
		zpty -w z "fpath=(\$USOCK_SOURCE/completions \$fpath); compinit -u -d ./dump"
		zpty -w z "shown() { print -r -- \"<\$*>\" }; unset zle_bracketed_paste; echo REA\"\"DY"
		zpty -r z out "*READY*" || exit 1
		zpty -w -n z "$1"$'"'\t'"'
		# the shell itself prints what the line has become
		zpty -w -n z $'"'\C-ashown \C-e\n'"'
		zpty -r z out "*<*>*" || exit 1
		print -r -- ${${out##*<}%%>*}
	' zsh "$1"
}

@test "zsh: in a real terminal, the tab key completes a command, an option and a value" {
	need zsh
	zsh -f -c 'zmodload zsh/zpty' || fail "zsh has no zpty"
	: >.zshrc
	run -0 zsh_completes 'usock co'
	[ "$output" = 'usock connect' ]
	run -0 zsh_completes 'usock connect --connect-t'
	[ "$output" = 'usock connect --connect-timeout' ]
	run -0 zsh_completes 'usock status --state listen,est'
	[ "$output" = 'usock status --state listen,established' ]
	mkdir .ssh
	echo 'box.example.test ssh-ed25519 AAAA' >.ssh/known_hosts
	HOME=$PWD run -0 zsh_completes 'usock connect box'
	[ "$output" = 'usock connect box.example.test' ]
}

@test "hosts: those of ssh, too" {
	mkdir -p home/.ssh
	printf 'one.test,[two.test]:2222 ssh-ed25519 AAAA\n|1|a=|b= ssh-rsa AAAA\n' >home/.ssh/known_hosts
	printf 'Host box *.test\n\tHostname box.test\n' >home/.ssh/config
	HOME=$PWD/home run -0 complete_words connect ''
	for word in one.test two.test box box.test :host; do
		has "$word"
	done
	has_not '|1|a=|b='
	[ "$(HOME=$PWD/home bash_offers 'usock connect tw' usock connect tw)" = two.test ]
}

@test "ports: services after a host, after its colon, and in a list" {
	need_services
	run -0 complete_words connect localhost htt
	has http
	run -0 complete_words connect localhost:htt
	has localhost:http
	run -0 complete_words listen 127.0.0.1 domai
	has domain
	run -0 complete_words status --port 22,htt
	has 22,http
	run -0 complete_words connect localhost:80 htt
	has_not http
}

@test "status offers the control sockets of running servers" {
	usock_listens server -k --discard --control "$PWD/control"
	run -0 complete_words status ''
	has "$PWD/control"
	has :host
}

@test "fish: commands, options, values" {
	need fish
	run -0 fish_offers 'usock con'
	has connect
	run -0 fish_offers 'usock connect --conn'
	has --connect-timeout
	run -0 fish_offers 'usock connect --interface=l'
	has --interface=lo
	touch some-file
	run -0 fish_offers 'usock connect --hexdump=some'
	has --hexdump=some-file
	run -0 fish_offers 'usock connect unix:./some'
	has unix:./some-file
	run -0 fish_offers 'usock connect localhost 80 -- bas'
	has bash
}
