#!/usr/bin/env python3
"""Random programs of the script language, for a comparison with tclsh.

usage: tclgen.py SEED COUNT

Writes COUNT programs with lines of "%%" between them. The same seed gives the same programs.
"""

import random
import sys

WORDS = ["a", "b", "abc", "Hello", "x y", "", "foo bar", "10", "-3", "0x1f", "1.5", "1e3", "true", "no", "end"]
WEIRD = ["{", "}", "{}", "[", "]", "$", "$x", "\\", "\\\\", '"', ";", "#", "a{b", "a}b", "a\\", "\\n", "\t", "\n"]
WEIRD += ["a b", "{a b} c", "\xe9", "\x00", "*", "a*", "?", "[a-c]", "08", "1 2", " 7 ", "+5", ".5", "5.", "Inf"]
VARS = ["v0", "v1", "v2", "v3"]
LISTS = ["l0", "l1", "l2"]
DICTS = ["d0", "d1"]


SAME = ["lindex $X $X", "lindex $X $X $X", "lrange $X $X $X", "linsert $X $X $X", "lreplace $X $X $X $X", "lset X $X $X",
        "lsearch -start $X $X $X", "lsearch -index $X $X $X", "lsearch -all -inline $X $X", "lsort -index $X $X", "lsort -integer $X",
        "lassign $X X X", "lmap X $X {llength $X}", "lmap i $X {lappend X $i; llength $X}", "join $X $X", "split $X $X",
        "string index $X $X", "string range $X $X $X", "string map $X $X", "string replace $X $X $X $X", "string first $X $X $X",
        "dict get $X $X", "dict replace $X $X $X", "dict exists $X $X", "dict merge $X $X", "dict set X $X $X", "dict lappend X $X $X",
        "dict map {i X} $X {llength $X}", "dict filter $X key $X", "expr {$X in $X}", "regsub -all {\\w} $X $X X", "concat $X {*}$X",
        "eval $X", "switch -- $X $X {set i 1} default {set i 2}", "apply [list X {lindex $X $X}] $X", "scan $X %s X", "format %s%s $X $X",
        "string is list $X; llength $X; string length $X", "append X $X", "lappend X $X {*}$X"]

class Chance(random.Random):
    """the same with less ado: most of the time of a program goes here"""

    def choice(self, seq):
        return seq[int(self.random() * len(seq))]

    def randrange(self, start, stop=None):
        return int(self.random() * start) if stop is None else start + int(self.random() * (stop - start))


