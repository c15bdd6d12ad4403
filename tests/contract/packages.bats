# What is installed, and what packaging/ says about it, agree.

load ../cli/lib/common

start_fast

setup_file() {
	command -v cmake >/dev/null || return 0
	cd "$BATS_FILE_TMPDIR"
	local component
	for component in "${components[@]}"; do
		DESTDIR=$PWD/$component cmake --install "$USOCK_BUILD" --prefix /usr --component "$component" >log || cat log >&2
	done
	DESTDIR=$PWD/all cmake --install "$USOCK_BUILD" --prefix /usr >log || cat log >&2
}

# Of cmake/Install.cmake; they are packages, but for the license.
components=(usock usock-tls usock-shell usock-doc license)

setup() {
	need cmake
	cd "$BATS_FILE_TMPDIR" || return
	exec </dev/null
	pids=()
}

files_of() { # COMPONENT...
	local component
	for component; do
		[ ! -e "$component" ] || (cd "$component" && find . -type f)
	done | sort
}

version() {
	sed -n -E 's/^project\(usock VERSION ([0-9.]+).*/\1/p' "$USOCK_SOURCE/CMakeLists.txt"
}

@test "each file that is installed is in one package" {
	[ "$(files_of all | wc -l)" -gt 20 ]
	diff <(files_of all) <(files_of "${components[@]}")
}

# With the generator that stops before it makes an archive.
@test "CPack has the files of each package" {
	local component
	need cpack
	cpack --config "$USOCK_BUILD/CPackConfig.cmake" -G External -D CPACK_EXTERNAL_ENABLE_STAGING=ON -D CPACK_STRIP_FILES=OFF \
		-B "$PWD/cpack" >log || fail "$(cat log)"
	for component in "${components[@]}"; do
		[ ! -e "$component" ] || diff <(cd "$component/usr" && find . | sort) \
			<(cd cpack/_CPack_Packages/*/External/*/"$component" && find . | sort) || fail "< in $component, > of CPack"
	done
}

@test "modules are in the packages that the messages name" {
	local name
	for name in tls:usock-tls prompt:usock-shell regex:usock idn:usock; do
		[ ! -e "$USOCK_BUILD/usock-${name%:*}.so" ] ||
			[ -n "$(find "${name#*:}" -name "usock-${name%:*}.so")" ] || fail "usock-${name%:*}.so is not in ${name#*:}"
	done
}

@test "Debian's packages are the components" {
	diff <(printf '%s\n' "${components[@]}" | grep -v license | sort) \
		<(sed -n 's/^Package: //p' "$USOCK_SOURCE/packaging/debian/control" | sort)
}

# Prints the files that the spec names for a package, as patterns.
spec_files() { # PACKAGE
	local section=files
	[ "$1" = usock ] || section="files ${1#usock-}"
	awk -v section="%$section" '/^%/ && !/^%(dir|doc|license|\{)/ { on = ($0 == section); next } on && NF { print $NF }' \
		"$USOCK_SOURCE/packaging/rpm/usock.spec" |
		sed "s,%{_bindir},./usr/bin,; s,%{_libdir},./usr/*,; s,%{_mandir},./usr/share/man,; s,%{_docdir},./usr/share/doc,
			s,%{_datadir},./usr/share,; s,%{name},usock,"
}

@test "the RPM spec has the files of each package" {
	local package pattern file found missing
	need_modules tls prompt regex idn
	for package in usock usock-tls usock-shell usock-doc; do
		# the manual as HTML is made by builds of packages
		mapfile -t patterns < <(spec_files "$package" | grep -v -x -F -e LICENSE -e './usr/*/usock' -e ./usr/share/doc/usock/html)
		[ "${#patterns[@]}" -gt 0 ]
		missing=
		while read -r file; do
			found=
			for pattern in "${patterns[@]}"; do
				# shellcheck disable=SC2053 # patterns
				[[ $file != $pattern && $file != $pattern/* ]] || found=yes
			done
			[ -n "$found" ] || missing+="$file "
		done < <(files_of "$package")
		[ -z "$missing" ] || fail "the spec does not have, for $package: $missing"
		for pattern in "${patterns[@]}"; do
			(cd "$package" && compgen -G "$pattern" >/dev/null) || fail "$package has no $pattern"
		done
	done
}

need_modules() { # NAME...
	local name
	for name; do
		[ -e "$USOCK_BUILD/usock-$name.so" ] || skip "usock-$name.so was not built"
	done
}

@test "every package has the version of the program" {
	local version
	version=$(version)
	[ -n "$version" ]
	cd "$USOCK_SOURCE/packaging"
	grep -q -x -F "pkgver=$version" arch/PKGBUILD
	grep -q -x -F "pkgver=$version" alpine/APKBUILD
	grep -q -x -E "Version: +${version//./\\.}" rpm/usock.spec
	grep -q -F "/usock-$version.tar.gz" homebrew/usock.rb
	[[ $(head -n 1 debian/changelog) == "usock ($version-"* ]]
	[ "$("$USOCK" --version | head -n 1)" = "usock $version" ]
}

@test "set-version sets the version of all" {
	cp -r "$USOCK_SOURCE/packaging" "$USOCK_SOURCE/CMakeLists.txt" "$BATS_TEST_TMPDIR"
	cd "$BATS_TEST_TMPDIR"
	packaging/set-version 98.76.5
	[ "$(grep -r -l -F 98.76.5 . | sort | tr '\n' ' ')" = "./CMakeLists.txt ./packaging/alpine/APKBUILD ./packaging/arch/PKGBUILD \
./packaging/debian/changelog ./packaging/homebrew/usock.rb ./packaging/rpm/usock.spec " ]
	[[ $(head -n 1 packaging/debian/changelog) == 'usock (98.76.5-0usock1) '* ]]
}

@test "the least version of CMake is one" {
	[ "$(cat "$USOCK_SOURCE"/CMakeLists.txt "$USOCK_SOURCE"/src/*/CMakeLists.txt | grep -c '^cmake_minimum_required')" = 2 ]
	[ "$(cat "$USOCK_SOURCE"/CMakeLists.txt "$USOCK_SOURCE"/src/*/CMakeLists.txt | grep '^cmake_minimum_required' | uniq | wc -l)" = 1 ]
	run ! grep -q cmakeMinimumRequired "$USOCK_SOURCE/CMakePresets.json"
}

@test "what a build on Linux leaves out compiles" {
	local file
	need cc
	cd "$USOCK_SOURCE"
	for file in src/base/confine_none.c src/base/module_static.c src/loop/loop_poll.c src/net/ktls/ktls_none.c \
		src/net/netns/netns_none.c src/net/tty/tty_speed_none.c src/relay/copy/copier_none.c src/script/coroutine/coroutine_stack_thread.c \
		src/status/table_none.c src/stream/tls_none.c; do
		cc -std=c11 -fsyntax-only -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror \
			-D_GNU_SOURCE -DUSOCK_LOOP='"poll"' -DUSOCK_VERSION='"0"' -I src "$file"
	done
}
