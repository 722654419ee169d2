#!/usr/bin/env python3
"""`rookery plan` against real runs: bytes of tables and servers, of a step, and of a checkpoint."""
import json
import os

from harness import current, expect, main, make_data, run, sets, summary, train

ROWS, IDS = 40_000, 30_000
NEAR = 0.10
OPTIONS = {"model.hidden": "[64, 32]", "table.default.dim": 16, "train.batch_size": 2048,
           "train.epochs": 1, "data.valid": "[]"}


def planned(servers, workers, more=(), status=0, **options):
    words = ["plan", "job.toml", "-n", 1 + servers + workers, "--json", *more,
             *sets({"cluster.servers": servers, **OPTIONS, **options})]
    return json.loads(run(*words, status=status).out)


def expect_near(found, wanted, what, near=NEAR):
    share = found / wanted if wanted else float("inf")
    print(f"{what}: planned {found}, real {wanted}: {share:.3f}", flush=True)
    expect(abs(share - 1) <= near, what, "differs by more than", near)


def compare(name, plan, servers, workers, mpi, **options):
    changed = {key.replace(".", "__"): value for key, value in {**OPTIONS, **options}.items()}
    # A limit that is not reached makes servers count all they take.
    train(name, servers, workers, mpi=mpi, cluster__memory_limit='"10GB"', **changed)
    real = summary(name)
    for table, found in real["tables"].items():
        expect_near(plan["tables"][table]["rows"], found["rows"], f"{name}: rows")
        expect_near(plan["tables"][table]["bytes"], found["bytes"], f"{name}: bytes of tables")
    if not mpi:  # there a server has nothing but its tables
        expect_near(plan["server_bytes"], max(real["memory"]["server_bytes"]),
                    f"{name}: bytes of a server")
    for verb in ("pull", "push", "sum"):
        wanted = real["network"]["bytes_per_step"][verb]
        if wanted or plan["network"]["bytes_per_step"][verb]:
            expect_near(plan["network"]["bytes_per_step"][verb], wanted, f"{name}: {verb} of a step")
    directory = current(name)
    written = sum(os.path.getsize(os.path.join(directory, file)) for file in os.listdir(directory))
    expect_near(plan["checkpoint_bytes"], written, f"{name}: bytes of a checkpoint")


def sync_under_mpirun():
    make_data(ROWS, IDS)
    compare("sync", planned(2, 2), 2, 2, True)


def async_with_dense_on_servers():
    options = {"train.mode": "async", "train.dense": "server", "table.default.updater": "adam"}
    compare("async", planned(2, 2, **options), 2, 2, False, **options)


def the_whole_is_counted_and_a_part_carried_forward():
    full = planned(1, 1, ["--full", "--examples", 10_000])
    compare("full", full, 1, 1, False)
    part = planned(1, 1, ["--examples", 10_000])["tables"]["default"]
    real = summary("full")["tables"]["default"]["rows"]
    expect(part["rows_low"] <= 1.02 * real and part["rows_high"] >= 0.98 * real,
           "the range does not hold", real, part)


def a_limit_that_cannot_hold_is_an_answer():
    found = planned(1, 1, status=2, **{"cluster.memory_limit": '"20MB"'})["findings"][0]
    expect(found["verdict"] == "fail" and "servers or a limit of" in found["what"], found)
    text = run("plan", "job.toml").out
    for part in ("memory of a server", "messages of a step", "a checkpoint"):
        expect(part in text, part, "is not in", text)


main(sync_under_mpirun, async_with_dense_on_servers, the_whole_is_counted_and_a_part_carried_forward,
     a_limit_that_cannot_hold_is_an_answer)
