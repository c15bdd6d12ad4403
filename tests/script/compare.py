#!/usr/bin/env python3
"""Compares what tclrun and tclsh make of scripts, byte by byte.

usage: compare.py [--random] TCLRUN FILE...

A FILE holds scripts with lines of "%%" between them. For each are compared: what it prints, code, result,
and of an error -errorcode, -errorline and -errorinfo. Where tclsh evaluates constants while it compiles, its
-errorinfo begins with "invoked from within" instead of "while executing": these are taken to be the same.
--random: a script is left out that needs an integer of more than 64 bits, which tclsh has, or so much memory
that tclsh dies of it. TCL VALUE INTEGER and TCL VALUE NUMBER are taken to be the same: which of them tclsh gives
for the text of a double depends on whether an expression anywhere in the program has a literal of that text.
tclsh is the one that is found as tclsh8.6, or as tclsh.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile

LEFT_OUT = (b"integer value too large to represent", b"memory limit exceeded")
MEMORY = str(64 << 20)
TCLSH = shutil.which("tclsh8.6") or "tclsh"
SHOWN = 10


def run(command):
    # a separate folder, so that scripts do not find files of the other interpreter
    with tempfile.TemporaryDirectory() as place:
        process = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=dict(os.environ, TZ="UTC"), cwd=place)
    text = b"\n" + process.stdout.replace(b"    invoked from within\n", b"    while executing\n")
    found = []
    number = 1
    at = text.find(b"\n#1\n") + 1
    while at > 0:
        number += 1
        # the output of a script may end without a newline
        end = text.find(b"#%d\n" % number, at + 1)
        found.append(text[at:end] if end != -1 else text[at:])
        at = end if end != -1 else 0
    return process.returncode, found


def results(command, scripts):
    """what is printed for each script, from its "#N" on; None where the program died of it"""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\n%%\n".join(scripts))
        file.flush()
        status, found = run([*command, file.name])
    if status == 0:
        return [text.split(b"\n", 1)[1] for text in found]
    if len(scripts) == 1:
        return [None]
    half = len(scripts) // 2
    return results(command, scripts[:half]) + results(command, scripts[half:])


def same_code(text):
    return text and text.replace(b"TCL VALUE INTEGER", b"TCL VALUE NUMBER")


def compare(tclrun, file, random):
    scripts = open(file, "rb").read().split(b"\n%%\n")
    here = os.path.dirname(os.path.abspath(__file__))
    ours = results([os.path.abspath(tclrun), *(["-m", MEMORY] if random else [])], scripts)
    # tclsh would take minutes to run out of what is limited here
    asked = [i for i, a in enumerate(ours) if not random or a is None or not any(reason in a for reason in LEFT_OUT)]
    asked += range(len(ours), len(scripts))
    tclsh = [TCLSH, os.path.join(here, "tclref.tcl")]
    theirs = results([*tclsh, *(["-reuse"] if random else [])], [scripts[i] for i in asked])
    differ = 0
    left_out = len(scripts) - len(asked)
    for i, b in itertools.zip_longest(asked, theirs):
        script, a = scripts[i], ours[i] if i < len(ours) else None
        if random:
            a, b = same_code(a), same_code(b)
        if random and a != b and b is not None:
            # an interpreter that has run other scripts keeps some of their state
            b = same_code(results(tclsh, [scripts[i]])[0])
        if random and a is not None and b is None:
            left_out += 1
        elif a != b:
            differ += 1
            if differ <= SHOWN:
                shown = (os.fsencode(file), i + 1, script, a or b"(dead)", b or b"(dead)")
                sys.stdout.buffer.write(b"--- %s, script %d:\n%s\n--- got:\n%s\n--- tclsh:\n%s\n" % shown)
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
