#!/usr/bin/env python3
"""Becomes a command that gets listening sockets as a service manager passes them (sd_listen_fds(3)).

usage: passed.py NAMES N COMMAND ARG...     NAMES: a:b, or empty for none
"""

import os
import socket
import sys

names, n, *command = sys.argv[1:]
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(n))]
# out of the way first: a descriptor may have the number of another one's place
copies = [os.dup2(s.fileno(), 100 + i) for i, s in enumerate(sockets)]
for place, copy in enumerate(copies):
    os.dup2(copy, 3 + place)
    os.close(copy)
os.closerange(3 + len(copies), 100)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=n)
if names:
    os.environ["LISTEN_FDNAMES"] = names
os.execvp(command[0], command)
