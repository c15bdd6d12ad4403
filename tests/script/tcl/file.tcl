set f [open a w]; puts $f "one\ntwo"; puts -nonewline $f three; close $f; set f [open a]; list [gets $f x] $x [eof $f] [gets $f x] $x [gets $f x] $x [eof $f] [gets $f x] $x [eof $f] [close $f]
%%
open nosuch
%%
open nosuch r+
%%
open nosuch q
%%
open nosuch rw
%%
open nosuch {RDONLY FOO}
%%
open nosuch {CREAT TRUNC}
%%
open nosuch RDONLY
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
gets nosuch
%%
read nosuch
%%
eof nosuch
%%
puts nosuch x
%%
flush nosuch
%%
set f [open b w]; catch {gets $f} m o; close $f; string map [list $f F] $m
%%
set f [open b w]; catch {read $f} m o; close $f; list [string map [list $f F] $m] [dict get $o -errorcode]
%%
set f [open b w]; puts $f hi; close $f; set f [open b]; catch {puts $f x} m o; close $f; list [string map [list $f F] $m] [dict get $o -errorcode]
%%
set f [open c w]; puts $f 0123456789; close $f; set f [open c r+]; seek $f 3; set a [read $f 2]; set t [tell $f]; seek $f 0 end; puts -nonewline $f xyz; seek $f -2 current; set b [read $f]; close $f; set f [open c]; list $a $t $b [read $f] [close $f]
%%
set f [open d w]; puts $f a; close $f; set f [open d a]; puts $f b; close $f; set f [open d a+]; puts $f c; seek $f 0; set r [read $f]; close $f; set r
%%
set f [open e w+]; puts $f "x y"; seek $f 0; list [gets $f] [eof $f] [gets $f] [eof $f] [close $f]
%%
set f [open g w]; fconfigure $f -translation crlf; puts $f "a\nb"; close $f; set f [open g rb]; set r [read $f]; close $f; binary encode hex $r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb\rc\nd\r"; close $f; set f [open g]; set r [read $f]; close $f; binary encode hex $r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb\rc\nd\r\n"; close $f; set f [open g]; set r {}; while {[gets $f l] >= 0} {lappend r $l}; close $f; set r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb\rc\nd\r\n"; close $f; set f [open g]; fconfigure $f -translation crlf; set r {}; while {[gets $f l] >= 0} {lappend r [binary encode hex $l]}; close $f; set r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb\rc\nd\r"; close $f; set f [open g]; fconfigure $f -translation cr; set r {}; while {[gets $f l] >= 0} {lappend r [binary encode hex $l]}; close $f; set r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb\rc\nd\r"; close $f; set f [open g]; fconfigure $f -translation lf; set r {}; while {[gets $f l] >= 0} {lappend r [binary encode hex $l]}; close $f; set r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb\rc\nd\r"; close $f; set f [open g]; fconfigure $f -translation crlf; set r [read $f]; close $f; binary encode hex $r
%%
set f [open g wb]; puts -nonewline $f "a\r\nb"; close $f; set f [open g]; set r [list [read $f 2] [read $f 1] [eof $f] [read $f 1] [eof $f]]; close $f; set r
%%
set f [open g w]; puts -nonewline $f "abc\n\n"; close $f; set f [open g]; set r [list [read -nonewline $f]]; close $f; set r
%%
set f [open g w]; puts -nonewline $f "abc"; close $f; set f [open g]; set r [list [read $f 0] [read $f 2] [read $f 5] [read $f 5] [eof $f]]; close $f; set r
%%
set f [open g]; catch {read $f -1} m o; close $f; list $m [dict get $o -errorcode]
%%
set f [open g]; catch {read $f x} m o; close $f; list $m
%%
set f [open h w]; set r [fconfigure $f -translation]; close $f; set f [open h]; lappend r [fconfigure $f -translation]; close $f; set f [open h r+]; lappend r [fconfigure $f -translation]; close $f; set r
%%
set f [open h w]; set r [fconfigure $f -buffering]; fconfigure $f -buffering line; lappend r [fconfigure $f -buffering] [fconfigure $f -blocking] [fconfigure $f -buffersize]; close $f; set r
%%
set f [open h w]; catch {fconfigure $f -foo} m; catch {fconfigure $f -buffering x} n; catch {fconfigure $f -translation x} o; catch {fconfigure $f -blocking x} p; close $f; list $n $o $p
%%
set f [open h w]; set r [fconfigure $f]; close $f; set f [open h]; lappend r [fconfigure $f]; close $f; set r
%%
set f [open h wb]; set r [list [fconfigure $f -encoding] [fconfigure $f -translation]]; close $f; set r
%%
set f [open h w]; fconfigure $f -translation binary; set r [list [fconfigure $f -encoding] [fconfigure $f -translation]]; close $f; set r
%%
set f [open h w]; fconfigure $f -buffering line; puts $f abc; set r [file size h]; puts -nonewline $f de; lappend r [file size h]; flush $f; lappend r [file size h]; close $f; set r
%%
set f [open h w]; puts $f abc; set r [tell $f]; seek $f 1; lappend r [tell $f]; puts -nonewline $f X; close $f; set f [open h]; lappend r [read $f]; close $f; set r
%%
set f [open h w]; catch {seek $f x} m; catch {seek $f 0 foo} n; catch {seek $f -5} o; close $f; list $m $n [string map [list $f F] $o]
%%
set f [open h {WRONLY CREAT EXCL}]
%%
set f [open new {WRONLY CREAT EXCL}]; puts $f hi; close $f; file size new
%%
set f [open new {RDWR APPEND}]; puts $f you; seek $f 0; set r [read $f]; close $f; set r
%%
set f [open h w]; chan puts $f "via chan"; chan close $f; set f [open h]; set r [list [chan gets $f] [chan eof $f] [chan read $f] [chan eof $f]]; chan seek $f 0; lappend r [chan tell $f] [chan configure $f -translation]; chan close $f; set r
%%
set f [open bytes wb]; for {set i 0} {$i < 256} {incr i} {puts -nonewline $f [binary format c $i]}; close $f; set f [open bytes rb]; set r [read $f]; close $f; list [string length $r] [binary encode hex $r]
%%
set f [open big w]; for {set i 0} {$i < 5000} {incr i} {puts $f "line $i"}; close $f; set f [open big]; set n 0; while {[gets $f l] >= 0} {incr n [string length $l]}; close $f; list $n [file size big]
%%
file exists nosuch
%%
set f [open x w]; close $f; list [file exists x] [file isfile x] [file isdirectory x] [file size x] [file readable x] [file type x]
%%
list [file exists .] [file isdirectory .] [file isfile .] [file type .]
%%
file size nosuch
%%
file mtime nosuch
%%
file type nosuch
%%
file readlink nosuch
%%
file foo
%%
file
%%
file exists
%%
file exists a b
%%
foreach p {a a/b /a / a/ /a/ a//b {} . .. ./a ../a a/b/ //a a/b/c /a/b} {puts [list $p [file tail $p] [file dirname $p] [file rootname $p] [file extension $p] [file split $p] [file pathtype $p]]}
%%
foreach p {a.b a.b.c a. .bashrc a/.b a.b/c a.b/c.d a..b / {}} {puts [list $p [file rootname $p] [file extension $p] [file tail $p]]}
%%
foreach l {{a b} {a /b} {a b/} {/ a} {a {} b} {a//b c} {a} {/} {{} a} {a / b} {a ./b} {. a} {/a/ /b/ c}} {puts [list $l [file join {*}$l]]}
%%
foreach p {/a/b /a/./b /a/../b /a/b/.. /../a / /a//b /..} {puts [list $p [file normalize $p]]}
%%
expr {[file normalize a] eq [file join [pwd] a]}
%%
expr {[file normalize {}] eq {}}
%%
file mkdir d1/d2/d3; list [file isdirectory d1] [file isdirectory d1/d2/d3]
%%
file mkdir; file mkdir d1; file mkdir d1/d2/; file isdirectory d1/d2
%%
set f [open plain w]; close $f; file mkdir plain
%%
file mkdir plain/x
%%
file delete d1
%%
file delete -force d1; file exists d1
%%
file delete nosuch; file delete; file delete -force -- nosuch
%%
file delete -foo x
%%
file mkdir t; set f [open t/a w]; puts $f A; close $f; file copy t/a t/b; set f [open t/b]; list [read $f] [close $f]
%%
file copy t/a t/b
%%
file copy -force t/a t/b; file exists t/b
%%
file copy nosuch t
%%
file rename nosuch t
%%
file rename t/a t/b
%%
file rename t/b t/c; list [file exists t/b] [file exists t/c]
%%
file mkdir u; file rename t/c u; list [file exists t/c] [file exists u/c]
%%
file copy t u; list [file isdirectory u/t] [file exists u/t/a]
%%
file copy a
%%
file rename a
%%
file copy t/a u/c nosuchdir
%%
set f [open g1.txt w]; close $f; set f [open g2.txt w]; close $f; set f [open .hid w]; close $f; lsort [glob g*.txt]
%%
lsort [glob -nocomplain {{g1,g2}.txt}]
%%
lsort [glob g?.txt .h*]
%%
glob nosuch*
%%
glob nosuch* other*
%%
glob -nocomplain nosuch*
%%
lsort [glob -directory u *]
%%
lsort [glob -directory u -tails *]
%%
lsort [glob -types d u/* t]
%%
lsort [glob -types f u/* g*.txt]
%%
glob
%%
lsort [glob */a]
%%
glob -tails x
%%
glob "{a"
%%
glob g1.txt
%%
lsort [glob -join u *]
%%
exec ln -s g1.txt lnk; list [file type lnk] [file readlink lnk] [file exists lnk] [file isfile lnk]
%%
set h [pwd]; cd u; set r [glob *]; cd $h; lsort $r
%%
cd nosuch
%%
cd a b
%%
pwd x
%%
set f [open out w]; puts $f one; puts stderr-less x
%%
set f [open out w]; puts $f a b
%%
chan foo x
%%
chan
%%
chan gets
%%
foreach f [glob -nocomplain *] {file delete -force $f}; glob -nocomplain *
