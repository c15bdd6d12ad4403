#!/usr/bin/env python3
"""A name server that answers to the letter, over UDP and TCP, and lies when told to.

    dns.py ADDRESS PORT ZONE      prints "ready" once it can be asked, then every question: NAME TYPE

ZONE is a file of lines, the first whose name and type are asked for decides, all of the same are given:

    NAME A|AAAA|PTR|CNAME DATA
    NAME SRV PRIORITY WEIGHT PORT TARGET
    NAME TYPE !nxdomain | !servfail | !refused | !nodata | !silent | !garbage
    NAME TYPE !truncated          over UDP says so, over TCP answers with the lines that follow
    NAME TYPE !raw HEX            these bytes are the data of one record of that type
    NAME TYPE !other NAME         a record that belongs to another name
    NAME TYPE !count N            says that there are N records, and gives none

Other names do not exist. TYPE may be *.
"""
import ipaddress
import select
import socket
import struct
import sys

TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "AAAA": 28, "SRV": 33}
OK, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5
TRUNCATED = 0x0200


def pack_name(name):
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def read_question(query):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    number = struct.unpack_from("!H", query, at + 1)[0]
    kind = {v: k for k, v in TYPES.items()}.get(number, str(number))
    return ".".join(labels), kind, query[12 : at + 5]


def pack_data(kind, words):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(words[0]).packed
    if kind == "SRV":
        return struct.pack("!HHH", *map(int, words[:3])) + pack_name(words[3])
    return pack_name(words[0])


def pack_record(owner, kind, data):
    return owner + struct.pack("!HHIH", TYPES[kind], 1, 60, len(data)) + data


def find(zone, name, kind):
    """The lines for a name and a type; None where there is no such name."""
    named = [line for line in zone if line[0].lower().rstrip(".") == name.lower()]
    if not named:
        return None
    same = [line for line in named if line[1] in (kind, "*")]
    if not same and named[0][1] == "CNAME":
        return named[:1] + (find(zone, named[0][2].rstrip("."), kind) or [])
    return same


def records_of(lines, kind, asked):
    records = []
    for owner, type_, *words in lines:
        real = kind if type_ == "*" else type_
        name = b"\xc0\x0c" if owner.lower().rstrip(".") == asked.lower() else pack_name(owner)
        if words[0] == "!raw":
            records.append(pack_record(name, real, bytes.fromhex(words[1])))
        elif words[0] == "!other":
            records.append(pack_record(pack_name(words[1]), real, pack_data(real, ["1", "1", "1", "evil.test"])))
        elif not words[0].startswith("!"):
            records.append(pack_record(name, real, pack_data(real, words)))
    return records


def answer(zone, query, tcp):
    """The bytes that go back, or None."""
    name, kind, question = read_question(query)
    print(name, kind, flush=True)
    lines = find(zone, name, kind)
    does = lines[0][2] if lines and lines[0][2].startswith("!") else ""
    code, flags, records = OK, 0x8180, []
    if lines is None or does == "!nxdomain":
        code = NXDOMAIN
    elif does == "!silent":
        return None
    elif does == "!garbage":
        return query[:2] + b"\x81\x80" + b"\xff" * 40
    elif does == "!servfail":
        code = SERVFAIL
    elif does == "!refused":
        code = REFUSED
    elif does == "!truncated" and not tcp:
        flags |= TRUNCATED
    elif does != "!nodata":
        records = records_of(lines, kind, name)
    count = int(lines[0][3]) if does == "!count" else len(records)
    return query[:2] + struct.pack("!HHHHH", flags | code, 1, count, 0, 0) + question + b"".join(records)


def serve_tcp(listener, zone):
    conn, _ = listener.accept()
    conn.settimeout(10)
    with conn:
        head = conn.recv(2, socket.MSG_WAITALL)
        if len(head) < 2:
            return
        query = conn.recv(struct.unpack("!H", head)[0], socket.MSG_WAITALL)
        reply = answer(zone, query, True)
        if reply is not None:
            conn.sendall(struct.pack("!H", len(reply)) + reply)


def main():
    where = (sys.argv[1], int(sys.argv[2]))
    with open(sys.argv[3], encoding="utf-8") as file:
        zone = [line.split() for line in file if line.strip() and not line.startswith("#")]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(where)
    tcp = socket.create_server(where)
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([udp, tcp], [], [])
        if udp in ready:
            query, sender = udp.recvfrom(4096)
            reply = answer(zone, query, False)
            if reply is not None:
                udp.sendto(reply, sender)
        if tcp in ready:
            serve_tcp(tcp, zone)


main()
