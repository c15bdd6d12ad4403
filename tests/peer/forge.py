#!/usr/bin/env python3
"""Sends one datagram with any sender, for which it needs a raw socket.

    forge.py FROM TO TEXT     both HOST:PORT or [HOST]:PORT, of one family

UDP of RFC 768, with IP_HDRINCL (raw(7)) for IPv4; over IPv6 the header is the kernel's, and
the sender's address a local one.
"""
import socket
import struct
import sys


def parse(where):
    host, port = where.rsplit(":", 1)
    return host.strip("[]"), int(port)


def main():
    (source, sport), (to, dport) = parse(sys.argv[1]), parse(sys.argv[2])
    data = sys.argv[3].encode()
    udp = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
    if ":" in to:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_UDP)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, 6)
        sock.bind((source, 0))
        sock.sendto(udp, (to, 0))
        return
    # no checksum is fine over IPv4; length and checksum of the header are the kernel's
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 0, 0, 0, 64, socket.IPPROTO_UDP, 0,
                         socket.inet_aton(source), socket.inet_aton(to))
    sock = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    sock.sendto(header + udp, (to, 0))


main()
