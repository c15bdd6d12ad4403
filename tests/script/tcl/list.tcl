list
%%
list a b c
%%
list {} {a b} "#" "#a" a#b
%%
list "a{b" "a}b" "{a}" "{a" "a\\" "a\\b" "a\nb" "a\tb" "a\"b" "\"ab" "a]b" "a\[b" "a\$b" "a;b"
%%
list "a\\\nb" "\{\}" "\}\{" "a b\\" "]" "\"" "a\x00b c" "\r" "\v" "\f"
%%
list "\\" "\\\\" "a\\{" "\\}" "a{b}c" "a {b}c" "{}" "a{}" "{}a"
%%
list "##" # "a b" "b#" {a#}
%%
set x [list a "b c" d]; set x
%%
llength {a b {c d} e}
%%
llength {}
%%
llength "a \{b c\} d"
%%
llength "a {b"
%%
llength "a \"b"
%%
llength "a {b}c d"
%%
llength "a \"b\"c d"
%%
llength {a "b c" {d e}f}
%%
llength
%%
llength a b
%%
lindex {a b c} 1
%%
lindex {a b c} end
%%
lindex {a b c} end-1
%%
lindex {a b c} end-5
%%
lindex {a b c} 1+1
%%
lindex {a b c} 2-1
%%
lindex {a b c} end+1
%%
lindex {a b c} foo
%%
lindex {a b c} end-foo
%%
lindex {a b c} 1.5
%%
lindex {{a b} {c d}} 1 0
%%
lindex {{a b} {c d}} {1 0}
%%
lindex {{a b} {c d}} {1 foo}
%%
lindex {{a b} {c d}}
%%
lindex {a b c} {}
%%
lindex {a b c} ""
%%
lindex {a b c} " 1"
%%
lindex
%%
lindex "a {b" 0
%%
lindex {a b} -1
%%
lindex {a b} 99999999999
%%
lappend q a b; lappend q {c d}; set q
%%
lappend q
%%
set q "a {b"; lappend q x
%%
set q {a   b}; lappend q; set q
%%
set q {a   b}; lappend q c; set q
%%
lappend
%%
lappend q(1) a; lappend q(1) b; array get q
%%
set q 1; lappend q(1) a
%%
lrange {a b c d e} 1 3
%%
lrange {a b c d e} end-1 end
%%
lrange {a b c d e} -5 1
%%
lrange {a b c d e} 3 1
%%
lrange {a b c d e} 0 99
%%
lrange {a b c} foo 1
%%
lrange {a b c} 0
%%
lrange {a {b c} d} 1 1
%%
lreverse {a b c}
%%
lreverse {}
%%
lreverse
%%
lassign {a b c} x y; list $x $y
%%
lassign {a b c} x y
%%
lassign {a} x y; list $x $y
%%
lassign {} x
%%
lassign
%%
lassign {a b c}
%%
linsert {a b c} 1 x y
%%
linsert {a b c} end x
%%
linsert {a b c} end-1 x
%%
linsert {a b c} -3 x
%%
linsert {a b c} 99 x
%%
linsert {a b c} foo x
%%
linsert {a b c}
%%
linsert {} 0 a b
%%
lreplace {a b c d} 1 2 x
%%
lreplace {a b c d} 1 2
%%
lreplace {a b c d} 2 1 x y
%%
lreplace {a b c d} end end x
%%
lreplace {a b c d} 10 12 x
%%
lreplace {} 0 0 x
%%
lreplace {a b c} foo 1
%%
lreplace {a b c d} -1 0 x
%%
lreplace {a b c}
%%
lrepeat 3 a b
%%
lrepeat 0 a
%%
lrepeat -1 a
%%
lrepeat 3
%%
lrepeat x a
%%
lrepeat
%%
concat a b {c d} { e }
%%
concat
%%
concat {} {a} {} b
%%
concat " a b " "c\\ " d
%%
concat {a {b c}} {d}
%%
concat [list a b] [list c "d e"]
%%
join {a b c} -
%%
join {a b c}
%%
join {a {b c} d} ,
%%
join {} x
%%
join "a {b" x
%%
join
%%
split a,b,c ,
%%
split "a b  c"
%%
split abc {}
%%
split "" x
%%
split "a,b;c" ",;"
%%
split ",a," ,
%%
split "a\nb\tc d"
%%
split
%%
split a b c
%%
lset x 0 a
%%
set x {a b c}; lset x 1 X; set x
%%
set x {a b c}; lset x end X
%%
set x {a b c}; lset x 3 X
%%
set x {a b c}; lset x 4 X
%%
set x {{a b} {c d}}; lset x 1 0 X
%%
set x {{a b} {c d}}; lset x {1 0} X
%%
set x {a b}; lset x {} new
%%
set x {a b}; lset x new
%%
set x {a b}; lset x foo z
%%
set x {a b}; lset x -1 z
%%
set x {a b c}; set y $x; lset x 0 Z; list $x $y
%%
lset
%%
set x "a {b"; lset x 0 z
%%
set x {{a b} {c d}}; lset x 0 5 X
%%
lsort {c a b}
%%
lsort {10 9 2 1}
%%
lsort -integer {10 9 2 1}
%%
lsort -integer {10 a}
%%
lsort -real {1.5 -2 1e3}
%%
lsort -real {x}
%%
lsort -decreasing {a c b}
%%
lsort -dictionary {a10 a9 A1 a1 b}
%%
lsort -dictionary {x10y x9y x009 x9 X9 x}
%%
lsort -dictionary {bigBoy bigbang bigboy}
%%
lsort -unique {c a b a c}
%%
lsort -unique -nocase {a A b B}
%%
lsort -nocase {B a C}
%%
lsort -index 1 {{a 3} {b 1} {c 2}}
%%
lsort -integer -index 1 {{a 3} {b 1} {c 2}}
%%
lsort -index end {{a 3} {b 1} {c 2}}
%%
lsort -index {1 0} {{a {3 x}} {b {1 y}}}
%%
lsort -index 2 {{a b} {c d}}
%%
lsort -indices {c a b}
%%
lsort -stride 2 {c 1 a 2 b 3}
%%
lsort -stride 2 -index 1 {c 3 a 2 b 1}
%%
lsort -stride 3 {a b}
%%
lsort -stride 1 {a b}
%%
lsort -stride 2 -index 2 {a b c d}
%%
lsort -command {apply {{a b} {expr {$a-$b}}}} {3 1 2}
%%
lsort -command {apply {{a b} {return x}}} {3 1 2}
%%
lsort -command {apply {{a b} {error oops}}} {3 1 2}
%%
lsort -command nosuch {3 1 2}
%%
lsort -command
%%
lsort -foo {a b}
%%
lsort -i {a b}
%%
lsort
%%
lsort "a {b"
%%
lsort -ascii {b a} 
%%
lsort -increasing {b a}
%%
lsort {}
%%
lsort -integer {0x10 010 7}
%%
lsort -real {1 2.0 -1.5e0}
%%
lsort -unique -integer {1 01 2}
%%
lsort -index x {{a b}}
%%
lsort -stride x {a b}
%%
lsearch {a b c} b
%%
lsearch {a b c} x
%%
lsearch -exact {a* b c} a*
%%
lsearch -glob {abc b c} a*
%%
lsearch -regexp {abc b c} ^b
%%
lsearch -all {a b a} a
%%
lsearch -inline {abc b} a*
%%
lsearch -all -inline {abc b axx} a*
%%
lsearch -not {a a b} a
%%
lsearch -start 1 {a b a} a
%%
lsearch -start end {a b a} a
%%
lsearch -start 10 {a b a} a
%%
lsearch -integer -exact {1 2 3} 2
%%
lsearch -integer -exact {1 02 3} 2
%%
lsearch -integer -exact {1 x 3} 2
%%
lsearch -integer -exact {1 2 3} x
%%
lsearch -real -exact {1.0 2.0} 2
%%
lsearch -sorted {a b c} b
%%
lsearch -sorted -integer {1 5 10} 10
%%
lsearch -sorted -decreasing {c b a} b
%%
lsearch -bisect -integer {1 5 10} 7
%%
lsearch -bisect -integer {1 5 10} 0
%%
lsearch -index 1 {{a b} {c d}} d
%%
lsearch -index 1 -inline {{a b} {c d}} d
%%
lsearch -index 1 -subindices {{a b} {c d}} d
%%
lsearch -index 1 -subindices -inline {{a b} {c d}} d
%%
lsearch -index 2 {{a b} {c d}} d
%%
lsearch -subindices {a} a
%%
lsearch -nocase {A B} b
%%
lsearch -foo {a} a
%%
lsearch a
%%
lsearch -start {a} a
%%
lsearch -index
%%
lsearch -dictionary -sorted {a1 a2 a10} a10
%%
lsearch "a {b" x
%%
lsearch -all {a b} x
%%
lsearch -inline {a b} x
%%
lsearch -regexp {a b} (
%%
foreach x {a b c} {append r $x}; set r
%%
foreach {x y} {a b c d e} {lappend r $x-$y}; set r
%%
foreach x {a b} y {1 2 3} {lappend r $x$y}; set r
%%
foreach x {a b c} {if {$x eq "b"} break; lappend r $x}; set r
%%
foreach x {a b c} {if {$x eq "b"} continue; lappend r $x}; set r
%%
foreach {} {a b} {}
%%
foreach x
%%
foreach x {a b} y {}
%%
foreach x "a {b" {}
%%
foreach "a {b" x {}
%%
foreach x(1) {a b} {lappend r $x(1)}; set r
%%
set x 1; foreach x(1) {a b} {}
%%
lmap x {1 2 3} {expr {$x*2}}
%%
lmap {a b} {1 2 3} {list $a $b}
%%
lmap x {1 2 3} {if {$x==2} continue; set x}
%%
lmap x {1 2 3} {if {$x==2} break; set x}
%%
lmap x {1 2} {error oops}
%%
lmap {} a {}
%%
list {*}{a b} c {*}[list d e]
%%
list {*}"a {b"
%%
list {*}{}
%%
set l {a b}; list {*}$l x
%%
{*}{list a b}
%%
list {*} a
%%
list {*}a{b}
%%
lreverse {  }
%%
lreverse ""
%%
concat [list # a] [list # b]
%%
concat [list a b] [list #c d]
%%
lindex {a b c} 08
%%
lindex {a b c} end-09
%%
lindex {a b c} 0o8
%%
lindex {a b c} end-0o9
%%
lindex {a b c} 1+09
%%
lsort -integer {1 Inf 2}
%%
lsort -integer {1 NaN 2}
%%
lsort -integer {1 1.5 2}
%%
lsort -integer {1 1e400 2}
%%
lsort -integer {1 1e3 2}
%%
lsort -integer {1 nan 2}
%%
lsort -integer {1 -NaN(123) 2}
%%
lsort -integer [list 1 [expr 1.5] 2]
%%
lsort -integer [list 1 [expr {1e300*1e300}] 2]
%%
lindex {a b} Inf
%%
lrange {a b} Inf 2
%%
after Inf
%%
lrepeat Inf a
%%
lsort -real {08}
%%
lsort -real {1 08}
%%
lsort -integer {08 1}
%%
format %f 08
%%
format %d 08
%%
expr {sin("08")}
%%
expr {min("08",1)}
%%
expr {min("08"+0,1)}
%%
expr {double("08")}
%%
binary format d 08
%%
after 08
%%
incr x 08
%%
string repeat a 08
%%
lrepeat 08 a
%%
expr {"08" + 1}
%%
expr {08 + 1}
%%
expr {!"08"}
%%
if {08} {set x}
%%
if "08x" {set x}
%%
while 08 {}
%%
string is double 08
%%
string is integer 08
%%
dict incr d a 08
%%
set x 08; incr x
%%
lsearch -integer {08} 8
%%
lsearch -real {08} 8
%%
lsearch -real 8 08
%%
lsort -real {0o8}
%%
format %f 0o9
%%
format %d 0b2
%%
format %e {}
%%
format %e " 08 "
%%
format %d "-08"
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 end
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 end x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] -1 end+1
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] -1 end+1 x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 00 end
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 00 end x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 2-2 end
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 2-2 end x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 1 end
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 1 end x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 99
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 99 x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] end-99 end
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] end-99 end x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 end-0
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 end-0 x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] $i end
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] $i end x y
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 $e
%%
set i 0; set e end; lreplace [string repeat {a {}b} 4] 0 $e x y
%%
set i 0; set e end; lreplace "{" 0 end
%%
set i 0; set e end; lreplace "{" 0 end x y
%%
set i 0; set e end; lreplace "{" -1 end+1
%%
set i 0; set e end; lreplace "{" -1 end+1 x y
%%
set i 0; set e end; lreplace "{" 00 end
%%
set i 0; set e end; lreplace "{" 00 end x y
%%
set i 0; set e end; lreplace "{" 2-2 end
%%
set i 0; set e end; lreplace "{" 2-2 end x y
%%
set i 0; set e end; lreplace "{" 1 end
%%
set i 0; set e end; lreplace "{" 1 end x y
%%
set i 0; set e end; lreplace "{" 0 99
%%
set i 0; set e end; lreplace "{" 0 99 x y
%%
set i 0; set e end; lreplace "{" end-99 end
%%
set i 0; set e end; lreplace "{" end-99 end x y
%%
set i 0; set e end; lreplace "{" 0 end-0
%%
set i 0; set e end; lreplace "{" 0 end-0 x y
%%
set i 0; set e end; lreplace "{" $i end
%%
set i 0; set e end; lreplace "{" $i end x y
%%
set i 0; set e end; lreplace "{" 0 $e
%%
set i 0; set e end; lreplace "{" 0 $e x y
%%
set i 0; set e end; lreplace {x {}y} 0 end
%%
set i 0; set e end; lreplace {x {}y} 0 end x y
%%
set i 0; set e end; lreplace {x {}y} -1 end+1
%%
set i 0; set e end; lreplace {x {}y} -1 end+1 x y
%%
set i 0; set e end; lreplace {x {}y} 00 end
%%
set i 0; set e end; lreplace {x {}y} 00 end x y
%%
set i 0; set e end; lreplace {x {}y} 2-2 end
%%
set i 0; set e end; lreplace {x {}y} 2-2 end x y
%%
set i 0; set e end; lreplace {x {}y} 1 end
%%
set i 0; set e end; lreplace {x {}y} 1 end x y
%%
set i 0; set e end; lreplace {x {}y} 0 99
%%
set i 0; set e end; lreplace {x {}y} 0 99 x y
%%
set i 0; set e end; lreplace {x {}y} end-99 end
%%
set i 0; set e end; lreplace {x {}y} end-99 end x y
%%
set i 0; set e end; lreplace {x {}y} 0 end-0
%%
set i 0; set e end; lreplace {x {}y} 0 end-0 x y
%%
set i 0; set e end; lreplace {x {}y} $i end
%%
set i 0; set e end; lreplace {x {}y} $i end x y
%%
set i 0; set e end; lreplace {x {}y} 0 $e
%%
set i 0; set e end; lreplace {x {}y} 0 $e x y
%%
lreplace {*}"\{" 0 end x
%%
eval [list lreplace "\{" 0 end x]
%%
proc p l {lreplace $l 0 end a}; p "\{"
%%
set a [list {a}x b]
%%
set a "{a}\x00 b"; llength $a
%%
set l {a b}; lset l x y
%%
set l {a b}; lset l {x y} z
%%
set l {a b}; lset l 5 x z
%%
set l {a b}; lset l x 5 z
%%
set l {a b}; lset l -1 x z
%%
set l {a b}; lset l 0 -1 z
%%
set l {a {b c}}; lset l 1 5 x z
%%
set l {a {b c}}; lset l 1 x 5 z
%%
set l {a {b c}}; lset l 1 2 0 z
%%
set l {a {b c}}; lset l 2 0 z
%%
set l {a {b c}}; lset l 2 0 0 z
%%
set l {a {b c}}; catch {lset l 2 1 z} m; list $l $m
%%
set l [list a b]; catch {lset l 2 1 z} m; list $l $m
%%
set l [list a b]; catch {lset l 2 0 1 z} m; list $l $m
%%
set l {a b}; catch {lset l 2 x z} m; list $l $m
%%
set l {a b}; catch {lset l 2 0 x z} m; list $l $m
%%
set l {a "{"}; catch {lset l 1 0 z} m; list $l $m
%%
set l {a "{"}; catch {lset l 1 x z} m; list $l $m
%%
set l {a b}; catch {lset l x "\{" z} m; list $l $m
%%
set l {a b}; catch {lset l "\{" x z} m; list $l $m
%%
set l {a b}; catch {lset l "0 \{" x z} m; list $l $m
%%
set l {a b}; catch {lset l "0 \{" z} m; list $l $m
%%
set l "\{"; catch {lset l x z} m; list $l $m
%%
set l "\{"; catch {lset l 0 z} m; list $l $m
%%
set l "\{"; catch {lset l {} z} m; list $l $m
%%
set l "\{"; catch {lset l z} m; list $l $m
%%
set l "\{"; catch {lset l {0 x} z} m; list $l $m
%%
set l "\{"; catch {lset l x 0 z} m; list $l $m
%%
catch {lset l x 0 z} m; list $m
%%
set l(x) a; catch {lset l x 0 z} m; list $m
%%
set l {a b}; set k $l; catch {lset l 2 1 z} m; list $l $k $m
%%
proc p {} {set l {a b}; catch {lset l 2 1 z} m; list $l $m}; p; p
%%
proc p {} {set l [list a b]; catch {lset l 2 1 z} m; list $l $m}; p; p
%%
proc p {} {set l {}; catch {lset l 0 1 z} m; list $l $m}; p; p
%%
set l {}; catch {lset l 0 0 z} m; list $l $m
%%
set l {}; catch {lset l end+1 0 z} m; list $l $m
%%
set l {a b}; catch {lset l end+1 end+1 z} m; list $l $m
%%
set l {a b}; catch {lset l end+1 end z} m; list $l $m
%%
set l {a b}; catch {lset l end+1 end z} m; lappend l q; list $l $m
%%
set l {a b}; catch {lset l {end+1 end} z} m; lappend l q; list $l $m
%%
set l [list a b]; catch {lset l {end+1 end} z} m; lappend l q; list $l $m
%%
set l [list a b]; catch {lset l {end+1 end} z} m; llength $l
%%
proc p {} {set l2 "{a}b"; lappend l2 x}; p
%%
proc p {} {set l2 "{a}b"; lappend l2 x y}; p
%%
proc p {} {set l2 "{a}b"; lappend l2}; p
%%
proc p {} {set l2 "{a}b"; set v l2; lappend $v x}; p
%%
proc p {} {set l2 "{a}b"; eval {lappend l2 x}}; p
%%
proc p {} {set l2(x) "{a}b"; lappend l2(x) x}; p
%%
proc p {} {set l2(x) "{a}b"; set x x; lappend l2($x) x}; p
%%
proc p {} {set l2 "{a}b"; lappend l2 {*}x}; p
%%
proc p {} {set l2 "a \{"; lappend l2 y; }; p
%%
proc p {} {set ::l2 "a \{"; lappend ::l2 y; }; p
%%
proc p {} {set l2 "a \{"; set l2 [lappend l2 y]; }; p
%%
set l2 "a \{"; lappend l2 y
%%
proc p {} {set l2 "a \{"; catch {lappend l2 y} m o; dict get $o -errorcode}; p
%%
lsearch -bisect -integer {-1 -3} 2
%%
lsearch -bisect -integer {-3 -1} 2
%%
lsearch -bisect -integer [list "a" "-3"] 2
%%
catch {lsearch -bisect -integer [list "a" "-3"] 2}
%%
lsearch -bisect -integer [list "a}b" "-3"] 2
%%
set v1 a; set v0 {[1.5}; if {$v1 ne max(100, 1000)} {set v0 7}; set v0
%%
lsearch -regexp "a \{" {(}
%%
lsearch -regexp a {(}
%%
lsearch -regexp -index x a {b}
%%
lsearch -regexp -index x a {(}
%%
lsearch -integer "a \{" x
%%
lsearch -integer "a \{" 2
%%
lsearch -regexp {} {(}
%%
lsearch -bisect -integer {2 -3} 2
%%
lsearch -bisect -integer {2 2 -3} 2
%%
lsearch -bisect -integer {2 2 -3 5} 2
%%
lsearch -bisect -integer {1 2 -3 5 9 2 3} 2
%%
lsearch -bisect -integer {1 2 -3 1 9 2 3} 2
%%
lsearch -bisect -integer {1 2 2 2 9 2 3} 2
%%
lsearch -bisect -integer {3 2 1} 2
%%
lsearch -bisect -decreasing -integer {1 2 3} 2
%%
lsearch -bisect -decreasing -integer {3 2 2 1} 2
%%
lsearch -sorted -integer {2 -3} 2
%%
lsearch -sorted -integer {2 2 -3} 2
%%
lsearch -sorted -integer {2 2 1 -3} 2
%%
lsearch -sorted -integer {2 2 1 2 4} 2
%%
set x 0; lindex $x $x
%%
set x [list 0]; list [lindex $x $x] [lrange $x $x $x] [linsert $x $x $x] [lreplace $x $x $x a b] [lsort -index $x {{2 1} {1 2}}] [lsearch -index $x {{2 1} {1 2}} 1]
%%
set x 0; set l {{a b} c}; llength $x; list [lindex $l $x $x] [lset l $x $x z] [lindex $x $x $x] [lsort -index $x $x] [lsearch -index $x $x $x]
