#!/usr/bin/env python3
"""Rookery in one process beside a PyTorch script that trains the same model, in one run.

Makes the data (rookery synth), prepares them (rookery prepare), looks for the peer's best
configuration on a part of them (threads, batch sizes, with and without bf16 and --compile), then
trains peer and Rookery on all of them in turn and prints examples/s, test AUC and the ratio as one
JSON object a line, for fp32 and for bf16. The peer has its data in memory and its reading is not
timed; Rookery's is. Both start from the same job: dim 16, tower 400-400-400, Adagrad rows, Adam
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
PEER_NAMES = {"deepfm": "deepfm", "dlrm": "dlrm", "mlp": "dnn"}
DATA = {"text": 'format = "criteo"\ntrain = ["{work}/train.tsv"]\ntest = ["{work}/test.tsv"]',
        "blocks": 'format = "blocks"\ntrain = ["{work}/blocks/train-*.blocks"]\ntest = ["{work}/blocks/test-*.blocks"]'}
JOB = """seed = 1
[data]
{data}
[model]
name = "{model}"
dtype = "{dtype}"
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
part_examples = {part}
[cluster]
servers = {servers}
[checkpoint]
at_end = false
"""


def tell(**fields):
    print(json.dumps(fields), flush=True)


def rookery(options, *arguments):
    subprocess.run([options.rookery, *arguments], check=True, stdout=subprocess.DEVNULL)


def synth(options, name, rows, seed):
    path = os.path.join(options.work, name)
    if not os.path.exists(path):
        rookery(options, "synth", "--rows", str(rows), "--seed", str(seed), "--teacher-seed", "1", "--ids",
                str(options.ids), "--zipf", str(options.zipf), "--out", path)
    return path


def head(source, target, rows):
    with open(source, "rb") as lines, open(target, "wb") as out:
        out.writelines(itertools.islice(lines, rows))
    return target


def write_job(options, data, model="deepfm", dtype="fp32"):
    path = os.path.join(options.work, "job.toml")
    with open(path, "w") as file:
        file.write(JOB.format(data=DATA[data].format(work=options.work), model=model, dtype=dtype,
                              part=1024 if dtype == "bf16" else 512, servers=options.servers))
    return path


def run_peer(options, model, train, test, threads, batch, bf16, compiled):
    command = [options.python, options.peer, "--train", train, "--test", test, "--model", PEER_NAMES[model], "--dim",
               "16", "--batch", str(batch), "--threads", str(threads)]
    command += ["--bf16"] * bf16 + ["--compile"] * compiled
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output.strip().splitlines()[-1])


def run_rookery(options, model, dtype, mpi=False):
    run = os.path.join(options.work, "run")
    subprocess.run(["rm", "-rf", run], check=True)
    servers = ["--set", "cluster.servers=1"] if mpi else []
    rookery(options, *(["launch", "-n", "3"] if mpi else []), "train", write_job(options, "blocks", model, dtype),
            "--run", run, *servers)
    with open(os.path.join(run, "summary.json")) as file:
        return json.load(file)


def search(options, model, part, few):
    """The peer's best configurations, one in fp32 ("fp32") and one of all ("bf16"): the best without
    --compile, or the same with it when that is faster still."""
    best = {}

    def attempt(*configuration):
        rate = run_peer(options, model, part, few, *configuration)["examples_per_second"]
        tell(search=model, examples_per_second=rate,
             **dict(zip(("threads", "batch", "bf16", "compile"), configuration)))
        for kind in ["bf16"] if configuration[2] else ["fp32", "bf16"]:
            best[kind] = max(best.get(kind, (0, None)), (rate, configuration))

    for threads, batch, bf16 in itertools.product(options.threads, options.batches, (False, True)):
        attempt(threads, batch, bf16, False)
    for configuration in sorted({best[kind][1] for kind in best} if options.compile else ()):
        attempt(*configuration[:3], True)
    return {kind: configuration for kind, (_, configuration) in best.items()}


def compare(options, model, train, test, configurations):
    for dtype in ("fp32", "bf16"):
        mine = run_rookery(options, model, dtype)
        tell(rookery=model, dtype=dtype, examples_per_second=round(mine["examples_per_second"]),
             auc=mine["test"]["auc"], logloss=mine["test"]["logloss"])
        if options.mpi:
            mpi = run_rookery(options, model, dtype, mpi=True)
            tell(rookery=model, dtype=dtype, mpirun="1 server, 1 worker",
                 examples_per_second=round(mpi["examples_per_second"]),
                 of_one_process=round(mpi["examples_per_second"] / mine["examples_per_second"], 2))
        peer = run_peer(options, model, train, test, *configurations[dtype])
        tell(peer=peer)
        tell(model=model, dtype=dtype, ratio=round(mine["examples_per_second"] / peer["examples_per_second"], 2),
             auc_difference=round(mine["test"]["auc"] - peer["test"]["auc"], 5))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", required=True)
    parser.add_argument("--python", default=sys.executable, help="a Python that has PyTorch")
    parser.add_argument("--work", required=True, help="directory for data and the run")
    parser.add_argument("--rookery", default=os.path.join(HERE, "../../build/release/rookery"))
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--peer-rows", type=int, help="rows of the peer's whole runs; default: all")
    parser.add_argument("--search-rows", type=int, default=400_000)
    parser.add_argument("--models", nargs="+", choices=list(PEER_NAMES), default=list(PEER_NAMES))
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batches", type=int, nargs="+", default=[1024, 4096, 16384])
    parser.add_argument("--servers", type=int, default=2, help="of Rookery in one process")
    parser.add_argument("--no-compile", dest="compile", action="store_false",
                        help="do not try the peer's --compile, which takes a minute each")
    parser.add_argument("--mpi", action="store_true", help="also under mpirun: scheduler, 1 server, 1 worker")
    parser.add_argument("--ids", type=int, default=1_000_000)
    parser.add_argument("--zipf", type=float, default=1.1)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.work, exist_ok=True)
    options.work = os.path.abspath(options.work)

    train = synth(options, "train.tsv", options.rows, 1)
    test = synth(options, "test.tsv", 200_000, 2)
    blocks = os.path.join(options.work, "blocks")
    if not os.path.exists(blocks):
        rookery(options, "prepare", write_job(options, "text"), "--out", blocks)
    part = head(train, os.path.join(options.work, "part.tsv"), options.search_rows)
    few = head(test, os.path.join(options.work, "few.tsv"), 1000)
    peer_train = train
    if options.peer_rows:
        peer_train = head(train, os.path.join(options.work, "peer.tsv"), options.peer_rows)
    for model in options.models:
        configurations = search(options, model, part, few)
        for _ in range(options.rounds):
            compare(options, model, peer_train, test, configurations)


if __name__ == "__main__":
    main()
