# tclref.tcl FILE...: what tclsh makes of scripts between lines of "%%", in the form in which tclrun shows it.
encoding system iso8859-1
fconfigure stdout -encoding iso8859-1 -translation lf -buffering full
fconfigure stderr -encoding iso8859-1 -translation lf
foreach file $argv {
	set f [open $file]
	fconfigure $f -encoding iso8859-1 -translation lf
	set text [read $f]
	close $f
	set number 0
	while 1 {
		set end [string first "\n%%\n" $text]
		if {$end == -1} {
			set script $text
		} else {
			set script [string range $text 0 $end-1]
		}
		interp create x
		x eval [list set __s $script]
		x eval [list set __n [incr number]]
		x eval {
			puts "#$__n"
			set __c [catch $__s __m __o]
			puts "= $__c\n$__m"
			if {$__c == 1} {
				puts "[dict get $__o -errorcode]\n[dict get $__o -errorline]\n[dict get $__o -errorinfo]"
			}
		}
		interp delete x
		if {$end == -1} {
			break
		}
		set text [string range $text $end+4 end]
	}
}
