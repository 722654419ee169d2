#!/usr/bin/env python3
"""A rank that is killed under `rookery launch` ends the job within 30 s, with a line that names it."""
import os
import signal
import time

import harness
from harness import (Cluster, current, expect, expect_equal, main, make_data, rookery, run, train,
                     train_words)

LIMIT_SECONDS = 30


def killed(name, victim):
    words = train_words(name, 1, 2, train__epochs=100000, checkpoint__every_steps=50)
    cluster = Cluster(rookery(*words, ranks=4))
    begin = time.monotonic()
    while not os.path.exists(os.path.join(name, "checkpoints", "CURRENT")):
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
           and "signal 9 (Killed)" in last, "rank", victim, "is not named:", result)
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


def await_new_checkpoint(cluster, run, before):
    begin = time.monotonic()
    while not os.path.exists(f"{run}/checkpoints/CURRENT") or current(run) == before:
        expect(time.monotonic() - begin < 60, "no checkpoint within 60 s", *cluster.output())
        time.sleep(0.05)


def stopped_on_request():
    """SIGUSR1, SIGTERM and `rookery stop`: a checkpoint, then status 0; the run can go on."""
    wishes = {"SIGUSR1": lambda process: process.send_signal(signal.SIGUSR1),
              "SIGTERM": lambda process: process.send_signal(signal.SIGTERM),
              "rookery stop": lambda process: run("stop", "stopped")}
    words = train_words("stopped", 1, 2, train__epochs=100000, checkpoint__every_steps=50)
    before = ""
    for name, wish in wishes.items():
        for ranks in (4, 0):
            cluster = Cluster(rookery(*words, *(["--resume"] if before else []), ranks=ranks))
            await_new_checkpoint(cluster, "stopped", before)
            wish(cluster.process)
            result = cluster.wait(LIMIT_SECONDS)
            expect_equal(result.status, 0, f"status after {name}: {result}")
            before = current("stopped")
            expect(int(os.path.basename(before)) > 0, "no checkpoint")
            expect(not os.path.exists("stopped/STOP"), "the stop file is left")


def wishes_and_mistakes_are_not_restarted():
    begin = [harness.BINARY, "launch", "-n", "4", "--max-restarts", "3", "--restart-backoff", "0"]
    words = train_words("wishes", 1, 2, train__epochs=100000, checkpoint__every_steps=50)
    cluster = Cluster([*begin, *words])
    await_new_checkpoint(cluster, "wishes", "")
    run("stop", "wishes")
    result = cluster.wait(LIMIT_SECONDS)
    expect_equal(result.status, 0, f"status after rookery stop: {result}")
    result = Cluster([*begin, *words]).wait(LIMIT_SECONDS)  # without --resume: the run is used
    expect_equal(result.status, 2, f"status: {result}")
    expect_equal(result.out.count("mpirun -np"), 1, f"runs of mpirun: {result}")
    expect_equal(Cluster([harness.BINARY, "stop", "nowhere"]).wait().status, 2, "status of stop")


main(scheduler_killed, server_killed, worker_killed_then_resumed, stopped_on_request,
     wishes_and_mistakes_are_not_restarted)
