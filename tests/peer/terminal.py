#!/usr/bin/env python3
"""Runs a command on a terminal of its own.

    terminal.py [--background] [--out FILE] COMMAND ARG...

What the terminal shows goes to stdout, what comes on stdin is typed (its end is not: \\004 types
Ctrl-D). --out: the command's stdout is FILE, only stdin and stderr are the terminal. --background: the
command does not have the terminal's foreground. The terminal's modes and stdin's flags must be the same
afterwards. Exit status: that of the command, 128+N for a signal; 99: the modes were changed.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios

COLUMNS = 200


def state(fd):
    """The terminal's modes and the flags of its open file."""
    return termios.tcgetattr(fd), fcntl.fcntl(fd, fcntl.F_GETFL)


def become(command, background, out, slave):
    """The child: a session with the terminal, and the command in it."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    if out:
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666), 1)
    os.closerange(3, 20)
    if not background:
        os.execvp(command[0], command)
    # the session's leader stays in front and waits
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.execvp(command[0], command)
    status = os.waitpid(child, 0)[1]
    os._exit(os.waitstatus_to_exitcode(status) % 256)


def relay(master, child):
    """Types stdin, shows what comes, until the command is over and all is shown."""
    sources = [0, master]
    status = None
    while True:
        ready = select.select(sources, [], [], 0.02)[0]
        if 0 in ready:
            data = os.read(0, 4096)
            if data:
                os.write(master, data)
            else:
                sources.remove(0)
        if master in ready:
            try:
                os.write(1, os.read(master, 65536))
            except OSError:
                sources.remove(master)
            continue
        if status is not None:
            return status
        done, value = os.waitpid(child, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(value)


def main():
    args = sys.argv[1:]
    background = args[:1] == ["--background"]
    args = args[1:] if background else args
    out = None
    if args[:1] == ["--out"]:
        out, args = args[1], args[2:]
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    before = state(slave)
    child = os.fork()
    if child == 0:
        os.close(master)
        become(args, background, out, slave)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    signal.signal(signal.SIGINT, lambda *_: os.kill(child, signal.SIGINT))
    status = relay(master, child)
    if state(slave) != before:
        print("terminal.py: the terminal's modes or flags are not as before", file=sys.stderr)
        sys.exit(99)
    sys.exit(status if status >= 0 else 128 - status)


main()
