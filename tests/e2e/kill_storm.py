#!/usr/bin/env python3
"""kill -9 of random ranks of a supervised job, again and again, loses nothing.

In sync the run ends in the same bits as one that nobody disturbed. In async every example is
trained once an epoch, and the AUC is that of an undisturbed run within noise. An export that is
killed is whole or not there.

  kill_storm.py [--kills N] [--seed S] [--async-kills N]     the seed is printed
"""
import argparse
import os
import random
import signal
import subprocess
import time

import harness
from harness import (Cluster, TRAIN_ROWS, contents, digest, expect, expect_equal, main, make_data,
                     read_json, rookery, run, summary, train, train_words)

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--kills", type=int, default=4)
PARSER.add_argument("--async-kills", type=int, default=2)
PARSER.add_argument("--seed", type=int, default=5)
ARGUMENTS = PARSER.parse_args()
CHANCE = random.Random(ARGUMENTS.seed)
SERVERS, WORKERS = 2, 2
RANKS = 1 + SERVERS + WORKERS
# More than a life between two kills trains, so that the storm has work left. Without lockstep an
# epoch takes some ms, and how far a life gets is chance.
EPOCHS_PER_KILL, ASYNC_EPOCHS_PER_KILL = 25, 250
PHASES = ["start", "load", "train", "train", "save"]


def options(kills):
    return {"train__epochs": 100 + EPOCHS_PER_KILL * kills, "checkpoint__every_steps": 20,
            "table__default__updater": "adam", "table__default__catch_up": True}


def unfinished(run):
    folder = os.path.join(run, "checkpoints")
    return os.path.isdir(folder) and any(n.endswith(".tmp") for n in os.listdir(folder))


class Printed:
    """How often a text was printed; reads only what is new."""
    TEXTS = [b"mpirun -np", b"checkpoint "]

    def __init__(self, cluster):
        self.file = cluster.outputs[0].fileno()
        self.at = 0
        self.line = b""  # begun
        self.counts = dict.fromkeys(self.TEXTS, 0)

    def __call__(self, text):
        while more := os.pread(self.file, 1 << 20, self.at):
            self.at += len(more)
            *lines, self.line = (self.line + more).split(b"\n")
            for known in self.TEXTS:
                self.counts[known] += sum(line.count(known) for line in lines)
        return self.counts[text]


def wait_for(cluster, what, condition):
    """False when the job ended before."""
    begin = time.monotonic()
    while not condition():
        if cluster.process.poll() is not None:
            return False
        if time.monotonic() - begin > 60:
            expect(False, "waited 60 s for", what, *cluster.output())
        time.sleep(0.01)
    return True


def reach(cluster, printed, run, phase, life):
    """Waits until life number `life` (from 1) is in this phase; False when the job ended before."""
    def begun():
        return printed(b"mpirun -np") >= life and len(cluster.ranks()) == RANKS

    if not wait_for(cluster, "ranks", begun):
        return False
    if phase == "start":
        return True
    if phase == "load":
        time.sleep(CHANCE.uniform(0.2, 0.8))  # MPI takes about as long to begin
        return True
    before = printed(b"checkpoint ")
    if not wait_for(cluster, "a checkpoint", lambda: printed(b"checkpoint ") > before):
        return False
    if phase == "save":
        return wait_for(cluster, "a checkpoint begun", lambda: unfinished(run))
    time.sleep(CHANCE.uniform(0, 0.4))
    return True


def one_kill(cluster, printed, run, life):
    """(phase, rank), or None when the job ended before."""
    phase, rank = CHANCE.choice(PHASES), CHANCE.randrange(RANKS)
    while reach(cluster, printed, run, phase, life):
        try:
            os.kill(cluster.ranks()[rank], signal.SIGKILL)
            return phase, rank
        except (ProcessLookupError, KeyError):  # it ended just now: with its life, or with the job
            time.sleep(0.05)
    return None


