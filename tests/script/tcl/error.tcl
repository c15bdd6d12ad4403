catch {error foo} m; set m
%%
catch {error foo}
%%
catch {set x 5} m; set m
%%
catch {break}
%%
catch {continue}
%%
catch {return 5} m; set m
%%
catch
%%
catch a b c d
%%
catch {error a b c} m o; list $m [dict get $o -errorinfo] [dict get $o -errorcode]
%%
catch {error a {} c} m o; list $m [dict get $o -errorinfo] [dict get $o -errorcode]
%%
catch {error a "" } m o; dict get $o -errorcode
%%
catch {nosuch} m o; list $m [dict get $o -errorcode]
%%
catch {set x 1} m o; set o
%%
catch {return x} m o; set o
%%
catch {break} m o; set o
%%
catch {error x} m(1) o; set m(1)
%%
catch {error x} m; set errorInfo
%%
catch {error x y z} m; list $errorInfo $errorCode
%%
catch {catch {error inner} m} n; list $m $n
%%
catch {
  set a 1

  error line
} m o
dict get $o -errorline
%%
catch {
  set a 1
  if 1 {
    error line
  }
} m o
dict get $o -errorline
%%
proc f {} {

  error a
}
catch f m o
dict get $o -errorline
%%
proc f {} {
  error a
}
catch {

f} m o
dict get $o -errorline
%%
catch {foreach x {1 2} {

error x}} m o
dict get $o -errorline
%%
proc f {} {
catch {foreach x {1 2} {

error x}} m o
dict get $o -errorline
}
f
%%
set body {

error q}
catch {eval $body} m o
list [dict get $o -errorline] [dict get $o -errorinfo]
%%
error
%%
error a b c d
%%
error foo
%%
error "multi
line"
%%
error foo bar
%%
error foo "" {A B}
%%
throw {A B} msg
%%
throw {} msg
%%
throw "a {b" msg
%%
throw a
%%
catch {throw {A B} msg} m o; list $m [dict get $o -errorcode]
%%
try {set x 5}
%%
try {error foo} on error {m} {list caught $m}
%%
try {error foo} on error {m o} {list caught $m [dict get $o -errorcode]}
%%
try {error foo} on ok {m} {list caught $m}
%%
try {set x 5} on ok {m} {list ok $m}
%%
try {return 5} on return {m} {list ret $m}
%%
try {break} on break {} {list brk}
%%
try {continue} on continue {} {list cont}
%%
try {return -level 0 -code 7 x} on 7 {m} {list seven $m}
%%
try {throw {A B C} foo} trap {A B} {m} {list trapped $m}
%%
try {throw {A B C} foo} trap {A X} {m} {list trapped $m}
%%
try {throw {A B C} foo} trap {} {m} {list trapped $m}
%%
try {throw {A B C} foo} trap {A B C D} {m} {list trapped $m} on error m {list e $m}
%%
try {error foo} finally {set x done}
%%
set r {}; try {lappend r body} finally {lappend r fin}; set r
%%
set r {}; catch {try {error a} finally {lappend r fin}} m; list $m $r
%%
try {error a} on error {} {error b}
%%
try {error a} on error {} {error b} finally {error c}
%%
try {set x 1} finally {error c}
%%
try {error a} on error {} - on ok {} {list fell}
%%
try {error a} on error {} -
%%
try {error a} foo
%%
try {error a} on error
%%
try {error a} trap x
%%
try {error a} finally
%%
try {error a} finally {} finally {}
%%
try {error a} on foo {} {}
%%
try {error a} trap "a {b" {} {}
%%
try {error a} on error "a {b" {}
%%
try
%%
try {error a} on error {m o x} {list $m}
%%
catch {try {error a} on error {m} {error b}} m o; list $m [dict exists $o -during]
%%
catch {try {error a} on error {m} {error b}} m o; dict get [dict get $o -during] -errorcode
%%
proc f {} {try {return 5} finally {set x 1}}; f
%%
proc f {} {foreach x {1 2 3} {try {if {$x==2} break} finally {lappend r $x}}; set r}; f
%%
proc f {} {try {error a} on error {m} {return $m}; return no}; f
%%
try {
  set a 1
  error x
} on error {m o} {
  dict get $o -errorline
}
%%
proc f {} {
try {
  set a 1
  error x
} on error {m o} {
  dict get $o -errorinfo
}}
f
%%
catch {try {
  set a 1
  error x
} on error {m o} {

  error y
}} m o
list [dict get $o -errorline] [dict get $o -errorinfo]
%%
switch a a {set x 1} b {set x 2}
%%
switch a {a {set x 1} b {set x 2}}
%%
switch c {a {set x 1} default {set x 9}}
%%
switch c {a {set x 1} b {set x 2}}
%%
switch -exact a* {a* {set x 1}}
%%
switch -glob abc {a* {set x 1}}
%%
switch -regexp abc {^b {set x 0} b {set x 1}}
%%
switch -nocase A {a {set x 1}}
%%
switch -glob -nocase ABC {a* {set x 1}}
%%
switch a {a - b {set x 2}}
%%
switch a {a -}
%%
switch a {a}
%%
switch a {a b c}
%%
switch a
%%
switch
%%
switch -foo a {a b}
%%
switch -- -foo {-foo {set x 1}}
%%
switch -foo {-foo {set x 1}}
%%
switch a {a {error foo}}
%%
switch a {a {
 error foo}}
