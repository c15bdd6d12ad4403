# tclref.tcl ?-reuse? FILE...: runs scripts between lines of "%%" in tclsh, and prints the outcome in the format of
# tclrun. Each has an interpreter of its own; with -reuse, which is faster, all share one, cleaned after each.
encoding system iso8859-1
fconfigure stdout -encoding iso8859-1 -translation lf -buffering full
fconfigure stderr -encoding iso8859-1 -translation lf

proc new {} {
	interp create x
	set ::globals [x eval {info globals}]
	set ::procs [x eval {info procs}]
}

proc sweep {} {
	foreach name [x eval {info procs}] {
		if {$name ni $::procs} {
			x eval [list rename $name {}]
		}
	}
	foreach name [x eval {info globals}] {
		if {$name ni $::globals} {
			x eval [list unset ::$name]
		}
	}
}

proc run {number script} {
	x eval [list set __s $script]
	x eval [list set __n $number]
	x eval {
		puts "#$__n"
		set __c [catch $__s __m __o]
		puts "= $__c\n$__m"
		if {$__c == 1} {
			puts "[dict get $__o -errorcode]\n[dict get $__o -errorline]\n[dict get $__o -errorinfo]"
		}
	}
}

set reuse [expr {[lindex $argv 0] eq "-reuse"}]
foreach file [lrange $argv $reuse end] {
	set f [open $file]
	fconfigure $f -encoding iso8859-1 -translation lf
	set text [read $f]
	close $f
	set number 0
	set start 0
	new
	while 1 {
		set end [string first "\n%%\n" $text $start]
		if {$end == -1} {
			run [incr number] [string range $text $start end]
			break
		}
		run [incr number] [string range $text $start $end-1]
		set start [expr {$end + 4}]
		if {$reuse} {
			sweep
		} else {
			interp delete x
			new
		}
	}
	interp delete x
}
