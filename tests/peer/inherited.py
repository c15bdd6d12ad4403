"""inherited.py COMMAND...: COMMAND inherits a listening socket, whose number stands for each %d in
it. Prints the port and the pid of COMMAND, then does what it reads: "shutdown" shuts the socket down
for all its owners, "close" closes this one. At the end of input it waits for COMMAND and ends as it."""

import socket
import subprocess
import sys

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(50)
fd = listener.fileno()
command = [word.replace("%d", str(fd)) for word in sys.argv[1:]]
child = subprocess.Popen(command, pass_fds=[fd], stdin=subprocess.DEVNULL)
print(listener.getsockname()[1], child.pid, flush=True)
for line in sys.stdin:
    if line == "shutdown\n":
        listener.shutdown(socket.SHUT_RDWR)
    elif line == "close\n":
        listener.close()
sys.exit(child.wait())
