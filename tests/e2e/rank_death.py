#!/usr/bin/env python3
"""A rank that is killed under `rookery launch` ends the job within 30 s, with a line that names it."""
import os
import signal
import time

from harness import (Cluster, current, expect, expect_equal, main, make_data, rookery, train,
                     train_words)

LIMIT_SECONDS = 30


def killed(run, victim):
    words = train_words(run, 1, 2, train__epochs=100000, checkpoint__every_steps=50)
    cluster = Cluster(rookery(*words, ranks=4))
    begin = time.monotonic()
    while not os.path.exists(os.path.join(run, "checkpoints", "CURRENT")):
        expect(time.monotonic() - begin < 60, "no checkpoint within 60 s", *cluster.output())
        time.sleep(0.05)
    ranks = cluster.ranks()
    expect_equal(sorted(ranks), [0, 1, 2, 3], "ranks that run")
    begin = time.monotonic()
    os.kill(ranks[victim], signal.SIGKILL)
    result = cluster.wait(LIMIT_SECONDS)
    expect_equal(result.status, 3, f"status after rank {victim} was killed")
    last = result.err.splitlines()[-1]
    expect(last.startswith("rookery launch: ") and f"rank {victim} on " in last
           and "signal 9" in last, "rank", victim, "is not named:", result)
    expect_equal(result.left, [], "ranks that outlive the job")
    print(f"rank {victim}: {time.monotonic() - begin:.1f} s: {last}")


def scheduler_killed():
    make_data()
    killed("scheduler", 0)


def server_killed():
    killed("server", 1)


def worker_killed_then_resumed():
    killed("worker", 3)
    step = int(os.path.basename(current("worker")))
    train("worker", 2, 2, mpi=True, more=["--resume"], train__epochs=1)  # what is left: nothing
    expect(int(os.path.basename(current("worker"))) > step, "no checkpoint after the resume")


def stopped_on_request():
    """SIGUSR1 to the launcher: a checkpoint, then status 0; the run can go on."""
    words = train_words("stopped", 1, 2, train__epochs=100000, checkpoint__every_steps=50)
    for ranks in (4, 0):
        more = ["--resume"] if ranks == 0 else []
        before = current("stopped") if more else ""
        cluster = Cluster(rookery(*words, *more, ranks=ranks))
        begin = time.monotonic()
        while not os.path.exists("stopped/checkpoints/CURRENT") or current("stopped") == before:
            expect(time.monotonic() - begin < 60, "no checkpoint within 60 s", *cluster.output())
            time.sleep(0.05)
        os.kill(cluster.process.pid, signal.SIGUSR1)
        result = cluster.wait(LIMIT_SECONDS)
        expect_equal(result.status, 0, f"status after SIGUSR1: {result}")


main(scheduler_killed, server_killed, worker_killed_then_resumed, stopped_on_request)
