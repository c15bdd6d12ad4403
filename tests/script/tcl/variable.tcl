proc f {} {unset y}; f
%%
proc f {} {unset a(x)}; f
%%
unset a(x)
%%
proc f {} {set a(x)}; f
%%
proc f {} {set n $a(x)}; f
%%
set a(x)
%%
proc f {} {set a 1; unset a(x)}; f
%%
proc f {} {set a 1; set a(x)}; f
%%
proc f {} {set a 1; set a(x) 2}; f
%%
proc f {} {set a 1; append a(x) 2}; f
%%
proc f {} {set a 1; incr a(x)}; f
%%
proc f {} {set a 1; lappend a(x) 2}; f
%%
proc f {} {set a(1) 1; incr a}; f
%%
proc f {} {set a(1) 1; unset a(2)}; f
%%
proc f {} {set n y; unset $n}; f
%%
proc f {} {set a(1) 1; set a(2)}; f
%%
proc f {} {lset y 0 1}; f
%%
proc f {} {dict incr y(1) 0 1; dict get $z}; f
%%
proc f {} {foreach x(1) {1 2} {set x(1)}; array get x}; f
%%
proc f {} {lassign {1 2} a a(1)}; f
%%
proc f {} {set n a(x); set $n}; f
%%
proc f {} {set n a(x); unset $n}; f
%%
lset y 0 1
%%
proc f {} {upvar 1 q r; unset r}; f
%%
proc f {} {upvar 1 q r; unset r(1)}; f
%%
proc f {} {upvar 1 q r; set r(1)}; f
%%
lsort -integer {aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 2}
%%
expr {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" && 1}
%%
lindex {a} aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
%%
expr {int("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")}
%%
expr {sin("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")}
%%
incr aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz
%%
lsort -integer {ééééééééééééééééééééééééééééééééééééééééééééé 2}
%%
expr {max("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",1)}
%%
expr {1 ? 1e3 : 2}
%%
expr {1 ? "010" : 0}
%%
expr {1 ? " 5 " : 0}
%%
expr {0 ? 1 : 0x10}
%%
set x 0x10; expr {1 ? $x : 0}
%%
expr {1 ? [set x 0x10] : 0}
%%
expr {(1 ? 0x10 : 0)}
%%
expr {1 ? 2 ? 0x10 : 1 : 0}
%%
expr {0x10}
%%
expr "0x10"
%%
set v0 { 7 }; set l [list $v0 a]; string length $v0; if {$v0 == "a$v0"} {}; list $v0 $l
%%
set v0 {;-}; set x "x$v0"; set r [try { error a } on break {v0 o} { } finally { foreach x {1} {} }]
%%
set l1 [list a {{[}  }]; lsort -index 0 $l1
%%
set l1 { {[}  }; lappend l1 [lindex $l1 0]; set l1
%%
set v { {[}  }; set l [list $v]; catch {lsort -index 0 $l}; list $v $l
%%
set v " 7 "; set y [expr {$v + 1}]; list $v
%%
set v " 7 "; incr v 0; list $v
%%
set v { 7 }; lindex {a b c} $v; list $v
%%
uplevel -1 {set x}
%%
uplevel #-1 {set x}
%%
upvar #x y z
%%
upvar {} y z
%%
upvar -1 y z
%%
uplevel # {set x}
%%
info level #0
%%
info level -1
%%
proc p {} {uplevel 99 {set x}}; p
%%
upvar 99 x y
%%
upvar 99999999999 x y
%%
incr x Inf
%%
set x Inf; incr x
%%
upvar a
%%
upvar {} y
%%
upvar 1 y
%%
upvar {} y {} z
%%
upvar x y z w
%%
upvar -1 y
%%
upvar abc y z
%%
uplevel {} {set x}
%%
uplevel abc {set x}
%%
uplevel -1
%%
proc p {} {upvar {} y z}; p
%%
proc p {} {upvar abc y z}; p
%%
proc p {} {upvar 0x1 y z; set z}; set y 4; p
%%
upvar abc y
%%
proc p {} {upvar abc y z x}; p
%%
proc p {} {upvar 0 y z x}; p
%%
proc p {} {upvar #0 y z x}; p
%%
proc p {} {set l abc; upvar $l y z}; p
%%
proc p {} {set l -1; upvar $l y z}; p
%%
proc p {} {set l 1; upvar $l y z; set z}; set y 5; p
%%
proc p {} {set l 1.5; upvar $l y z; set z}; set y 5; p
%%
proc p {} {upvar 1.5 y z; set z}; set y 5; p
%%
proc p {} {upvar -1 y z; set z}; set y 5; p
%%
proc p {} {upvar -1 y z y2 z2; set z2}; set y2 5; p
%%
proc p {} {upvar -1 y}; p
%%
proc p {} {upvar -1 y z(a)}; p
%%
proc p {} {upvar -1 y ::z}; p
%%
proc p {} {set n z; upvar -1 y $n}; p
%%
proc p {} {set l {-1 y z}; upvar {*}$l}; p
%%
proc p {} {eval {upvar -1 y z}}; p
%%
proc p {} {catch {upvar -1 y z} m; set m}; p
%%
proc p {} {if 1 {upvar -1 y z}; set z 3}; p; set y
%%
proc p {} {upvar { 1} y z; set z}; set y 5; p
%%
proc p {} {upvar +1 y z; set z}; set y 5; p
%%
proc p {} {set l { +1 }; upvar $l y z; set z}; set y 5; p
%%
proc p {} {uplevel { 1} {set y}}; set y 5; p
%%
proc p {} {uplevel +0 {set y}}; set y 5; p
%%
proc p {} {uplevel 1.5 {set y}}; set y 5; p
%%
proc p {} {upvar #-1 y z}; p
%%
proc p {} {upvar "# 0" y z; set z}; set y 5; p
%%
proc p {} {upvar #+0 y z; set z}; set y 5; p
%%
proc p {} {upvar -0 y z; set z}; set y 5; p
%%
proc p {} {upvar 1x y z; set z}; set y 5; p
%%
uplevel 1.5 {set x}
%%
uplevel 08 {set x}
%%
uplevel 1e400 {set x}
%%
upvar 1.5 a b
%%
upvar -1 a b
%%
set x [expr {0.5 + 1}]; uplevel $x {set a}
%%
set x [expr {0.5 + 1}]; upvar $x a b
%%
apply {{} {upvar -1 y z; set z}}
%%
set x -9223372036854775808; incr x
%%
string is wideinteger -strict -9223372036854775808
%%
lsort -integer {5 -9223372036854775808 9223372036854775807 -9223372036854775807}
%%
set x 1; incr x -9223372036854775808
%%
proc p {} {set x a::b; array set $x {x 1}}; p
%%
proc p {} {array set a::b {}}; p
%%
proc p {} {set l {a b}; array set a::b $l}; p
%%
proc p {} {array set a::b [list a b]}; p
%%
proc p {} {array set a::b \{}; p
%%
proc p {} {array set ::c::b {a b}}; p
%%
proc p {} {eval {array set a::b {x y}}}; p
%%
proc p {} {set l a; array set ${l}::b {x y}}; p
