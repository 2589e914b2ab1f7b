#!/usr/bin/env python3
"""The workloads on SimPy. Given the words of a case, prints the line of a result: RESULT nanoseconds sum now.

Needs SimPy: pip install simpy==4.1.2. Tables and workloads are those of benches/versus/src/lib.rs.
"""
import math
import os
import sys
import time

import simpy

ENTRIES = 1 << 16
MASK = ENTRIES - 1
WORD = (1 << 64) - 1


def splitmix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) & WORD
        mixed = state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & WORD
        yield mixed ^ (mixed >> 31)


def delays(distribution):
    generator = splitmix(0x1234)

    def fraction():
        return (next(generator) >> 11) / 9007199254740992.0

    def draw():
        if distribution == "exp":
            return -math.log(1 - fraction()) * 1e9
        if distribution == "bim":
            which, how_long = fraction(), fraction()
            return how_long * 0.2e9 if which < 0.9 else how_long * 18.2e9
        if distribution == "const":
            return 1e9
        if distribution == "tick":
            return (math.floor(-math.log(1 - fraction()) * 1e3) + 1.0) * 1e6
        raise SystemExit("unknown distribution " + distribution)

    return [max(int(draw()), 1) * 1e-9 for _ in range(ENTRIES)]


def picks(size):
    generator = splitmix(0x777)
    return [next(generator) % size for _ in range(ENTRIES)]


class Run:
    def __init__(self, distribution, size, warm_up, events):
        self.delays, self.picks = delays(distribution), picks(size)
        self.size, self.warm_up, self.last = size, warm_up, warm_up + events
        self.position = self.events = self.sum = 0
        self.began = time.perf_counter_ns()
        self.env = simpy.Environment()

    def index(self):
        index = self.position & MASK
        self.position += 1
        return index

    def count(self, value):
        self.sum += value
        self.events += 1
        if self.events == self.warm_up:
            self.began = time.perf_counter_ns()
        if self.events == self.last:
            took = time.perf_counter_ns() - self.began
            print("RESULT", took, self.sum, round(self.env.now * 1e9), flush=True)
            os._exit(0)  # taking everything apart is not measured

    def hold(self):
        timeout = self.env.timeout

        def timer(number):
            while True:
                yield timeout(self.delays[self.index()])
                self.count(number)

        for number in range(self.size):
            self.env.process(timer(number))

    def actors(self):
        stores = [simpy.Store(self.env) for _ in range(self.size)]

        def actor(store):
            total = 0
            while True:
                value = yield store.get()
                total += value
                index = self.index()
                yield self.env.timeout(self.delays[index])
                self.count(value)
                yield stores[self.picks[index]].put(value + 1)

        for store in stores:
            store.put(1)
            self.env.process(actor(store))

    def fan_out(self):
        change = [self.env.event()]

        def subscriber():
            total = 0
            while True:
                value = yield change[0]
                total += value
                self.count(value)

        def source():
            value = 0
            while True:
                yield self.env.timeout(1)
                due, change[0] = change[0], self.env.event()
                due.succeed(value)
                value += 1

        for _ in range(self.size):
            self.env.process(subscriber())
        self.env.process(source())


def main():
    if sys.argv[1:] == ["--version"]:
        print(simpy.__version__)
        return
    workload, distribution, size, warm_up, events = sys.argv[1:]
    run = Run(distribution, int(size), int(warm_up), int(events))
    {"hold": run.hold, "actors": run.actors, "fan-out": run.fan_out}[workload]()
    run.env.run()


main()
