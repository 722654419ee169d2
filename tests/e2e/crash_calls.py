#!/usr/bin/env python3
"""A process that dies at any call that changes the files of its checkpoints leaves the old checkpoint
or the new one, whole; and the job, resumed, ends in the same bits.

  crash_calls.py [--every N]     every N-th call only; needs a C compiler
"""
import argparse
import os
import re
import shutil
import subprocess

from harness import (digest, expect, expect_equal, main, make_data, rookery, run, skip, train,
                     train_words)

PARSER = argparse.ArgumentParser()
PARSER.add_argument("--every", type=int, default=1)
EVERY = PARSER.parse_args().every
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "crash_calls.c")
RESUMED = 8  # one in so many is resumed: that takes longest
OPTIONS = {"train__max_steps": 8, "train__batch_size": 40, "checkpoint__every_steps": 2, "checkpoint__keep": 2,
           "table__default__updater": "adam"}


def preload():
    compiler = shutil.which("cc")
    if compiler is None:
        skip("no C compiler")
    library = os.path.abspath("crash_calls.so")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", SOURCE, "-o", library, "-ldl"], check=True)
    return library


def train_until_call(library, name, call):
    """What it printed, and its exit status."""
    environment = {**os.environ, "LD_PRELOAD": library, "CRASH_FOLDER": f"{name}/checkpoints",
                   "CRASH_AT": str(call), "CRASH_COUNT": os.path.abspath("calls.txt")}
    words = rookery(*train_words(os.path.abspath(name), 2, 1, **OPTIONS))
    result = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60)
    return result.stdout + result.stderr, result.returncode


def newest(name):
    path = os.path.join(name, "checkpoints", "CURRENT")
    if not os.path.exists(path):
        return 0
    with open(path, encoding="ascii") as file:
        return int(file.read())


def every_call():
    make_data(rows=400, ids=2)
    library = preload()
    train("whole", 2, 1, **{**OPTIONS, "checkpoint__keep": 100})
    folder = os.path.join("whole", "checkpoints")
    digests = {int(n): digest(os.path.join(folder, n)) for n in os.listdir(folder) if n.isdigit()}
    output, status = train_until_call(library, "counted", 0)
    expect_equal(status, 0, output)
    with open("calls.txt", encoding="ascii") as file:
        calls = int(file.read())
    expect(calls > 50, "only", calls, "calls were seen")
    seen = {}
    for call in range(1, calls + 1, EVERY):
        output, status = train_until_call(library, "run", call)
        if status == 0:
            continue  # threads come in another order each time: it needed fewer calls
        expect_equal(status, -9, f"call {call}: {output}")
        found = newest("run")
        announced = [int(n) for n in re.findall(r"checkpoints/(\d{8}) at step", output)]
        expect(found >= max(announced, default=0), f"call {call}: {found} is older than", announced)
        expect(found <= max(announced, default=0) + 1, f"call {call}: {found} after", announced)
        if found:
            expect_equal(digest("run"), digests[found], f"call {call}: checkpoint {found}")
        seen[found] = seen.get(found, 0) + 1
        if call % RESUMED == 1:
            train("run", 1, 2, more=["--resume=latest-good"] if found else [], **OPTIONS)
            expect_equal(digest("run"), digests[max(digests)], f"call {call}: the resumed job's end")
            run("verify", "run")
        shutil.rmtree("run")
    print(f"{calls} calls, every {EVERY}: the newest checkpoint was", dict(sorted(seen.items())))
    expect(len(seen) > 3, "crashes met only", seen)


main(every_call)
