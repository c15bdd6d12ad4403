if 1 {set x a}
%%
if 0 {set x a}
%%
if 0 {set x a} else {set x b}
%%
if 0 {set x a} {set x b}
%%
if 1 then {set x a} else {set x b}
%%
if 0 then {set x a} elseif 1 then {set x c} else {set x b}
%%
if 0 {} elseif 0 {} else {set x z}
%%
if
%%
if 1
%%
if 0 a else
%%
if 0 a elseif
%%
if 0 a elseif 1
%%
if 0 a b c
%%
if 0 a else b c
%%
if abc {set x 1}
%%
if {[error foo]} {}
%%
if {"yes"} {set x y}
%%
if {$nosuch} {}
%%
if 1 "set x 5"
%%
set i 0; while {$i < 3} {incr i}; set i
%%
set i 0; while {1} {incr i; if {$i > 5} break}; set i
%%
set i 0; set r {}; while {$i < 5} {incr i; if {$i == 2} continue; lappend r $i}; set r
%%
while 0 {}
%%
while
%%
while 1
%%
while {[error a]} {}
%%
while 1 {error b}
%%
while 1 {return c}
%%
while abc {}
%%
for {set i 0} {$i < 3} {incr i} {lappend r $i}; set r
%%
for {set i 0} {$i < 5} {incr i} {if {$i==2} continue; if {$i==4} break; lappend r $i}; set r
%%
for {set i 0} {$i < 3} {incr i} {error x$i}
%%
for {error init} 1 {} {}
%%
for {} 1 {error next} {}
%%
for {} {[error test]} {} {}
%%
for {} 1 {break} {incr q}; set q
%%
for a b c
%%
for {set i 0} {$i<2} {incr i} {}
%%
break
%%
continue
%%
break x
%%
proc f {} {break}; f
%%
proc f {} {continue}; f
%%
proc f {} {return -code break}; set r {}; foreach x {1 2 3} {if {$x==2} f; lappend r $x}; set r
%%
proc f {} {return -code continue}; set r {}; foreach x {1 2 3} {if {$x==2} f; lappend r $x}; set r
%%
proc f {} {return -code error -errorcode {A B} oops}; list [catch f m o] $m [dict get $o -errorcode]
%%
proc f {} {return -code error oops}; f
%%
proc f {} {return -code 5 x}; catch f m
%%
proc f {} {return -level 0 x}; f
%%
proc f {} {return -level 2 x}; proc g {} {f; return y}; g
%%
proc f {} {return -code return x}; proc g {} {f; return y}; g
%%
return -code foo x
%%
return -level -1 x
%%
return -level x y
%%
return -options {a
%%
return -options {-code error} x
%%
return -errorcode "a {b" -code error x
%%
return -foo bar x
%%
catch {return -foo bar x} m o; list $m [dict get $o -foo]
%%
return
%%
catch {return} m o; list [catch {return}] [dict get $o -code] [dict get $o -level]
%%
catch {return -code error x} m o; dict get $o -code
%%
return -code
%%
return a b
%%
return -code error
%%
return -level 0 5
%%
return -level 0 -code error oops
%%
return -level 0 -code break
%%
return -errorinfo foo -code error bar
%%
proc f {} {error inner}; proc g {} {f}; g
%%
proc f {} {
  set x 1
  error inner
}
proc g {} {

  f
}
g
%%
proc f {x} {
  if {$x} {
    foreach y {1 2} {
      while 1 {
        error deep
      }
    }
  }
}
f 1
%%
proc f {} {nosuchcmd a b}; f
%%
proc f {a b} {}; f 1
%%
proc f {a b} {}; f 1 2 3
%%
proc f {{a 1}} {set a}; list [f] [f 2]
%%
proc f {a args} {list $a $args}; list [f 1] [f 1 2 3]
%%
proc f args {llength $args}; list [f] [f 1 2]
%%
proc f {args a} {list $args $a}; f 1 2
%%
proc f {{args x}} {set args}; list [f] [f 1 2]
%%
proc f {{a 1} b} {list $a $b}; f 1 2
%%
proc f {{a 1} b} {list $a $b}; f 1
%%
proc f {a {b 2} {c 3} args} {list $a $b $c $args}; list [f 1] [f 1 x] [f 1 x y z w]
%%
proc f {a a} {set a}; f 1 2
%%
proc f {{a b c}} {}
%%
proc f {{}} {}
%%
proc f {a(1)} {}
%%
proc f {a::b} {}
%%
proc f "a {b" {}
%%
proc f
%%
proc f a
%%
proc "" {} {set x 5}; ""
%%
proc {a b} {} {set x 5}; {a b}
%%
proc f {} {}; f
%%
proc ::f {} {return g}; list [f] [::f]
%%
proc f {} {proc g {} {return inner}; g}; list [f] [g]
%%
proc f {} {proc f {} {return new}; return old}; list [f] [f]
%%
proc fact n {expr {$n <= 1 ? 1 : $n * [fact [expr {$n-1}]]}}; fact 15
%%
proc f n {if {$n == 0} {return done}; f [expr {$n-1}]}; f 200
%%
proc f {} {upvar x y; set y 5}; set x 1; f; set x
%%
proc f {} {upvar 1 x y; incr y}; set x 1; f; set x
%%
proc f {} {upvar #0 x y; incr y}; set x 1; f; set x
%%
proc f {} {upvar x(a) y; set y 5}; f; array get x
%%
proc f n {upvar $n v; lappend v z}; set q {a b}; f q; set q
%%
proc f {} {upvar nosuch y; set y}; f
%%
proc f {} {upvar nosuch y; set y 3}; f; set nosuch
%%
proc f {} {upvar x y; unset y}; set x 1; f; info exists x
%%
proc f {} {set y 1; upvar x y}; f
%%
proc f {} {upvar x a(1)}; f
%%
proc f {} {upvar x}; f
%%
proc f {} {upvar 5 x y}; f
%%
proc f {} {upvar #5 x y}; f
%%
proc f {} {upvar foo x y}; f
%%
upvar 0 a b; set a 1; set b
%%
upvar 0 a a
%%
upvar a b c d; set a 5; list $b
%%
set a(1) x; upvar 0 a(1) e; set e y; set a(1)
%%
set a(1) x; upvar 0 a(1) e; unset a; set e
%%
set a(1) x; upvar 0 a(1) e; unset a; set e 5
%%
set a(1) x; upvar 0 a(1) e; unset a(1); set e 5; set a(1)
%%
upvar
%%
proc f {} {global g; set g 5}; f; set g
%%
proc f {} {global ::g; set g 5}; f; set g
%%
proc f {} {global a b; list [info exists a] [info exists b]}; set a 1; f
%%
global x
%%
global
%%
proc f {} {set ::x 7; set ::x}; f; set x
%%
proc f {} {set x 1; set ::x 2; list $x $::x}; f
%%
set ::a(1) 5; list $a(1) $::a(1)
%%
proc f {} {uplevel {set x 5}}; f; set x
%%
proc f {} {uplevel 1 set x 6}; f; set x
%%
proc f {} {uplevel #0 {set x 7}}; proc g {} {f}; g; set x
%%
proc f {} {uplevel 2 {set x 7}}; proc g {} {f}; g; set x
%%
proc f {} {uplevel 3 {set x 7}}; f
%%
uplevel
%%
uplevel 0 {set x 1}
%%
uplevel #0 {error foo}
%%
proc f {} {uplevel {error foo}}; f
%%
uplevel 1
%%
uplevel foo
%%
eval set x 5
%%
eval {set x 5; incr x}
%%
eval [list set x "a b"]
%%
eval {error x}
%%
eval [list error x]
%%
eval
%%
eval {}
%%
eval "set x 1" "; set y 2"; list $x
%%
eval {break}
%%
eval {return 5}
%%
set x [eval {list a b}]
%%
apply {{x} {expr {$x*2}}} 5
%%
apply {{x {y 3}} {list $x $y}} 5
%%
apply {args {llength $args}} a b c
%%
apply {{x} {expr {$x*2}}}
%%
apply {x}
%%
apply {x y z w}
%%
apply
%%
apply {{x} {error $x}} foo
%%
apply "a {b" c
%%
apply {{x} {return $x; error}} foo
%%
apply {{} {break}}
%%
apply {{{a b c}} {}}
%%
set x
%%
set x 5
%%
set
%%
set x 1 2
%%
set a(b) 1; set a(c) 2; lsort [array names a]
%%
set "a b" 5; set {a b}
%%
set {} 5; set {}
%%
set x(a b) 5; set x(a b)
%%
set i 1; set x($i) y; set x(1)
%%
set x 5; set x(1) 2
%%
set x 5; set x(1)
%%
set a(1) 2; set a
%%
set a(1) 2; set a 3
%%
set a(1) x; unset a(1); info exists a(1)
%%
set x 1; unset x; info exists x
%%
unset x
%%
unset -nocomplain x
%%
unset -nocomplain -- x
%%
unset -- x
%%
unset
%%
set x 1; unset x x
%%
set a(1) 1; unset a(2)
%%
set a(1) 1; unset a; info exists a
%%
unset x(1)
%%
set x 1; unset x(1)
%%
incr x
%%
incr x 5
%%
set x 5; incr x -2
%%
set x abc; incr x
%%
incr x abc
%%
incr
%%
incr x 1 2
%%
set x " 5 "; incr x
%%
set x 0x10; incr x
%%
set x 010; incr x
%%
set x 08; incr x
%%
set x 1.5; incr x
%%
incr x 1.5
%%
incr a(1); incr a(1); set a(1)
%%
set x ""; incr x
%%
set x 5; set y $x; incr x; list $x $y
%%
set x 5
set y "a$x.b[set x]c"
%%
set a(x) 1; set i x; set y "$a($i)-$a(x)"
%%
set x "a\tb\x41\101\u0042\n"
%%
set x {a\tb}
%%
set x a\ b
%%
set x "a
b"
%%
set x {a \
   b}
%%
set x a; \
set y b
%%
set x "a;b"; set y {a;b}
%%
# comment
set x 5 ;# another
%%
# comment \
continued
set x 6
%%
set x [set y [set z 5]]
%%
set x [set y 5; set z 6]
%%
set x []
%%
set x [
set y 5
]
%%
set x $
%%
set x a$
%%
set x "$ a"
%%
set x ${a b}
%%
set {a b} 5; set x ${a b}
%%
set a(b) 5; set x ${a(b)}
%%
set x "abc"def
%%
set x {abc}def
%%
set x "abc
%%
set x {abc
%%
set x [abc
%%
set x $a(b
%%
set x ${abc
%%
set x "abc[error foo]"
%%
set x a"b
%%
set x a{b}c
%%
set x a[list b]c
%%
set x \{
%%
set x }
%%
set x ]
%%
"set" x 5
%%
{set} x 5
%%
set cmd set; $cmd x 5
%%
set cmd {set x}; $cmd 5
%%
;;; set x 5 ;;
%%
nosuch
%%
nosuch a b
%%
"no such"
%%
{}
%%
::set x 5
%%
::nosuch
%%
set x 5;set y 6
%%
set x(1) 1; set "x(2)" 2; set {x(3)} 3; lsort [array get x]
%%
set x() 5; set x()
%%
set (a) 5; set (a)
%%
puts hello
%%
puts -nonewline hello
%%
puts stdout hello
%%
puts -nonewline stdout hello
%%
puts
%%
puts nosuch hello
%%
puts a b c d
%%
time {set x 1} 0
%%
time {error x}
%%
time {set x 1} abc
%%
time
%%
regexp {^\S+ microseconds per iteration$} [time {set x 1} 5]
%%
set a 1; set b 2; list [set a] [set b]; set c 3
%%
set y \x4g
%%
set y \8\9\400\x\u\xZZ
%%
set y "\a\b\f\v\r\e\q\"\\\$\[\]\{\}\;\ "
%%
list a\
b
%%
list "a\
   b"
%%
set x {}
%%
list a{*}b {*}"c d" {*}{e f} {*}[list g] {*}$nosuch
%%
proc p {} {return [list a b]}; list {*}[p] {*}[p]
%%
set l {}; catch {subst {a[lappend l 1][lappend l 2; set x }} m; list $l $m
%%
set l {}; catch {subst {a[lappend l 1]$nosuch[lappend l 2]}} m; list $l $m
%%
subst {a[break]b}
%%
subst {a[continue]b}
%%
proc "a\x00b" {} {return nul}; "a\x00b"
%%
proc zq {} {return a}; proc "zq\x00b" {} {return nul}; list [zq] ["zq\x00b"] [llength [info procs zq*]]
%%
switch a {a - b - c - d {set x 4}}
%%
switch b {a - b - c - d {set x 4} default {set x 5}}
%%
switch -glob a* {a* - b - c {set x 3} d {}}
