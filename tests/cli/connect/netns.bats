#!/usr/bin/env bats
# --netns: connect, listen and sendto in another network namespace

load ../lib/common

# Makes a namespace, whose path is $space, for as long as the test runs.
make_space() {
	unshare -n true 2>/dev/null || skip "no network namespaces"
	mkfifo hold
	from=hold start space unshare -n sh -c 'ip link set lo up && echo ready && exec cat'
	space=/proc/$pid/ns/net
	exec 7>hold
	eventually has_line space.out '^ready$'
}

@test "connect, sendto and listen meet in a namespace, where nobody else is met" {
	make_space
	start server "$USOCK" listen --netns "$space" --ready-file ready 127.0.0.1 0
	server=$pid
	eventually test -s ready
	run -1 usock connect --timeout 5 "$(cat ready)"
	[[ $output = *": Connection refused"* ]]
	usock connect --netns "$space" "$(cat ready)" <<<hello
	finish "$server"
	[ "$status" = 0 ]
	[ "$(cat server.out)" = hello ]

	start server "$USOCK" listen -u --netns "$space" --ready-file ready2 --max-bytes 3 127.0.0.1 0
	server=$pid
	eventually test -s ready2
	usock sendto --netns "$space" "$(cat ready2)" abc
	finish "$server"
	[ "$(cat server.out)" = abc ]
}

@test "a namespace that is not there is an error of its own, before anything is opened" {
	run -8 usock listen --netns nosuch unix:here
	[ "$output" = "usock: open /run/netns/nosuch: No such file or directory" ]
	[ ! -e here ]
	run -8 usock sendto --netns nosuch 127.0.0.1 9 x
	run -8 usock connect --netns nosuch 127.0.0.1 9
}
