#!/usr/bin/env python3
"""Ranks that wait leave the CPU alone, and more ranks than CPUs get their work done."""
import os
import signal
import time

from harness import (Cluster, TRAIN_ROWS, expect, expect_equal, main, make_data, rookery, summary,
                     train, train_words)

WATCHED_SECONDS = 3.0
SHARE_MAX = 0.05


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def shares(pids):
    """The part of one core that each process uses."""
    before = {pid: cpu_seconds(pid) for pid in pids}
    begin = time.monotonic()
    time.sleep(WATCHED_SECONDS)
    seconds = time.monotonic() - begin
    return {pid: (cpu_seconds(pid) - before[pid]) / seconds for pid in pids}


def waiting_ranks_use_no_core():
    """One worker of six ranks stands still; all others soon wait for it."""
    make_data()
    words = train_words("idle", 2, 2, train__epochs=100000, cluster__heartbeat_timeout="100s")
    cluster = Cluster(rookery(*words, ranks=5))
    begin = time.monotonic()
    while "epoch 2/" not in "".join(cluster.output()):
        expect(time.monotonic() - begin < 60, "no epoch within 60 s", *cluster.output())
        time.sleep(0.05)
    ranks = cluster.ranks()
    expect_equal(sorted(ranks), [0, 1, 2, 3, 4], "ranks that run")
    os.kill(ranks[4], signal.SIGSTOP)
    time.sleep(0.5)  # what was under way ends
    waiting = {rank: pid for rank, pid in ranks.items() if rank != 4}
    used = shares(waiting.values())
    cluster.kill()
    for rank, pid in waiting.items():
        print(f"rank {rank}: {100 * used[pid]:.1f} % of a core")
        expect(used[pid] < SHARE_MAX, f"rank {rank} waits with {100 * used[pid]:.1f} % of a core")


def eight_ranks_finish():
    train("eight", servers=3, workers=4, mpi=True)
    expect_equal(summary("eight")["examples"], 2 * TRAIN_ROWS, "examples of 8 ranks")


main(waiting_ranks_use_no_core, eight_ranks_finish)
