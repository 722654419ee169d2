#!/usr/bin/env python3
"""A checkpoint loads on any number of servers; a damaged one is refused by name, and nothing changes."""
import os
import shutil

from harness import (contents, current, digest, expect, expect_equal, main, make_data, run, summary,
                     train, train_words, write)

RUN = "whole"
COPY = "damaged"


def loads_on_any_number_of_servers():
    make_data()
    train(RUN, servers=3, workers=2, mpi=True, checkpoint__every_steps=8)
    wanted = digest(RUN)
    newest = os.path.basename(current(RUN))
    for servers, mpi in ((1, False), (2, True), (5, True), (5, False)):
        name = f"loaded-{servers}-{mpi}"
        shutil.copytree(RUN, name)
        before = contents(name)
        evaluated = run("evaluate", "job.toml", "--run", name, "--data", "valid", "--set",
                        f"cluster.servers={servers}").out
        expect(contents(name) == before, "evaluate changed the run directory", name)
        expect(f"auc {summary(RUN)['valid']['auc']:.4f}" in " ".join(evaluated.split()), evaluated)
        train(name, servers=servers, mpi=mpi, more=["--resume"])
        expect(os.path.basename(current(name)) != newest, "no checkpoint was written")
        shards = [f for f in os.listdir(current(name)) if f.endswith(".rows")]
        expect_equal(len(shards), servers, "shards of the new checkpoint")
        expect_equal(digest(name), wanted, f"digest after loading on {servers} servers")


def refused(what, *names):
    """Resume, evaluate and inspect fail, name a file of `names`, and leave the run as it was."""
    before = contents(COPY)
    commands = {"train --resume": train_words(COPY, more=["--resume"], train__epochs=3),
                "evaluate": ["evaluate", "job.toml", "--run", COPY, "--data", "valid"],
                "inspect --verify": ["inspect", COPY, "--verify"]}
    for name, words in commands.items():
        result = run(*words, status=None)
        expect(result.status in (1, 2), what, "was not refused by", name, result)
        expect(result.err.startswith("rookery: error: "), what, name, result)
        expect(any(file in result.err for file in names), what, ": no name of", names, result)
        expect_equal(len(result.err.splitlines()), 1, f"{what}: lines of the message of {name}")
        expect(contents(COPY) == before, what, ":", name, "changed the run directory")


def goes_on_from_the_one_before(what):
    result = train(COPY, more=["--resume=latest-good"])
    expect("skipping" in result.err, what, "latest-good does not say what it skips", result)
    expect_equal(digest(COPY), digest(RUN), f"{what}: digest after --resume=latest-good")


def fresh_copy():
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(RUN, COPY)
    return current(COPY)


def change(path, edit):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    write(path, bytes(edit(data)))


def flip(data, position):
    data[position] ^= 1 << (position % 8)
    return data


def every_file_truncated_flipped_or_missing():
    for file in sorted(os.listdir(current(RUN))):
        size = os.path.getsize(os.path.join(current(RUN), file))
        edits = {f"{file} cut to {size - 1}": lambda data: data[:-1],
                 f"{file} cut to a half": lambda data: data[:len(data) // 2],
                 f"{file} empty": lambda data: b""}
        for position in (0, 9, size // 2, size - 2):
            edits[f"{file} flipped at {position}"] = lambda data, at=position: flip(data, at)
        for what, edit in edits.items():
            change(os.path.join(fresh_copy(), file), edit)
            refused(what, file)
        goes_on_from_the_one_before(what)
        os.remove(os.path.join(fresh_copy(), file))
        refused(f"{file} missing", file)


def stale_manifest():
    newest = fresh_copy()
    older = sorted(n for n in os.listdir(os.path.dirname(newest)) if n.isdigit())[-2]
    shutil.copy(os.path.join(os.path.dirname(newest), older, "MANIFEST.json"), newest)
    refused("MANIFEST.json of an older checkpoint", "MANIFEST.json", ".rows", "dense.bin")
    goes_on_from_the_one_before("stale MANIFEST.json")


def current_names_nothing():
    newest = fresh_copy()
    shutil.rmtree(newest)
    refused("a whole checkpoint missing", os.path.basename(newest))
    goes = train(COPY, more=["--resume=latest-good"])
    expect_equal(digest(COPY), digest(RUN), f"digest after {goes}")
    newest = fresh_copy()
    write(os.path.join(COPY, "checkpoints", "CURRENT"), "../../elsewhere\n")
    refused("CURRENT that leads out of its directory", "CURRENT")


def damaged_under_mpirun():
    newest = fresh_copy()
    change(os.path.join(newest, "dense.bin"), lambda data: flip(data, 100))
    before = contents(COPY)
    result = train(COPY, 1, 2, mpi=True, more=["--resume"], status=None)
    expect(result.status in (1, 2) and "dense.bin" in result.err, "damage under mpirun", result)
    expect(contents(COPY) == before, "mpirun changed the run directory")


main(loads_on_any_number_of_servers, every_file_truncated_flipped_or_missing, stale_manifest,
     current_names_nothing, damaged_under_mpirun)
