#!/usr/bin/env python3
"""resign.py CERTIFICATE.pem KEY.pem TEXT: the certificate as DER, with a NUL in place of the first character
of this text in it, signed anew by the key. No tool makes such a certificate."""
import base64
import subprocess
import sys


def length(n):
    if n < 128:
        return bytes([n])
    body = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(body)]) + body


def element(tag, body):
    return bytes([tag]) + length(len(body)) + body


def split(der):
    """The first element, and what follows it."""
    n, head = der[1], 2
    if n > 127:
        head += n & 127
        n = int.from_bytes(der[2:head], "big")
    return der[: head + n], der[head + n :], der[head : head + n]


cert, key, word = sys.argv[1:]
with open(cert) as f:
    text = f.read()
der = base64.b64decode(text.split("-----")[2])
tbs, rest, _ = split(split(der)[2])
algorithm = split(rest)[0]
tbs = tbs.replace(word.encode(), b"\0" + word[1:].encode(), 1)
signature = subprocess.run(
    ["openssl", "dgst", "-sha256", "-sign", key], input=tbs, stdout=subprocess.PIPE, check=True
).stdout
sys.stdout.buffer.write(element(0x30, tbs + algorithm + element(3, b"\0" + signature)))
