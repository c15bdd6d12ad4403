set x [expr {1.5 + 0.5}]; catch {string length $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string length $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string index $x 0}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string index $x 0}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string range $x 0 0}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string range $x 0 0}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string first a $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string first a $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string last $x aa}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string last $x aa}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string replace $x 0 0 q}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string replace $x 0 0 q}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string reverse $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string reverse $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string map [list a $x] a}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string map [list a $x] a}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string map [list $x a] 2.0}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string map [list $x a] 2.0}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string is digit $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string is digit $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string equal $x q}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string equal $x q}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string trim $x 2}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string trim $x 2}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string toupper $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string toupper $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string match $x 2}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string match $x 2}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {regexp a $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {regexp a $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {regexp {a(b)} $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {regexp {a(b)} $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {regexp -inline . $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {regexp -inline . $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {regsub -all . $x b}; format %d $x
%%
set x [string trim { 2.5 }]; catch {regsub -all . $x b}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {regsub a b $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {regsub a b $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {split $x .}; format %d $x
%%
set x [string trim { 2.5 }]; catch {split $x .}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {format %s $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {format %s $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {format %5s $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {format %5s $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {format %.1s $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {format %.1s $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {binary scan $x H* q}; format %d $x
%%
set x [string trim { 2.5 }]; catch {binary scan $x H* q}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {binary encode hex $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {binary encode hex $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {binary format a* $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {binary format a* $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {append x ""}; format %d $x
%%
set x [string trim { 2.5 }]; catch {append x ""}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {append x 0}; format %d $x
%%
set x [string trim { 2.5 }]; catch {append x 0}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {incr x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {incr x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {string repeat a $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {string repeat a $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {lrepeat $x a}; format %d $x
%%
set x [string trim { 2.5 }]; catch {lrepeat $x a}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {lsort [list $x a]}; format %d $x
%%
set x [string trim { 2.5 }]; catch {lsort [list $x a]}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {expr {$x eq "a"}}; format %d $x
%%
set x [string trim { 2.5 }]; catch {expr {$x eq "a"}}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {puts -nonewline $x}; format %d $x
%%
set x [string trim { 2.5 }]; catch {puts -nonewline $x}; format %d $x
%%
set x [expr {1.5 + 0.5}]; catch {set q "a$x"}; format %d $x
%%
set x [string trim { 2.5 }]; catch {set q "a$x"}; format %d $x
%%
set x [expr {1.5 + 0.5}]; string length $x; incr x
%%
dict incr d a 0x5
%%
dict incr d a { 5 }; dict incr d a
%%
dict incr d a 2.0
%%
set x [expr {0.5 * 3}]; dict incr d a $x
%%
expr {srand("abc")}
%%
set x 1.5; expr {srand($x)}
%%
expr {srand("")}
%%
set x 08; expr {srand($x)}
%%
expr {srand(true)}
%%
expr {srand(7)}
%%
binary scan [binary format f* {Inf -Inf 1e40 -1e40 3.4e38}] H* x; set x
%%
binary format H6 ab
%%
binary format b12a "1" c
%%
binary format h3 f
%%
set x 2147483647; string equal -length $x abc abd
%%
set x 2147483647; string compare -length $x abc abd
%%
set x 2147483647; info level $x
%%
set x 2147483647; return -level 0 -code $x
%%
set x 2147483647; lindex {a b c} end-$x
%%
set x 2147483647; lindex {a b c} 1+$x
%%
set x 2147483647; lindex {a b c} $x-1
%%
set x 2147483647; string range abc $x end
%%
set x 2147483647; linsert {a b} $x c
%%
set x 2147483647; lrange {a b} 0 $x
%%
set x 2147483647; string last a abca $x
%%
set x 2147483647; lsort -index $x {{a b} {c d}}
%%
set x 2147483647; lsearch -index $x {{a b} {c d}} d
%%
set x 2147483647; lsort -stride $x {a b c d}
%%
set x 2147483647; string first a abca $x
%%
set x 2147483647; regexp -inline -start $x a ba
%%
set x 2147483647; uplevel $x {set x}
%%
set x 2147483648; string equal -length $x abc abd
%%
set x 2147483648; string compare -length $x abc abd
%%
set x 2147483648; info level $x
%%
set x 2147483648; return -level 0 -code $x
%%
set x 2147483648; lindex {a b c} end-$x
%%
set x 2147483648; lindex {a b c} 1+$x
%%
set x 2147483648; lindex {a b c} $x-1
%%
set x 2147483648; string range abc $x end
%%
set x 2147483648; linsert {a b} $x c
%%
set x 2147483648; lrange {a b} 0 $x
%%
set x 2147483648; string last a abca $x
%%
set x 2147483648; lsort -index $x {{a b} {c d}}
%%
set x 2147483648; lsearch -index $x {{a b} {c d}} d
%%
set x 2147483648; lsort -stride $x {a b c d}
%%
set x 2147483648; string first a abca $x
%%
set x 2147483648; regexp -inline -start $x a ba
%%
set x 2147483648; uplevel $x {set x}
%%
set x 4294967295; string equal -length $x abc abd
%%
set x 4294967295; string compare -length $x abc abd
%%
set x 4294967295; info level $x
%%
set x 4294967295; return -level 0 -code $x
%%
set x 4294967295; lindex {a b c} end-$x
%%
set x 4294967295; lindex {a b c} 1+$x
%%
set x 4294967295; lindex {a b c} $x-1
%%
set x 4294967295; string range abc $x end
%%
set x 4294967295; linsert {a b} $x c
%%
set x 4294967295; lrange {a b} 0 $x
%%
set x 4294967295; string last a abca $x
%%
set x 4294967295; lsort -index $x {{a b} {c d}}
%%
set x 4294967295; lsearch -index $x {{a b} {c d}} d
%%
set x 4294967295; lsort -stride $x {a b c d}
%%
set x 4294967295; string first a abca $x
%%
set x 4294967295; regexp -inline -start $x a ba
%%
set x 4294967295; uplevel $x {set x}
%%
set x 4294967295; string repeat ab $x
%%
set x 4294967295; lrepeat $x a
%%
set x 4294967295; format %.*f $x 1
%%
set x 4294967296; string equal -length $x abc abd
%%
set x 4294967296; string compare -length $x abc abd
%%
set x 4294967296; info level $x
%%
set x 4294967296; return -level 0 -code $x
%%
set x 4294967296; lindex {a b c} end-$x
%%
set x 4294967296; lindex {a b c} 1+$x
%%
set x 4294967296; lindex {a b c} $x-1
%%
set x 4294967296; string range abc $x end
%%
set x 4294967296; linsert {a b} $x c
%%
set x 4294967296; lrange {a b} 0 $x
%%
set x 4294967296; string last a abca $x
%%
set x 4294967296; lsort -index $x {{a b} {c d}}
%%
set x 4294967296; lsearch -index $x {{a b} {c d}} d
%%
set x 4294967296; lsort -stride $x {a b c d}
%%
set x 4294967296; string first a abca $x
%%
set x 4294967296; regexp -inline -start $x a ba
%%
set x 4294967296; uplevel $x {set x}
%%
set x 4294967296; string repeat ab $x
%%
set x 4294967296; lrepeat $x a
%%
set x 4294967296; format %.*f $x 1
%%
set x -2147483648; string equal -length $x abc abd
%%
set x -2147483648; string compare -length $x abc abd
%%
set x -2147483648; info level $x
%%
set x -2147483648; return -level 0 -code $x
%%
set x -2147483648; lindex {a b c} end-$x
%%
set x -2147483648; lindex {a b c} 1+$x
%%
set x -2147483648; lindex {a b c} $x-1
%%
set x -2147483648; string range abc $x end
%%
set x -2147483648; linsert {a b} $x c
%%
set x -2147483648; lrange {a b} 0 $x
%%
set x -2147483648; string last a abca $x
%%
set x -2147483648; lsort -index $x {{a b} {c d}}
%%
set x -2147483648; lsearch -index $x {{a b} {c d}} d
%%
set x -2147483648; lsort -stride $x {a b c d}
%%
set x -2147483648; string first a abca $x
%%
set x -2147483648; regexp -inline -start $x a ba
%%
set x -2147483648; uplevel $x {set x}
%%
set x -2147483649; string equal -length $x abc abd
%%
set x -2147483649; string compare -length $x abc abd
%%
set x -2147483649; info level $x
%%
set x -2147483649; return -level 0 -code $x
%%
set x -2147483649; lindex {a b c} end-$x
%%
set x -2147483649; lindex {a b c} 1+$x
%%
set x -2147483649; lindex {a b c} $x-1
%%
set x -2147483649; string range abc $x end
%%
set x -2147483649; linsert {a b} $x c
%%
set x -2147483649; lrange {a b} 0 $x
%%
set x -2147483649; string last a abca $x
%%
set x -2147483649; lsort -index $x {{a b} {c d}}
%%
set x -2147483649; lsearch -index $x {{a b} {c d}} d
%%
set x -2147483649; lsort -stride $x {a b c d}
%%
set x -2147483649; string first a abca $x
%%
set x -2147483649; regexp -inline -start $x a ba
%%
set x -2147483649; uplevel $x {set x}
%%
set x -4294967295; string equal -length $x abc abd
%%
set x -4294967295; string compare -length $x abc abd
%%
set x -4294967295; info level $x
%%
set x -4294967295; return -level 0 -code $x
%%
set x -4294967295; lindex {a b c} end-$x
%%
set x -4294967295; lindex {a b c} 1+$x
%%
set x -4294967295; lindex {a b c} $x-1
%%
set x -4294967295; string range abc $x end
%%
set x -4294967295; linsert {a b} $x c
%%
set x -4294967295; lrange {a b} 0 $x
%%
set x -4294967295; string last a abca $x
%%
set x -4294967295; lsort -index $x {{a b} {c d}}
%%
set x -4294967295; lsearch -index $x {{a b} {c d}} d
%%
set x -4294967295; lsort -stride $x {a b c d}
%%
set x -4294967295; string first a abca $x
%%
set x -4294967295; regexp -inline -start $x a ba
%%
set x -4294967295; uplevel $x {set x}
%%
set x -4294967295; string repeat ab $x
%%
set x -4294967295; lrepeat $x a
%%
set x -4294967295; format %.*f $x 1
%%
set x -4294967296; string equal -length $x abc abd
%%
set x -4294967296; string compare -length $x abc abd
%%
set x -4294967296; info level $x
%%
set x -4294967296; return -level 0 -code $x
%%
set x -4294967296; lindex {a b c} end-$x
%%
set x -4294967296; lindex {a b c} 1+$x
%%
set x -4294967296; lindex {a b c} $x-1
%%
set x -4294967296; string range abc $x end
%%
set x -4294967296; linsert {a b} $x c
%%
set x -4294967296; lrange {a b} 0 $x
%%
set x -4294967296; string last a abca $x
%%
set x -4294967296; lsort -index $x {{a b} {c d}}
%%
set x -4294967296; lsearch -index $x {{a b} {c d}} d
%%
set x -4294967296; lsort -stride $x {a b c d}
%%
set x -4294967296; string first a abca $x
%%
set x -4294967296; regexp -inline -start $x a ba
%%
set x -4294967296; uplevel $x {set x}
%%
set x -4294967296; string repeat ab $x
%%
set x -4294967296; lrepeat $x a
%%
set x -4294967296; format %.*f $x 1
%%
set x 9223372036854775807; string equal -length $x abc abd
%%
set x 9223372036854775807; string compare -length $x abc abd
%%
set x 9223372036854775807; info level $x
%%
set x 9223372036854775807; return -level 0 -code $x
%%
set x 9223372036854775807; lindex {a b c} end-$x
%%
set x 9223372036854775807; lindex {a b c} 1+$x
%%
set x 9223372036854775807; lindex {a b c} $x-1
%%
set x 9223372036854775807; string range abc $x end
%%
set x 9223372036854775807; linsert {a b} $x c
%%
set x 9223372036854775807; lrange {a b} 0 $x
%%
set x 9223372036854775807; string last a abca $x
%%
set x 9223372036854775807; lsort -index $x {{a b} {c d}}
%%
set x 9223372036854775807; lsearch -index $x {{a b} {c d}} d
%%
set x 9223372036854775807; lsort -stride $x {a b c d}
%%
set x 9223372036854775807; string first a abca $x
%%
set x 9223372036854775807; regexp -inline -start $x a ba
%%
set x 9223372036854775807; uplevel $x {set x}
%%
set x 9223372036854775807; string repeat ab $x
%%
set x 9223372036854775807; lrepeat $x a
%%
set x 9223372036854775807; format %.*f $x 1
%%
list [lindex {a b c d} end--1] [string range abcd 0 end--1]
%%
list [lindex {a b c d} end+-1] [string range abcd 0 end+-1]
%%
list [lindex {a b c d} end-+1] [string range abcd 0 end-+1]
%%
list [lindex {a b c d} end++1] [string range abcd 0 end++1]
%%
list [lindex {a b c d} 1+-1] [string range abcd 0 1+-1]
%%
list [lindex {a b c d} 1--1] [string range abcd 0 1--1]
%%
list [lindex {a b c d} 2-+1] [string range abcd 0 2-+1]
%%
list [lindex {a b c d} {end- 1}] [string range abcd 0 {end- 1}]
%%
list [lindex {a b c d} {1- 1}] [string range abcd 0 {1- 1}]
%%
list [lindex {a b c d} 1-end] [string range abcd 0 1-end]
%%
list [lindex {a b c d} end-0x1] [string range abcd 0 end-0x1]
%%
list [lindex {a b c d} end-08] [string range abcd 0 end-08]
%%
list [lindex {a b c d} 1+] [string range abcd 0 1+]
%%
list [lindex {a b c d} -1-1] [string range abcd 0 -1-1]
%%
list [lindex {a b c d} end+1.0] [string range abcd 0 end+1.0]
%%
lsort -index -1 {{a b} {c d}}
%%
lsearch -index -1 {} a
%%
lsort -stride 2 -index -1 {a b c d}
%%
lsort -index end+1 {{a b} {c d}}
%%
lsearch -index end+1 {} a
%%
lsort -stride 2 -index end+1 {a b c d}
%%
lsort -index end--1 {{a b} {c d}}
%%
lsearch -index end--1 {} a
%%
lsort -stride 2 -index end--1 {a b c d}
%%
lsort -index 0-1 {{a b} {c d}}
%%
lsearch -index 0-1 {} a
%%
lsort -stride 2 -index 0-1 {a b c d}
%%
lsort -index 2147483647 {{a b} {c d}}
%%
lsearch -index 2147483647 {} a
%%
lsort -stride 2 -index 2147483647 {a b c d}
%%
lsort -index end-2147483647 {{a b} {c d}}
%%
lsearch -index end-2147483647 {} a
%%
lsort -stride 2 -index end-2147483647 {a b c d}
%%
lsort -index end-2147483646 {{a b} {c d}}
%%
lsearch -index end-2147483646 {} a
%%
lsort -stride 2 -index end-2147483646 {a b c d}
%%
lsort -index {0 -1} {{a b} {c d}}
%%
lsearch -index {0 -1} {} a
%%
lsort -stride 2 -index {0 -1} {a b c d}
%%
lsort -index {0 end+1} {{a b} {c d}}
%%
lsearch -index {0 end+1} {} a
%%
lsort -stride 2 -index {0 end+1} {a b c d}
%%
lsort -index {-1 x} {{a b} {c d}}
%%
lsearch -index {-1 x} {} a
%%
lsort -stride 2 -index {-1 x} {a b c d}
%%
lsort -index {x -1} {{a b} {c d}}
%%
lsearch -index {x -1} {} a
%%
lsort -stride 2 -index {x -1} {a b c d}
