#!/usr/bin/env python3
"""Servers that agree to TLS as their protocol does, to the letter.

    starttls.py PROTOCOL FILE.pem [OPTION...]   prints its port; each client gets what it sends over TLS
                                                sent back, then a close_notify
        --refuse      says no in the end
        --offers-not  SMTP, IMAP, XMPP, MySQL: TLS is not among what it can do
        --inject      goes on in plain text behind the go-ahead, in the same segment
        --late        does so in one of its own
        --bytes       sends every byte in a segment of its own
        --first N     sends only the first N bytes of the dialogue, then nothing
        --cut N       ends after so many
        --more        never comes to an end
        --twice       SMTP: answers EHLO twice
"""
import os
import re
import socket
import ssl
import struct
import sys
import threading

LIMIT = 30 * int(os.environ.get("USOCK_TEST_SLOWNESS", "1"))
XMPP = "xmlns='urn:ietf:params:xml:ns:xmpp-tls'"
STREAM = (
    "<?xml version='1.0'?>\n<stream:stream from='x' xmlns='jabber:client' "
    'xmlns:stream="http://etherx.jabber.org/streams" version="1.0">'
)


def mysql(capabilities):
    body = b"\x0a8.0.36\0" + bytes(4) + b"abcdefgh\0" + struct.pack("<HBHH", capabilities & 0xFFFF, 45, 2, 0) + bytes(32)
    return struct.pack("<I", len(body))[:3] + b"\0" + body


def ldap(code, text):
    result = b"\x0a\x01" + bytes([code]) + b"\x04\x00\x04" + bytes([len(text)]) + text
    oid = b"\x8a\x16" + b"1.3.6.1.4.1.1466.20037"
    answer = b"\x78\x81" + bytes([len(result + oid)]) + result + oid
    message = b"\x02\x01\x01" + answer
    return b"\x30\x84\0\0\0" + bytes([len(message)]) + message


# what is said, and what has to come before the next; then the go-ahead, and a refusal
TALKS = {
    "smtp": [
        ["220-mail.test\r\n220 ready\r\n", r"EHLO \S+\r\n$", "250-mail.test\r\n250-SIZE 1\r\n250 STARTTLS\r\n",
         r"STARTTLS\r\n$"],
        "220 go ahead\r\n", "454 TLS is out of order\r\n", "250-more\r\n"],
    "imap": [
        ["* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n", r"\S+ STARTTLS\r\n$"],
        "* 1 EXISTS\r\n{tag} OK begin\r\n", "{tag} NO not today\r\n", "* 1 EXISTS\r\n"],
    "pop3": [["+OK hello\r\n", r"STLS\r\n$"], "+OK begin\r\n", "-ERR not today\r\n", "+"],
    "ftp": [
        ["120 wait\r\n220-hello\r\nwhoever\r\n 220 you are\r\n220 ready\r\n", r"AUTH TLS\r\n$"],
        "234 go ahead\r\n", "534 not today\r\n", "234-more\r\n"],
    "xmpp": [
        ["", r"<stream:stream [^>]*>$",
         STREAM + "<stream:features><starttls " + XMPP + "><required/></starttls><x a='>'>t</x></stream:features>",
         r"<starttls [^>]*/>$"],
        "<proceed " + XMPP + "/>", "<failure " + XMPP + "/></stream:stream>", "<x/>"],
    "ldap": [["", "1466.20037$"], ldap(0, b""), ldap(52, b"not today"), b"\x30"],
    "postgres": [["", "\\x04\xd2\\x16\\x2f$"], "S", "N", ""],
    "mysql": [[], mysql(0x8A00), b"\x0c\0\0\0\xff\x6a\x04not today", b"\xff\xff\x00\0"],
}


def as_bytes(text, said):
    if isinstance(text, bytes):
        return text
    return text.format(tag=said.split(" ")[0]).encode() if "{tag}" in text else text.encode()


class Server:
    def __init__(self, talk, file, options):
        self.steps, self.yes, self.no, self.more = TALKS[talk]
        if "--offers-not" in options:
            self.steps = [self.without(s) if i % 2 == 0 else s for i, s in enumerate(self.steps)]
            self.yes = mysql(0x8000) if talk == "mysql" else self.yes
        if "--twice" in options:
            self.steps = self.steps[:3] + self.steps[1:]
        self.options = options
        self.ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ctx.load_cert_chain(file)

    @staticmethod
    def without(said):
        return said.replace("<starttls", "<other").replace("STARTTLS", "OTHER")

    def number(self, option):
        return int(self.options[self.options.index(option) + 1]) if option in self.options else None

    def say(self, conn, data):
        room = self.number("--first") or self.number("--cut")
        if room is not None:
            data = data[: max(0, room - self.sent)]
        self.sent += len(data)
        pieces = [data[i : i + 1] for i in range(len(data))] if "--bytes" in self.options else [data]
        for piece in pieces:
            conn.sendall(piece)
        if room is not None and self.sent >= room:
            if "--cut" in self.options:
                raise OSError("enough")
            conn.recv(1 << 16)
            threading.Event().wait()

    def hear(self, conn, regex):
        said = ""
        while not re.search(regex, said, re.S):
            data = conn.recv(1 << 16)
            if not data:
                raise OSError("it has ended")
            said += data.decode("latin-1")
        return said

    def talk(self, conn):
        said = ""
        for i, step in enumerate(self.steps):
            if i % 2 == 0:
                self.say(conn, as_bytes(step, said))
            else:
                said = self.hear(conn, step)
        while "--more" in self.options:
            conn.sendall(as_bytes(self.more, said) * 100)
        answer = as_bytes(self.no if "--refuse" in self.options else self.yes, said)
        self.say(conn, answer + (b"x" if "--inject" in self.options else b""))
        if "--late" in self.options:
            conn.sendall(b"x")
        if self.steps == []:
            self.hear_request(conn)

    def hear_request(self, conn):
        request = conn.recv(36, socket.MSG_WAITALL)
        length, capabilities = struct.unpack("<II", request[:8].ljust(8, b"\0"))
        if length != 32 | 1 << 24 or not capabilities & 0x800:
            raise OSError("no request for TLS")

    def converse(self, conn):
        conn.settimeout(LIMIT)
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0
        try:
            self.talk(conn)
            tls = self.ctx.wrap_socket(conn, server_side=True)
            while data := tls.recv(1 << 16):
                tls.sendall(data)
            tls.unwrap()
        except (OSError, ValueError) as e:
            print(e, file=sys.stderr, flush=True)
        conn.close()


def main(talk, file, *options):
    server = Server(talk, file, options)
    sock = socket.create_server(("127.0.0.1", 0))
    print(sock.getsockname()[1], flush=True)
    while True:
        server.converse(sock.accept()[0])


main(*sys.argv[1:])
