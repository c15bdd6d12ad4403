format %d 5
%%
format %5d 5
%%
format %-5d| 5
%%
format %05d 5
%%
format %+d 5
%%
format "% d" 5
%%
format %+d -5
%%
format %x 255
%%
format %X 255
%%
format %#x 255
%%
format %o 8
%%
format %#o 8
%%
format %b 5
%%
format %#b 5
%%
format %#X 255
%%
format %d -5
%%
format %u 5
%%
format %u -5
%%
format %x -1
%%
format %o -1
%%
format %b -1
%%
format %c 65
%%
format %5c 65
%%
format %-5c| 65
%%
format %s abc
%%
format %10s abc
%%
format %-10s| abc
%%
format %.2s abc
%%
format %10.2s| abc
%%
format %010s abc
%%
format %f 1.5
%%
format %.2f 1.005
%%
format %10.3f 3.14159
%%
format %-10.3f| 3.14159
%%
format %e 12345.678
%%
format %E 12345.678
%%
format %g 0.0001
%%
format %g 1e10
%%
format %G 1e-10
%%
format %.0f 2.5
%%
format %#.0f 2.5
%%
format %+f 1.5
%%
format "% f" 1.5
%%
format %010.2f -1.5
%%
format %f Inf
%%
format %f NaN
%%
format %5.1e 12345
%%
format %% 
%%
format %5%
%%
format abc
%%
format %d
%%
format %d abc
%%
format %f abc
%%
format %c abc
%%
format %z 1
%%
format %
%%
format %5
%%
format %-
%%
format %.
%%
format "%d %d" 1
%%
format "%d %d" 1 2 3
%%
format {%2$d %1$d} 1 2
%%
format {%2$d %d} 1 2
%%
format {%d %2$d} 1 2
%%
format {%3$d} 1 2
%%
format {%0$d} 1 2
%%
format %*d 5 3
%%
format %-*d| 5 3
%%
format %*d -5 3
%%
format %.*f 2 3.14159
%%
format %*d x 3
%%
format %hd 70000
%%
format %hu -1
%%
format %ld 5
%%
format %lld 5
%%
format %lu 5
%%
format %Lf 1.5
%%
format %.5d 42
%%
format %8.5d 42
%%
format %08.5d 42
%%
format %+.3d 4
%%
format %#d 5
%%
format %#u 5
%%
format %i 0x1F
%%
format %d 0b11
%%
format %d 010
%%
format %d 1.5
%%
format %d 99999999999
%%
format %x 99999999999
%%
format %d " 5 "
%%
format %s {a b}
%%
format %s ""
%%
format "%s-%s" a b
%%
format %5s abcdef
%%
format %.0s abc
%%
format %.10s abc
%%
format %s%s%s a b c
%%
format "\x41%s" B
%%
format %a 1
%%
format %p 1
%%
format %n 1
%%
format %D 1
%%
format %.3x 10
%%
format %#.3x 10
%%
format %#06x 10
%%
format %06.2x 10
%%
format %ls abc
%%
format %hs abc
%%
format %e 0
%%
format %g 100000
%%
format %g 1000000
%%
format %#g 1
%%
format %.3g 1234.5
%%
format %.20f 0.1
%%
format %1.1f 0.05
%%
format %5.3d|%-5d|%05d 1 2 3
%%
format "%1\$s %1\$s" a
%%
format "%1\$*d" 5
%%
format %*s 3
%%
format
%%
scan 12 %d
%%
scan 12 %d x; set x
%%
scan "12 34" "%d %d"
%%
scan "12 34" "%d %d" a b; list $a $b
%%
scan abc %d
%%
scan "" %d
%%
scan "" %d x
%%
scan abc %s
%%
scan "abc def" "%s %s"
%%
scan abc %c
%%
scan 0x1F %x
%%
scan 1F %x
%%
scan ff %X
%%
scan 17 %o
%%
scan 101 %b
%%
scan 0x1F %i
%%
scan 017 %i
%%
scan 0b11 %i
%%
scan -5 %u
%%
scan -5 %d
%%
scan 1.5 %f
%%
scan 1e5abc %f
%%
scan 1.5e %g
%%
scan abc123 {%[a-z]%d}
%%
scan abc123 {%[^0-9]%d}
%%
scan abc {%[}
%%
scan abc {%[]a]}
%%
scan "]ab" {%[]a]}
%%
scan a-b {%[a-]}
%%
scan 12345 %3d
%%
scan 12345 %2d%2d
%%
scan abcdef %3s%s
%%
scan "12 34" "%*d %d"
%%
scan "12 34" {%2$d %1$d}
%%
scan "12 34" {%2$d %1$d} a b; list $a $b
%%
scan "12 34" {%2$d %d}
%%
scan "12 34" {%3$d} a b
%%
scan 12 %d a b
%%
scan "12 34" "%d %d" a
%%
scan abc %z
%%
scan abc %
%%
scan abc %n
%%
scan abc %s%n
%%
scan "a b" {a b}
%%
scan "a x" {a %d}
%%
scan "a" {a %d}
%%
scan 12% %d%%
%%
scan "  12" %d
%%
scan "  a" %c
%%
scan "  a" " %c"
%%
scan 99999999999 %d
%%
scan 99999999999 %ld
%%
scan 4294967296 %u
%%
scan 0x %x
%%
scan + %d
%%
scan - %d
%%
scan 12abc %d%s
%%
scan 1,2,3 %d,%d,%d
%%
scan "key=val" {%[^=]=%s}
%%
scan abc %5c
%%
scan
%%
scan a
%%
scan 10:20 %d:%d h m; expr {$h*60+$m}
%%
scan 3.14 %d%f
%%
scan 08 %d
%%
scan 08 %i
%%
scan 0x10 %d
%%
scan inf %f
%%
scan .5 %f
%%
scan 5. %f
%%
scan abcabc {%[abc]%[abc]}
%%
scan xyz {%[abc]}
%%
scan "1 2 3" "%d %d %d %d"
%%
scan "1 2 3" "%d %d %d %d" a b c d
%%
binary format a3 ab
%%
binary format a abc
%%
binary format a* abc
%%
binary format A5 ab
%%
binary scan [binary format A5 ab] a* x; set x
%%
binary scan abc a2 x; set x
%%
binary scan "ab  " A* x; set x
%%
binary scan abc a5 x
%%
binary format c 65
%%
binary format c2 {65 66}
%%
binary format c* {65 66 67}
%%
binary format c2 {65}
%%
binary format c x
%%
binary format s 258
%%
binary scan [binary format s 258] c* x; set x
%%
binary scan [binary format S 258] c* x; set x
%%
binary scan [binary format i 16909060] c* x; set x
%%
binary scan [binary format I 16909060] c* x; set x
%%
binary scan [binary format w 1] c* x; set x
%%
binary scan [binary format W 1] c* x; set x
%%
binary scan [binary format n 1] c* x; set x
%%
binary scan [binary format t 1] c* x; set x
%%
binary scan [binary format m 1] c* x; set x
%%
binary scan [binary format f 1.5] c* x; set x
%%
binary scan [binary format d 1.5] c* x; set x
%%
binary scan [binary format R 1.5] c* x; set x
%%
binary scan [binary format Q 1.5] c* x; set x
%%
binary scan [binary format d 1.1] d x; set x
%%
binary scan [binary format f 1.1] f x; set x
%%
binary scan \xff c x; set x
%%
binary scan \xff cu x; set x
%%
binary scan \xff\xfe s x; set x
%%
binary scan \xff\xfe su x; set x
%%
binary scan \xff\xff\xff\xff i x; set x
%%
binary scan \xff\xff\xff\xff iu x; set x
%%
binary scan \xff\xff\xff\xff\xff\xff\xff\xff w x; set x
%%
binary scan abcd c2c2 x y; list $x $y
%%
binary scan abc s* x; set x
%%
binary format b8 01010101
%%
binary scan [binary format b8 10000000] c x; set x
%%
binary scan [binary format B8 10000000] c x; set x
%%
binary format B4 1x
%%
binary format H4 41
%%
binary format H* 414243
%%
binary format h* 1424
%%
binary format H2 zz
%%
binary scan ABC H* x; set x
%%
binary scan ABC h* x; set x
%%
binary scan ABC B* x; set x
%%
binary scan ABC b10 x; set x
%%
binary scan ABC H3 x; set x
%%
binary format x3
%%
binary format a3x2a3 abc def
%%
binary format a3X1a3 abc def
%%
binary format a3@5a3 abc def
%%
binary format a3@1a1 abc d
%%
binary format @
%%
binary format x* 
%%
binary format X*a1 x
%%
binary format z 1
%%
binary scan abc z x
%%
binary scan abc a
%%
binary format a
%%
binary scan abcdef x2a2 x; set x
%%
binary scan abcdef a2X1a2 x y; set y
%%
binary scan abcdef @3a2 x; set x
%%
binary scan abc @ x
%%
binary encode hex abc
%%
binary decode hex 616263
%%
binary decode hex 61zz
%%
binary decode hex "61 62"
%%
binary decode hex -strict "61 62"
%%
binary decode hex 616
%%
binary encode base64 abc
%%
binary encode base64 ab
%%
binary encode base64 a
%%
binary encode base64 ""
%%
binary encode base64 -maxlen 5 abcdefghi
%%
binary encode base64 -maxlen 4 -wrapchar | abcdefghi
%%
binary decode base64 YWJj
%%
binary decode base64 YWI=
%%
binary decode base64 YQ==
%%
binary decode base64 "YW Jj"
%%
binary decode base64 -strict "YW Jj"
%%
binary decode base64 Y!Jj
%%
binary foo
%%
binary encode foo x
%%
binary decode foo x
%%
binary encode
%%
binary
%%
binary format
%%
binary scan
%%
binary encode hex
%%
binary encode base64
%%
binary decode hex
%%
scan "  " %d
%%
scan "a" "a %d"
%%
scan "a" "a %d" x
%%
scan "" %c
%%
scan "1" "%d %d"
%%
scan "1" "%d %d" a b
%%
scan "x" "%d %d"
%%
scan "" ""
%%
scan "a" "b%d"
%%
scan "" "b%d"
%%
scan 18446744073709551615 %d
%%
scan 18446744073709551616 %d
%%
scan -99999999999 %d
%%
scan 4294967295 %d
%%
scan 2147483648 %d
%%
scan 2147483648 %ld
%%
scan 99999999999999999999 %ld
%%
scan -99999999999999999999 %ld
%%
scan 0x %d
%%
scan 0x %i
%%
scan 0xz %x%s
%%
scan -1 %x
%%
scan 012 %i
%%
scan 09 %i
%%
scan 0b1 %d
%%
scan 0o17 %i
%%
scan 0o17 %o
%%
string replace "" end-1 0 x
%%
string replace "" -1 5 x
%%
string replace abc -1 5 x
%%
string replace "" 0 5 x
%%
string replace "" end end x
%%
string replace "" -3 -2 x
%%
set v [expr {2.5}]; binary format c $v
%%
set v [expr {2.5}]; format %i $v
%%
set v [expr {2.5}]; lsort -integer [list $v 1]
%%
set v [expr {Inf}]; binary format c $v
%%
format %i [expr {2.5}]
%%
list [format %#x 0] [format %#X 0] [format %#o 0] [format %#b 0] [format %#5x| 0] [format %#05x| 0] [format %#.3x 0]
%%
list [scan 0x1f %f] [scan 010 %f] [scan 08.5 %f] [scan 0b1 %f] [scan 0 %f] [scan 0x %f] [scan -0x5 %f] [scan 1.5e+x %f%s] [scan 12345 %3f] [scan 1.25 %3f%s] [scan infx %f%s] [scan nan %f] [scan -inf %f] [scan . %f] [scan +.5 %f] [scan 0o7 %f%s]
%%
binary decode base64 "YW Jj\n!#ZGVm"
%%
binary decode base64 -strict "YW!j"
%%
binary decode base64 "YQ==YQ=="
%%
binary decode base64 "=YQ"
%%
scan "-" %d x
%%
scan "-" %2d x
%%
scan "" %2d
%%
scan "+" %1d x
%%
scan "0x" %x
%%
scan "0b" %b
%%
scan "0xg" %i
%%
scan "12" %Ld
%%
scan "99999999999999999999" %d
%%
scan "-5" %u
%%
binary format c Inf
%%
binary format c -Inf
%%
binary format i 1e400
%%
binary format c 1e3
%%
format %d Inf
%%
format %c Inf
%%
binary decode base64 "Y"
%%
binary decode base64 "YW"
%%
binary decode base64 "YW="
%%
binary decode base64 "YWI"
%%
binary decode base64 "YWJj="
%%
binary decode base64 "YWJjZ"
%%
binary decode base64 "="
%%
binary decode base64 "=="
%%
binary decode base64 "==="
%%
binary decode base64 "===="
%%
binary encode hex [binary decode base64 "=YQ"]
%%
binary encode hex [binary decode base64 "Y=Q="]
%%
binary encode hex [binary decode base64 "Y=WJj"]
%%
binary encode hex [binary decode base64 "YQ==YWJj"]
%%
binary encode hex [binary decode base64 "YWI=YWJj"]
%%
binary encode hex [binary decode base64 "YWI=="]
%%
binary encode hex [binary decode base64 "YWI==YWJj"]
%%
binary encode hex [binary decode base64 "YQ=a"]
%%
binary encode hex [binary decode base64 -strict "YQ=a"]
%%
binary encode hex [binary decode base64 -strict "YQ==YWJj"]
%%
binary encode hex [binary decode base64 -strict "YQ"]
%%
binary encode hex [binary decode base64 -strict "Y"]
%%
binary encode hex [binary decode base64 -strict "YQ=="]
%%
binary encode hex [binary decode base64 -strict "YQ==\n"]
%%
binary encode hex [binary decode base64 -strict "YQ== "]
%%
binary encode hex [binary decode base64 "YQ== "]
%%
scan "+" %1d
%%
scan "+" %2d
%%
scan "+" %3d
%%
scan "+a" %2d
%%
scan "+" %d
%%
scan "-" %1x
%%
scan " -" %1x
%%
scan "-" %1f
%%
scan "-" %2f
%%
scan "-" %f
%%
scan "" %1d
%%
scan "+" {%1d %s}
%%
scan "a+" {a%1d} x
%%
scan "5+" {%d%1d} x y
%%
scan "5+" {%d%1d}
%%
scan " ab" {%[ a]}
%%
scan " ab" {%[a]} x
%%
scan " ab" {%*[ ]%[ab]} x; set x
