#!/usr/bin/env python3
"""`rookery train --profile` writes a trace of every process with a span for each part of a step."""
import collections
import os

from harness import expect, expect_equal, main, make_data, read_json, train

WORKER = {"read", "batch", "plan", "gather", "forward", "backward", "sum parts", "scatter"}
SERVER = {"pull", "push", "updater"}
WAITS = {"read wait", "pull wait", "push wait"}


def spans(name, rank):
    """({span: count}, {wait: count}) of one process, after a look at the form."""
    events = read_json(os.path.join(name, "trace", f"rank-{rank}.json"))["traceEvents"]
    threads = {event["tid"] for event in events if event["name"] == "thread_name"}
    counts, waits, ends = (collections.Counter() for _ in range(3))
    for event in events:
        expect_equal(event["pid"], rank, f"pid in {event}")
        if event["ph"] == "M":
            continue
        expect(event["tid"] in threads, "a span of a thread without a name:", event)
        if event["ph"] == "X":
            expect(event["dur"] >= 0, "a span that ends before it begins:", event)
            counts[event["name"]] += 1
        else:
            (waits if event["ph"] == "b" else ends)[event["name"]] += 1
    expect_equal(waits, ends, f"begins and ends of waits of {name}, rank {rank}")
    return counts, waits


def in_one_process():
    make_data()
    for mode, more in (("sync", {"sum wait"}), ("async", set())):
        train(mode, more=["--profile"], train__mode=mode, train__epochs=1,
              train__dense="allreduce" if mode == "sync" else "server")
        counts, waits = spans(mode, 0)
        missing = (WORKER | SERVER) - set(counts) | (WAITS | more) - set(waits)
        expect(not missing, mode, "has no spans named", missing, "among", counts, waits)
        expect_equal(counts["forward"], counts["backward"], "forward and backward passes")
    expect(counts["plan"] >= 5, "few plans:", counts)


def under_mpirun():
    train("mpi", mpi=True, more=["--profile"], train__epochs=1)
    _, server, worker = (spans("mpi", rank) for rank in range(3))
    expect(SERVER <= set(server[0]) and not WORKER & set(server[0]), "spans of the server:", server)
    expect(WORKER <= set(worker[0]) and not SERVER & set(worker[0]), "spans of the worker:", worker)
    expect(WAITS <= set(worker[1]), "waits of the worker:", worker)


def not_without_the_option():
    train("plain", train__epochs=1)
    expect(not os.path.exists("plain/trace"), "a trace nobody asked for")


main(in_one_process, under_mpirun, not_without_the_option)
