# Completion of usock for fish. usock itself knows what could follow; this asks it.

function __usock_complete
	set -l words (commandline -opc)
	set -l word (commandline -ct)
	set -l before (string match -r -- '^(?:--[^=]*=)?(?:unix:)?' $word)
	set -l value (string replace -r -- '^(--[^=]*=)?(unix:)?' '' $word)

	for line in ($words[1] __complete $words[2..-1] "$word" 2>/dev/null)
		switch $line
			case :file
				printf "$before%s\n" (__fish_complete_path "$value")
			case :host
				printf "$before%s\n" (__fish_print_hostnames)
			case :command
				complete -C "$value"
			case '*'
				echo $line
		end
	end
end

complete -c usock -f -a '(__usock_complete)'
