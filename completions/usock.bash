# Completion of usock for bash. usock itself knows what could follow; this asks it.

# Puts the words up to the cursor into the caller's array words. bash cuts words at
# = and : too; pieces without a blank between are one word again.
_usock_words() {
	local n gap piece blanks=$' \t' rest=$COMP_LINE

	for ((n = 0; n <= COMP_CWORD; n++)); do
		piece=${COMP_WORDS[n]}
		gap=${rest%%[!"$blanks"]*}
		rest=${rest#"$gap"}
		rest=${rest#"$piece"}
		if [[ $n -eq 0 || -n $gap ]]; then
			words+=("$piece")
		else
			words[${#words[@]}-1]+=$piece
		fi
	done
}

# The part of the word that bash leaves alone: up to the last character where it cuts.
_usock_kept() { # WORD
	local breaks=${COMP_WORDBREAKS//[!=:]/}

	[[ -n $breaks && $1 == *["$breaks"]* ]] && printf '%s' "${1%"${1##*["$breaks"]}"}"
}

# Adds lines to the caller's array found.
_usock_take() {
	local line

	while IFS= read -r line; do
		found+=("$line")
	done
}

_usock() {
	local word before value line
	local -a words=() found=()

	_usock_words
	word=${words[${#words[@]}-1]}
	value=$word
	[[ $value == --*=* ]] && value=${value#*=}
	value=${value#unix:}
	before=${word%"$value"}
	while IFS= read -r line; do
		case $line in
		:file)
			compopt -o filenames 2>/dev/null
			_usock_take < <(compgen -P "$before" -f -- "$value")
			;;
		:host) _usock_take < <(compgen -P "$before" -A hostname -- "$value") ;;
		:command) _usock_take < <(compgen -c -- "$value") ;;
		*)
			found+=("${line%%$'\t'*}")
			[[ $line == *=$'\t'* ]] && compopt -o nospace 2>/dev/null
			;;
		esac
	done < <("${1:-usock}" __complete "${words[@]:1}" 2>/dev/null)
	before=$(_usock_kept "$word")
	COMPREPLY=("${found[@]#"$before"}")
}

complete -F _usock usock
