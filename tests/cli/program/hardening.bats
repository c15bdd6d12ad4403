# What the compiler and the linker were asked for is in the files.

load ../lib/common

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	pids=()
	need readelf
	grep -q '^USOCK_HARDEN:BOOL=ON' "$USOCK_BUILD/CMakeCache.txt" || skip "this build is not hardened, as those with sanitizers"
}

elf_files() {
	echo "$USOCK_BUILD/usock"
	compgen -G "$USOCK_BUILD/usock-*.so"
}

@test "position-independent, relocations read-only and resolved at start, no executable stack" {
	local file
	while read -r file; do
		[[ $(readelf -hW "$file") == *"DYN ("* ]] || fail "$file: not position-independent"
		[[ $(readelf -lW "$file") == *GNU_RELRO* ]] || fail "$file: no RELRO"
		[[ $(readelf -dW "$file") == *"NOW"* ]] || fail "$file: bound when called"
		readelf -lW "$file" | grep GNU_STACK | grep -q -v RWE || fail "$file: executable stack"
	done < <(elf_files)
}

@test "stack protector, and fortified functions of libc" {
	local symbols
	symbols=$(readelf -sW "$USOCK_BUILD/usock")
	[[ $symbols == *__stack_chk_fail* ]]
	# musl has none
	! ldd "$USOCK_BUILD/usock" | grep -q 'libc\.so\.6' || [[ $symbols == *_chk@* ]]
}

@test "marked for CET where the compiler is" {
	local file flags
	[ "$(uname -m)" = x86_64 ] || skip "CET is of x86-64"
	read -r -a flags < <(sed -n 's/^CMAKE_EXE_LINKER_FLAGS:STRING=//p' "$USOCK_BUILD/CMakeCache.txt")
	echo 'int main(void) { return 0; }' | cc -fcf-protection -x c - "${flags[@]}" -o "$BATS_TEST_TMPDIR/plain" 2>/dev/null ||
		skip "the compiler does not know it"
	readelf -nW "$BATS_TEST_TMPDIR/plain" | grep -q IBT || skip "libc is not built for it, or the linker leaves the mark out"
	while read -r file; do
		readelf -nW "$file" | grep -q 'IBT, SHSTK' || fail "$file: not marked for CET"
	done < <(elf_files)
}
