#!/usr/bin/env python3
"""Rookery in one process beside a PyTorch script that trains the same DeepFM, in one run.

Makes the data (rookery synth), looks for the peer's best configuration on a part of them (threads,
batch sizes, with and without bf16), then trains peer and Rookery on all of them in turn and prints
examples/s, test AUC and the ratio as one JSON object a line. The peer's reading is not timed;
Rookery's is. Both models start from the same job: dim 16, tower 400-400-400, Adagrad rows, Adam
tower, one epoch.

  python3 tests/bench/compare_peer.py --peer PATH/torch_ctr.py --python PATH/python3 --work DIR
"""
import argparse
import itertools
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
JOB = """seed = 1
[data]
format = "criteo"
train = ["{work}/train.tsv"]
test = ["{work}/test.tsv"]
[model]
name = "deepfm"
hidden = [400, 400, 400]
[table.default]
dim = 16
initializer = "normal"
scale = 0.01
updater = "adagrad"
learning_rate = 0.02
[dense]
updater = "adam"
learning_rate = 0.001
[train]
batch_size = 4096
[checkpoint]
at_end = false
"""


def tell(**fields):
    print(json.dumps(fields), flush=True)


def synth(options, name, rows, seed):
    path = os.path.join(options.work, name)
    if not os.path.exists(path):
        subprocess.run([options.rookery, "synth", "--rows", str(rows), "--seed", str(seed), "--ids",
                        str(options.ids), "--zipf", str(options.zipf), "--out", path], check=True, stdout=sys.stderr)
    return path


def head(source, target, rows):
    with open(source, "rb") as lines, open(target, "wb") as out:
        out.writelines(itertools.islice(lines, rows))
    return target


def run_peer(options, train, test, threads, batch, bf16):
    command = [options.python, options.peer, "--train", train, "--test", test, "--model", "deepfm", "--dim", "16",
               "--batch", str(batch), "--threads", str(threads)] + (["--bf16"] if bf16 else [])
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def run_rookery(options, threads):
    job = os.path.join(options.work, "job.toml")
    with open(job, "w") as file:
        file.write(JOB.format(work=options.work))
    run = os.path.join(options.work, "run")
    subprocess.run(["rm", "-rf", run], check=True)
    subprocess.run([options.rookery, "train", job, "--run", run, "--set", f"cluster.threads={threads}"],
                   check=True, stdout=subprocess.DEVNULL)
    with open(os.path.join(run, "summary.json")) as file:
        return json.load(file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--python", default=sys.executable, help="a Python that has PyTorch")
    parser.add_argument("--work", required=True, help="directory for data and the run")
    parser.add_argument("--rookery", default=os.path.join(HERE, "../../build/release/rookery"))
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--search-rows", type=int, default=400_000)
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--zipf", type=float, default=1.05)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    options.work = os.path.abspath(options.work)

    train = synth(options, "train.tsv", options.rows, 1)
    test = synth(options, "test.tsv", options.rows // 10, 2)
    part = head(train, os.path.join(options.work, "part.tsv"), options.search_rows)
    few = head(test, os.path.join(options.work, "few.tsv"), 1000)
    best = None
    for threads, batch, bf16 in itertools.product((1, 2), (1024, 4096, 16384), (False, True)):
        result = run_peer(options, part, few, threads, batch, bf16)
        tell(search=True, threads=threads, batch=batch, bf16=bf16, examples_per_second=result["examples_per_second"])
        if best is None or result["examples_per_second"] > best[0]:
            best = (result["examples_per_second"], threads, batch, bf16)
    for _ in range(options.rounds):
        mine = run_rookery(options, os.cpu_count())
        tell(rookery=True, examples_per_second=round(mine["examples_per_second"]), auc=mine["test"]["auc"],
             logloss=mine["test"]["logloss"])
        peer = run_peer(options, train, test, *best[1:])
        tell(peer=peer)
        tell(ratio=round(mine["examples_per_second"] / peer["examples_per_second"], 2),
             auc_difference=round(mine["test"]["auc"] - peer["test"]["auc"], 5))


if __name__ == "__main__":
    main()
