#!/usr/bin/env python3
"""Runs a command as a background job of a terminal, and does to both what a shell and its user do.

    job.py [--other] STEP... -- COMMAND ARG...

Standard input of the command is its controlling terminal, in whose foreground another job is; with --other
it is a terminal that controls nobody, as a serial line. Steps, in order:

    has:FILE:TEXT     until FILE contains TEXT
    asleep            until the command waits
    idle:SECONDS      for so long it uses no processor to speak of
    type:TEXT         on the terminal that is its input, with the escapes of Python
    fg                as a shell's fg: the terminal's foreground, and SIGCONT
    fg-silent         the foreground alone
    bg                the shell takes the foreground back
    signal:NAME

A command that is stopped is an error: exit status 98. Else that of the command, 128+N for a signal.
"""
import ast
import fcntl
import os
import pty
import select
import signal
import sys
import termios
import time

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))


def fail(why):
    print("job.py:", why, file=sys.stderr)
    sys.exit(1)


def until(condition, what):
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            fail("never: " + what)
        time.sleep(0.01)


def contains(name, text):
    try:
        with open(name, errors="replace") as f:
            return text in f.read()
    except FileNotFoundError:
        return False


def is_asleep(pid):
    with open(f"/proc/{pid}/stat") as f:
        return f.read().rsplit(") ", 1)[1][0] == "S"


class Job:
    """This process leads the session, and is the shell."""

    def __init__(self, other, command):
        self.master, slave = pty.openpty()
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        self.terminal = slave
        self.input = self.master
        if other:
            self.input, slave = pty.openpty()
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        self.pid = os.fork()
        if self.pid == 0:
            os.setpgid(0, 0)
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            os.dup2(slave, 0)
            os.execvp(command[0], command)
        try:
            os.setpgid(self.pid, self.pid)
        except PermissionError:
            pass
        self.status = None

    def look(self):
        """Reads what the terminals echo, and whether the command is stopped or over."""
        while ready := select.select([*{self.master, self.input}], [], [], 0)[0]:
            os.read(ready[0], 4096)
        if self.status is not None:
            return True
        pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            os.kill(self.pid, signal.SIGKILL)
            print("job.py: stopped by", signal.Signals(os.WSTOPSIG(status)).name, file=sys.stderr)
            sys.exit(98)
        if pid:
            self.status = os.waitstatus_to_exitcode(status)
        return bool(pid)

    def ticks(self):
        with open(f"/proc/{self.pid}/stat") as f:
            fields = f.read().rsplit(") ", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def step(self, step):
        name, _, value = step.partition(":")
        if name == "has":
            file, _, text = value.partition(":")
            until(lambda: contains(file, text) or (self.look() and not contains(file, text) and fail("it ended: " + step)), step)
        elif name == "asleep":
            until(lambda: is_asleep(self.pid), step)
        elif name == "idle":
            before = self.ticks()
            time.sleep(float(value))
            used = (self.ticks() - before) / os.sysconf("SC_CLK_TCK")
            if used > float(value) / 5:
                fail(f"it used the processor for {used} s")
        elif name == "type":
            os.write(self.input, ast.literal_eval('b"' + value + '"'))
        elif name in ("fg", "fg-silent"):
            os.tcsetpgrp(self.terminal, self.pid)
            if name == "fg":
                os.killpg(self.pid, signal.SIGCONT)
        elif name == "bg":
            os.tcsetpgrp(self.terminal, os.getpgrp())
        elif name == "signal":
            os.kill(self.pid, getattr(signal, "SIG" + value))
        else:
            fail("no such step: " + step)
        self.look()


def main():
    args = sys.argv[1:]
    other = args[:1] == ["--other"]
    args = args[1:] if other else args
    cut = args.index("--")
    # a leader of a process group cannot lead a session
    if os.getpid() == os.getpgrp():
        child = os.fork()
        if child:
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            os._exit(status if status >= 0 else 128 - status)
    job = Job(other, args[cut + 1:])
    for step in args[:cut]:
        job.step(step)
    until(job.look, "the command's end")
    sys.exit(job.status if job.status >= 0 else 128 - job.status)


main()
