#!/usr/bin/env python3
"""A client of an HTTP proxy that asks twice on one connection, and web servers that stay open after
their answer, whatever they are asked.

usage: keepalive.py PROXY TIMEOUT plain|head|length|chunked

Fails where a request comes to another server than its own, where bytes of the first get lost, and where the
client is not told that its connection is over: by the head of the answer, and by the end.
"""

import socket
import sys
import threading

END = b"\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Mine\r\nKeep-Alive: 5\r\nX-Mine: 1\r\n"
# name: fields and body of the first request
REQUESTS = {
    "plain": (b"GET", b"", b""),
    "head": (b"HEAD", b"", b""),
    "length": (b"POST", b"Content-Length: 11\r\n", b"hello\r\n\r\nxx"),
    "chunked": (b"POST", b"Transfer-Encoding: chunked\r\n", b"6;a=b\r\n\r\n\r\nxx\r\n2\r\nab\r\n0\r\nA: b\r\n\r\n"),
}
# name: fields and body of the answer
ANSWERS = {
    "plain": (b"Content-Length: 7\r\n", b"answer\n"),
    "head": (b"Content-Length: 7\r\n", b""),
    "length": (b"Content-Length: 7\r\n", b"answer\n"),
    "chunked": (b"Transfer-Encoding: chunked\r\n", b"7\r\nanswer\n\r\n0\r\n\r\n"),
}


class Server:
    """answers each request once it is whole, and stays open"""

    def __init__(self, want, answer):
        self.got, self.want, self.answer = b"", want, answer
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.ended = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        conn, _ = self.socket.accept()
        answered = False
        while data := conn.recv(65536):
            self.got += data
            head, _, body = self.got.partition(END)
            if not answered and body[: len(self.want)] == self.want and END in self.got:
                conn.sendall(self.answer)
                answered = True
        self.ended.set()


def read_all(s):
    got = b""
    while data := s.recv(65536):
        got += data
    return got


def main(proxy, timeout, case):
    host, port = proxy.rsplit(":", 1)
    method, fields, body = REQUESTS[case]
    answer_fields, answer_body = ANSWERS[case]
    first = Server(body, b"HTTP/1.1 100 Continue\r\n\r\n" + ANSWER + answer_fields + b"\r\n" + answer_body + b"rest")
    other = Server(b"", ANSWER + b"Content-Length: 0\r\n\r\n")
    s = socket.create_connection((host, int(port)), timeout)
    one = b"%s http://127.0.0.1:%d/one HTTP/1.1\r\nHost: a\r\n%s\r\n%s" % (method, first.port, fields, body)
    two = b"GET http://127.0.0.1:%d/two HTTP/1.1\r\nHost: b\r\n\r\n" % other.port
    # pipelined, and once more in another write
    s.sendall(one + two)
    s.sendall(two)
    got = read_all(s)
    s.close()
    assert first.ended.wait(timeout), "the connection to the target stays"
    head, _, rest = first.got.partition(END)
    assert rest == body, ("the target got", first.got)
    assert b"/two" not in first.got, first.got
    assert other.got == b"", other.got
    want = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n" + answer_fields + b"Connection: close\r\n\r\n" + answer_body
    assert got == want, got


main(sys.argv[1], float(sys.argv[2]), sys.argv[3])
