# What `cmake --install` puts in place, wherever that is.
#
# shellcheck disable=SC2034 # pids is of lib

load ../lib/common

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	need cmake
	DESTDIR=$PWD/root cmake --install "$USOCK_BUILD" --prefix /moved >install.log
	tree=$PWD/root/moved
	pids=()
}

@test "an installed tree works where it is, with its modules" {
	[ -x "$tree/bin/usock" ]
	[ "$("$tree/bin/usock" --version)" = "$("$USOCK" --version)" ]
	[ "$("$tree/bin/usock" -c 'puts [regexp {^a+$} aaa]')" = 1 ]
	mv "$tree" elsewhere
	[ "$(elsewhere/bin/usock --version)" = "$("$USOCK" --version)" ]
	run -1 elsewhere/bin/usock connect --tls 127.0.0.1 1
	[[ $output == *"Connection refused"* ]]
}

@test "manual pages, completions and examples are in it" {
	local page
	for page in usock.1 usock-connect.1 usock-listen.1 usock-script.7; do
		[ -s "$(find "$tree" -name "$page")" ]
	done
	[ -s "$tree/share/bash-completion/completions/usock" ]
	[ -s "$tree/share/zsh/site-functions/_usock" ]
	[ -s "$tree/share/fish/vendor_completions.d/usock.fish" ]
	"$tree/bin/usock" run --help >/dev/null
	for page in "$tree"/share/doc/usock/examples/*.us; do
		[ -s "$page" ]
	done
}
