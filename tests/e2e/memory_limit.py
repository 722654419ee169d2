#!/usr/bin/env python3
"""A server keeps to cluster.memory_limit: rows stop at the soft limit, the job ends at the hard one.

The server's process is watched from outside: what it had at most, above what it had when the job began."""
import os
import resource
import time

from harness import (Cluster, current, expect, expect_equal, main, make_data, rookery, run, summary,
                     train, train_words)

MEGABYTE = 10**6
LIMIT_MB = 48
SLACK = 1.02
# About 100 MB of rows: 400,000 of 16 weights and 16 of state, with their index.
SHAPE = dict(table__default__dim=16, model__hidden="[8]", train__batch_size=1024, train__epochs=1,
             cluster__heartbeat_every="100ms", data__valid="[]")
ROWS, IDS = 60_000, 400_000


def memory(pid, name):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    return 0


def watched(directory, more=(), on_begin=None, **options):
    """Trains with one server under mpirun; the result, and the most that the server took."""
    words = train_words(directory, 1, 1, more=more, **SHAPE, **options)
    cluster = Cluster(rookery(*words, ranks=3))
    base, most, pid = 0, 0, None
    began = False
    while cluster.process.poll() is None:
        pid = pid or cluster.ranks().get(1)
        if pid:
            try:
                if not began:
                    began = os.path.exists(os.path.join(directory, "metrics.jsonl"))
                    base = memory(pid, "VmRSS")
                    if began and on_begin:
                        on_begin(pid)
                most = max(most, memory(pid, "VmHWM"))
            except OSError:  # it has ended
                pass
        time.sleep(0.002)
    result = cluster.wait()
    expect(base > 0 and most > base, "the server was not seen:", result)
    return result, most - base


def checked(result, taken, limit_mb):
    print(f"limit {limit_mb} MB, the server took {taken / MEGABYTE:.1f} MB", flush=True)
    expect(taken <= SLACK * limit_mb * MEGABYTE, f"{taken} bytes were taken:", result)


def rows_stop_at_the_soft_limit():
    make_data(ROWS, IDS)
    result, taken = watched("soft", cluster__memory_limit=f'"{LIMIT_MB}MB"')
    expect_equal(result.status, 0, "status")
    checked(result, taken, LIMIT_MB)
    expect_equal(result.err.count("keys without a row get none"), 1, "warnings")
    found = summary("soft")
    expect(found["unadmitted_gradients"] > 0, "nothing was dropped:", found)
    bytes_of_rows = found["tables"]["default"]["bytes"]
    soft = 0.9 * LIMIT_MB * MEGABYTE
    expect(0.6 * soft < bytes_of_rows <= soft, "tables have", bytes_of_rows, "of", soft)
    expect(bytes_of_rows <= found["memory"]["server_bytes"][0] <= SLACK * LIMIT_MB * MEGABYTE,
           "the server says it took", found["memory"])
    expect("memory " in result.out, "the progress line has no memory:", result)


def checkpoints_keep_to_the_limit():
    """A slow one beside training that changes more rows than there is memory to keep."""
    make_data(ROWS, IDS)
    result, taken = watched("beside", cluster__memory_limit=f'"{LIMIT_MB}MB"', checkpoint__every="200ms",
                            checkpoint__rate='"4MB"')
    expect_equal(result.status, 0, "status")
    checked(result, taken, LIMIT_MB)
    expect(result.out.count("checkpoint ") > 1, "no checkpoint beside training:", result)
    run("inspect", current("beside"), "--verify")


def the_job_ends_at_the_hard_limit():
    result, taken = watched("hard", cluster__memory_limit=f'"{LIMIT_MB}MB"', cluster__memory_soft=1.0)
    expect_equal(result.status, 4, "status")
    checked(result, taken, LIMIT_MB)
    expect("cluster.memory_limit" in result.err and "a checkpoint was written" in result.err,
           "the reason is not told:", result)
    run("inspect", current("hard"), "--verify")
    step = int(os.path.basename(current("hard")))
    # It goes on with more memory, but not with less than its rows need.
    less = train("hard", 1, 1, more=["--resume"], status=4, **SHAPE, cluster__memory_limit='"16MB"')
    expect("do not fit" in less.err, "the reason is not told:", less)
    train("hard", 2, 1, mpi=True, more=["--resume"], **SHAPE)
    expect(int(os.path.basename(current("hard"))) > step, "no checkpoint after the resume")


def the_system_gives_no_more():
    """RLIMIT_DATA, as `ulimit -d` sets it, refuses a mapping: as at the hard limit."""
    room = 24 * MEGABYTE
    limits = []

    def on_begin(pid):
        limits.append(memory(pid, "VmData") + room)
        resource.prlimit(pid, resource.RLIMIT_DATA, (limits[0], limits[0]))

    # A segment of rows is 64 MB, so the second one is refused.
    result, _ = watched("refused", on_begin=on_begin)
    expect(limits, "the server was not limited:", result)
    expect_equal(result.status, 4, "status")
    expect("the system gives no more memory" in result.err, "the reason is not told:", result)
    run("inspect", current("refused"), "--verify")


def one_process_limits_its_tables():
    result = train("alone", 2, 2, **SHAPE, cluster__memory_limit='"20MB"')
    expect_equal(result.err.count("keys without a row get none"), 2, "warnings of two servers")
    found = summary("alone")
    expect(max(found["memory"]["server_bytes"]) <= 20 * MEGABYTE, "tables have", found["memory"])


main(rows_stop_at_the_soft_limit, checkpoints_keep_to_the_limit, the_job_ends_at_the_hard_limit, the_system_gives_no_more,
     one_process_limits_its_tables)
