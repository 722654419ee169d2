#!/usr/bin/env python3
"""Examples a second while the tables hold 1, 10 and 100 million rows, and with 1, 2, 4 and 8 servers
in one process.

One job reads two parts, in file order: the first has so many different ids that the tables fill up
(uniform ids); the second is the same in every run, drawn by Zipf's law from the ids that the smallest
tables have, and is read three times. The rate of its second and third time is what is compared: the
same work on rows that are all there, only the tables differ. Model fm, dim 8, Adagrad: little
arithmetic, so that rows are what costs. 100 million rows need 12 GiB of memory.

  python3 tests/bench/table_rows.py --work DIR
"""
import argparse
import json
import math
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FIELDS = 26
PASSES = 3
FILL = 1.5  # examples of the first part per id of a field: 1 - exp(-1.5) = 78 % of the ids come
JOB = """seed = 1
[data]
format = "blocks"
train = ["{fill}/train-*.blocks", {zipf}]
shuffle_window = 0
[model]
name = "fm"
[table.default]
dim = 8
updater = "adagrad"
[train]
batch_size = 4096
[cluster]
servers = {servers}
[checkpoint]
at_end = false
"""
TEXT_JOB = '[data]\nformat = "criteo"\ntrain = ["{text}"]\n[model]\nname = "fm"\n'


def blocks(options, name, rows, ids, zipf, seed, like=None):
    """A folder of prepared blocks; the text they are made from is removed."""
    folder = os.path.join(options.work, name)
    if os.path.exists(folder):
        return folder
    text = folder + ".tsv"
    job = folder + ".toml"
    with open(job, "w") as file:
        file.write(TEXT_JOB.format(text=text))
    for command in (["synth", "--rows", rows, "--ids", ids, "--zipf", zipf, "--seed", seed, "--out", text],
                    ["prepare", job, "--out", folder] + (["--like", like + "/train-00000.blocks"] if like else [])):
        subprocess.run([options.rookery, *map(str, command)], check=True, stdout=subprocess.DEVNULL)
    for path in (text, text + ".teacher.json"):
        os.remove(path)
    return folder


def rate_after(metrics, examples):
    """Examples a second from the first line of progress with so many examples to the last."""
    lines = [json.loads(line) for line in open(metrics)]
    first = next(line for line in lines if line["examples"] >= examples)
    last = lines[-1]
    return (last["examples"] - first["examples"]) / (last["seconds"] - first["seconds"])


def ids_for(rows):
    return max(2, math.ceil(rows / FIELDS / (1 - math.exp(-FILL))))


def fill_of(options, rows):
    first = options.rows[0]
    like = fill_of(options, first) if rows != first else None
    return blocks(options, f"fill-{rows}", int(FILL * ids_for(rows)), ids_for(rows), 0, 1, like)


def names_of(options, folder):
    """Names for the same blocks, one for each time that they are read."""
    names = []
    for time in range(PASSES):
        name = os.path.join(options.work, f"pass-{time}")
        if not os.path.islink(name):
            os.symlink(os.path.basename(folder), name)
        names.append(f'"{name}/train-*.blocks"')
    return ", ".join(names)


def measure(options, rows, servers):
    fill = fill_of(options, rows)
    begin = int(FILL * ids_for(rows)) + options.examples
    zipf = blocks(options, "zipf", options.examples, ids_for(options.rows[0]), options.zipf, 2,
                  fill_of(options, options.rows[0]))
    job = os.path.join(options.work, "rows.toml")
    with open(job, "w") as file:
        file.write(JOB.format(fill=fill, zipf=names_of(options, zipf), servers=servers))
    run = os.path.join(options.work, "run")
    subprocess.run(["rm", "-rf", run], check=True)
    subprocess.run([options.rookery, "train", job, "--run", run], check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(run, "summary.json")) as file:
        summary = json.load(file)
    print(json.dumps({"rows_wanted": rows, "rows": summary["tables"]["default"]["rows"], "servers": servers,
                      "examples_per_second": round(rate_after(os.path.join(run, "metrics.jsonl"), begin))}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="directory for data and the run; 3 GiB")
    parser.add_argument("--rookery", default=os.path.join(HERE, "../../build/release/rookery"))
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000, 100_000_000])
    parser.add_argument("--servers", type=int, nargs="*", default=[1, 2, 4, 8])
    parser.add_argument("--examples", type=int, default=4_000_000, help="of the measured part")
    parser.add_argument("--zipf", type=float, default=1.1)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    options.work = os.path.abspath(options.work)
    for rows in options.rows:
        measure(options, rows, 1)
    for servers in options.servers:
        measure(options, options.rows[min(1, len(options.rows) - 1)], servers)


if __name__ == "__main__":
    main()
