# The table of socket options has each option of the kernel's headers, or refuses it with a reason.
#
# shellcheck shell=bash

load ../cli/lib/common

newest=$(((6 << 16) + (13 << 8))) # the table has what kernels before this one have: 6.13

# Prints the options of some headers, without the constants for their values.
header_options() { # PREFIXES HEADER...
	local header
	for header in "${@:2}"; do
		echo "#include <$header>"
	done | ${CC:-cc} -E -dM - | sed -n -E "s/^#define ((SO|$1)_[A-Z0-9_]+) +[0-9]+.*/\\1/p" | sort -u |
		grep -v -E -e '_(OLD|NEW)$' -e '^SO_TIMESTAMP[A-Z]*_' -e '^(SO_)?VM_SOCKETS' \
			-e '^(IP|IPV6)_PMTUDISC_' -e '^IP_(DEFAULT_|ORIGDSTADDR)' -e '^IPV6_ORIGDSTADDR' -e '^MCAST_(EX|IN)CLUDE' \
			-e '^IPV6_(FL_|FLOWINFO_(FLOWLABEL|PRIORITY)|PRIORITY_|TLV_|PREFER_SRC_)' \
			-e '^TCP_(MSS_|REPAIR_O[NF]|MD5SIG_|AO_(MAXKEYLEN|KEYF_)|RECEIVE_ZEROCOPY_)' -e '^UDP_ENCAP_'
}

@test "every option of the headers is in the table, or refused with a reason" {
	local name known missing=() version
	need "${CC:-cc}"
	version=$(echo '#include <linux/version.h>' | ${CC:-cc} -E -dM - | sed -n 's/^#define LINUX_VERSION_CODE //p')
	[ "$version" -lt "$newest" ] || skip "the headers are newer than the table"
	known=$(usock help sockopt)
	{
		header_options SO asm/socket.h
		header_options 'IP|MCAST' linux/in.h
		header_options IPV6 linux/in6.h
		header_options TCP linux/tcp.h
		header_options UDP linux/udp.h
	} >names
	[ "$(wc -l <names)" -gt 150 ]
	while read -r name; do
		grep -q -w -e "$name" <<<"$known" && continue
		run --separate-stderr usock connect -o "$name=1" 127.0.0.1 1
		[[ $status = 2 && $stderr == *"cannot be set by name: "* ]] || missing+=("$name")
	done <names
	[ ${#missing[@]} = 0 ] || fail "neither in the table nor refused: ${missing[*]}"
}
