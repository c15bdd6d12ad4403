regexp a abc
%%
regexp x abc
%%
regexp (b)(c) abcd m x y; list $m $x $y
%%
regexp -indices (b)(c) abcd m x y; list $m $x $y
%%
regexp -nocase ABC xabcx
%%
regexp -all a banana
%%
regexp -all -inline a. banana
%%
regexp -inline (.)(.) abcd
%%
regexp -all -inline (.)(.) abcd
%%
regexp -inline x abc
%%
regexp -all -inline x abc
%%
regexp -inline -indices b abc
%%
regexp -start 2 a abca m; set m
%%
regexp -start 2 -indices a abca m; set m
%%
regexp -start end a abca m
%%
regexp -start 99 a abca
%%
regexp -start -5 a abca
%%
regexp -start foo a abca
%%
regexp (a)|(b) b m x y; list $m $x $y
%%
regexp -indices (a)|(b) b m x y; list $m $x $y
%%
regexp a abc m n o; list $m $n $o
%%
regexp ^b a\nb
%%
regexp -line ^b a\nb
%%
regexp -lineanchor ^b a\nb
%%
regexp a.b a\nb
%%
regexp -linestop a.b a\nb
%%
regexp -line a.b a\nb
%%
regexp {a$} "a\n"
%%
regexp -expanded {a  b # comment
c} abc
%%
regexp -- -a x-a
%%
regexp -foo a b
%%
regexp a
%%
regexp
%%
regexp -inline a b c
%%
regexp (a b
%%
regexp a) b
%%
regexp {[a} b
%%
regexp * b
%%
regexp {a{2,1}} b
%%
regexp {[z-a]} b
%%
regexp {[[:foo:]]} b
%%
regexp {[[:alpha:]]+} 12ab34 m; set m
%%
regexp {\d+} ab12 m; set m
%%
regexp {\w+\s+\w+} "hello world" m; set m
%%
regexp {^$} ""
%%
regexp {} abc
%%
regexp -all {} abc
%%
regexp -all -inline {} abc
%%
regexp -all x* abc
%%
regexp {(a+)(b*)} aaabb m x y; list $m $x $y
%%
regexp {a.*?b} aabab m; set m
%%
regexp {(?:ab)+} ababx m; set m
%%
regexp {(?i)ABC} xabc
%%
regexp {\ya} "b a"
%%
regexp {a\x41} aA
%%
regexp {(.)\1} abba m; set m
%%
regexp {a(?=b)} ab m; set m
%%
regexp "a\x00b" "xa\x00by" m; string length $m
%%
regexp {[^a]} \n
%%
regexp -line {[^a]} \n
%%
regsub a banana X
%%
regsub -all a banana X
%%
regsub -all a banana X r; set r
%%
regsub x banana X r; list [regsub x banana X r] $r
%%
regsub x banana X
%%
regsub (b)(a) banana {[\2\1&]}
%%
regsub -all (.) abc {<\1>}
%%
regsub -all {} abc -
%%
regsub -all x* abc -
%%
regsub -nocase B abc X
%%
regsub -start 2 -all a banana X
%%
regsub -all -line ^ a\nb >
%%
regsub -all {a|b} cab {\\&}
%%
regsub a abc {\&}
%%
regsub a abc {\\}
%%
regsub a abc {\0\9}
%%
regsub a abc {\x}
%%
regsub -foo a b c
%%
regsub a b
%%
regsub
%%
regsub (a b c
%%
regsub -all b+ abbbcbb X n; set n
%%
regsub {(.*)} abc {[\1]}
%%
regsub -all {(.*)} abc {[\1]}
%%
regsub -all {$} abc X
%%
regsub -all {^} abc X
%%
regsub {} "" X
%%
regsub -all {} "" X
%%
set x(1) 5; regsub a abc X x
%%
set s "a.b.c"; regsub -all {\.} $s {\.}
%%
regexp {^(\d+)\.(\d+)$} 10.20 -> a b; list $a $b
%%
proc f s {if {[regexp {^(\w+)=(.*)$} $s -> k v]} {return [list $k $v]}; return none}; list [f a=b] [f x]
%%
regexp {^[a-z]+$} abc; regexp -nocase {^[a-z]+$} ABC
%%
foreach s {a1 b2 cc} {lappend r [regexp {^[a-z]\d$} $s]}; set r
%%
lsearch -all -inline -regexp {a1 b2 c3 dd} {\d}
%%
switch -regexp -- foo123 {^\d+$ {set r num} ^\w+$ {set r word}}
%%
regexp -start 1 {^a} aa
%%
regexp -all -start 1 {^a} aaa
%%
regsub -start 1 {^a} aaa X
%%
regexp -start 3 {} abc
%%
regexp -all {b*} abbbc
%%
regexp -all -inline {b*} abbbc
%%
regexp -all -inline -indices {b*} abbbc
%%
regsub -all {b*} abbbc X
%%
regsub -all {^.} "\nab\ncd" {}
%%
regexp -all -inline {^.} "\nab\ncd"
%%
regexp -start 1 -inline {^.} "\nab\ncd"
%%
regexp -start 2 -inline {^.} "\nab\ncd"
%%
regsub -start 1 {^.} "\nab\ncd" {}
%%
regexp -all -inline {^} "\nab\n\ncd"
%%
regsub -all {^} "\nab\n\ncd" <>
%%
regexp -all -inline {^a|b} "a\nab\na"
%%
regexp -indices {(?:.|\n)*</html>} "[string repeat "line of text\n" 30000]</html>"
%%
regexp -indices {(?:[^\n]*\n)*</html>} "[string repeat "line of text\n" 80000]</html>"
%%
regexp -inline -indices {(\w+[ \n])*</html>} "[string repeat "line of text\n" 80000]</html>"