%%
switch a {default {set x 1} a {set x 2}}
%%
switch a {# comment here
a {set x 1}}
%%
foreach x {1 2 3} {switch $x {2 {break}}; lappend r $x}; set r
%%
foreach x {1 2 3} {switch $x {2 {continue}}; lappend r $x}; set r
%%
switch -regexp -matchvar m abc123 {{[a-z]+(\d+)} {set m}}
%%
switch -regexp -matchvar m -indexvar i abc123 {{[a-z]+(\d+)} {list $m $i}}
%%
switch -matchvar m abc {abc {}}
%%
switch -indexvar i abc {abc {}}
%%
switch -regexp -matchvar m x {y {} default {set m}}
%%
switch -matchvar
%%
switch a "a {b"
%%
switch a {}
%%
switch a a
%%
switch a b c d
%%
switch -glob -exact a {a {}}
%%
switch -regexp a {( {}}
%%
proc f x {switch $x {a {return one} b {return two} default {return other}}}; list [f a] [f b] [f c]
%%
proc f x {
switch $x {
  a {
     error inside
  }
}
}
f a
%%
info exists x
%%
set x 1; info exists x
%%
set a(1) 1; list [info exists a] [info exists a(1)] [info exists a(2)]
%%
proc f {a {b 1} args} {body}; list [info args f] [info body f]
%%
proc f {a {b 1}} {}; list [info default f a x] $x [info default f b x] $x
%%
proc f {a} {}; info default f z x
%%
info args nosuch
%%
info body nosuch
%%
info args set
%%
info commands set
%%
info commands nosuch
%%
proc f {} {}; info procs f*
%%
info complete "set x 5"
%%
list [info complete "set x \{"] [info complete "set x \["] [info complete "set x \""] [info complete "set x \\"] [info complete "a\\\n"] [info complete "# \{"] [info complete "set x \}"] [info complete ""] [info complete "a \{b\}c"] [info complete "a \"b\"c"] [info complete "\$\{a"] [info complete "\$a("] [info complete "set x \[foo \{"] [info complete "\[\]\]"]
%%
info level
%%
proc f {} {info level}; f
%%
proc f args {info level 0}; f a b
%%
proc f args {info level -1}; proc g x {f 1 2}; g 5
%%
proc f args {info level 1}; f x
%%
proc f args {info level 5}; f x
%%
info level 1
%%
info level x
%%
proc f {a} {set b 1; lsort [info locals]}; f 1
%%
proc f {a} {global g; set b 1; lsort [info vars]}; f 1
%%
info foo
%%
info
%%
info exists
%%
info vars nosuch*
%%
set zz1 1; set zz2 2; lsort [info globals zz*]
%%
info tclversion
%%
info script
%%
proc f {} {info script}; f
%%
dict get "a" b
%%
dict get "a b" c
%%
lindex "{a" 0
%%
expr {1+}
%%
expr {08+1}
%%
expr {"abc"+1}
%%
expr {abc}
%%
expr {1 2}
%%
expr {1/0}
%%
format %d 4294967296
%%
format %i abc
%%
break
%%
foo
%%
proc f {a {b 2} args} {}; f
%%
proc f a {break}; f 1
%%
error a b c
%%
return -code 7 x
%%
return -level 2 -code error x
%%
if 1 {

 error z }
%%
foreach x {1 2} {

 error z }
%%
set x {

error w}; if 1 $x
%%
set x {

error w}; while 1 $x
%%
set x {

error w}; switch a a $x
%%
proc f a {
  foreach x {1 2} {
    error z
  }
}
f 1
%%
eval {
  error a}
%%
string foo
%%
string length
%%
lsort -foo x
%%
string is foo x
%%
incr
%%
set x [error a]
%%
puts [error a]
%%
puts "abc
%%
puts [set x 1; set y "a]
%%
expr {$nosuch}
%%
while 1 {error a} 
%%
list {*}"{a"
%%
upvar 5 a b
%%
uplevel 1 {error a}
%%
apply {{x} {error $x}} 1
%%
expr {"a" && 1}
%%
if abc {}
%%
while "a b" {}
%%
expr {1 + [}
%%
expr {foo(1)}
%%
expr {sin(1,2)}
%%
expr {~1.0}
%%
expr {1 << -1}
%%
expr {1 % 0}
%%
expr {0**-1}
%%
set x 5; append x(1) 3
%%
dict set a(3) b c; dict set nn
%%
try {error a} on error {m} {error b}
%%
proc f {} {set y}; f
%%
proc f {} {set n y; set $n}; f
%%
proc f {} {set y 1; unset y; set y}; f
%%
set y 1; unset y; set y
%%
proc f {} {incr x 08}; f
%%
string repeat a 08
%%
format %d 08
%%
set x 08; format %d $x
%%
set x 08; string repeat a $x
%%
set x 08; lrepeat $x a
%%
lsort -integer {08 1}
%%
set x 08; expr {int($x)}
%%
set x 08; dict incr x a
%%
set d {a 08}; dict incr d a
%%
set x 08; binary format c $x
%%
try {error a} on ok {} {error b}
%%
try {error a} finally {error b}
%%
try {error a} on ok {} {error b} finally {set x 1}
%%
try {error a} on ok {m} {error b} finally {set x 1}
%%
try {error a} on error {m} {error b} finally {error q}
%%
proc f {} {try {error a} on error {m} {error b} finally {error q}}; f
%%
proc f {} {try {error a} on error {m} {error b} finally {set x 1}}; f
%%
proc f {} {try {error a} on ok {m} {error b}}; f
%%
proc f {} {try {error a}}; f
%%
try {error a}
%%
proc f {} {try {error a} trap x {m} {error b}}; f
%%
catch {error a} m(1)
%%
proc f {} {catch {error a} m o; dict get $o -errorinfo}; f
%%
proc f {} {set b {error x}; catch $b m o; dict get $o -errorinfo}; f
%%
proc f {} {lmap x {1 2} {

error x}}; f
%%
proc f {} {set b {error x}; lmap x {1 2} $b}; f
%%
proc f {} {set d {a 1}; dict update d a x {

error x}}; f
%%
proc f {} {set d {a 1}; dict with d {

error x}}; f
%%
proc f {} {dict map {k v} {a 1} {

error x}}; f
%%
proc f {} {dict filter {a 1} script {k v} {

error x}}; f
%%
proc f {} {eval {

error x}}; f
%%
proc f {} {uplevel {

error x}}; f
%%
proc f {} {switch a {a {
error x}}}; f
%%
proc f {} {switch a a {
error x}}; f
%%
proc f {} {switch -glob a a {
error x}}; f
%%
proc f {} {set z {a {
error x}}; switch a $z}; f
%%
proc f {} {time {
error x}}; f
%%
proc f {} {for {set i 0} {$i < 3} {error x} {}}; f
%%
for {error a} 1 {} {}
%%
set b {error a}; for $b 1 {} {}
%%
set b {error a}; for {} 1 $b {}
%%
set b {error a}; while {[eval $b]} {}
%%
set b {[error a]}; while $b {}
%%
set b {[error a]}; if $b {}
%%
proc f {} {lsort -command {g} {1 2}}; proc g {a b} {error q}; f
%%
proc f {} {subst {a[
error x]}}; f
%%
set s {a[
error x]}; subst $s
%%
proc f {} {catch {error a} m; error $m $::errorInfo}; f
%%
proc f {} {foreach x {1 2} {if {$x == 2} {error z}}}; f
%%
dict for {k v} {a 1} {

error x}
%%
set b {error a}; dict for {k v} {a 1} $b
%%
apply {{} {

error x}}
%%
list [catch {try {set a 1} f} m] $m
%%
list [catch {try {set a 1} f {set b 2}} m] $m $b
%%
try {error x} o error m {set m} fin {set c 3}
%%
try {throw {A B} x} tr A m {set m}
%%
try {set a 5} o ok v {list got $v}
%%
list [catch {try {set a 5} on ok v - f {set b}} m] $m
%%
list [catch {try {set a 5} {} ok v {}} m] $m
%%
proc p {} {try {error x} o error m {return in:$m} f {set ::z 9}}; list [p] $z
%%
proc p {} {try {error x} t {} m {return in:$m} f}; list [catch p m] $m
%%
catch {return -code error -errorcode {A B} x} m o; set o
%%
catch {return -code error -errorinfo I -errorline 7 -errorcode {A B} x} m o; set o
%%
proc f {} {return -code return -foo bar x}; proc g {} {f; error no}; catch g m o; list $m $o
%%
catch {return -code break -errorcode {A B} x} m o; list $m $o
%%
catch {return -level 2 -code error -errorcode X y} m o; list $m $o
%%
catch {return -options {-code error -errorcode {Q R} -foo bar} y} m o; list $m $o
%%
catch {return -code error x} m o; list $m $o
%%
catch {return -errorcode {A B} x} m o; list $m $o
%%
catch {return -code continue x} m o; list $m $o
%%
proc f {} {return -code error -errorstack {} -errorcode {A {B C}} x}; try f trap {A} {m o} {list $m [dict get $o -errorcode]}
%%
proc f {} {try {return -code error -errorcode {A B} x} on return {m o} {list $m $o}}; f
%%
catch {return -level 0 -code error -errorcode {A B} x} m o; list $m [dict get $o -errorcode] [dict get $o -code]
%%
proc f {} {return -code error -errorcode {A B} x}; catch f m o; list $m [dict get $o -errorcode] $::errorCode
%%
proc f {} {return -code error -errorinfo I -errorcode {A B} x}; catch f m o; dict get $o -errorinfo
%%
proc p {} {set d {a 1}; set v0 x; eval {dict update d b v0 {set v0}}}; p
%%
proc p {} {set d {a 1}; set v0 x; if 1 {eval "dict update d b v0 {set v0}"}}; p
%%
proc p {} {set d {a 1}; set v0 x; switch -nocase - {a {} default {dict update d b v0 {set v0}}}}; p
%%
proc p {} {set d {a 1}; set v0 x; switch -nocase -exact - {a {} default {dict update d b v0 {set v0}}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {a {} default {dict update d b v0 {set v0}}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {a {} default {list [dict update d b v0 {set v0}]}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {a {} default {dict update d b v7 {set v0}}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - a {} default {dict update d b v0 {set v0}}}; p
%%
proc p {} {set d {a 1}; uplevel 0 {dict update d b v0 {set v0}}}; p
%%
proc p {} {set d {a 1}; catch {switch -nocase - a {} default {dict update d b v0 {set v0}}} x o; dict get $o -errorinfo}; p
%%
proc p {} {switch -nocase - {a {} default {unset nosuch}}}; p
%%
proc p {} {switch -nocase - {a {} default {set nosuch}}}; p
%%
proc p {} {switch -nocase - {a {} default {set a b}}; eval {unset a; set a}}; p
%%
proc p {} {set a 1; eval {unset a; set a}}; p
%%
proc p {} {eval {set a 1; unset a; set a}}; p
%%
proc p {} {eval {set a 1; unset a}; set a}; p
%%
proc p {} {set d {a 1}; switch -nocase - {a {} default {dict with d {set q}}}}; p
%%
proc p {} {set d {a 1}; lmap x {1 2} {dict with d {set q}}}; p
%%
proc p {} {set d {a 1}; eval {dict with d {set q}}}; p
%%
proc p {} {set d {a 1}; eval {dict for {q r} {a b} {error x}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {default {dict for {q r} {a b} {error x}}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {default {foreach x y {error x}}}}; p
%%
proc p {} {set d {a 1}; eval {foreach x y {error x}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {default {catch {foo} m o; error x}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {default {set a::b}}}; p
%%
proc p {} {set d {a 1}; switch -nocase - {default {lappend a "\{"; lappend a b}}}; p
%%
proc p {} {set d {a 1}; set a x; switch -nocase - {default {unset a; unset a}}}; p
%%
proc p {} {array set z {a 1}; catch {error y} z}; p
%%
proc p {} {array set z {a 1}; catch {foo} m z}; p
%%
proc p {} {array set z {a 1}; catch {set a b} z}; p
%%
array set z {a 1}; catch {catch {error y} z} m; set m
%%
array set z {a 1}; catch {catch {error y} z} m; set errorInfo
%%
array set z {a 1}; catch {catch {error y} z} m o; dict get $o -errorinfo
%%
array set z {a 1}; catch {set a b} z
%%
array set z {a 1}; catch {return -code 5 b} z
%%
array set z {a 1}; catch {error y} m z
%%
array set z {a 1}; catch {error y info} z
%%
catch {error x} arr; array set z {a b}; catch {error y} z
%%
array set z {a b}; catch {incr q abc} z
%%
array set z {a b}; catch {incr q $z} z
%%
array set z {a b}; catch {lindex a b c} z
%%
array set z {a b}; catch {expr {1 + "x"}} z
%%
array set z {a b}; set a b; catch {incr q [set a]x} z
%%
array set z {a b}; set a b; catch {incr z(a) [set a]x} z
%%
array set z {a b}; set a b; catch {incr z(x) [set a]x} z
%%
array set z {a 1}; set a b; catch {incr z(a) bx} z
%%
set q 1; array set z {a 1}; set a b; catch {incr q bx} z
%%
set q 1; array set z {a 1}; set a b; catch {dict incr q r bx} z
%%
set q {a x}; array set z {a 1}; set a b; catch {dict incr q a} z
%%
catch {return -level 0 -code error -foo bar -errorcode {A B} x} v0 o; list $v0 [dict get $o -code] [dict get $o -level] [dict exists $o -errorcode]
%%
catch {return -code ok -errorcode {A B} x} v0 o; dict exists $o -errorcode
%%
catch {return -level 0 -errorcode {A B} x} v0 o; dict exists $o -errorcode
%%
catch {return -level 0 -errorcode {A B} -foo x y} v0 o; set o
%%
catch {return -level 0 -errorcode {A B} y} v0 o; set o
%%
catch {return -level 0 -foo y z} v0 o; set o
%%
proc p {} {return -level 0 -errorcode {A B} y}; catch p v0 o; set o
%%
proc p {} {return -errorcode {A B} -foo q y}; catch p v0 o; set o
%%
proc p {} {return -errorcode {A B} y}; catch p v0 o; set o
%%
proc p {} {return -level 0 -foo q y; set x y}; catch p v0 o; set o
%%
return -level 0 -foo q y; catch {set a b} m o; set o
%%
proc p {} {return -level 0 -foo q y; catch {set a b} m o; set o}; p
%%
return -level 0 -foo q y; error x
%%
catch {return -level 0 -foo q y; break} m o; set o
%%
catch {return -level 0 -foo q y} m o; catch {set x y} m o; set o
%%
try {return -level 0 -foo q y} on ok {m o} {set o}
%%
return -level 0 -foo q y; try {set x 1} on ok {m o} {set o}
%%
proc p {} {return -level 0 -foo q y}; p; catch {set x y} m o; set o
%%
proc p {} {return -level 0 -foo q y}; catch {p; set x y} m o; set o
%%
proc p {} {return -level 0 -foo q y}; catch {p; return z} m o; set o
%%
proc p1 {} {set v0 x; switch -nocase - {default {incr v0(x)}}}; p1
%%
proc p1 {} {set v0 x; eval {incr v0(x)}}; p1
%%
proc p1 {} {set v0 x; eval {set v0(x)}}; p1
%%
proc p1 {} {set v0 x; eval {set v0(x) 1}}; p1
%%
proc p1 {} {set v0 x; eval {incr v9(x) y}}; p1
%%
proc p1 {} {set v0 x; unset v0; eval {incr v0 y}}; p1
%%
proc p1 {} {set v0 x; set n v0(x); eval {incr $n}}; p1
%%
proc p1 {} {set v0 x; eval {set v0; unset v0; unset v0}}; p1
%%
proc p1 {} {set v0 x; unset v0; eval {append v0(x) 1; incr v0}}; p1
%%
proc p1 {} {set v0 x; eval {unset v0(x)}}; p1
%%
proc p1 {} {array set v0 {a b}; eval {unset v0(x)}}; p1
%%
proc p1 {} {array set v0 {a b}; eval {set v0(x)}}; p1
%%
proc p1 {} {array set v0 {a b}; eval {incr v0(a)}}; p1
%%
proc p1 {} {array set v0 {a b}; eval {lappend v0(a) "\{"; lappend v0(a) b; lappend v0 x}}; p1
%%
proc p {x} {subst {a[set x]b}}; p q
%%
proc p {x} {subst {a[set y]b}}; p q
%%
proc p {x} {subst {a$y}}; p q
%%
proc p {x} {subst {a[error z]}}; p q
%%
proc p {x} {subst {a[break]b}}; p q
%%
proc p {x} {subst {a[continue]b}}; p q
%%
proc p {x} {subst {a[return z]b}}; p q
%%
proc p {x} {subst {a[return -code 5 z]b}}; p q
%%
proc p {x} {subst {a[foo}}; p q
%%
proc p {x} {subst "a\[foo"}; p q
%%
proc p {x} {subst $x}; p {a[error z]}
%%
proc p {x} {subst $x}; p {a$y}
%%
proc p {x} {subst $x}; p {a[break]b}
%%
proc p {x} {subst $x}; p {a[foo}
%%
proc p {x} {subst -nocommands {a[foo $x}}; p q
%%
proc p {x} {subst -novariables {a[foo $x}}; p q
%%
proc p {x} {subst {a$x([set x])}}; p q
%%
proc p {x} {subst {a$x(}}; p q
%%
proc p {x} {subst {a${x}}; }; p q
%%
proc p {x} {subst "a\${x"}; p q
%%
proc p {x} {foreach i {1 2} {subst {a[break]b}}}; p q
%%
proc p {x} {foreach i {1 2} {subst {a[continue]b}; set x y}; set x}; p q
%%
proc p {x} {catch {subst {a[error z]}} m o; dict get $o -errorinfo}; p q
%%
proc p {x} {if 1 {subst {
a[error z]}}}; p q
%%
proc p {x} {subst {a[set x b; set y]}}; p q
%%
proc p {x} {set x [subst {[dict update d a b {set c}]}]}; p q
%%
proc p {x} {set d {a 1}; subst {[dict update d a b {set c}]}}; p q
%%
proc p {x} {subst {[foreach i {1 2} {set q}]}}; p q
%%
proc p {x} {subst {[catch {set q} x]$x}}; p q
%%
proc p {x} {subst {[expr {1+"a"}]}}; p q
%%
proc p {x} {subst {\[$x\]\u00e9}}; p q
%%
proc p {x} {subst {[unset x]$x}}; p q
%%
proc p {x} {subst {[set y 1][unset y][set y]}}; p q
%%
proc p {x} {subst {[incr y a]}}; p q
%%
proc p {x} {subst {[incr y(1)][incr y]}}; p q
%%
proc p {x} {subst {[lindex {a b} [set q]]}}; p q
%%
proc p {x} {subst {[array set a::b {x 1}]}}; p q
%%
proc p {x} {subst {[lappend l "\{"][lappend l b]}}; p q
%%
proc p {x} {set v {[lappend l "\{"][lappend l b]}; subst $v}; p q
%%
proc p {x} {set v {[array set a::b {x 1}]}; subst $v}; p q
%%
proc p {x} {set v {[incr x(1)]}; subst $v}; p q
%%
proc p {x} {set v {[try {set q} on error {a b} {set r}]}; subst $v}; p q
%%
proc p {x} {subst {[try {set q} on error {a b} {set r}]}}; p q
%%
proc p {x} {set v {[catch {set q} a]$a [return -code error z]}; subst $v}; p q
%%
proc p {x} {subst {x[return -code error z]}}; p q
%%
proc p {x} {subst {x[return -code break z]y}}; p q
%%
proc p {x} {subst {x[switch a {a {error z}}]y}}; p q
%%
proc p {x} {subst {x[switch -nocase a {a {error z}}]y}}; p q
%%
subst {x[switch a {a {error z}}]y}
%%
subst {x[catch {error a} arr(x)][array get arr]y}
%%
catch {subst {x[set q]}} m; set errorInfo
%%
proc p {x} {string index abc -11}; p a
%%
lset l -11 x
%%
set l {a b}; lset l -11 x
%%
set l {a b}; lset l end-11 x
%%
lindex {a b} -1-10
%%
lindex {a b} 1-11x
%%
string range abc -11 -10x
%%
lreplace {a b} -11 -10x
%%
after -11x
%%
incr x -11x
%%
format %d -11x
%%
format %-11x z
%%
scan -11x %d
%%
lsearch -start -11x {a b} a
%%
lsort -index -11x {a b}
%%
lsort -index -11 {a b}
%%
lsort -index -10 {{a b} {c d}}
%%
lsort -index {0 -11} {{a b} {c d}}
%%
lsort -index end-11 {{a b} {c d}}
%%
lsearch -index -11 {{a b} {c d}} a
%%
lsearch -index end-11 {{a b} {c d}} a
%%
lsearch -index {0 end-11} {{a b} {c d}} a
%%
lsearch -index 3 {{a b} {c d}} a
%%
lsearch -sorted -index -2 {{a b} {c d}} a
%%
lsort -index 2-13 {{a b} {c d}}
%%
lsort -index end+1 {{a b} {c d}}
%%
lsort -index 99 {{a b} {c d}}
%%
lsort -stride 2 -index -11 {a b c d}
%%
lsort -stride 2 -index end-11 {a b c d}
%%
lsort -stride 2 -index {0 -11} {a b c d}
%%
lsort -stride 2 -index {0 end-11} {a b c d}
%%
lsort -stride 2 -index {1 end-2} {a b c d}
