dict create a 1 b 2
%%
dict create
%%
dict create a
%%
dict create a 1 a 2
%%
dict get {a 1 b 2} a
%%
dict get {a 1 b 2} c
%%
dict get {a {b {c 5}}} a b c
%%
dict get {a {b {c 5}}} a x c
%%
dict get {a 1 b 2}
%%
dict get {a 1 a 2}
%%
dict get {a}
%%
dict get {a} a
%%
dict get "a {b" a
%%
dict get
%%
dict set d a 1; dict set d b 2
%%
dict set d a b c 5; set d
%%
set d {a 1}; dict set d a b 5
%%
set d {a}; dict set d b 5
%%
dict set d
%%
dict set d a
%%
set d {a 1 b 2}; dict set d a 9; set d
%%
set d {a 1 b 2}; set e $d; dict set d a 9; list $d $e
%%
dict exists {a 1} a
%%
dict exists {a 1} b
%%
dict exists {a {b 1}} a b
%%
dict exists {a 1} a b
%%
dict exists {a} a
%%
dict exists {a 1}
%%
dict keys {a 1 b 2}
%%
dict keys {abc 1 bcd 2} a*
%%
dict keys {a}
%%
dict keys
%%
dict values {a 1 b 2}
%%
dict values {a 1 b 2} 2
%%
dict size {a 1 b 2}
%%
dict size {}
%%
dict size {a}
%%
dict size
%%
set d {a 1 b 2}; dict unset d a
%%
set d {a 1 b 2}; dict unset d x
%%
set d {a {b 1 c 2}}; dict unset d a b
%%
set d {a {b 1 c 2}}; dict unset d x b
%%
dict unset nod a; set nod
%%
dict unset d
%%
dict for {k v} {a 1 b 2} {lappend r $k=$v}; set r
%%
dict for {k v} {a 1 b 2 c 3} {if {$k eq "b"} break; lappend r $k}; set r
%%
dict for {k v} {a 1 b 2 c 3} {if {$k eq "b"} continue; lappend r $k}; set r
%%
dict for {k v} {a 1 b 2} {error $k}
%%
dict for {k} {a 1} {}
%%
dict for {k v} {a} {}
%%
dict for {k v} {a 1}
%%
dict for
%%
proc f {} {dict for {k v} {a 1} {
error x}}; f
%%
proc f {} {dict for {k v} {a 1} {return $k$v}}; f
%%
set d {a x}; dict append d a y z; dict append d b w; set d
%%
dict append d
%%
dict append d a; set d
%%
set d {a 1}; dict incr d a; dict incr d a 5; dict incr d b; set d
%%
set d {a x}; dict incr d a
%%
set d {a 1}; dict incr d a x
%%
dict incr d
%%
set d {a {1 2}}; dict lappend d a 3 4; dict lappend d b x; set d
%%
set d {a "1 \{2"}; dict lappend d a 3
%%
dict lappend d
%%
dict merge {a 1 b 2} {b 3 c 4}
%%
dict merge
%%
dict merge {a 1}
%%
dict merge {a 1 a 2}
%%
dict merge {a} {b 1}
%%
dict merge {a 1} {b}
%%
dict remove {a 1 b 2 c 3} a c
%%
dict remove {a 1} x
%%
dict remove {a 1 a 2}
%%
dict remove
%%
dict replace {a 1 b 2} b 3 c 4
%%
dict replace {a 1} b
%%
dict replace
%%
dict map {k v} {a 1 b 2} {expr {$v*2}}
%%
dict map {k v} {a 1 b 2} {if {$k eq "a"} continue; set v}
%%
dict filter {a 1 b 2 ab 3} key a*
%%
dict filter {a 1 b 2 ab 3} key a b
%%
dict filter {a 1 b 2 ab 3} value 2
%%
dict filter {a 1 b 2} script {k v} {expr {$v > 1}}
%%
dict filter {a 1 b 2} script {k v} {expr 5+}
%%
dict filter {a 1} foo x
%%
dict filter {a 1} script {k}  {}
%%
dict filter {a 1} script
%%
dict filter {a 1 b 2} script {k v} {set k}
%%
set d {a 1 b 2}; dict update d a x b y {incr x 10; unset y}; set d
%%
set d {a 1}; dict update d b x {set x 5}; set d
%%
set d {a 1}; dict update d a x {error foo}
%%
set d {a 1}; catch {dict update d a x {set x 9; error foo}}; set d
%%
dict update d a
%%
dict update nosuch a x {}
%%
set d {a 1}; dict update d a x {return}
%%
set d {a 1 b 2}; dict with d {incr a; set b x}; set d
%%
set d {a {b 1 c 2}}; dict with d a {incr b}; set d
%%
set d {a 1}; dict with d {error x}
%%
dict with nosuch {}
%%
set d {a 1}; dict with d {unset a}; set d
%%
set d {a 1}; dict with d x {}
%%
dict foo
%%
dict
%%
dict ge {a 1} a
%%
set d [dict create a 1 b [dict create c 2]]; dict set d b c 5; dict get $d b c
%%
set d [dict create]; for {set i 0} {$i < 20} {incr i} {dict set d k$i $i}; for {set i 0} {$i < 20} {incr i 2} {dict unset d k$i}; dict set d k0 x; set d
%%
set d {}; dict set d "a b" "c d"; dict set d {} x; set d
%%
lindex [dict create a 1 b 2] 2
%%
set d [dict create a 1]; lappend d b 2; dict get $d b
%%
dict size [list a 1 b 2]
%%
foreach {k v} [dict create x 1 y 2] {lappend r $k $v}; set r
%%
array set a {x 1 y 2}; lsort [array names a]
%%
array set a {x 1 y}; 
%%
array set a "x {y"
%%
set a 1; array set a {x 1}
%%
set a 1; array set a {}
%%
array set a {}; list [array exists a] [array size a]
%%
array set a(1) {x 1}
%%
array set
%%
array set a {x 1}; array get a
%%
array get nosuch
%%
set a 1; array get a
%%
array set a {abc 1 bcd 2}; array get a a*
%%
array set a {abc 1 bcd 2}; array names a b*
%%
array set a {abc 1 bcd 2}; array names a -exact abc
%%
array set a {abc 1 bcd 2}; array names a -regexp ^b
%%
array set a {abc 1 bcd 2}; array names a -glob *c*
%%
array set a {abc 1 bcd 2}; array names a -foo x
%%
array names
%%
array size nosuch
%%
array set a {x 1 y 2}; array size a
%%
array exists nosuch
%%
set x 1; array exists x
%%
array set a {x 1 y 2}; array unset a x; array get a
%%
array set a {x 1 y 2}; array unset a; array exists a
%%
array set a {xa 1 xb 2 y 3}; array unset a x*; array get a
%%
array unset nosuch
%%
array foo a
%%
array
%%
array exists
%%
for {set i 0} {$i < 30} {incr i} {set a($i) $i}; array names a
%%
foreach w {the quick brown fox jumps over the lazy dog and then some more words follow here} {incr c($w)}; array get c
%%
for {set i 0} {$i < 100} {incr i} {set a(key$i) $i}; array names a
%%
set a(\xe9) 1; set a(\xff\x80) 2; set a(b) 3; set a() 4; set a(\x00) 5; string length [array names a]
%%
set a(x) 1; foreach {k v} [array get a] {lappend r $k $v}; set r
%%
set a(x) 1; proc f {n} {upvar $n q; lsort [array names q]}; f a
%%
set a(x,y) 1; set i x; set j y; set a($i,$j)
%%
set a(x) 1; unset a(x); array exists a
%%
set a(x) 1; incr a(x) 5; append a(x) z; lappend a(y) 1 2; lsort [array get a]
%%
clock format 0 -gmt 1
%%
clock format 0 -format %Y-%m-%dT%H:%M:%S -gmt 1
%%
clock format 1700000000 -format {%a %A %b %B %d %e %H %I %j %k %l %m %M %p %P %S %s %u %w %y %Y %C %D %T %R %r %n%t%% %h %Z %z} -timezone :UTC
%%
clock format 1700000000 -gmt 1 -format %c
%%
clock format 1700000000 -gmt 1 -format %x
%%
clock format 1700000000 -gmt 1 -format %X
%%
clock format 1700000000 -gmt 1 -format %+
%%
clock format -1 -gmt 1
%%
clock foo
%%
clock
%%
expr {abs([clock seconds] - [clock milliseconds]/1000) <= 1 && abs([clock microseconds]/1000000 - [clock seconds]) <= 1}
%%
clock seconds x
%%
dict incr d a 08
%%
dict incr d a x
%%
set d {}; dict incr d a x
%%
set d {a 1}; dict incr d a x
%%
set d {a 1}; dict incr d a 08
%%
set d {a 1}; dict incr d a Inf
%%
set d {b 1}; dict incr d a 1.5
%%
set d {a 1}; dict incr d a 1.5
%%
set d {a x}; dict incr d a 1
%%
set d {a x}; dict incr d a y
%%
set d {a 08}; dict incr d a 1
%%
proc p {} {set d {b 1}; dict incr d a x}; p
%%
proc p {} {set d {a 1}; dict incr d a x}; p
%%
proc p {} {set d {a x}; dict incr d a 1}; p
%%
proc p {} {set d {a x}; dict incr d a}; p
%%
set d {a x}; dict incr d a
%%
set d {b 1}; dict incr d a x
%%
set d {b 1}; dict incr d a 08
%%
set l1 ]
set d0 {}
if {[dict set d0 k {] #}]in{}} {} 
set v1 [dict unset d0 k nosuch]
list $v1
%%
set d0 {}; dict set d0 k {] #}; set d0
%%
set d0 {}; catch {dict set d0 k {] #}}; catch {dict unset d0 k nosuch} m; list $d0 $m
%%
set d0 {}; dict set d0 k "] #"; catch {dict unset d0 k nosuch} m; list $d0 $m
%%
set d0 {k {]]x} a 1}; dict unset d0 k nosuch
%%
set d0 {k {}}; dict unset d0 k nosuch
%%
set d0 [dict create k {] #}]; dict unset d0 k nosuch
%%
set d0 [dict create k {] #}]; dict unset d0 k nosuch; llength $d0
%%
set d0 [dict create k "a\\ b"]; dict unset d0 k nosuch; set d0
%%
set d0 [dict create k "\n"]; dict unset d0 k nosuch; set d0
%%
set d0 [dict create k { 1   2 }]; dict unset d0 k nosuch; set d0
%%
set d0 [dict create k { 1   2 }]; dict set d0 k 1 2; set d0
%%
set d0 [dict create k { 1   2 }]; dict unset d0 nosuch; set d0
%%
set d0 [dict create k { 1   2 }]; dict for {k v} $d0 {dict size $v}; set d0
%%
set d0 [dict create k { 1   2 }]; dict get $d0 k 1; set d0
%%
set d0 [dict create k { 1   2 }]; catch {dict get $d0 k 1 2}; set d0
%%
set d0 [dict create k { 1   2 }]; dict exists $d0 k 3; set d0
%%
set d0 [dict create k { 1   2 }]; catch {dict unset d0 k 1 2}; set d0
%%
set d0 [dict create k { 1   2 }]; catch {dict unset d0 k 3 2}; set d0
%%
set d0 {k { 1   2 }}; dict unset d0 k nosuch
%%
set d0 {  k { 1   2 }}; dict unset d0 k nosuch
%%
set d0 {  k { 1   2 }}; dict unset d0 nosuch
%%
set l2 {}; set v0 [dict map {k v} $l2 {string length $v}]; list [string is integer -failindex v0 $v0] $v0
%%
set l2 {}; set v0 [dict map {k v} $l2 {string length $v}]; list [string is integer $v0] $v0
