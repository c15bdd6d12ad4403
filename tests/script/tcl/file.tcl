set f [open a w]; puts $f "one\ntwo"; puts -nonewline $f three; close $f; set f [open a]; list [gets $f x] $x [eof $f] [gets $f x] $x [gets $f x] $x [eof $f] [gets $f x] $x [eof $f] [close $f]
%%
open nosuch
%%
open . w
%%
open
%%
open a b c d
%%
close nosuch
%%
close
%%
puts nosuch x
%%
set f [open b w]; catch {read $f} m o; close $f; list [string map [list $f F] $m] [dict get $o -errorcode]
%%
set f [open b w]; puts $f hi; close $f; set f [open b]; catch {puts $f x} m o; close $f; list [string map [list $f F] $m] [dict get $o -errorcode]
%%
set f [open g wb]; puts -nonewline $f "a\r\nb\rc\nd\r\n"; close $f; set f [open g]; set r {}; while {[gets $f l] >= 0} {lappend r $l}; close $f; set r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb"; close $f; set f [open g]; set r [list [read $f 2] [read $f 1] [eof $f] [read $f 1] [eof $f]]; close $f; set r
%%
set f [open g w]; puts -nonewline $f "abc\n\n"; close $f; set f [open g]; set r [list [read -nonewline $f]]; close $f; set r
%%
set f [open g w]; puts -nonewline $f "abc"; close $f; set f [open g]; set r [list [read $f 0] [read $f 2] [read $f 5] [read $f 5] [eof $f]]; close $f; set r
%%
set f [open g]; catch {read $f -1} m o; close $f; list $m [dict get $o -errorcode]
%%
set f [open bytes wb]; for {set i 0} {$i < 256} {incr i} {puts -nonewline $f [binary format c $i]}; close $f; set f [open bytes rb]; set r [read $f]; close $f; list [string length $r] [binary encode hex $r]
%%
set f [open big w]; for {set i 0} {$i < 5000} {incr i} {puts $f "line $i"}; close $f; set f [open big]; set n 0; while {[gets $f l] >= 0} {incr n [string length $l]}; close $f; list $n [file size big]
%%
file exists nosuch
%%
file size nosuch
%%
file foo
%%
file
%%
set f [open plain w]; close $f; file mkdir plain
%%
file mkdir plain/x
%%
file delete d1
%%
file delete -foo x
%%
file rename nosuch t
%%
file rename a
%%
set f [open e wb]; puts -nonewline $f "a\r\nb\rc\n\0\xff"; close $f; set f [open e]; fconfigure $f -translation binary; set r [read $f]; close $f; binary encode hex $r
%%
fconfigure stdout -translation binary; fconfigure stderr -translation binary
%%
fconfigure nosuch -translation binary
%%
set f [open e ab]; puts $f one; close $f; set f [open e a]; puts $f two; close $f; set f [open e]; set r [read $f]; close $f; set r
%%
set f [open e w]; puts $f x; set r [file size e]; flush $f; lappend r [file size e]; puts -nonewline $f [string repeat x 5000]; lappend r [expr {[file size e] > 4000}]; close $f; lappend r [file size e]
%%
set f [open e2 w 0600]; close $f; file size e2
%%
open e2 w x
%%
set r {}; foreach p {a a/b /a/b.c / // a/ a/.b a.b/c a.b.c. {} ./x ../y. a//b} {lappend r [file tail $p] [file dirname $p] [file extension $p]}; set r
%%
file mkdir d/e; set f [open d/e/x w]; close $f; file rename d/e/x d; list [file exists d/e/x] [file exists d/x] [catch {file rename d/x d/e/x}] [file exists d/e/x]
%%
file mkdir d2/e; set r [catch {file delete d2} m]; file delete d2/e d2; list $r $m [file exists d2]
%%
set f [open r1 w]; close $f; set f [open r2 w]; puts $f x; close $f; set r [catch {file rename r1 r2} m]; file rename -force r2 r1; list $r $m [file exists r2] [file size r1]
