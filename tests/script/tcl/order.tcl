set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b nosuch $l
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign {a 1 b 2} {x y} a::b] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign $d a::b ::v a::b] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b "\{"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign $l a::b] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign {} a::b a::b] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsearch -glob -subindices -index 0 {3 1 2} b
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b -1 $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsearch -subindices -index 0 {a10 a9 a1} {b c}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsort -stride 2 -indices {{} {}}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign {1 a} "a(b" a::b] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b x
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsort -stride 2 -unique -indices {c a b a}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b {0 end} 0x10
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsort -stride 2 -indices {A a B b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b 0
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b -1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsearch -subindices -index 0 {c a b a} A
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsearch -subindices -index 0 {A a B b} 2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b $d $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsort -stride 2 -indices -index {0 0} "a\nb"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b "\xe9"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lappend a::b "a\0b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsearch -subindices -index 0 {A a B b} {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign $l a::b arr(u) arr(u)] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsearch -subindices -index 0 {1 a} x
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign {a 1 b 2} arr(u) l a::b] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [lassign {} l a::b "("] $v [info exists u]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
lsort -stride 2 -indices {1 a}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
dict set arr 0x10 a::b
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend a::b {c a b a} b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset d(x) {a b} b {a b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset d(x) {} a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict incr a::b a -1] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend a::b x {1.5 1 0x2}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend a::b {A a B b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict incr v(x) a 1.5] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set a::b nosuch {a b} x] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset arr {a b} nosuch a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict incr d(x) x 1e3] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set arr {} {} b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
dict lappend arr nosuch d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset d(x) x nosuch] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append arr {a b} b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend arr {a 1 b 2} "a\nb" "a\nb"] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset arr x b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset d(x) a {a b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
dict replace {a 1 a 2} 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset v(x) b a b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append arr {a b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset arr nosuch nosuch {}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append arr nosuch] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict incr arr a  3 ] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set a::b x x] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append a::b b a b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append a::b x b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset d(x) x a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset arr {a b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict incr arr {} 08] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset v(x) x {a b} nosuch] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict incr arr nosuch true] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset arr {} a {a b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset d(x) {} nosuch {}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append arr {a b} nosuch] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set arr a b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend arr "{a}b"] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset a::b {}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset arr x a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend a::b {1 a}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set a::b x a x b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend a::b {c a b a} "a\nb" x] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend arr a {{} {}} {3 1 2}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append a::b b a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict incr d(x) b x] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set arr a a nosuch a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
dict append a::b end-1 arr(u) arr(u)
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
dict append a::b 1.5 {{} 1}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend arr {1 a} {a b c}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict lappend arr b] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set arr a {a b} nosuch] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset v(x) nosuch x] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set a::b a {} x x] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset d(x) b {} nosuch] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict unset v(x) a a {a b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append a::b x a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append a::b a x x] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append a::b nosuch] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict set arr {a b} a b {a b}] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [dict append arr b a] $d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -al -inline x? "a {"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -all -line {} {a b c} <&>
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -al ^ "{" {\9}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in {[a-c]+} {} m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a -inline $ -5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in a|b abc m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -in a|b 1.5e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a -indices -inline {a*} "a\0b\0"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -al {[} a m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -al {(a)|(x)} abcabc {\9}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in a "\n" m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in {} ÿ m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in a|b "\0" m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -in -line . ÿ
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -all -start end {} {a.b} <&>
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -al (?i)A 2 m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -line -in {(a)|(x)} -5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regsub -al {[} "\xe9\xc9" {\2-\1} out] $out
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -al {} "{" {\1}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -start 99 -in . 2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a -line (?i)A {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regsub -al (?i)A a {\1} out] $out
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -a (?:b) {a b} m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -a x? a m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -indices -inline -a a "a\0b\0"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -al (?:b) abc m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -al {\d} {} m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -a {a*} {a b c} m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -a {} "a\0b\0" m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regsub -al $ "\{" <&> out] $out
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -in {[a-c]+} {a.b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -in -indices -inline (a)(b) 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -all -indices -inline -start 2 {a*} {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -a {\d} a m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regsub -a x? "tab\there" {\1} out] $out
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -a {a*} 1.5 m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a {[} aXbX
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -in {[} 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -start 1 -in {\s+} aaa
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in $ "tab\there" m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -al -- {[} 1.5e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regsub -al (?:b) "\{" <&> out] $out
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a {[a-c]+} a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -all -- {} { a b } <&>
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -al ( "0x1f " m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in (?i)A "\0" m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a  {[a-c]+} {{a 1} {b 2}}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a {\s+} 1.5e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a (a)(b) {a.b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -all -line {} "tab\there" <&>
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -al (?i)A {a b c d} m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -in ^ {a b c}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -al {} {} m1 m2 m3] [info exists m1]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -expanded -a {(a)|(x)} {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regsub -a {} ÿ <&> out] $out
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -nocase -in {[a-c]+} "a {"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regexp -a (a)(b) abc
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [regexp -in (a)(b) aXbX m1 m2] $m1 $m2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
regsub -all -start 1 {} 1 {[\1]}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d} 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d}  3 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d} 1 1.5e3 x
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d} 0x10
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d} 0
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d} -1 {a b c} 1e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d} 1 ÿ
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05u} 0
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05d} 10
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
format {%-05lld}  3 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 0 {%*d%d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan {{a 1} {b 2}} {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 12 {%n%1$*d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%0$da%d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan -99999999999999999999 {%*d%d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 1.5e3 {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%0$d%s}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 12 {%*d%d%2d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan "\{" {%0$d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan "0x1f " {%0$d} v w] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%0$d%[}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%0$d%e}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan Hello {%0$d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 12 {%*d%d%d%s}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan -1 {%0$d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan -2147483649 {%0$d} v w] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%hd%1$*d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan abc {%0$d} v w] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan -1 {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%*s%s}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "12 34" {%x%1$*d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan {a.b} {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%3$d%z}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%1$d%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan ÿ {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%0$d%c}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%ld%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan { a b } {%0$d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan 1 {%0$d} v w] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 12abc {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 4294967297 {%*d%d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "12 34" {%d%n%1$*d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 077 {%*d%d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%0$d%g}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%1$d%}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan 2 {%0$d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan -5 {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "12 34" {%3$d%}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan { a b } {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 12 {%[a-]%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "\{" {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 077 {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 12 {%*s%d%n}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 2 {%*d%d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "{" {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%b%1$*d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan 12 {%i%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan -5 {%*d%d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan {} {%0$d} v w] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%2$s %1$s%2$s %1$s}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan {a b c} {%0$d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%3$d%3$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "12 34" {%ld%1$*d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%0$d%s}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan "\xe9\xc9" {%0$d} v] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan {a.b} {%0$d} v w] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan "1 a 2 b" {%0$d%z}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
list [scan {hello world} {%0$d} v w] $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan Hello {%0$d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
scan abc123 {%o%1$*d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s -5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s "0x1f "
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {b*c2} { a b }
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {qh} {a b c}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s abcabc
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {Rs} {hello world}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s "\xe9\xc9"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {R@} abc {{} {}} "\xe9\xc9"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {nz} a {hello world}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {da2X1a} {} {a b c}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {H3a2X1a} "a \"b" 99999999999999999999
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s {a.b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s 616
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {B4a} {a {b c} d}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {b*f} "a \"b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {Rb} ÿ
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {i{ }} 08 {a10 a9 a1} "0x1f "
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {fH*} "{"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucunu} abcabc
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {c c} "\xe9\xc9"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s { a b }
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {c cw} 1.5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary f "tab\there" {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {B4h} "0x1f "
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s "61\n62"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s {a b c}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucuu} "a {"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucuR} Hello {{} {}}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {W*x*} {A a B b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {wA3} 1.5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucua3x} aaa 1e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary f abcabc abcabc "{"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucu} "a {"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {bA} {{} {}}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {b*a2X1a} "\0" true
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {Bf} "\0"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucuB} {1 a} 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {Hnu} true
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {f2A} { a b }
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cuH*} {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s ÿ
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucua3} aaa
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s "\0"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {b4B*} {a b c}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cua3x} {3 1 2}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {Rn} "a \"b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {c*3} {a 1 b 2} ÿ {1.5 1 0x2}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format "tab\there" "\n" { a b }
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {HW*} "\0"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s 1.5e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {ta-1} aaa {} "a \"b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {W{a *}} x true
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {cucuf2} {a10 a9 a1} {A a B b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s FFff
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {Qa2X1a} abc
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {dcu} Hello
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary format {St} ÿ
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
binary decode hex -s "61 62"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global a::b ::v; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global a::b; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc ::a::b {} {a {b 1 2}}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global a::b x; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar #0 v a::b x 0; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -indexvar 1.5e3 {a -}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar a::b x(1) 2 v; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar x(1) a::b; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global d(x) ::v; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global {x y} d(x); info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar 1 y a::b 0; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc ::a::b {} a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global v(x) u; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -indexvar "{" {a* {set v} b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global l v(x); info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global a::b; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -indexvar "0x1f " {a {error x}}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global a::b v; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
source -bogus a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global d(x) a::b; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar v a::b; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global ::v a::b; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global v(x); info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -indexvar {hello world} {a* {set v} b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
apply {x {set x} nosuch} 1- end+1 $l
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar 0 a::b x 0 #0; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global a::b v; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -regexp -matchvar m -indexvar n { a b } 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global {} a::b; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global v(x) "("; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc a::b a a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar y a::b; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
source 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -indexvar aXbX a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global v a::b; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar 1 0 a::b; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
catch {} {set v} a::b
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar a::b arr(a) 0 1; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc a::b a {return 1}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global a::b arr(u); info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar #1 a::b #1 y; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global d(x); info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global d(x) arr; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global a::b arr(a); info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc a::b a "a {"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global a::b a::b; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -indexvar "\xe9\xc9" {a* {set v} b}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global a::b u; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {set x 1; global a::b ::v; info vars}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar a::b y y y; info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
switch -indexvar ÿ {a {error x}}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc a::b {a {b 1 2}} "a {"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {global d a::b; info locals}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
proc f {} {upvar a::b x(1) #0 arr(a); info exists x}; f
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set a::b 0
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b v(x)
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x) 2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set arr(a) "{a}b"; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x)
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x) 99999999999999999999
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set arr(a) {3 1 2}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set a::b 0x10
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v 1e3; incr v 99999999999999999999
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x) -1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set a::b {{a 1} {b 0} {c 2}}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set a::b {a b c}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x) 1e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr l 1.5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b 0
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x) 
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v true; incr v x
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
append a::b -nocase -1 "\xe9"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v {}; incr v 99999999999999999999
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr v(x) ::v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set a::b {c a b a}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v {}; incr v 1e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set arr(a) {a {b c} d}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr v(x) 1.5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b 10
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr l 99999999999999999999
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x) 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
append a::b $d true $l
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v {}; incr v x
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d(x) x
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set arr(a) {a b c}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set a::b {A a B b}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
append a::b "\{" 1-
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set a::b a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v true; incr v 99999999999999999999
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v 1e3; incr v 1.5
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v x; incr v 1e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr v(x) 10
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d arr(u)
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
append a::b a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set a::b {{} {}}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
append a::b 1+1 nosuch
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set arr(a) $l; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
append a::b abcABC {0 end}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr v(x) 0x10
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set arr(a) "a \"b"; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr l 08
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set a::b {1 a}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr d x
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
array set a::b {a10 a9 a1}; lsort [array get arr]
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr l u
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v 1.5; incr v 1e3
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr a::b 08
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
set v x; incr v 99999999999999999999
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr l u(x)
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
incr l d
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ? : {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} ?
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} "b" 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} ? * 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} [set v] *
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a {} ) {1 +} +
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} * $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} :
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr + [set v] ( "b" {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {1 +} {} [set v] (
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} "b" : 1 a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} * 2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr $v 1 {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr 1 ? {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} {} ( + +
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr : {} ( "b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ? {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} a {1 +} [set v] )
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} "b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a "b" : {} +
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ? {} "b" "b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {1 +} {} 1 $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr 1 1 ( {1 +} {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ? [set v] {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} {1 +}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr 1 "b" {} 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} {} * [set v] 2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr + {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a {} ( "b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} 2 )
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a ( + {} +
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr 2 {} [set v] ? :
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} 1 ?
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr [set v] [set v] {} 2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} a "b" $v a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} + {1 +} 1 "b"
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a {} a (
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr 2 2 {} $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr + "b" {} a $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ) ? ) * {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {1 +} ( {} : 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ( {} * a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ) 1 {} {} :
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a {} {} 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ( 2 [set v] {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr a 2 {} "b" {1 +}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr ? {} {1 +}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} ? $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr $v {} a
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr [set v] 1 {} ?
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr "b" {1 +} 2 {1 +} {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr [set v] ( * {} 1
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr [set v] : {} $v
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {1 +} {} [set v] 2 {1 +}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr "b" [set v] {}
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr 2 {} 2 ? 2
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} "b" )
%%
set v 5; set l {a b c}; set d {a 1 b 2}; array set arr {a 1 b 2}
expr {} * $v 1
%%
set f [open a w]; puts $f hi; close $f; file exists "a\0b"
%%
puts "a\0b" x
%%
puts -nonewline "a\0b" x
%%
puts "stdout\0b" x
%%
gets "a\0b"
%%
close "stdin\0"
%%
exec echo "a\0b"
%%
exec echo x > "f\0g"; file exists f
%%
file dirname "a/b\0c"
%%
file tail "a/b\0c"
%%
"foo\0bar" x
%%
set "a\0b"
%%
clock format 0 -format "a\0b"
%%
expr {"a\0b" + 1}
%%
expr "a\0b"
%%
expr "1 \0"
%%
expr "foo\0(1)"
%%
format "%d" "1\0"
%%
scan "1" "%\0"
%%
scan "1" "%\[a\0b"
%%
binary format "a\0" b
%%
binary format "\0" b
%%
binary scan a "\0" v
%%
binary decode hex "6\0"
%%
regexp "(\0" a
%%
regexp "a\0(" a
%%
string is "al\0" x
%%
lsort -command "a\0b" {a b}
%%
return -code "a\0b" x
%%
throw "a\0b \{" x
%%
info "a\0b"
%%
array "a\0b"
%%
array set "a\0b" x
%%
dict get {a b} "a\0b"
%%
proc "a\0b" {x} {}; "a\0b"
%%
proc p {{"a\0b" c}} {}; info args p
%%
upvar "a\0" b
%%
uplevel "#0\0" {set x 1}
%%
after "1\0"
%%
time {set x y} "1\0"
%%
try {error a} "on\0x" b
%%
switch "-foo\0" a
%%
switch -glob -- "a\0b" "a\0b" {set x yes} default {set x no}
%%
string map {a} "a\0"
%%
subst {[error "a\0b"]}
%%
subst "\[foo\0"
%%
eval "set x \{a\0"
%%
eval "a\0\n\0b"
%%
lindex {a b} "1\0"
%%
lindex {a b} "end\0"
%%
lindex {a b} "end-1\0"
%%
incr x "1\0"
%%
if "1\0" {set x}
%%
while "tr\0ue" {break}
%%
string repeat a "3\0"
%%
string index abc "1\0"
%%
expr {"1\0" + 1}
%%
expr {"0x1\0" == 1}
%%
expr {"1\0" == 1}
%%
string is integer "1\0"
%%
string is double -failindex x "1.5\0"; set x
%%
string is boolean "true\0"
%%
expr {!"true\0"}
%%
expr {true\0}
%%
foreach "a\0b" {1} {info vars a*}
%%
error "a\0b" "c\0d" "e\0f"
%%
error "a\0b"
%%
proc p {} {error "a\0b"}; p
