#!/usr/bin/env python3
"""Compares what tclrun and tclsh make of scripts, byte by byte.

usage: compare.py [--random] TCLRUN FILE...

A FILE holds scripts with lines of "%%" between them. For each are compared: what it prints, code, result,
and of an error -errorcode, -errorline and -errorinfo. Where tclsh evaluates constants while it compiles, its
-errorinfo begins with "invoked from within" instead of "while executing": these are taken to be the same.
--random: a script that needs an integer of more than 64 bits, which tclsh has, is left out.
"""

import os
import subprocess
import sys

OVERFLOW = b"integer value too large to represent"
SHOWN = 10


def results(command):
    """what is printed for each script; it begins with "#N" """
    process = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=dict(os.environ, TZ="UTC"), check=True)
    text = b"\n" + process.stdout.replace(b"    invoked from within\n", b"    while executing\n")
    found = []
    number = 1
    at = text.find(b"\n#1\n")
    while at != -1:
        number += 1
        # what a script prints may end without a newline
        end = text.find(b"#%d\n" % number, at + 2)
        found.append(text[at:end] if end != -1 else text[at:])
        at = end
    return found


def compare(tclrun, file, random):
    scripts = open(file, "rb").read().split(b"\n%%\n")
    here = os.path.dirname(os.path.abspath(__file__))
    ours = results([tclrun, file])
    theirs = results(["tclsh", os.path.join(here, "tclref.tcl"), *(["-reuse"] if random else []), file])
    differ = left_out = 0
    for i, script in enumerate(scripts):
        a = ours[i] if i < len(ours) else b"(nothing)"
        b = theirs[i] if i < len(theirs) else b"(nothing)"
        if random and OVERFLOW in a:
            left_out += 1
        elif a != b:
            differ += 1
            if differ <= SHOWN:
                sys.stdout.buffer.write(b"--- %s, script %d:\n%s\n--- got:%s\n--- tclsh:%s\n" %
                                        (os.fsencode(file), i + 1, script, a, b))
    print(f"{file}: {len(scripts)} scripts, {differ} differ" + (f", {left_out} left out" if left_out else ""))
    return differ


def main():
    args = sys.argv[1:]
    random = args[0] == "--random"
    if random:
        args = args[1:]
    differ = sum([compare(args[0], file, random) for file in args[1:]])
    return 1 if differ else 0


sys.exit(main())
