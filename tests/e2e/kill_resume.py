#!/usr/bin/env python3
"""kill -9 of every process at a random moment, then --resume, ends in the same bits as a run that
nobody disturbed.

  kill_resume.py [TRIES [SEED]]     default: 20 tries; the seed is printed
"""
import os
import random
import shutil
import sys
import time

from harness import (Cluster, TRAIN_ROWS, digest, expect, expect_equal, main, make_data, rookery,
                     summary, train, train_words)

TRIES = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 30)
EPOCHS = 12  # about a second, so that there is something to kill
OPTIONS = {"train__epochs": EPOCHS, "data__shuffle_window": 512, "model__norm": "batch",
           "table__default__updater": "adam", "table__default__catch_up": True,
           "train__keep_best": True}
INTERVALS = [{"checkpoint__every_steps": 3}, {"checkpoint__every": "50ms"},
             {"checkpoint__every_epochs": 2, "checkpoint__every_steps": 5}]
SHAPES = [(1, 1), (2, 4), (3, 2), (1, 2), (2, 1)]


def start(name, chance, attempt, first):
    """A cluster of another shape each time, in one process or under mpirun."""
    servers, workers = chance.choice(SHAPES)
    mpi = attempt % 2 == 1
    words = train_words(name, servers, workers, more=[] if first else ["--resume"],
                        **OPTIONS, **chance.choice(INTERVALS))
    return Cluster(rookery(*words, ranks=1 + servers + workers if mpi else 0))


def has_begun(name):
    return os.path.exists(os.path.join(name, "metrics.jsonl"))


def kill_later(cluster, name, chance, seconds):
    """At a moment of the time that an undisturbed run takes. True when it was killed, False when it had ended before."""
    begin = time.monotonic()
    while not has_begun(name) and cluster.process.poll() is None:
        expect(time.monotonic() - begin < 60, "training did not begin within 60 s")
        time.sleep(0.002)
    time.sleep(chance.uniform(0.0, seconds))
    ended = cluster.process.poll() is not None
    cluster.kill()
    return not ended


def one_try(number, wanted):
    name = f"try-{number}"
    chance = random.Random(SEED * 1000 + number)
    first = start(name, chance, number, True)
    seconds = wanted["summary"]["seconds"]
    killed = kill_later(first, name, chance, seconds)
    kills = int(killed)
    while killed and chance.random() < 0.4:  # some are killed again and again
        again = start(name, chance, number + kills, False)
        killed = kill_later(again, name, chance, seconds)
        kills += int(killed)
    result = start(name, chance, number + 1 + kills, False).wait()
    about = f"try {number} of seed {SEED}, {kills} kills"
    expect(result.status == 0, about, result)
    expect_equal(digest(name), wanted["digest"], f"{about}: digest")
    found = summary(name)
    expect_equal(found["steps"], wanted["summary"]["steps"], f"{about}: steps")
    expect_equal(found["epochs"], EPOCHS, f"{about}: epochs")
    expect_equal(found["examples"], EPOCHS * TRAIN_ROWS, f"{about}: examples")
    expect_equal(found["valid"], wanted["summary"]["valid"], f"{about}: valid metrics")
    expect_equal(found["best_epoch"], wanted["summary"]["best_epoch"], f"{about}: best epoch")
    if found["train"]:  # those of the last epoch, whatever was resumed in its middle
        expect_equal(found["train"]["auc"], wanted["summary"]["train"]["auc"], f"{about}: auc")
    leftovers = [n for n in os.listdir(f"{name}/checkpoints") if n.endswith(".tmp")]
    expect_equal(leftovers, [], f"{about}: unfinished checkpoints")
    shutil.rmtree(name)
    return kills


def killed_and_resumed():
    print(f"seed {SEED}, {TRIES} tries", flush=True)
    make_data()
    train("undisturbed", **OPTIONS)
    wanted = {"digest": digest("undisturbed"), "summary": summary("undisturbed")}
    kills = sum(one_try(number, wanted) for number in range(TRIES))
    print(f"{kills} kills")
    expect(kills >= TRIES // 2, "only", kills, "of", TRIES, "tries were killed before their end")


main(killed_and_resumed)
