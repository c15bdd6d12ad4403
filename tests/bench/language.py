#!/usr/bin/env python3
"""The language beside tclsh 8.6: start, size and time of a few programs.

    language.py USOCK [ROUNDS]     medians of ROUNDS (9), measured in turns, with their ratio

Programs time themselves, without the start. Each checks its result, so that both have done the same.
"""
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

STARTS = 50

PROGRAMS = [
    ("procedures: fib 23", "proc fib n {if {$n < 2} {return $n}; expr {[fib [expr {$n - 1}]] + [fib [expr {$n - 2}]]}}", "fib 23", "28657"),
    ("loops: 300,000 rounds", "", "set n 0; for {set i 0} {$i < 300000} {incr i} {incr n $i}; set n", "44999850000"),
    ("texts: append and index", "", "set t {}; for {set i 0} {$i < 100000} {incr i} {append t [expr {$i % 10}]}; set n 0; "
     "for {set i 0} {$i < 100000} {incr i} {incr n [string index $t $i]}; set n", "450000"),
    ("lists: make, sort, join", "", "set l {}; for {set i 0} {$i < 100000} {incr i} {lappend l [expr {$i * 7919 % 100003}]}; "
     "string length [join [lsort -integer $l] ,]", "588892"),
    ("dictionaries: 100,000 keys", "", "for {set i 0} {$i < 100000} {incr i} {dict incr d k[expr {$i % 1000}] $i}; dict get $d k7", "4950700"),
    ("regular expressions", "", "set n 0; for {set i 0} {$i < 50000} {incr i} {incr n [regexp {^(\\w+) (\\d+)$} \"line $i\" all w d]}; set n", "50000"),
    ("bytes: binary format, scan", "", "for {set i 0} {$i < 100000} {incr i} {binary scan [binary format IS $i 7] IS a b}; set a", "99999"),
]


def median_of(*commands, rounds, measure):
    """the median of each, measured in turns"""
    found = [[] for _ in commands]
    for _ in range(rounds):
        for values, command in zip(found, commands):
            values.append(measure(command))
    return [statistics.median(values) for values in found]


def output_of(command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.split()


def start_ms(command):
    began = time.perf_counter()
    for _ in range(STARTS):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1000 / STARTS


def row(name, unit, ours, theirs):
    print(f"| {name} | {ours:.1f} {unit} | {theirs:.1f} {unit} | {theirs / ours:.1f} |")


def kib_of(file):
    """text, data and bss of all objects in it"""
    rows = [line.split() for line in subprocess.run(["size", file], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()[1:]]
    return sum(int(fields[3]) for fields in rows) / 1024


def main():
    usock = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    tclsh = shutil.which("tclsh8.6") or shutil.which("tclsh")
    library = [word for word in output_of(["ldd", tclsh]) if word.startswith("/") and "libtcl" in word]
    print("| | usock | tclsh | tclsh / usock |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as place:
        empty = os.path.join(place, "empty.us")
        with open(empty, "w", encoding="ascii") as file:
            file.write("set x 1\n")
        commands = [usock, "run", empty], [tclsh, empty]
        row("start and end of a script", "ms", *median_of(*commands, rounds=rounds, measure=start_ms))
        row("code and data of the interpreter", "KiB", kib_of(os.path.join(os.path.dirname(usock), "libusock_tcl.a")),
            sum(map(kib_of, library)))
        for name, before, body, result in PROGRAMS:
            path = os.path.join(place, "program.us")
            with open(path, "w", encoding="ascii") as file:
                # compiled by tclsh: a procedure
                file.write(f"{before}\nproc run {{}} {{{body}}}\nset t [clock microseconds]\nset r [run]\n"
                           "puts [expr {[clock microseconds] - $t}]\nputs $r\n")

            def program_ms(command, expected=result):
                usec, got = output_of(command)
                assert got == expected, (command, got)
                return int(usec) / 1000

            row(name, "ms", *median_of([usock, "run", path], [tclsh, path], rounds=rounds, measure=program_ms))
    return 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main())
