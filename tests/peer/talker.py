#!/usr/bin/env python3
"""A server for tests of the prompt: greets, answers each line, and says what it is asked to say.

Prints its port; then: a line "LATE FILE" is answered when FILE is there, "BURST N" with N bytes, "QUIT" with the
end; any other line comes back behind "250 ".
"""
import os
import socket
import sys
import time

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
while True:
    conn, _ = listener.accept()
    conn.sendall(b"220 ready\r\n")
    for line in conn.makefile("rb"):
        word, _, rest = line.strip().partition(b" ")
        if word == b"LATE":
            while not os.path.exists(rest):
                time.sleep(0.01)
            conn.sendall(b"late \x1b[31mred\x07 \xe2\x82\xac\r\nand more\r\n")
        elif word == b"BURST":
            conn.sendall(b"x" * int(rest) + b"\r\n")
        elif word == b"QUIT":
            break
        else:
            conn.sendall(b"250 " + line)
    conn.shutdown(socket.SHUT_RDWR)
    conn.close()
