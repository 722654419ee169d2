#!/usr/bin/env python3
"""`rookery doctor` under mpirun and alone: it finds nothing on this host, and each fault that is planted."""
import os

from harness import JOB, expect, expect_equal, main, make_data, run, write


def doctor(*words, ranks=0, status=0):
    result = run("doctor", "job.toml", *words, ranks=ranks, status=status)
    lines = [line for line in result.out.splitlines() if line[:4] in ("ok  ", "warn", "FAIL")]
    found = {}
    for line in lines:
        verdict, name, text = line.split(None, 2)
        found.setdefault(name, []).append((verdict, text))
    failed = [name for name, checks in found.items() if any(v == "FAIL" for v, _ in checks)]
    return found, failed, result


def nothing_is_wrong():
    make_data()
    for ranks in (0, 4):
        found, failed, result = doctor("--run", "none", ranks=ranks)
        expect_equal(failed, [], f"failed checks of {ranks} ranks")
        for name in ("answers", "world", "versions", "job", "cpus", "network", "clocks", "ping",
                     "directory", "data", "plan"):
            expect(name in found, "no line of", name, result)
        expect(not os.path.exists("none"), "the run directory stays")
    expect("6 pairs" in found["ping"][0][1] and "slowest rank" in found["ping"][0][1], found["ping"])
    expect("Open MPI" in found["versions"][0][1], found["versions"])


def too_small_a_world():
    _, failed, result = doctor("--set", "cluster.servers=4", ranks=4, status=2)
    expect_equal(failed, ["world"], "failed checks")
    expect("at least 6" in result.out, result)


def a_run_directory_that_cannot_be_written():
    write("file", "")
    _, failed, result = doctor("--run", "file/run", ranks=4, status=2)
    expect_equal(failed, ["directory"], "failed checks")
    expect("file/run" in result.out and "choose another --run" in result.out, result)


def a_schema_that_does_not_match():
    write("bad.csv", "1,2,3\n0,5,6\n")
    write("bad.toml", '[data]\nformat = "csv"\ntrain = ["bad.csv"]\n'
          '[[data.column]]\nname = "a"\ntype = "label"\n[[data.column]]\nname = "b"\ntype = "numeric"\n'
          '[model]\nname = "mlp"\n[train]\nbatch_size = 2\n')
    result = run("doctor", "bad.toml", ranks=3, status=2)
    expect("FAIL  data" in result.out and "bad.csv:1" in result.out and "(worker 0)" in result.out,
           result)


def a_limit_and_a_job_that_cannot_be():
    write("job.toml", JOB + '[cluster]\nmemory_limit = "100kB"\n')
    _, failed, result = doctor(ranks=3, status=2)
    expect_equal(failed, ["plan"], "failed checks")
    expect("cluster.memory_limit" in result.out, result)
    result = run("doctor", "absent.toml", ranks=3, status=2)
    expect(result.err.count("absent.toml") >= 1, result)


main(nothing_is_wrong, too_small_a_world, a_run_directory_that_cannot_be_written,
     a_schema_that_does_not_match, a_limit_and_a_job_that_cannot_be)
