#!/usr/bin/env python3
"""Runs the benchmark programs and prints each hot path beside its limit.

  python3 tests/bench/run_benchmarks.py FOLDER-OF-PROGRAMS [NAME...]

In a program NAME_bench, the benchmarks PATH/ours and PATH/limit do the same amount of work per
iteration; the ratio is the least time of the one by the least time of the other, over repetitions
that are interleaved. A benchmark PATH/ours with a counter `ratio` gives its own. Other benchmarks
are listed with their times. A program NAME_mpi_bench runs under mpirun -n 3, with --raw for its limits.
"""
import argparse
import json
import os
import platform
import re
import subprocess
import sys

REPETITIONS = 5


def entries_of(command):
    command += [f"--benchmark_repetitions={REPETITIONS}", "--benchmark_enable_random_interleaving=true",
                "--benchmark_format=json"]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout
    return [entry for entry in json.loads(output)["benchmarks"] if entry["run_type"] == "iteration"]


def run(program):
    if program.endswith("_mpi_bench"):  # ours and the limit need MPI each for itself
        mpirun = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", "3", program]
        entries = [entry for _ in range(2) for raw in (["--raw"], []) for entry in entries_of(mpirun + raw)]
    else:
        entries = entries_of([program])
    least = {}
    for entry in entries:
        name = entry["run_name"]
        if name not in least or entry["real_time"] < least[name]["real_time"]:
            least[name] = entry
    return least


def rows_of(least):
    """(path, ours, limit, ratio): Google Benchmark appends options to names, as in PATH/ours/real_time."""
    paths = {}
    for name, entry in least.items():
        found = re.fullmatch(r"(.*?)/(ours|limit)(/.*)?", name)
        paths.setdefault(found[1] if found else name, {})[found[2] if found else "ours"] = entry
    for path, pair in paths.items():
        ours, limit = pair["ours"], pair.get("limit")
        yield path, ours, limit, ours.get("ratio", ours["real_time"] / limit["real_time"] if limit else None)


def show(time, unit):
    return f"{time:,.4g} {unit}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    programs = sorted(name for name in os.listdir(options.folder) if name.endswith("_bench"))
    wanted = [name + "_bench" for name in options.names] or programs
    unknown = [name for name in wanted if name not in programs]
    if unknown:
        sys.exit(f"launch/bench: no program {unknown[0]}; there are {', '.join(p.removesuffix('_bench') for p in programs)}")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], stdout=subprocess.PIPE, text=True).stdout.strip()
    print(f"commit {commit}, {os.cpu_count()} CPUs, {platform.machine()}")
    print(f"{'path':44} {'ours':>14} {'limit':>14} {'ratio':>7}")
    for program in wanted:
        for path, entry, limit, ratio in rows_of(run(os.path.join(options.folder, program))):
            unit = entry["time_unit"]
            print(f"{path:44} {show(entry['real_time'], unit):>14} "
                  f"{show(limit['real_time'], limit['time_unit']) if limit else '':>14} "
                  f"{f'{ratio:.2f}' if ratio is not None else '':>7}", flush=True)


if __name__ == "__main__":
    main()
