string length abc
%%
string length ""
%%
string length
%%
string foo
%%
string
%%
string le abc
%%
string l abc
%%
string index abc 1
%%
string index abc end
%%
string index abc 5
%%
string index abc -1
%%
string index abc foo
%%
string index abc end-1
%%
string range abcdef 1 3
%%
string range abcdef end-1 end
%%
string range abcdef 3 1
%%
string range abcdef -5 2
%%
string range abcdef 2 99
%%
string range abc x 1
%%
string equal a a
%%
string equal a b
%%
string equal -nocase A a
%%
string equal -length 2 abc abd
%%
string equal -nocase -length 2 ABc abd
%%
string equal -foo a a
%%
string equal a
%%
string equal -length x a b
%%
string compare a b
%%
string compare b a
%%
string compare a a
%%
string compare abc ab
%%
string compare -nocase ABC abc
%%
string compare -length 2 abc abd
%%
string compare -length -1 abc abd
%%
string compare a
%%
string compare -length 2 a
%%
string compare -l 1 ab ac
%%
string match a* abc
%%
string match a?c abc
%%
string match {a[bx]c} abc
%%
string match {a[a-z]c} abc
%%
string match {a[^b]c} abc
%%
string match {a\*c} a*c
%%
string match {a\*c} abc
%%
string match * ""
%%
string match ** abc
%%
string match {*b*} abc
%%
string match {[a} a
%%
string match {[a-} b
%%
string match -nocase ABC abc
%%
string match -foo ABC abc
%%
string match {a[} a
%%
string match "a\\" "a\\"
%%
string match {[]a]} a
%%
string match {[z-a]} m
%%
string match *a*b*c* xxaxxbxxcxx
%%
string match a
%%
string first b abcb
%%
string first b abcb 2
%%
string first x abc
%%
string first "" abc
%%
string first abc ab
%%
string first b abc foo
%%
string first b abc -5
%%
string first b abc 99
%%
string first b abc end
%%
string last b abcb
%%
string last b abcb 2
%%
string last x abc
%%
string last "" abc
%%
string last b abc -1
%%
string last b abcb end-1
%%
string last a
%%
string map {a 1 b 2} abcab
%%
string map {a 1 b} abc
%%
string map -nocase {A 1} aAb
%%
string map {} abc
%%
string map {"" x} abc
%%
string map {abc 1 ab 2 a 3} abcabaa
%%
string map {a aa} aaa
%%
string map -foo {a b} c
%%
string map "a {b" c
%%
string map {a b}
%%
string repeat ab 3
%%
string repeat ab 0
%%
string repeat ab -1
%%
string repeat ab x
%%
string repeat ab 1
%%
string repeat "" 5
%%
string replace abcdef 1 3 X
%%
string replace abcdef 1 3
%%
string replace abcdef 3 1 X
%%
string replace abcdef end end X
%%
string replace abcdef 10 12 X
%%
string replace abcdef -2 0 X
%%
string replace abcdef -5 -2 X
%%
string replace "" 0 0 x
%%
string reverse abc
%%
string reverse ""
%%
string tolower ABC
%%
string tolower ABCDEF 1 3
%%
string tolower ABCDEF 2
%%
string toupper abc
%%
string toupper abcdef end
%%
string toupper abcdef end-1 end
%%
string totitle aBC
%%
string totitle aBCdef 2 4
%%
string tolower ABC foo
%%
string trim "  ab  "
%%
string trim xxabxx x
%%
string trim "\n\t ab\v\f"
%%
string trimleft "  ab  "
%%
string trimright "  ab  "
%%
string trim abc abc
%%
string trim abcXcba abc
%%
string trimleft aab a
%%
string cat a b c
%%
string cat
%%
string wordend "hello world" 0
%%
string wordend "hello world" 5
%%
string wordend "hello world" end
%%
string wordend "hello world" 99
%%
string wordstart "hello world" 8
%%
string wordstart "hello world" 5
%%
string wordstart "hello world" 99
%%
string wordstart "hello" -1
%%
string bytelength abc
%%
string is alpha abc
%%
string is alpha ab1
%%
string is alpha ""
%%
string is alpha -strict ""
%%
string is alpha -strict "" x y
%%
string is digit 123
%%
string is digit 12a
%%
string is -strict digit 12
%%
string is integer 12
%%
string is integer " 12 "
%%
string is integer 0x1F
%%
string is integer 12.5
%%
string is integer abc
%%
string is integer 99999999999
%%
string is integer -4294967295
%%
string is integer 4294967296
%%
string is wideinteger 99999999999
%%
string is wideinteger 9223372036854775808
%%
string is entier 99999999999999999999
%%
string is entier 12.5
%%
string is double 1.5
%%
string is double 1e5
%%
string is double abc
%%
string is double .
%%
string is double 1.
%%
string is double .5
%%
string is double 99999999999999999999
%%
string is double Inf
%%
string is double NaN
%%
string is double 0x10
%%
string is double " 1.5 "
%%
string is double 1e
%%
string is boolean yes
%%
string is boolean 2
%%
string is boolean tru
%%
string is boolean maybe
%%
string is true yes
%%
string is true no
%%
string is true 1
%%
string is false off
%%
string is false 0
%%
string is list "a b"
%%
string is list "a \{b"
%%
string is list ""
%%
string is space " \t\n"
%%
string is upper ABC
%%
string is upper aBC
%%
string is lower abc
%%
string is alnum ab1
%%
string is punct "!?."
%%
string is xdigit 0fF
%%
string is xdigit xyz
%%
string is ascii abc
%%
string is control "\x01"
%%
string is print abc
%%
string is graph "a b"
%%
string is wordchar a_1
%%
string is foo abc
%%
string is alpha
%%
string is alpha -failindex i ab1; set i
%%
string is alpha -failindex i abc; info exists i
%%
string is integer -failindex i 12x; set i
%%
string is integer -failindex i abc; set i
%%
string is integer -failindex i 99999999999; set i
%%
string is double -failindex i 1.5x; set i
%%
string is double -failindex i abc; set i
%%
string is double -failindex i 1e400; set i
%%
string is list -failindex i "a b \{c"; set i
%%
string is boolean -failindex i tx; set i
%%
string is digit -failindex i "12 "; set i
%%
string is alpha -strict -failindex i ""; set i
%%
string is alpha -failindex abc
%%
string is al abc
%%
string is integer -failindex i "12 x"; set i
%%
string is integer -failindex i "  "; set i
%%
string is integer "  "
%%
string is double "  "
%%
string is integer 08
%%
string is integer -failindex i 08; set i
%%
string is integer -failindex i 1.5; set i
%%
string is integer -failindex i 0x; set i
%%
string is wideinteger -failindex i 9223372036854775808; set i
%%
string is integer -failindex i +; set i
%%
string is double -failindex i +; set i
%%
string is double -failindex i 1e; set i
%%
append x a b c
%%
append x
%%
append
%%
set x 1; append x 2 3; set x
%%
append x(1) a; append x(1) b; set x(1)
%%
subst {a $b c}
%%
set b 5; subst {a $b [expr 1+1] \n x}
%%
set b 5; subst -nocommands {a $b [expr 1+1] \t x}
%%
set b 5; subst -novariables {a $b [expr 1+1]}
%%
set b 5; subst -nobackslashes {a $b \n}
%%
set b 5; subst -nobackslashes -nocommands -novariables {a $b [x] \n}
%%
subst -foo a
%%
subst
%%
subst {a [break] b}
%%
subst {a [continue] b}
%%
subst {a [return x] b}
%%
subst {a [error x] b}
%%
subst {a [set}
%%
subst {a $x(}
%%
subst {a $}
%%
subst {}
%%
subst {a \$b \[c\] \\}
%%
set a(1) x; set i 1; subst {$a($i) ${a(1)}}
%%
subst {[set x 1; set y 2]}
%%
subst {"a {b"}
%%
string repeat a Inf
%%
string is integer Inf
%%
string trimright aaa a
%%
string trimright "  "
%%
string trim xx x
%%
string trimleft xx x
%%
list [string wordend {} -1] [string wordend {} 0] [string wordstart {} 0] [string wordstart {} 5] [string wordstart a 5] [string wordstart ab -1]
%%
list [string wordend a.b -3] [string wordend a.b 1] [string wordend ab.c 0] [string wordstart ab.cd 4] [string wordstart ab.cd 2] [string wordstart ab.cd end+3]
