exec echo hello
%%
exec echo hello world
%%
exec printf "a\nb\n"
%%
exec printf "a\nb\n\n"
%%
exec -keepnewline echo hi
%%
exec -- echo hi
%%
exec -foo echo
%%
exec
%%
exec --
%%
exec nosuchprogram a
%%
exec ./nosuch
%%
exec {}
%%
exec echo a | tr a b
%%
exec echo abc | tr a b | tr b c
%%
exec cat << "some input"
%%
exec cat <<word
%%
exec tr a b << aaa | tr b c
%%
exec echo out > f1; exec cat f1
%%
exec echo more >> f1; exec cat f1
%%
exec echo out >f2; exec cat <f2
%%
exec cat < f1
%%
exec cat < nosuch
%%
exec cat > nodir/x << a
%%
exec cat <
%%
exec cat >
%%
exec cat <<
%%
exec | cat
%%
exec cat |
%%
exec echo a | | cat
%%
exec echo a | |& cat
%%
exec > f3
%%
exec sh -c "echo err >&2"
%%
catch {exec sh -c "echo out; echo err >&2"} m o; list $m [dict get $o -errorcode]
%%
catch {exec sh -c "echo out; exit 3"} m o; list $m [lindex [dict get $o -errorcode] 0] [lindex [dict get $o -errorcode] 2]
%%
catch {exec sh -c "exit 1"} m o; list $m [lindex [dict get $o -errorcode] 0] [lindex [dict get $o -errorcode] 2]
%%
catch {exec sh -c "echo bad >&2; exit 2"} m o; list $m [lindex [dict get $o -errorcode] 0] [lindex [dict get $o -errorcode] 2]
%%
catch {exec sh -c {kill -TERM $$}} m o; list $m [lindex [dict get $o -errorcode] 0] [lrange [dict get $o -errorcode] 2 end]
%%
catch {exec sh -c {kill -KILL $$}} m o; list $m [lindex [dict get $o -errorcode] 0] [lrange [dict get $o -errorcode] 2 end]
%%
catch {exec sh -c {echo x; kill -INT $$}} m o; list $m [lrange [dict get $o -errorcode] 2 end]
%%
exec sh -c "echo out; echo err >&2" 2>@1
%%
exec sh -c "echo out; echo err >&2" 2> f4; exec cat f4
%%
exec sh -c "echo err >&2" 2>> f4; exec cat f4
%%
exec sh -c "echo out; echo err >&2" >& f5; exec cat f5
%%
exec sh -c "echo out; echo err >&2" >>& f5; exec cat f5
%%
exec sh -c "echo out; echo err >&2" |& cat
%%
exec -ignorestderr sh -c "echo out; echo err >&2" 2> /dev/null
%%
exec -ignorestderr sh -c "echo out" 
%%
catch {exec false | true} m o; list $m [lindex [dict get $o -errorcode] 0]
%%
catch {exec true | false} m o; list $m [lindex [dict get $o -errorcode] 0]
%%
set f [open f6 w]; puts $f before; exec echo middle >@ $f; puts $f after; close $f; exec cat f6
%%
set f [open f6]; set r [exec cat <@ $f]; close $f; set r
%%
exec echo a >@ nosuch
%%
exec echo a >@
%%
set p [exec true &]; string is integer -strict $p
%%
set p [exec true | true &]; llength $p
%%
set p [exec sh -c "echo done > f7" &]; for {set i 0} {$i < 200 && (![file exists f7] || [file size f7] == 0)} {incr i} {exec sleep 0.05}; exec cat f7
%%
set env(USOCK_X) "a b"; exec sh -c {echo $USOCK_X}
%%
set env(USOCK_X) 1; unset env(USOCK_X); exec sh -c {echo "[$USOCK_X]"}
%%
info exists env(PATH)
%%
exec printf {%s|} a "b c" {} "d\ne" {$x}
%%
string length [exec head -c 100000 /dev/zero | tr {\0} x]
%%
exec cat << [string repeat x 100000] | wc -c
%%
exec printf "a\r\nb\r\n"
%%
exec echo 2>@1 x
%%
exec echo a 2>&1
%%
exec echo -n hi
%%
exec sh -c "exec 1>&-; exit 0"
%%
proc p {} {exec nosuchprogram}; p
%%
catch {exec sh -c "echo a; echo b >&2; exit 4"} m o; list $m [lindex [dict get $o -errorcode] 2] [dict get $o -errorline]
%%
exec echo & x
%%
exec &