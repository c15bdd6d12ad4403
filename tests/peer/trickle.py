#!/usr/bin/env python3
"""Copies stdin to stdout in pieces of random size, with random pauses.

    trickle.py SEED
"""
import os
import random
import sys
import time


def main():
    chance = random.Random(int(sys.argv[1]))
    while data := os.read(0, chance.randrange(1, 1 << 20)):
        while data:
            data = data[os.write(1, data) :]
        if chance.random() < 0.1:
            time.sleep(chance.random() * 0.02)


main()