class Generator:
    def __init__(self, seed):
        self.r = Chance(seed)
        self.depth = 0
        self.loop = 0
        self.in_proc = False
        self.counter = 0

    def pick(self, *choices):
        choice = self.r.choice(choices)
        return choice() if callable(choice) else choice

    def often(self, n):
        return self.r.randrange(100) < n

    # ---- words ----

    def quote(self, text):
        """text as a word that stands for just that"""
        if self.often(50) and text and all(c.isalnum() or c in ".-_" for c in text):
            return text
        if self.often(50) and "{" not in text and "}" not in text and "\\" not in text and "\0" not in text:
            return "{" + text + "}"
        out = ""
        for c in text:
            if c in '\\"$[]{};':
                out += "\\" + c
            elif c == "\n":
                out += "\\n"
            elif c == "\0":
                out += "\\x00"
            else:
                out += c
        return '"' + out + '"'

    def text(self):
        kind = self.r.randrange(10)
        if kind < 6:
            return self.r.choice(WORDS)
        if kind < 9:
            return self.r.choice(WEIRD)
        return "".join(self.r.choice("abcXYZ019 {}[]$\\\";#\t\n*?-") for _ in range(self.r.randrange(9)))

    def word(self):
        """any word"""
        kind = self.r.randrange(12)
        if kind < 4:
            return self.quote(self.text())
        if kind < 7:
            return "$" + self.r.choice(VARS)
        if kind < 8:
            return str(self.number())
        if kind < 9:
            return "$" + self.r.choice(LISTS)
        if kind < 10 and self.depth < 3:
            return self.command_word()
        if kind < 11:
            return '"' + self.r.choice(["x$v0", "$v1-$v2", "[llength $l0]$v3", "a\\tb$v1"]) + '"'
        return self.integer_word()

    def number(self):
        return self.r.choice([0, 1, 2, 3, 5, 7, 10, -1, -2, -7, 16, 100, 255, 1000, 65536, 12345])

    def integer_word(self):
        return self.pick(lambda: str(self.number()), "[llength $l0]", "[string length $v0]", lambda: "[expr {%s}]" % self.integer())

    def command_word(self):
        self.depth += 1
        text = "[" + self.value_command() + "]"
        self.depth -= 1
        return text

    def list_word(self):
        kind = self.r.randrange(8)
        if kind < 4:
            return "$" + self.r.choice(LISTS)
        if kind < 5:
            return "[list %s]" % " ".join(self.word() for _ in range(self.r.randrange(5)))
        if kind < 6:
            return "{%s}" % self.r.choice(["a b c", "3 1 2", "{a 1} {b 2}", "", "x {y z} {}", "1 2 3 4 5", "k v k2 v2"])
        if kind < 7 and self.depth < 3:
            return self.command_word()
        return self.word()

    def index(self):
        return self.pick("0", "1", "2", "end", "end-1", "-1", "99", "1+1", "end+1", lambda: self.word() if self.often(10) else "0")

    # ---- expressions ----

    def integer(self):
        """an expression that is mostly an integer"""
        if self.depth > 4:
            return str(self.number())
        self.depth += 1
        kind = self.r.randrange(14)
        if kind < 4:
            text = str(self.number())
        elif kind < 5:
            text = self.r.choice(["$i", "[llength $l0]", "[string length $v1]", "[dict size $d0]"])
            if text == "$i" and not self.loop:
                text = "4"
        elif kind < 9:
            op = self.r.choice(["+", "-", "*", "+", "-", "/", "%", "&", "|", "^"])
            text = "%s %s %s" % (self.integer(), op, self.integer())
        elif kind < 10:
            text = "(%s)" % self.integer()
        elif kind < 11:
            text = self.r.choice(["-", "~", "!", "+"]) + self.r.choice(["(%s)", "%s"]) % self.integer()
        elif kind < 12:
            text = "((%s) %s %d)" % (self.integer(), self.r.choice(["<<", ">>"]), self.r.randrange(12))
        elif kind < 13:
            text = "%s(%s)" % (self.r.choice(["abs", "int", "round", "wide", "entier"]), self.any_number().replace("1e20", "1e3"))
        else:
            text = "%s(%s, %s)" % (self.r.choice(["min", "max"]), self.integer(), self.integer())
        self.depth -= 1
        return text

    def any_number(self):
        if self.often(60):
            return self.integer()
        self.depth += 1
        text = self.pick("1.5", "2.0", "-0.25", "1e3", "3.0e-2", "0.1", "1e20",
                         lambda: "%s %s %s" % (self.any_number(), self.r.choice("+-*/"), self.any_number()),
                         lambda: "%s(%s)" % (self.r.choice(["sqrt", "floor", "ceil", "double", "exp", "abs"]), self.integer())) \
            if self.depth < 5 else "2.5"
        self.depth -= 1
        return text

    def condition(self):
        if self.depth > 4:
            return self.r.choice(["1", "0", "true"])
        if self.often(5):
            return self.wild(self.r.randrange(1, 4))
        self.depth += 1
        kind = self.r.randrange(10)
        if kind < 3:
            text = "%s %s %s" % (self.integer(), self.r.choice(["<", ">", "<=", ">=", "==", "!="]), self.integer())
        elif kind < 5:
            text = "%s %s %s" % (self.operand(), self.r.choice(["eq", "ne", "==", "!=", "<", ">="]), self.operand())
        elif kind < 6:
            text = "%s %s %s" % (self.operand(), self.r.choice(["in", "ni"]), self.r.choice(["$l0", "$l1", "{a b c}"]))
        elif kind < 8:
            text = "%s %s %s" % (self.condition(), self.r.choice(["&&", "||"]), self.condition())
        elif kind < 9:
            text = "!(%s)" % self.condition()
        else:
            text = self.r.choice(["1", "0", "yes", "off", "true", "$v0 ne {}"])
        self.depth -= 1
        return text

    def operand(self):
        kind = self.r.randrange(6)
        if kind < 2:
            return "$" + self.r.choice(VARS)
        if kind < 3:
            return '"%s"' % self.r.choice(["abc", "a$v0", "10", "", "x y"])
        if kind < 4:
            return "{%s}" % self.r.choice(["abc", "10", "a b", ""])
        if kind < 5:
            return self.integer()
        return self.command_word() if self.depth < 4 else "1"

    def wild(self, depth):
        """operators and operands that need not fit; most are errors"""
        kind = self.r.randrange(12)
        if depth == 0 or kind < 2:
            return self.pick("1", "0", "10", "-1", "2.5", "1e3", "{10}", "{abc}", "{}", '"10"', '"a$v0"', "$v0", "$v1", "$v2", "$l0",
                             "true", "no", "{ 7 }", "{1.0}", '"$v2"', "[set v2]", "[llength $v1]", "$nosuch", "0x1f", "{0x1f}", "08",
                             "{08}", "[list a b]", "Inf", ".5", "5.", "{true}", "[expr {1.5+$v2}]")
        if kind < 8:
            op = self.r.choice(["+", "-", "*", "/", "%", "eq", "ne", "==", "!=", "<", ">", "<=", ">=", "&&", "||", "in", "ni", "&", "^", "|"])
            return "%s %s %s" % (self.wild(depth - 1), op, self.wild(depth - 1))
        if kind < 9:
            # in parentheses, or the right side may grow: tclsh takes minutes to print 1 << 2 * 65536 * 65536
            return "(%s %s %d)" % (self.wild(depth - 1), self.r.choice(["<<", ">>", "**"]), self.r.randrange(3))
        if kind < 10:
            return self.r.choice(["(%s)", "-%s", "+%s", "!%s", "~%s", "-(%s)", "!(%s)"]) % self.wild(depth - 1)
        if kind < 11:
            return "%s ? %s : %s" % (self.wild(depth - 1), self.wild(depth - 1), self.wild(depth - 1))
        return "%s(%s)" % (self.r.choice(["abs", "int", "double", "round", "bool", "sqrt", "wide", "floor", "isqrt"]), self.wild(depth - 1))

    def expression(self):
        if self.often(10):
            return self.wild(self.r.randrange(1, 4))
        kind = self.r.randrange(10)
        if kind < 5:
            return self.integer()
        if kind < 7:
            return self.any_number()
        if kind < 9:
            return self.condition()
        if self.often(50):
            return "%s ? %s : %s" % (self.condition(), self.expression(), self.expression())
        return "%s %s %s" % (self.operand(), self.r.choice("+-*/%<"), self.operand())

    # ---- commands that give a value ----

    def value_command(self):
        self.depth += 1
        text = self.pick(self.string_command, self.string_command, self.list_command, self.list_command, self.expr_command,
                         self.dict_command, self.format_command, self.other_command, self.form_command, self.same_command)
        self.depth -= 1
        return text

    def same_command(self):
        """one value in several places of a command, each of which may hold it in another form"""
        return self.r.choice(SAME).replace("X", self.r.choice(VARS + LISTS + DICTS))

    def expr_command(self):
        return "expr {%s}" % self.expression()

    def string_command(self):
        w, i = self.word, self.index
        return self.pick(
            lambda: "string length %s" % w(), lambda: "string index %s %s" % (w(), i()),
            lambda: "string range %s %s %s" % (w(), self.r.choice(["0", "1", "end-1", "-1", "99"]), i()), lambda: "string equal %s %s" % (w(), w()),
            lambda: "string compare %s %s" % (w(), w()), lambda: "string compare -nocase %s %s" % (w(), w()),
            lambda: "string match %s %s" % (w(), w()), lambda: "string first %s %s" % (w(), w()),
            lambda: "string last %s %s" % (w(), w()), lambda: "string repeat %s %d" % (w(), self.r.randrange(-1, 5)),
            lambda: "string reverse %s" % w(), lambda: "string toupper %s" % w(), lambda: "string tolower %s" % w(),
            lambda: "string totitle %s" % w(), lambda: "string trim %s" % w(), lambda: "string trim %s %s" % (w(), w()),
            lambda: "string trimleft %s %s" % (w(), w()), lambda: "string trimright %s" % w(),
            lambda: "string map {%s} %s" % (self.r.choice(["a b", "a {} b x", "abc 1 a 2", "{ } _", "a"]), w()),
            lambda: "string replace %s %s %s %s" % (w(), i(), i(), w()), lambda: "string cat %s %s" % (w(), w()),
            lambda: "string is %s %s" % (self.r.choice(["integer", "double", "alpha", "digit", "space", "boolean", "list",
                                                         "alnum", "upper", "true", "xdigit", "punct", "print"]), w()),
            lambda: "string is %s -strict %s" % (self.r.choice(["integer", "double", "alpha", "boolean"]), w()),
            lambda: "string wordend %s %s" % (w(), i()), lambda: "split %s %s" % (w(), w()),
            lambda: "split %s" % w(), lambda: "join %s %s" % (self.list_word(), w()),
            lambda: "concat %s %s" % (w(), w()), lambda: "subst %s" % w(), lambda: "append %s %s" % (self.r.choice(VARS), w()),
            lambda: "regexp -inline {%s} %s" % (self.r.choice(["a+", "(.)(.)", "^x", "[a-c]+$", "\\d+", "b*"]), w()),
            lambda: "regsub -all {%s} %s %s" % (self.r.choice(["a", "[0-9]", "^.", "(.)b"]), w(), self.r.choice(["<&>", "x", "{}", "{[\\1]}"])),
            lambda: "binary encode hex %s" % w(), lambda: "binary encode base64 %s" % w())

    def list_command(self):
        w, l, i = self.word, self.list_word, self.index
        return self.pick(
            lambda: "llength %s" % l(), lambda: "lindex %s %s" % (l(), i()), lambda: "lindex %s %s %s" % (l(), i(), i()),
            lambda: "lrange %s %s %s" % (l(), i(), i()), lambda: "lreverse %s" % l(), lambda: "linsert %s %s %s" % (l(), i(), w()),
            lambda: "lreplace %s %s %s %s" % (l(), i(), i(), w()), lambda: "lrepeat %d %s" % (self.r.randrange(4), w()),
            lambda: "lsort %s" % l(), lambda: "lsort %s %s" % (self.r.choice(
                ["-integer", "-real", "-decreasing", "-dictionary", "-unique", "-nocase", "-indices", "-index 0", "-index end",
                 "-stride 2", "-decreasing -unique", "-integer -index 1"]), l()),
            lambda: "lsearch %s %s" % (l(), w()), lambda: "lsearch %s %s %s" % (self.r.choice(
                ["-exact", "-glob", "-all", "-inline", "-not", "-all -inline", "-all -not -inline", "-nocase", "-start 1",
                 "-sorted", "-integer", "-index 0", "-index 0 -inline"]), l(), w()),
            lambda: "list %s" % " ".join(w() for _ in range(self.r.randrange(5))), lambda: "concat %s %s" % (l(), l()),
            lambda: "lassign %s v0 v1" % l(), lambda: "list {*}%s %s" % (l(), w()), lambda: "lappend %s %s" % (self.r.choice(LISTS), w()),
            lambda: "lset %s %s %s" % (self.r.choice(LISTS), i(), w()),
            lambda: "lmap x %s {%s}" % (l(), self.pick("string length $x", "list $x $x", "set x", "incr x", lambda: self.guarded(self.value_command))))

    def dict_command(self):
        w, d = self.word, lambda: self.pick("$d0", "$d1", "$d0", lambda: self.list_word())
        k = lambda: self.pick("a", "b", "k", w)
        return self.pick(
            lambda: "dict get %s %s" % (d(), k()), lambda: "dict exists %s %s" % (d(), k()), lambda: "dict keys %s" % d(),
            lambda: "dict values %s" % d(), lambda: "dict size %s" % d(), lambda: "dict merge %s %s" % (d(), d()),
            lambda: "dict remove %s %s" % (d(), k()), lambda: "dict replace %s %s %s" % (d(), k(), w()),
            lambda: "dict create %s %s %s %s" % (k(), w(), k(), w()), lambda: "dict set %s %s %s" % (self.r.choice(DICTS), k(), w()),
            lambda: "dict set %s %s %s %s" % (self.r.choice(DICTS), k(), k(), w()),
            lambda: "dict unset %s %s" % (self.r.choice(DICTS), k()), lambda: "dict append %s %s %s" % (self.r.choice(DICTS), k(), w()),
            lambda: "dict lappend %s %s %s" % (self.r.choice(DICTS), k(), w()),
            lambda: "dict incr %s %s %s" % (self.r.choice(DICTS), k(), self.number()),
            lambda: "dict filter %s key %s" % (d(), w()), lambda: "dict get %s" % d(),
            lambda: "dict map {k v} %s {%s}" % (d(), self.pick("string length $v", "list $k $v", "set v")))

    def format_command(self):
        w = self.word
        return self.pick(
            lambda: "format %%%s%s %s" % (self.r.choice(["", "5", "-5", "05", "+", "#", "08", ".3"]), self.r.choice("dxXobis"), w()),
            # a character that is not a byte is an error here; the upper case of some is none
            lambda: "format %%%s %s" % (self.r.choice(["c", "5c", "-3c", "05c"]), self.r.choice(["0", "65", "233", "x", "1.5", "{}"])),
            lambda: "format %%%s%s {%s}" % (self.r.choice(["", ".2", "8.3", "-9.1", "+"]), self.r.choice("feg"), self.r.choice(["1.5", "2", "-0.001", "1e10", "x"])),
            lambda: 'format "%%s|%%5s|%%-5s" %s %s %s' % (w(), w(), w()),
            lambda: "scan %s %s" % (w(), self.r.choice(["%d", "%s", "%f", "%x", '"%d %d"', "{%[a-z]%d}", "%c", "%2d%s"])),
            lambda: "binary scan %s %s v0" % (w(), self.r.choice(["H*", "a2", "c*", "B8", "A*", "cu2"])),
            lambda: "binary format %s %s" % (self.r.choice(["a4", "A3", "H4", "a*", "c"]), w()))

    def other_command(self):
        w = self.word
        return self.pick(
            lambda: "set %s" % self.r.choice(VARS + LISTS + DICTS + ["nosuch", "arr(a)", "arr"]),
            lambda: "incr %s %d" % (self.r.choice(["n0", "n1", "v0", "arr(n)"]), self.number()),
            lambda: "catch {%s} v0" % self.guarded(self.statement), lambda: "info exists %s" % self.r.choice(VARS + ["nosuch", "arr(a)", "arr"]),
            lambda: "p0 %s %s" % (w(), w()), lambda: "p1 %s" % w(), lambda: "p2 %s" % " ".join(w() for _ in range(self.r.randrange(4))),
            lambda: "array get arr", lambda: "array names arr %s" % w(), lambda: "array size arr", lambda: "info level",
            lambda: "apply {x {%s}} %s" % (self.pick("expr {$x+1}", "string length $x", "lindex $x 0", "return $x"), w()),
            lambda: "eval %s" % self.quote("list " + self.r.choice(["a", "$v0", "{*}$l0", "[set v1]"])))

    def form_command(self):
        """forms that are written less often: switches, codes and options"""
        w, l, i = self.word, self.list_word, self.index
        pattern = lambda: self.r.choice(["a+", "(.)(.)", "^x", "[a-c]+$", "\\d+", "b*", "(a)|(b)", "", "(", "x(y)?", "^", "\\s"])
        switches = lambda: " ".join(self.r.choice(["-all", "-inline", "-indices", "-nocase", "-start 1", "-start end", "-start -1",
                                                   "-line", "-lineanchor", "-linestop", "-expanded", "--"]) for _ in range(self.r.randrange(4)))
        code = lambda: self.r.choice(["error", "ok", "return", "break", "continue", "0", "1", "5", "x"])
        options = lambda: " ".join(self.r.choice(["-code %s" % code(), "-errorcode {%s}" % self.r.choice(["A B", "MY", "{", ""]), "-foo bar",
                                                  "-level 0 -code error", "-level 1", "-level x", "-errorinfo I", "-options {-code error -errorcode Q}"])
                                   for _ in range(self.r.randrange(1, 4)))
        key = lambda: self.r.choice(["a", "b", "k", "nosuch"])
        return self.pick(
            lambda: "regexp %s {%s} %s%s" % (switches(), pattern(), w(), self.pick("", " v0", " v0 v1", " v0 v1 v2")),
            lambda: "regsub %s {%s} %s %s%s" % (switches().replace("-inline", "").replace("-indices", ""), pattern(), w(),
                                                self.r.choice(["<&>", "\\0", "{\\1}", "{}"]), self.pick("", " v0")),
            lambda: "catch {return %s %s} v0 o; list $v0 [dict get $o -code] [dict get $o -level] [dict exists $o -errorcode]" % (options(), w()),
            lambda: "proc r0 {} {return %s %s}; catch r0 v0 o; list $v0 [dict get $o -code] [expr {[dict get $o -code] == 1 ? [dict get $o -errorcode] : {}}]"
            % (options(), w()),
            lambda: "catch {%s} v0 o; list $v0 [dict get $o -code] [expr {[dict get $o -code] == 1 ? [dict get $o -errorcode] : {none}}]"
            % self.guarded(self.value_command),
            lambda: "string compare -length %s %s %s" % (self.r.choice(["1", "2", "-1", "x"]), w(), w()),
            lambda: "string equal -nocase -length %d %s %s" % (self.r.randrange(4), w(), w()), lambda: "string match -nocase %s %s" % (w(), w()),
            lambda: "string map -nocase {%s} %s" % (self.r.choice(["A b", "a {} B x", "abc 1 a 2"]), w()),
            lambda: "string first %s %s %s" % (w(), w(), i()), lambda: "string last %s %s %s" % (w(), w(), i()),
            lambda: "string toupper %s %s %s" % (w(), i(), i()), lambda: "string tolower %s %s" % (w(), i()), lambda: "string totitle %s 1" % w(),
            lambda: "string is %s -failindex v0 %s" % (self.r.choice(["integer", "alpha", "double", "list", "wideinteger", "boolean"]), w()),
            # tclsh rejects the class before it reads the words after it
            lambda: "string is nosuch %s" % self.quote(self.text()),
            lambda: "string wordstart %s %s" % (w(), i()), lambda: "string %s %s" % (self.r.choice(["replace", "index", "nosuch", "length", "range"]), w()),
            lambda: "dict update %s %s v0 {%s}" % (self.r.choice(DICTS), key(), self.guarded(self.statement)),
            lambda: "dict with %s {%s}" % (self.r.choice(DICTS), self.pick("set a", "set k 5", "set v0", "unset a")),
            lambda: "dict filter $d0 value %s" % w(), lambda: "dict filter $d0 script {k v} {%s}" % self.pick("expr {$v > 1}", "set k", "break"),
            lambda: "dict %s %s" % (self.r.choice(["get", "set", "nosuch", "incr", "keys", "exists", "for", "with", "update"]), self.r.choice(["d0", "$d0", "d0 a"])),
            lambda: "dict get $d0 %s %s" % (key(), key()), lambda: "dict unset d0 %s %s" % (key(), key()),
            lambda: "dict replace %s %s" % (self.pick("$d0", w), w()), lambda: "array unset arr %s" % w(), lambda: "array set arr %s" % l(),
            lambda: "after %s" % self.r.choice(["0", "x", "-5", "1", "nosuch", "08"]),
            lambda: "%s%s" % (self.r.choice(["set a::b 1", "set a::b", "incr a::b", "append a::b x", "lappend ::a::b x", "unset a::b", "info exists a::b",
                                             "array set a::b {x 1}", "proc a::b {} {}", "foreach a::b {1} {}", "set ::v9", "dict set a::b k v"]), ""),
            lambda: "incr %s %s" % (self.r.choice(VARS + ["arr", "v0(x)", "n9"]), self.pick(w, "1e3", "x", "1")),
            lambda: "catch {set ::errorCode}; string is %s -failindex v0 %s" % (self.r.choice(["integer", "double", "digit", "xdigit", "true"]), w()),
            lambda: "apply %s %s" % (self.r.choice(["{x {set x}}", "{}", "{{x {y 2}} {list $x $y}}", "{args {llength $args}}", "x", "{x}"]), w()),
            lambda: "scan %s %s v0 v1" % (w(), self.r.choice(["{%d %s}", "{%1$d %2$s}", "%n%d", "{%*d%s}", "{%[^a]%c}", "%d%d%d", "%5d%n", "%lx"])),
            lambda: "binary scan %s %s v0 v1" % (w(), self.r.choice(["a1a1", "h*", "b*", "s", "i", "x2a", "@1a*", "a*X2a*", "w", "cuSu"])),
            lambda: "binary format %s %s %s" % (self.r.choice(["s2a", "a2x2a", "h2H2", "b4B4", "Sa*", "i", "@3aa", "wa"]), w(), w()),
            lambda: "binary decode %s %s" % (self.r.choice(["hex", "base64", "hex -strict", "base64 -strict"]), w()),
            lambda: "lsort -index {0 1} %s" % l(), lambda: "lsearch -regexp %s {%s}" % (l(), pattern()), lambda: "lsearch -bisect -integer %s 2" % l(),
            lambda: "expr {%s(%s)}" % (self.r.choice(["max", "abs", "pow", "hypot", "nosuch", "int"]), self.r.choice(["", "1", "1,2", "1,2,3", "x"])),
            lambda: self.nested_lset(i(), i(), w()), lambda: "switch -regexp -matchvar v0 -- %s {{%s} {set v0} default {set v1 d}}"
            % (w(), self.r.choice(["a+", "(.)(.)", "^x", "b*"])))

    def nested_lset(self, first, second, word):
        """where it fails behind the end, tclsh leaves an element of it in a list that nobody else has"""
        name = self.r.choice(LISTS)
        return "set l9 $%s; lset %s %s %s %s" % (name, name, first, second, word)

    def guarded(self, make):
        """a deeper piece of program, or a small one where it is deep enough"""
        if self.depth > 4:
            return "set v0"
        self.depth += 1
        text = make()
        self.depth -= 1
        return text

    # ---- statements ----

    def body(self):
        if self.depth > 3:
            return " " + self.value_command() + " "
        self.depth += 1
        lines = [self.statement() for _ in range(self.r.randrange(1, 4))]
        self.depth -= 1
        return self.pick(lambda: "\n" + "\n".join(lines) + "\n", lambda: " " + "; ".join(lines) + " ")

    def statement(self):
        kind = self.r.randrange(40)
        if kind < 8:
            return "set %s %s" % (self.r.choice(VARS), self.word())
        if kind < 11:
            return "set %s %s" % (self.r.choice(LISTS), self.list_word())
        if kind < 12:
            return "lappend %s %s" % (self.r.choice(LISTS), self.word())
        if kind < 13:
            return "set arr(%s) %s" % (self.r.choice(["a", "b", "$v0", "n"]), self.word())
        if kind < 16:
            return "if {%s} {%s}%s" % (self.condition(), self.body(), self.pick("", lambda: " else {%s}" % self.body(),
                                                                                  lambda: " elseif {%s} {%s}" % (self.condition(), self.body())))
        if kind < 18:
            return self.for_loop()
        if kind < 21:
            return "foreach %s %s {%s}" % (self.r.choice(["v3", "{v2 v3}", "v3"]), self.list_word(), self.in_loop())
        if kind < 22:
            return "dict for {v2 v3} %s {%s}" % (self.r.choice(["$d0", "$d1", "$l0"]), self.in_loop())
        if kind < 24:
            return self.switch()
        if kind < 26:
            return "catch {%s} v0%s" % (self.body(), self.pick("", " o"))
        if kind < 28:
            return self.try_statement()
        if kind < 29:
            return self.jump()
        if kind < 34:
            return "set %s [%s]" % (self.r.choice(VARS), self.value_command())
        if kind < 35:
            return "puts %s" % self.word()
        if kind < 36:
            return "unset %s%s" % (self.r.choice(["", "-nocomplain "]), self.r.choice(["v3", "arr(a)", "nosuch"]))
        return self.value_command()

    def in_loop(self):
        self.loop += 1
        text = self.body()
        self.loop -= 1
        return text

    def for_loop(self):
        self.counter += 1
        # each loop has a counter of its own
        name = "c%d" % self.counter
        if self.often(70):
            return "for {set %s 0} {$%s < %d} {incr %s} {%s}" % (name, name, self.r.randrange(5), name, self.body_of_counter(name))
        return "set %s 0; while {$%s < %d} {incr %s; %s}" % (name, name, self.r.randrange(5), name, self.body_of_counter(name))

    def body_of_counter(self, name):
        return self.pick(lambda: "set i $%s; %s" % (name, self.in_loop()), lambda: "lappend l2 $%s" % name)

    def switch(self):
        arms = " ".join("%s {%s}" % (self.quote(self.r.choice(WORDS + ["a*", "*"])), self.body()) for _ in range(self.r.randrange(1, 4)))
        default = self.pick("", lambda: " default {%s}" % self.body())
        return "switch %s -- %s {%s%s}" % (self.r.choice(["-exact", "-glob", "-glob -nocase", "-exact -nocase"]), self.word(), arms, default)

    def try_statement(self):
        text = "try {%s}" % self.body()
        if self.often(70):
            text += " on %s {v0 o} {%s}" % (self.r.choice(["error", "ok", "return", "break"]), self.body())
        if self.often(40):
            text += " trap {%s} {v0} {%s}" % (self.r.choice(["TCL", "ARITH", "TCL LOOKUP", "MY"]), self.body())
        if self.often(40):
            text += " finally {%s}" % self.body()
        return text

    def jump(self):
        if self.loop and self.often(50):
            return self.r.choice(["break", "continue"])
        return self.pick(lambda: "error %s" % self.word(), lambda: "return %s" % self.word(), lambda: "throw {MY ERR} %s" % self.word(),
                         lambda: "return -code error %s" % self.word(), lambda: "error %s {} {A B}" % self.word())

    def program(self):
        self.depth = 0
        self.loop = 0
        lines = ["set v0 %s" % self.quote(self.text()), "set v1 %s" % self.quote(self.text()), "set v2 %s" % self.number(),
                 "set v3 {}", "set l0 {%s}" % self.r.choice(["a b c", "3 1 2", "x {y z}", "", "1 2 3 4"]),
                 "set l1 [list %s %s]" % (self.quote(self.text()), self.quote(self.text())), "set l2 {}",
                 "set d0 {a 1 b 2}", "set d1 [dict create k %s]" % self.quote(self.text())]
        lines.append("proc p0 {x y} {%s}" % self.proc_body("x", "y"))
        lines.append("proc p1 {x {y 5}} {%s}" % self.proc_body("x", "y"))
        lines.append("proc p2 {args} {%s}" % self.proc_body("args", "args"))
        lines += [self.statement() for _ in range(self.r.randrange(2, 8))]
        lines.append("list $v0 $v1 $v2 $v3 $l0 $l1 $l2 $d0 $d1 [array get arr]")
        return "\n".join(lines)

    def proc_body(self, a, b):
        lines = ["set v0 $%s; set v1 $%s; set v2 2; set v3 {}; set l0 [list $%s]; set l1 {b a}; set l2 {}; set d0 {a 1}; set d1 {}"
                 % (a, b, a)]
        # no calls, so that programs end
        self.depth = 2
        body = "\n".join(self.statement() for _ in range(self.r.randrange(1, 4)))
        self.depth = 0
        for name in ("p0", "p1", "p2"):
            body = body.replace("[" + name + " ", "[list ").replace("\n" + name + " ", "\nlist ")
            body = body.replace("{" + name + " ", "{list ").replace("; " + name + " ", "; list ").replace(" " + name + " ", " list ")
            if body.startswith(name + " "):
                body = "list " + body[len(name):]
        lines.append(body)
        return "\n".join(lines)


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    out = []
    for i in range(count):
        out.append(Generator(seed * 1000003 + i).program())
    sys.stdout.buffer.write("\n%%\n".join(out).encode("latin-1"))


main()
