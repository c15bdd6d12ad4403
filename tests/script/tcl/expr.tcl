expr {1+2}
%%
expr 1 + 2
%%
expr {1 + 2 * 3}
%%
expr {(1 + 2) * 3}
%%
expr {7 / 2}
%%
expr {-7 / 2}
%%
expr {7 / -2}
%%
expr {7 % 3}
%%
expr {-7 % 3}
%%
expr {7 % -3}
%%
expr {-7 % -3}
%%
expr {7.0 / 2}
%%
expr {1/0}
%%
expr {1 % 0}
%%
expr {1.0/0}
%%
expr {-1/0.0}
%%
expr {0.0/0}
%%
expr {7.5 % 2}
%%
expr {2 ** 10}
%%
expr {2 ** -1}
%%
expr {1 ** -5}
%%
expr {-1 ** 3}
%%
expr {(-1) ** -3}
%%
expr {0 ** 0}
%%
expr {0 ** -1}
%%
expr {2.0 ** 0.5}
%%
expr {2 ** 3 ** 2}
%%
expr {-2 ** 2}
%%
expr {1 << 4}
%%
expr {1 << 0}
%%
expr {-1 >> 1}
%%
expr {1 >> 100}
%%
expr {-1 >> 100}
%%
expr {1 << -1}
%%
expr {1.5 << 1}
%%
expr {5 & 3}
%%
expr {5 | 3}
%%
expr {5 ^ 3}
%%
expr {~5}
%%
expr {~1.5}
%%
expr {!0}
%%
expr {!5}
%%
expr {!0.0}
%%
expr {!true}
%%
expr {!"yes"}
%%
expr {!"abc"}
%%
expr {!""}
%%
expr {- 5}
%%
expr {+ 5}
%%
expr {- -5}
%%
expr {-"abc"}
%%
expr {+""}
%%
expr {1 < 2}
%%
expr {2 <= 2}
%%
expr {"a" < "b"}
%%
expr {"a" < 1}
%%
expr {"10" < "9"}
%%
expr {"10" < "9a"}
%%
expr {1 == 1.0}
%%
expr {"1" == "1.0"}
%%
expr {"a" == "A"}
%%
expr {1 != 2}
%%
expr {"abc" eq "abc"}
%%
expr {"abc" ne "abc"}
%%
expr {1 eq 1.0}
%%
expr {0x10 eq 16}
%%
expr {0x10 == 16}
%%
expr {"a" in {a b c}}
%%
expr {"d" in {a b c}}
%%
expr {"d" ni {a b c}}
%%
expr {"d" in "a {b"}
%%
expr {1 && 0}
%%
expr {1 || 0}
%%
expr {0 && [error x]}
%%
expr {1 || [error x]}
%%
expr {"yes" && "on"}
%%
expr {"abc" && 1}
%%
expr {1 && "abc"}
%%
expr {"" || 1}
%%
expr {1 ? "a" : "b"}
%%
expr {0 ? "a" : "b"}
%%
expr {1 ? 2 : [error x]}
%%
expr {"abc" ? 1 : 2}
%%
expr {1 ? 0 ? 3 : 4 : 5}
%%
expr {0x1F}
%%
expr {0b101}
%%
expr {0o17}
%%
expr {017}
%%
expr {08}
%%
expr {"08"+1}
%%
expr {1e3}
%%
expr {1.5e-3}
%%
expr {.5}
%%
expr {5.}
%%
expr {1e400}
%%
expr {-1e400}
%%
expr {1e-400}
%%
expr {Inf}
%%
expr {-Inf}
%%
expr {NaN}
%%
expr {"NaN"}
%%
expr {Inf - Inf}
%%
expr {0.1 + 0.2}
%%
expr {1.0}
%%
expr {100000000000000000.0}
%%
expr {1e15}
%%
expr {1e16}
%%
expr {1e17}
%%
expr {123456789012345678.0}
%%
expr {0.0001}
%%
expr {0.00001}
%%
expr {1.0/3}
%%
expr {2.0/3}
%%
expr {1e100}
%%
expr {1.7976931348623157e308}
%%
expr {5e-324}
%%
expr {2.2250738585072014e-308}
%%
expr {-0.0}
%%
expr {3.14159265358979}
%%
expr {1.1+2.2}
%%
expr {9007199254740993}
%%
expr {9223372036854775807}
%%
expr {-9223372036854775808}
%%
expr {abs(-5)}
%%
expr {abs(-5.5)}
%%
expr {abs("x")}
%%
expr {int(3.7)}
%%
expr {int(-3.7)}
%%
expr {round(3.5)}
%%
expr {round(-3.5)}
%%
expr {round(2.5)}
%%
expr {ceil(1.2)}
%%
expr {floor(-1.2)}
%%
expr {sqrt(16)}
%%
expr {sqrt(-1)}
%%
expr {pow(2,3)}
%%
expr {pow(0,-1)}
%%
expr {hypot(3,4)}
%%
expr {fmod(7,3)}
%%
expr {fmod(7,0)}
%%
expr {exp(0)}
%%
expr {log(1)}
%%
expr {log(0)}
%%
expr {log(-1)}
%%
expr {log10(1000)}
%%
expr {sin(0)}
%%
expr {cos(0)}
%%
expr {atan2(1,1)}
%%
expr {min(3,1,2)}
%%
expr {max(3,1,2)}
%%
expr {max(1,2.0)}
%%
expr {min("a",1)}
%%
expr {min()}
%%
expr {max(1)}
%%
expr {double(5)}
%%
expr {double("x")}
%%
expr {wide(5.9)}
%%
expr {entier(5.9)}
%%
expr {bool("yes")}
%%
expr {bool(5)}
%%
expr {bool("x")}
%%
expr {isqrt(17)}
%%
expr {isqrt(-1)}
%%
expr {int("x")}
%%
expr {srand(42)}
%%
expr {srand(42); rand()}
%%
expr {srand(1)}; expr {rand()}
%%
expr {round("a")}
%%
expr {sin("a")}
%%
expr {sin(1,2)}
%%
expr {nosuch(1)}
%%
expr {nosuch}
%%
expr {1 +}
%%
expr {+}
%%
expr {1 2}
%%
expr {1 + * 2}
%%
expr {(1}
%%
expr {1)}
%%
expr {()}
%%
expr {}
%%
expr { }
%%
expr
%%
expr {a b}
%%
expr {1 = 2}
%%
expr {$}
%%
expr {@}
%%
expr {1 @ 2}
%%
expr {"abc}
%%
expr {{abc}
%%
expr {[abc}
%%
expr {$x(}
%%
expr {${x}
%%
expr {1 ? 2}
%%
expr {1 : 2}
%%
expr {1 ? 2 : }
%%
expr {min(1,}
%%
expr {min(,1)}
%%
expr {min(1,,2)}
%%
expr {1,2}
%%
expr {true}
%%
expr {false}
%%
expr {yes}
%%
expr {tru}
%%
expr {o}
%%
expr {on}
%%
expr {offf}
%%
expr {"true" == 1}
%%
expr {true && yes}
%%
expr {"abc"}
%%
expr {" 5 "}
%%
expr {" 5 " + 1}
%%
expr {"5 6" + 1}
%%
expr {"0x1g" + 1}
%%
expr {1e}
%%
expr {1e+}
%%
expr {1x}
%%
expr {0x}
%%
expr {0b2}
%%
expr {12abc}
%%
expr {1.2.3}
%%
set x 5; expr {$x * 2}
%%
set x 5; expr $x*2
%%
set x 5; expr {"$x" + 1}
%%
set x 5; expr {"a$x" eq "a5"}
%%
set x {1 + 2}; expr $x
%%
set x {1 + 2}; expr {$x}
%%
set x {1 + 2}; expr {$x + 1}
%%
set a(1) 5; expr {$a(1) + 1}
%%
expr {[llength {a b c}] * 2}
%%
expr {$nosuch + 1}
%%
expr {1 +
%%
 2}
%%
expr "1 +\\\n 2"
%%
expr {1 in 1}
%%
expr {[list a b] eq "a b"}
%%
expr {"a" eq {a}}
%%
expr {{1} + {2}}
%%
expr {1==1 && 2==2 || 0}
%%
expr {1 | 2 ^ 3 & 4}
%%
expr {1 < 2 == 1}
%%
expr {"a" eq "a" && "b" ne "c"}
%%
expr {5 > 3 ? "big" : "small"}
%%
expr {1.0 == 1}
%%
expr {1e3 == 1000}
%%
expr {9007199254740993 == 9007199254740992.0}
%%
expr {9007199254740993 > 9007199254740992.0}
%%
expr {"1e3" eq 1000}
%%
expr {1.0 eq 1}
%%
expr {1?2:3}
%%
expr {(1)+(2)}
%%
expr {!1 + 1}
%%
expr {-1 + 2}
%%
expr {2*-3}
%%
expr {2--3}
%%
expr {~-1}
%%
expr {!!5}
%%
expr {1<<62}
%%
expr {9223372036854775807 - 1}
%%
expr {4611686018427387904 * 1}
%%
expr {-9223372036854775807 - 1}
%%
expr {100 * 1.1}
%%
expr {1 ne "1"}
%%
expr {"\x41" eq "A"}
%%
expr {"a\tb"}
%%
expr {3 in {1 2 3} && 4 ni {1 2 3}}
%%
expr {int(1e10)}
%%
expr {int(-0.5)}
%%
expr {round(0.5)}
%%
expr {round(-0.5)}
%%
expr {round(1e15+0.5)}
%%
expr {1.5 + "2.5"}
%%
expr {"  7" * "6  "}
%%
expr {07 + 1}
%%
expr {0 ? [foo] : 1}
%%
expr {eq}
%%
expr {ne 1}
%%
expr {1 eq}
%%
expr {1 inn 2}
%%
expr {in(1)}
%%
expr {min (1, 2)}
%%
expr {min(1 2)}
%%
expr {max(1, 2}
%%
expr {((((1))))}
%%
expr {((1)}
%%
expr {1 && }
%%
expr {abcdefghijklmnopqrstuvwxyzabcdefghijkl + 1}
%%
expr {1 + abcdefghijklmnopqrstuvwxyzabcdefghijkl + 12345678901234567890123456 + 1}
%%
expr {1 + 2 + 3 + 4 + 5 + 6 + 7 + 8 + 9 + 10 + }
%%
expr {$a $b}
%%
expr {"a" "b"}
%%
expr {{a} {b}}
%%
expr {[set x] 5}
%%
incr i; expr {$i}
%%
set x [expr {5}]; incr x; set x
%%
expr {min(1,)}
%%
expr {0o8}
%%
expr {0xg}
%%
expr {0b}
%%
expr {0o}
%%
expr {0b12}
%%
expr {0o18}
%%
expr {018}
%%
expr {09}
%%
expr {09.5}
%%
expr {1 + 09}
%%
expr {0x1g}
%%
expr {12ab}
%%
expr {1.5ab}
%%
expr {1e5x}
%%
expr {1eq 1}
%%
expr {1in 1}
%%
expr {a:b}
%%
expr {a::b}
%%
expr {a::b(1)}
%%
expr {1 ? 2 : 3 : 4}
%%
expr {(1,2)}
%%
expr {(1 ? 2}
%%
expr {a(}
%%
expr {a(1}
%%
expr {"a" "b}
%%
expr {"abc" xyz}
%%
expr {1 ~ 2}
%%
expr {1 ! 2}
%%
expr {! }
%%
expr {a b c}
%%
expr {1 #}
%%
expr {#}
%%
expr {1 \ 2}
%%
expr {;}
%%
expr {1;2}
%%
expr {'a'}
%%
expr {-9223372036854775808 - 0}
%%
expr {- 9223372036854775808}
%%
expr {max("",1)}
%%
expr {max({1 2},1)}
%%
expr {min(1,"a")}
%%
expr {max(08,1)}
%%
expr {1+"08"}
%%
expr {1+"0x"}
%%
expr {1 + "1 2"}
%%
expr {1 + {}}
%%
expr {[list a b] + 1}
%%
expr {"0b2"+1}
%%
expr {in}
%%
expr {1 in}
%%
expr {min(}
%%
expr {min(1}
%%
expr {min(1 +)}
%%
expr {((}
%%
expr {)}
%%
expr {,}
%%
expr {?}
%%
expr {:}
%%
expr {1?}
%%
expr {1?:}
%%
expr {1?2:}
%%
expr {sin(1 2)}
%%
expr {sin(1)2}
%%
expr {sin}
%%
expr {true(1)}
%%
expr {1 + (}
%%
expr {(1 + ) 2}
%%
expr {1 & & 2}
%%
expr {1 &&& 2}
%%
expr {<}
%%
expr {1 <> 2}
%%
expr {1 === 2}
%%
expr {=}
%%
expr {a=b}
%%
expr {1|||2}
%%
expr {(0x10)}
%%
expr {((0x10))}
%%
expr {1 ? (0x10) : 0}
%%
expr {1 ? 0x10 : 0 + 0}
%%
expr {1 ? 0 + 0 : 0x10}
%%
expr {0 ? 0 + 0 : 0x10}
%%
expr {1+0 ? 0x10 : 0}
%%
expr {1<2 ? 0x10 : 0}
%%
expr {1<2 ? 0 : 0x10}
%%
expr {1>2 ? 0 : 0x10}
%%
expr {1>2 ? 0+1 : 0x10}
%%
expr {1<2 ? 0x10 : 0+1}
%%
expr {1 ? 0x10 : 0 ? 1 : 2}
%%
expr {1 ? 0x10 : 0 ? 1 : 2+3}
%%
expr {1 ? 0x10 : max(1,2)}
%%
expr {0 ? max(1,2) : 0x10}
%%
expr {1 ? 0x10 : [set x 5]}
%%
expr {1 ? "0x10" : !0}
%%
expr {1 && 0 ? 5 : 0x10}
%%
expr {0 ? 5 : 1 ? 0x10 : 1+1}
%%
expr {(1 ? 0x10 : 1)}
%%
expr {(1+1 ? 0x10 : 1)}
%%
expr {(1 ? 0x10 : 1+1)}
%%
expr {1 ? (1 ? 0x10 : 2) : 3}
%%
expr {1 ? 1 ? 0x10 : 2 : 3}
%%
expr {1 ? 1 ? 0x10 : 2+2 : 3}
%%
expr {1 ? 1 ? 0x10 : 2 : 3+3}
%%
expr {((1 ? 0x10 : 0))}
%%
expr {[set x 0x10]}
%%
expr {([set x 0x10])}
%%
set x 0x10; expr {($x)}
%%
set x 0x10; expr {(1 ? $x : 0)}
%%
set x 0x10; expr {1 ? $x : 1+1}
%%
set x 0x10; expr {1 ? 1+$x : $x}
%%
set x 0x10; expr {0 ? 1+$x : $x}
%%
expr {1<2 ? 0x10 : max(1,2)}
%%
expr {max(1,2) ? 0x10 : 1+1}
%%
expr {max(1,2) ? 0x10 : max(1,2)}
%%
expr {1<2 ? 0x10 : (1+1)}
%%
expr {(1<2) ? 0x10 : (1+1)}
%%
expr {!0 ? 0x10 : !1}
%%
expr {1&&1 ? 0x10 : 1||0}
%%
set x 0x10; expr {1<2 ? $x : 1+1}
%%
set x 0x10; expr {$x<2 ? 1+1 : $x<50 ? $x : 1+1}
%%
set x 0x10; expr {$x<2 ? 1+1 : $x<50 ? $x : 1}
%%
set x 0x10; expr {$x ? $x<50 ? $x : 1+1 : 1+1}
%%
set x 0x10; expr {$x>1 ? $x<50 ? $x : 1+1 : 1+1}
%%
expr {("0x10")}
%%
expr {({0x10})}
%%
expr {(1 ? "0x10" : "1")}
%%
expr {("a" eq "a" ? "0x10" : "1")}
%%
expr {(true)}
%%
expr {( 1e3 )}
%%
expr {1 ? ( 1e3 ) : (2)}
%%
expr {-(0x10)}
%%
expr {+0x10}
%%
set x 0x10; expr {($x>1 ? $x : 1+1)}
%%
set x 0x10; expr {(1) ? 0x10 : $x}
%%
lsort {1.5 a}
%%
lsort -integer {1.5 2}
%%
format %d 1.5
%%
expr {int(sqrt(-7))}
%%
expr {sqrt(-7)+1}
%%
expr {sqrt(-7)}
%%
expr {!sqrt(-7)}
%%
expr {sqrt(-7) ? 1 : 2}
%%
expr {sqrt(-7) == sqrt(-7)}
%%
expr {sqrt(-7) < 1}
%%
expr {max(sqrt(-7),1)}
%%
expr {abs(sqrt(-7))}
%%
expr {double(sqrt(-7))}
%%
expr {round(sqrt(-7))}
%%
expr {sqrt(-7) eq "NaN"}
%%
expr {sqrt(-7) && 1}
%%
if {sqrt(-7)} {set x 1}
%%
expr {-sqrt(-7)}
%%
expr {sin(sqrt(-7))}
%%
lsort [list "\x00" "\x7f" "\x80" a]
%%
list [string compare "\x00" a] [expr {"\x00" < "a"}] [lsort -nocase [list "\x00" "\x7f" "\x80" a]] [lsort -dictionary [list "\x00" "\x7f" "\x80" a]]
%%
expr {int(Inf)}
%%
expr {Inf % 2}
%%
set x abc; if {!$x} {}
%%
set x abc; if {(!$x)} {}
%%
set x abc; if {!($x)} {}
%%
set x abc; while {!$x} {}
%%
set x abc; for {} {!$x} {} {}
%%
set x abc; expr {!$x ? 1 : 2}
%%
set x abc; expr {!$x && 1}
%%
set x abc; expr {1 && !$x}
%%
set x abc; expr {!$x || 1}
%%
set x abc; if {!$x && 1} {}
%%
set x abc; if {1 && !$x} {}
%%
set x abc; if {0 || !$x} {}
%%
set x abc; expr {!$x}
%%
set x abc; expr {!!$x}
%%
set x abc; if {!!$x} {}
%%
set x abc; if {!$x == 1} {}
%%
set x abc; if {!"abc"} {}
%%
if {!{abc}} {}
%%
if {!abc} {}
%%
set x abc; if {!$x ? 1 : 0} {}
%%
set x abc; if {1 ? !$x : 0} {}
%%
set x abc; if {![set x]} {}
%%
set x abc; if !$x {}
%%
set x !abc; if $x {}
%%
set x abc; proc p x {if {!$x} {}}; p abc
%%
set x {!$y}; set y abc; if $x {}
%%
set x { }; if {!$x} {}
%%
set x 08; if {!$x} {}
%%
set x yes; if {!$x} {set y 1} else {set y 2}
%%
set x abc; if {-$x} {}
%%
set x abc; if {!(1 && $x)} {}
%%
set x abc; if {!(0 || $x)} {}
%%
set x abc; if {!($x ? 1 : 2)} {}
%%
set x abc; if {!(1 ? $x : 2)} {}
%%
set x abc; if {!(!$x)} {}
%%
set x abc; while {((!($x)))} {}
%%
set x abc; if {((($x)))} {}
%%
set x abc; if {!int($x)} {}
%%
set x abc; if {![string length $x]} {set y 1}
%%
expr {11111111111111111 + 08}
%%
expr {111111111111111111111 + 08}
%%
expr {1111111111111111111111 + 08}
%%
expr {11111111111111111111111 + 08}
%%
expr {111111111111111111111111 + 08}
%%
expr {1111111111111111111111111 + 08}
%%
expr {11111111111111111111111111 + 08}
%%
expr {111111111111111111111111111 + 08}
%%
expr {1 + 08 + 11111111111111111}
%%
expr {1 + 08 + 111111111111111111111}
%%
expr {1 + 08 + 1111111111111111111111111}
%%
expr {1 + 08 + 11111111111111111111111111111}
%%
expr {1111111111111111111 + abc}
%%
expr {1111111111111111111111 + abc}
%%
expr {11111111111111111111111 + abc}
%%
expr {111111111111111111111111 + abc}
%%
expr {1111111111111111111111111 + abc}
%%
expr {11111111111111111111111111 + abc}
%%
expr {111111111111111111111111111 + abc}
%%
expr {1 + abc + 1111111111111111111}
%%
expr {1 + abc + 11111111111111111111111}
%%
expr {1 + abc + 111111111111111111111111111}
%%
expr {11111111111111111 + @}
%%
expr {111111111111111111111 + @}
%%
expr {1111111111111111111111 + @}
%%
expr {11111111111111111111111 + @}
%%
expr {111111111111111111111111 + @}
%%
expr {1111111111111111111111111 + @}
%%
expr {11111111111111111111111111 + @}
%%
expr {111111111111111111111111111 + @}
%%
expr {1111111111111111111111111111 + @}
%%
expr {1 + @ + 11111111111111111}
%%
expr {1 + @ + 111111111111111111111}
%%
expr {1 + @ + 1111111111111111111111111}
%%
expr {1 + @ + 11111111111111111111111111111}
%%
expr {1111111111111111111 + 1 2}
%%
expr {1111111111111111111111 + 1 2}
%%
expr {11111111111111111111111 + 1 2}
%%
expr {111111111111111111111111 + 1 2}
%%
expr {1111111111111111111111111 + 1 2}
%%
expr {11111111111111111111111111 + 1 2}
%%
expr {111111111111111111111111111 + 1 2}
%%
expr {1 + 1 2 + 1111111111111111111}
%%
expr {1 + 1 2 + 11111111111111111111111}
%%
expr {1 + 1 2 + 111111111111111111111111111}
%%
expr {11111111111111111 + 09.5x}
%%
expr {111111111111111111111 + 09.5x}
%%
expr {1111111111111111111111 + 09.5x}
%%
expr {11111111111111111111111 + 09.5x}
%%
expr {111111111111111111111111 + 09.5x}
%%
expr {1111111111111111111111111 + 09.5x}
%%
expr {1 + 09.5x + 11111111111111111}
%%
expr {1 + 09.5x + 111111111111111111111}
%%
expr {1 + 09.5x + 1111111111111111111111111}
%%
expr {1 + 09.5x + 11111111111111111111111111111}
%%
expr {1111111111111111111 + 0b2}
%%
expr {1111111111111111111111 + 0b2}
%%
expr {11111111111111111111111 + 0b2}
%%
expr {111111111111111111111111 + 0b2}
%%
expr {1111111111111111111111111 + 0b2}
%%
expr {11111111111111111111111111 + 0b2}
%%
expr {111111111111111111111111111 + 0b2}
%%
expr {1 + 0b2 + 1111111111111111111}
%%
expr {1 + 0b2 + 11111111111111111111111}
%%
expr {1 + 0b2 + 111111111111111111111111111}
%%
expr {11111111111111111 + 0o8}
%%
expr {111111111111111111111 + 0o8}
%%
expr {1111111111111111111111 + 0o8}
%%
expr {11111111111111111111111 + 0o8}
%%
expr {111111111111111111111111 + 0o8}
%%
expr {1111111111111111111111111 + 0o8}
%%
expr {11111111111111111111111111 + 0o8}
%%
expr {1 + 0o8 + 11111111111111111}
%%
expr {1 + 0o8 + 111111111111111111111}
%%
expr {1 + 0o8 + 1111111111111111111111111}
%%
expr {1 + 0o8 + 11111111111111111111111111111}
%%
expr {1111111111111111111 + a(1}
%%
expr {1111111111111111111111 + a(1}
%%
expr {11111111111111111111111 + a(1}
%%
expr {111111111111111111111111 + a(1}
%%
expr {1111111111111111111111111 + a(1}
%%
expr {11111111111111111111111111 + a(1}
%%
expr {111111111111111111111111111 + a(1}
%%
expr {1 + a(1 + 1111111111111111111}
%%
expr {1 + a(1 + 11111111111111111111111}
%%
expr {1 + a(1 + 111111111111111111111111111}
%%
expr {11111111111111111 + "x}
%%
expr {111111111111111111111 + "x}
%%
expr {1111111111111111111111 + "x}
%%
expr {11111111111111111111111 + "x}
%%
expr {111111111111111111111111 + "x}
%%
expr {1111111111111111111111111 + "x}
%%
expr {11111111111111111111111111 + "x}
%%
expr {111111111111111111111111111 + "x}
%%
expr {1 + "x + 11111111111111111}
%%
expr {1 + "x + 111111111111111111111}
%%
expr {1 + "x + 1111111111111111111111111}
%%
expr {1 + "x + 11111111111111111111111111111}
%%
expr {1111111111111111111 + {x}
%%
expr {1111111111111111111111 + {x}
%%
expr {11111111111111111111111 + {x}
%%
expr {111111111111111111111111 + {x}
%%
expr {1111111111111111111111111 + {x}
%%
expr {11111111111111111111111111 + {x}
%%
expr {111111111111111111111111111 + {x}
%%
expr {1 + {x + 1111111111111111111}
%%
expr {1 + {x + 11111111111111111111111}
%%
expr {1 + {x + 111111111111111111111111111}
%%
expr {11111111111111111 + $}
%%
expr {111111111111111111111 + $}
%%
expr {1111111111111111111111 + $}
%%
expr {11111111111111111111111 + $}
%%
expr {111111111111111111111111 + $}
%%
expr {1111111111111111111111111 + $}
%%
expr {11111111111111111111111111 + $}
%%
expr {111111111111111111111111111 + $}
%%
expr {1111111111111111111111111111 + $}
%%
expr {1 + $ + 11111111111111111}
%%
expr {1 + $ + 111111111111111111111}
%%
expr {1 + $ + 1111111111111111111111111}
%%
expr {1 + $ + 11111111111111111111111111111}
%%
expr {1111111111111111111 + #}
%%
expr {1111111111111111111111 + #}
%%
expr {11111111111111111111111 + #}
%%
expr {111111111111111111111111 + #}
%%
expr {1111111111111111111111111 + #}
%%
expr {11111111111111111111111111 + #}
%%
expr {111111111111111111111111111 + #}
%%
expr {1111111111111111111111111111 + #}
%%
expr {1 + # + 1111111111111111111}
%%
expr {1 + # + 11111111111111111111111}
%%
expr {1 + # + 111111111111111111111111111}
%%
expr {11111111111111111 + \x41}
%%
expr {111111111111111111111 + \x41}
%%
expr {1111111111111111111111 + \x41}
%%
expr {11111111111111111111111 + \x41}
%%
expr {111111111111111111111111 + \x41}
%%
expr {1111111111111111111111111 + \x41}
%%
expr {1 + \x41 + 11111111111111111}
%%
expr {1 + \x41 + 111111111111111111111}
%%
expr {1 + \x41 + 1111111111111111111111111}
%%
expr {1 + \x41 + 11111111111111111111111111111}
%%
expr {1111111111111111111 + 1 a b}
%%
expr {1111111111111111111111 + 1 a b}
%%
expr {11111111111111111111111 + 1 a b}
%%
expr {111111111111111111111111 + 1 a b}
%%
expr {111111111111111111111111111 + 1 a b}
%%
expr {1 + 1 a b + 1111111111111111111}
%%
expr {1 + 1 a b + 11111111111111111111111}
%%
expr {1 + 1 a b + 111111111111111111111111111}
%%
expr {1 + "x + 11111111111111111111111111111111111111111111111111111111111}
%%
expr {1 + {x + 11111111111111111111111111111111111111111111111111111111111}
%%
expr "1 + {x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1 + \[x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1111111111111111111111111111111111 + {x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1111111111111111111111111111111111 + \[x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr {1111111111111111111111111111111 + "x + 11111111111111111111111111111111111111111111111111111111111}
%%
expr "1111111111111111111111111111111111 + \$a(x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1 + \$a(x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1 + \${a(x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1 + \"abc\[x + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1 + (1111111111111111111111111111 + 11111111111111111111111111111111111111111111111111111111111"
%%
expr "1 + 1111111111111111111111111111 + 11111111111111111111111111111111111111111111111111111111111)"
%%
expr "1 + {x}y + 11111111111111111111111111111111111111111111111111111111111)"
%%
expr {1 + "x"y + 11111111111111111111111111111111111111111111111111111111111}
%%
set x 0x10; set o 1; expr {1 ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {1 ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {1 ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? ($x) : $x}
%%
set x 0x10; set o 1; expr {1 ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? [set x] : $x}
%%
set x 0x10; set o 1; expr {1 ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {0 ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {0 ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {0 ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {0 ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {0 ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {0 ? ($x) : $x}
%%
set x 0x10; set o 1; expr {0 ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {0 ? [set x] : $x}
%%
set x 0x10; set o 1; expr {0 ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {0 ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {(1) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {(1) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {(1) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {(1) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {(1) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {(1) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {(1) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {(1) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {(1) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {(1) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {!(0) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {!(0) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {!(0) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {!(0) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {!(0) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {!(0) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {!(0) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {!(0) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {!(0) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {!(0) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {!0 ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {!0 ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {!0 ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {!0 ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {!0 ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {!0 ? ($x) : $x}
%%
set x 0x10; set o 1; expr {!0 ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {!0 ? [set x] : $x}
%%
set x 0x10; set o 1; expr {!0 ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {!0 ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {$o ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {$o ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {$o ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {$o ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {$o ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {$o ? ($x) : $x}
%%
set x 0x10; set o 1; expr {$o ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {$o ? [set x] : $x}
%%
set x 0x10; set o 1; expr {$o ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {$o ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {!$o ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {!$o ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {!$o ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {!$o ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {!$o ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {!$o ? ($x) : $x}
%%
set x 0x10; set o 1; expr {!$o ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {!$o ? [set x] : $x}
%%
set x 0x10; set o 1; expr {!$o ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {!$o ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {($o) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {($o) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {($o) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {($o) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {($o) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {($o) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {($o) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {($o) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {($o) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {($o) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {floor(1) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {floor(1) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {floor(1) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {floor(1) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {floor(1) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {floor(1) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {floor(1) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {floor(1) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {floor(1) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {floor(1) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {1 > 0 ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {1 > 0 ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {1 > 0 ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {1 > 0 ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {1 > 0 ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {1 > 0 ? ($x) : $x}
%%
set x 0x10; set o 1; expr {1 > 0 ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {1 > 0 ? [set x] : $x}
%%
set x 0x10; set o 1; expr {1 > 0 ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {1 > 0 ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {(1 > 0) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {(1 > 0) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {(1 > 0) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {(1 > 0) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {(1 > 0) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {(1 > 0) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {(1 > 0) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {(1 > 0) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {(1 > 0) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {(1 > 0) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {abs(1) / (10) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {yes ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {yes ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {yes ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {yes ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {yes ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {yes ? ($x) : $x}
%%
set x 0x10; set o 1; expr {yes ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {yes ? [set x] : $x}
%%
set x 0x10; set o 1; expr {yes ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {yes ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {1 && 1 ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {1 && 1 ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {1 && 1 ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {1 && 1 ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {1 && 1 ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {1 && 1 ? ($x) : $x}
%%
set x 0x10; set o 1; expr {1 && 1 ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {1 && 1 ? [set x] : $x}
%%
set x 0x10; set o 1; expr {1 && 1 ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {1 && 1 ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {{1} ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {{1} ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {{1} ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {{1} ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {{1} ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {{1} ? ($x) : $x}
%%
set x 0x10; set o 1; expr {{1} ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {{1} ? [set x] : $x}
%%
set x 0x10; set o 1; expr {{1} ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {{1} ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {"1" ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {"1" ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {"1" ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {"1" ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {"1" ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {"1" ? ($x) : $x}
%%
set x 0x10; set o 1; expr {"1" ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {"1" ? [set x] : $x}
%%
set x 0x10; set o 1; expr {"1" ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {"1" ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {"$o" ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {"$o" ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {"$o" ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {"$o" ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {"$o" ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {"$o" ? ($x) : $x}
%%
set x 0x10; set o 1; expr {"$o" ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {"$o" ? [set x] : $x}
%%
set x 0x10; set o 1; expr {"$o" ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {"$o" ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {!(1) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {!(1) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {!(1) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {!(1) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {!(1) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {!(1) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {!(1) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {!(1) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {!(1) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {!(1) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {!($o) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {!($o) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {!($o) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {!($o) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {!($o) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {!($o) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {!($o) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {!($o) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {!($o) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {!($o) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {-1 ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {-1 ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {-1 ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {-1 ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {-1 ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {-1 ? ($x) : $x}
%%
set x 0x10; set o 1; expr {-1 ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {-1 ? [set x] : $x}
%%
set x 0x10; set o 1; expr {-1 ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {-1 ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {int(3) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {int(3) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {int(3) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {int(3) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {int(3) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {int(3) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {int(3) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {int(3) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {int(3) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {int(3) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? ($x) : $x}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? [set x] : $x}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {1 ? 1 : 0 ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {($o + 1) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {($o + 1) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {($o + 1) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {($o + 1) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {($o + 1) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {($o + 1) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {($o + 1) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {($o + 1) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {($o + 1) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {($o + 1) ? 1+1 : $x}
%%
set x 0x10; set o 1; expr {$o / (10) ? 0x1f : "a$x"}
%%
set x 0x10; set o 1; expr {$o / (10) ? (0x1f) : $x}
%%
set x 0x10; set o 1; expr {$o / (10) ? {0x1f} : "a$x"}
%%
set x 0x10; set o 1; expr {$o / (10) ? "0x1f" : $x}
%%
set x 0x10; set o 1; expr {$o / (10) ? $x : "a$x"}
%%
set x 0x10; set o 1; expr {$o / (10) ? ($x) : $x}
%%
set x 0x10; set o 1; expr {$o / (10) ? ("a$x") : "a$x"}
%%
set x 0x10; set o 1; expr {$o / (10) ? [set x] : $x}
%%
set x 0x10; set o 1; expr {$o / (10) ? ((0x1f)) : "a$x"}
%%
set x 0x10; set o 1; expr {$o / (10) ? 1+1 : $x}
%%
set x 0x10; expr {0x1f}
%%
set x 0x10; expr {(0x1f)}
%%
set x 0x10; expr {({0x1f})}
%%
set x 0x10; expr {{0x1f}}
%%
set x 0x10; expr {"0x1f"}
%%
set x 0x10; expr {("0x1f")}
%%
set x 0x10; expr {$x}
%%
set x 0x10; expr {($x)}
%%
set x 0x10; expr {"a$x"}
%%
set x 0x10; expr {("a$x")}
%%
set x 0x10; expr {[set x]}
%%
set x 0x10; expr {"$x"}
%%
set x 0x10; expr {((0x1f))}
%%
set x 0x10; expr {1+1}
%%
set x 0x10; expr {(-0x1f)}
%%
set e {(0x1f)}; expr $e
%%
set o 1; set e {$o ? (0x1f) : (0x2)}; expr $e
%%
set e {(1 ? 0x1f : 2)}; expr $e
%%
expr {(1 ? 0x1f : 2)}
%%
expr {(1) ? 0x1f : 2}
%%
expr {((1) ? (0x1f) : (2))}
%%
expr (0x1f)
%%
expr "(0x1f)"
%%
expr "(0x1f)" + 1
%%
set x 0x10; set o 1; expr $o ? {(0x1f)} : 2
%%
set x 0x10; if {[expr {(0x1f)}] eq "0x1f"} {set a 1}
%%
eval {expr {(0x1f)}}
%%
proc p {} {expr {(0x1f)}}; p
%%
expr {1 ? (0x1f) : $x}
%%
eval [list expr {(0x1f)}]
%%
expr {{ 7 } ** 0}
%%
set x { 7 }; expr {$x ** 0}
%%
expr {1 ** { 7 }}
%%
expr {{ 7 } ** -1}
%%
set x { 7 }; expr {$x ** -1}
%%
expr {1.0 ** { 7 }}
%%
expr {{ 7 } ** [llength a]}
%%
set x { 7 }; expr {$x ** [llength a]}
%%
expr {[llength {}] ** { 7 }}
%%
expr {{0x10} ** 0}
%%
set x {0x10}; expr {$x ** 0}
%%
expr {1 ** {0x10}}
%%
expr {{0x10} ** -1}
%%
set x {0x10}; expr {$x ** -1}
%%
expr {1.0 ** {0x10}}
%%
expr {{0x10} ** [llength a]}
%%
set x {0x10}; expr {$x ** [llength a]}
%%
expr {[llength {}] ** {0x10}}
%%
expr {"0x0" ** 0}
%%
set x "0x0"; expr {$x ** 0}
%%
expr {1 ** "0x0"}
%%
expr {"0x0" ** -1}
%%
set x "0x0"; expr {$x ** -1}
%%
expr {1.0 ** "0x0"}
%%
expr {"0x0" ** [llength a]}
%%
set x "0x0"; expr {$x ** [llength a]}
%%
expr {[llength {}] ** "0x0"}
%%
expr {{1.50} ** 0}
%%
set x {1.50}; expr {$x ** 0}
%%
expr {1 ** {1.50}}
%%
expr {{1.50} ** -1}
%%
set x {1.50}; expr {$x ** -1}
%%
expr {1.0 ** {1.50}}
%%
expr {{1.50} ** [llength a]}
%%
set x {1.50}; expr {$x ** [llength a]}
%%
expr {[llength {}] ** {1.50}}
%%
expr {{ 1 } ** 0}
%%
set x { 1 }; expr {$x ** 0}
%%
expr {1 ** { 1 }}
%%
expr {{ 1 } ** -1}
%%
set x { 1 }; expr {$x ** -1}
%%
expr {1.0 ** { 1 }}
%%
expr {{ 1 } ** [llength a]}
%%
set x { 1 }; expr {$x ** [llength a]}
%%
expr {[llength {}] ** { 1 }}
%%
expr {"0b1" ** 0}
%%
set x "0b1"; expr {$x ** 0}
%%
expr {1 ** "0b1"}
%%
expr {"0b1" ** -1}
%%
set x "0b1"; expr {$x ** -1}
%%
expr {1.0 ** "0b1"}
%%
expr {"0b1" ** [llength a]}
%%
set x "0b1"; expr {$x ** [llength a]}
%%
expr {[llength {}] ** "0b1"}
%%
foreach a {== != eq ne in ni < <= & ^ | && || +} { foreach b {== != eq ne in ni < <= & ^ | && || +} {
  set r {}
  foreach t {{2 1 1} {1 1 0} {0 0 0} {1 0 0} {0 1 1} {5 3 1} {3 5 3} {2 2 1} {0 2 2} {7 7 7} {0 0 1}} {
	lassign $t x y z
	append r [catch {expr "$x $a $y $b $z"} m] " $m" ,
  }
  puts "$a $b $r"
}}
%%
expr {3 == 5 != 3}
%%
expr {3 == 5 eq 3}
%%
expr {3 == 5 ne 3}
%%
expr {3 == 5 in 3}
%%
expr {3 == 5 ni 3}
%%
expr {3 != 5 == 3}
%%
expr {3 != 5 eq 3}
%%
expr {3 != 5 ne 3}
%%
expr {3 != 5 in 3}
%%
expr {3 != 5 ni 3}
%%
expr {3 eq 5 == 3}
%%
expr {3 eq 5 != 3}
%%
expr {3 eq 5 ne 3}
%%
expr {3 eq 5 in 3}
%%
expr {3 eq 5 ni 3}
%%
expr {3 ne 5 == 3}
%%
expr {3 ne 5 != 3}
%%
expr {3 ne 5 eq 3}
%%
expr {3 ne 5 in 3}
%%
expr {3 ne 5 ni 3}
%%
expr {3 in 5 == 3}
%%
expr {3 in 5 != 3}
%%
expr {3 in 5 eq 3}
%%
expr {3 in 5 ne 3}
%%
expr {3 in 5 ni 3}
%%
expr {3 ni 5 == 3}
%%
expr {3 ni 5 != 3}
%%
expr {3 ni 5 eq 3}
%%
expr {3 ni 5 ne 3}
%%
expr {3 ni 5 in 3}
%%
expr {-1 ne {abc} == 5. <= .5}
%%
set v2 Inf; expr {"10" eq 1 & 1 ne $v2 > 0}
%%
if {!(true ? {} : 0)} {}
%%
while {!({a} eq {b} ? 1 : {x})} {}
%%
expr {!(1 ? {} : $x) ? 1 : 2}
%%
expr {pow()}
%%
expr {hypot(1)}
%%
expr {int()}
%%
expr {int(1,2,3)}
%%
expr {hypot(1,2,3)}
%%
expr {max()}
%%
catch {expr {abs()}} m o; list $m [dict get $o -errorcode]
%%
expr {max(9007199254740992, 9007199254740993)}
%%
expr {min(9007199254740993, 9007199254740992)}
%%
expr {max(-9007199254740993, -9007199254740992)}
%%
expr {1777777777777777777771 >= 16}
%%
expr {"1777777777777777777771" >= 16}
%%
set x "1777777777777777777771"; expr {$x >= 16}
%%
set x "1777777777777777777771"; expr {$x == "01777777777777777777771"}
%%
set x "-1777777777777777777771"; expr {$x < "1"}
%%
set x "0xffffffffffffffffffffffff"; expr {$x < "1"}
%%
set x "0xffffffffffffffffffffffff"; expr {$x < "1.0"}
%%
expr {isqrt(-0.5)}
%%
expr {isqrt(-1e30)}
%%
expr {isqrt(-Inf)}
%%
expr {isqrt(Inf)}
%%
expr {isqrt("abc")}
%%
expr {isqrt("")}
%%
expr {isqrt(-3)}
%%
expr {isqrt(1e18)}
%%
set x 1e400; expr {isqrt($x)}
%%
set x -1e400; expr {isqrt($x)}
%%
set x NaN; expr {isqrt($x)}
%%
set x -NaN; expr {isqrt($x)}
%%
expr {isqrt(0x10)}
%%
expr {isqrt(08)}
%%
expr {isqrt("08")}
%%
expr {isqrt("-99999999999999999999")}
%%
expr {3==[llength l0]?$v1==7:2.5?0x1f:Inf}
%%
expr {3==[llength l0]?7==7:2.5?0x1f:Inf}
%%
expr {3==[llength l0]?7:2.5?0x1f:Inf}
%%
expr {3==[llength l0]?7:2?0x1f:Inf}
%%
expr {3==[llength l0]?7:0x1f}
%%
set v1 7; expr {3==[llength l0]?$v1:2?0x1f:Inf}
%%
set v1 7; expr {0?$v1:2?0x1f:Inf}
%%
set v1 7; expr {0?$v1:0x1f}
%%
set v1 7; expr {0?$v1==7:0x1f}
%%
set v1 7; expr {[set v1]==1?$v1==7:0x1f}
%%
set v1 7; expr {[set v1]==1?$v1==7:2.5?0x1f:3}
%%
set v1 7; expr {[set v1]==1?7+7:2.5?0x1f:3}
%%
set v1 7; expr {[set v1]==1?5:2.5?0x1f:3}
%%
set v1 7; expr {[set v1]==1?5:[set v1]?0x1f:3}
%%
set v1 7; expr {[set v1]==1?$v1+1:[set v1]?0x1f:3}
%%
set v1 7; expr {[set v1]==7?[set v1]?0x1f:3:$v1+1}
%%
set v1 7; expr {[set v1]==7?0x1f:$v1+1}
%%
set v1 7; expr {[set v1]==7?0x1f:$v1}
%%
set v1 7; expr {[set v1]==7?2?0x1f:3:$v1}
%%
set v1 7; expr {[set v1]==7?2?0x1f:3:$v1+1}
%%
set v1 7; expr {[set v1]==1?5:1?0x1f:3}
%%
set v1 7; expr {[set v1]==7?1?0x1f:3:5}
%%
set v1 7; expr {[set v1]==1?5:(1?0x1f:3)}
%%
expr {0?5:1?0x1f:3}
%%
expr {1?0x1f:3}
%%
expr {[set v1 0]?5:1?3:0x1f}
%%
expr {[set v1 0]?5:0?3:0x1f}
%%
expr {[set v1 0]?5:0?[set q]:0x1f}
%%
expr {[set v1 0]?5:0?"a":0x1f}
%%
expr {[set v1 0]?5:1?"0x1f":3}
%%
expr {[set v1 0]?5:1?{0x1f}:3}
%%
expr {[set v1 0]?5:1?{0x1f}:"x"}
%%
expr {[set v1 0]?{x}:1?{0x1f}:"x"}
%%
expr {[set v1 0]?[set v1]:1?{0x1f}:"x"}
%%
expr {[set v1 0]?[set v1]:"0x1f"}
%%
expr {[set v1 0]?[set v1]:{0x1f}}
%%
expr {[set v1 0]?5:1?[set q 0x1f]:3}
%%
expr {[set v1 0]?5:[set v1 1]?1?0x1f:2:3}
%%
expr {[set v1 0]?5:1?1?0x1f:2:3}
%%
set x {[set v1 0]?5:1?0x1f:3}; expr $x
%%
set x {[set v1 0]?5:1?0x1f:3}; expr "$x"
%%
set x {[set v1 0]?5:0x1f}; expr $x
%%
expr {[set v1 0]?5:"0x1f"}
%%
expr {[set v1 0]?5:1?1e3:3}
%%
expr {[set v1 0]?5:1?abc eq "d":3}
%%
set v1 7; expr {[set v1]==7?0x1f:1?0x1f:3}
%%
set v1 7; expr {[set v1]==1?0x1f:1?0x1f:3}
%%
set v1 7; expr {[set v1]==1?5:(1?"0x1f":3)}
%%
set v1 7; expr {[set v1]==1?5:1?"abc":3}
