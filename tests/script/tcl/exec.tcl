exec echo hello world
%%
exec printf "a\nb\n\n"
%%
exec
%%
exec nosuchprogram a
%%
exec {}
%%
exec cat <<word
%%
exec cat > nodir/x << a
%%
exec cat >
%%
exec cat <<
%%
exec > f3
%%
catch {exec sh -c "echo out; exit 3"} m o; list $m [lindex [dict get $o -errorcode] 0] [lindex [dict get $o -errorcode] 2]
%%
catch {exec sh -c {kill -TERM $$}} m o; list $m [lindex [dict get $o -errorcode] 0] [lrange [dict get $o -errorcode] 2 end]
%%
catch {exec sh -c {echo x; kill -INT $$}} m o; list $m [lrange [dict get $o -errorcode] 2 end]
%%
set p [exec true &]; string is integer -strict $p
%%
set env(USOCK_X) "a b"; exec sh -c {echo $USOCK_X}
%%
set env(USOCK_X) 1; unset env(USOCK_X); exec sh -c {echo "[$USOCK_X]"}
%%
info exists env(PATH)
%%
exec printf {%s|} a "b c" {} "d\ne" {$x}
%%
exec printf "a\r\nb\r\n"
%%
exec echo 2>@1 x
%%
proc p {} {exec nosuchprogram}; p
%%
exec echo & x
%%
exec &
%%
exec tr a b << aaa > f2; exec cat f2
%%
exec echo one > f3 > f4; list [file size f3] [exec cat f4]
%%
exec cat << one << two
%%
set p [exec cat << text > f5 &]; for {set i 0} {$i < 200 && (![file exists f5] || [file size f5] == 0)} {incr i} {exec sleep 0.05}; exec cat f5
%%
exec sh -c "echo out; echo err >&2" > f6 2>@1; exec cat f6
%%
exec wc -c << [string repeat x 100000]
%%
exec echo a |b b& <<
%%
catch {exec sh -c "echo out; echo err >&2"} m o; list $m [dict get $o -errorcode]
%%
exec sh -c "exec 1>&-; exit 0"
%%
catch {exec sh -c "echo a; echo b >&2; exit 4"} m o; list $m [lindex [dict get $o -errorcode] 2] [dict get $o -errorline]
