# Help on a terminal: what is longer than the screen goes through a pager.

load ../lib/common
load ../lib/tmux

pager='export PAGER="sed -n \"s/^usage/paged usage/p\""'

@test "long help goes through PAGER, USOCK_PAGER comes first, and short help is printed" {
	preparation=$pager in_terminal connect --help
	shows '^paged usage: usock connect '
	shows '^status=0'
	end_terminal
	preparation=$pager in_terminal help listen
	shows '^paged usage: usock listen '
	end_terminal
	preparation="$pager USOCK_PAGER='sed -n s/^usage/ours/p'" in_terminal socat -h
	shows '^ours: usock socat '
	end_terminal
	preparation=$pager in_terminal help --help
	shows '^usage: usock help '
	run ! screen_matches paged
}

@test "help is not paged where no pager is wanted, and never lost where it does not run" {
	local how
	mkdir bin
	ln -s "$(command -v env)" "$(command -v stty)" "$(command -v cat)" bin
	for how in 'export PAGER=' 'export PAGER=cat USOCK_PAGER=' 'export PAGER=/no/such/pager' "unset PAGER; PATH=$PWD/bin"; do
		preparation=$how in_terminal connect --help
		shows '^status=0'
		tm capture-pane -p -S - >lines
		says lines '^usage: usock connect '
		says lines '^  usock connect .*# '
		end_terminal
	done
}

@test "help is not paged on a dumb terminal" {
	preparation="$pager; export TERM=dumb" term=dumb in_terminal connect --help
	shows '^status=0'
	run ! screen_matches paged
}

@test "a pager that leaves early is no failure, and keys that end a program are for the pager" {
	preparation='export PAGER="sh -c \"head -n 1; exec sleep 0.1\""' in_terminal listen --help
	shows '^status=0'
	end_terminal
	preparation="export PAGER='sh -c \"trap \\\"echo asked; exit\\\" INT; echo here; read -r key </dev/tty\"'" in_terminal listen --help
	shows '^here'
	types C-c
	shows 'asked$'
	shows '^status=0'
}

@test "help that is no terminal's is never paged" {
	PAGER=false USOCK_PAGER=false usock connect --help >out
	says out '^usage: usock connect '
}