def storm(run, kills, kills_min, changes):
    words = train_words(run, SERVERS, WORKERS, **changes)
    cluster = Cluster([harness.BINARY, "launch", "-n", str(RANKS), "--max-restarts", str(kills + 5),
                       "--restart-backoff", "0", *words])
    printed = Printed(cluster)
    done = []
    while len(done) < kills:
        killed = one_kill(cluster, printed, run, len(done) + 1)
        if killed is None:
            break
        done.append(killed)
    result = cluster.wait(300 + 20 * kills)
    expect_equal(result.status, 0, f"seed {ARGUMENTS.seed}: {done}: {result}")
    expect(len(done) >= kills_min, f"seed {ARGUMENTS.seed}: {len(done)} kills before the job ended")
    report = read_json(os.path.join(run, "restarts.json"))
    print(f"{run}: {len(done)} kills: " + ", ".join(f"{p} {r}" for p, r in done))
    print(f"{run}: {report['steps_replayed']} steps again, {report['recovery_seconds']:.1f} s of "
          "recovery", flush=True)
    expect_equal(len(report["restarts"]), len(done), "restarts in the report")
    for (phase, rank), restart in zip(done, report["restarts"]):
        found = restart.get("rank", rank)  # mpirun does not always name one that dies at its start
        expect_equal((found, restart["kind"]), (rank, "rank died"), f"killed in {phase}")
    return summary(run)


def sync_ends_in_the_same_bits():
    print(f"seed {ARGUMENTS.seed}", flush=True)
    make_data()
    changes = options(ARGUMENTS.kills)
    train("undisturbed", SERVERS, WORKERS, mpi=True, **changes)
    found = storm("sync", ARGUMENTS.kills, ARGUMENTS.kills, changes)
    wanted = summary("undisturbed")
    expect_equal(digest("sync"), digest("undisturbed"), f"seed {ARGUMENTS.seed}: digest")
    for name in ("steps", "epochs", "examples", "valid"):
        expect_equal(found[name], wanted[name], f"seed {ARGUMENTS.seed}: {name}")


def async_trains_every_example():
    changes = {"train__epochs": 100 + ASYNC_EPOCHS_PER_KILL * ARGUMENTS.async_kills,
               "train__mode": "async", "train__dense": "server", "checkpoint__every_epochs": 25,
               # Without it so many epochs over little data end anywhere from .62 to .67.
               "table__default__l2": 0.02, "dense__l2": 0.02}
    run(*train_words("calm", SERVERS, WORKERS, **changes), ranks=RANKS,
        timeout=120 + 10 * ARGUMENTS.async_kills)
    found = storm("async", ARGUMENTS.async_kills, 1, changes)
    expect_equal(found["examples"], changes["train__epochs"] * TRAIN_ROWS, "examples trained")
    calm, auc = summary("calm")["valid"]["auc"], found["valid"]["auc"]
    print(f"auc {auc:.4f}, undisturbed {calm:.4f}")
    # Two undisturbed runs of 1000 epochs differed by .003.
    expect(abs(auc - calm) < 0.02, "auc", auc, "undisturbed", calm)


def an_export_is_whole_or_not_there():
    """A directory that has its name is whole at any moment; the one before is there until then."""
    for name in ("first", "sync-export"):
        run("export", "sync", "--out", name)
    longest = 0.5  # of an export, seconds
    whole = 0
    for _ in range(max(6, ARGUMENTS.kills // 2)):
        begin = time.monotonic()
        export = subprocess.Popen(rookery("export", "sync", "--out", "sync-export", "--force"),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            export.wait(CHANCE.uniform(0, longest))
            longest = time.monotonic() - begin
        except subprocess.TimeoutExpired:
            export.kill()
            export.wait()
        old = "sync-export.old"  # between two renames
        run("verify-export", "sync-export" if os.path.isdir("sync-export") else old)
        whole += os.path.isdir("sync-export")
    print(f"an export killed {max(6, ARGUMENTS.kills // 2)} times was whole, {whole} times in its place")
    run("export", "sync", "--out", "sync-export", "--force")
    expect_equal(sorted(contents("sync-export").values()), sorted(contents("first").values()),
                 "the files of the export over what kills left")


main(sync_ends_in_the_same_bits, an_export_is_whole_or_not_there, async_trains_every_example)
