#!/usr/bin/env python3
"""Rookery's predictor beside ONNX Runtime, both scoring the same export on one core.

Trains a model on made-up clicks (rookery synth), exports it, scores the same rows with
predict_bench and with ONNX Runtime (one thread, its arrays made beforehand), in batches of 1 and of
256, and prints p50, p99, examples/s and the ratio as one JSON object a line.

  python3 tests/bench/compare_onnx.py --work DIR     with the Python of .venv
"""
import argparse
import json
import os
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../e2e"))
import score_with_onnx  # noqa: E402

JOB = """[data]
format = "criteo"
train = ["{work}/train.tsv"]
test = ["{work}/test.tsv"]
[model]
name = "{model}"
hidden = [400, 400, 400]
[table.default]
dim = 16
updater = "adagrad"
learning_rate = 0.02
[dense]
updater = "adam"
[train]
batch_size = 4096
"""


def make_export(options):
    export = os.path.join(options.work, "export-" + options.model)
    if os.path.exists(export):
        return export
    job = os.path.join(options.work, options.model + ".toml")
    with open(job, "w") as file:
        file.write(JOB.format(work=options.work, model=options.model))
    commands = [["synth", "--rows", str(options.rows), "--ids", str(options.ids), "--out", options.work + "/train.tsv"],
                ["synth", "--rows", "4096", "--seed", "2", "--ids", str(options.ids), "--out", options.work + "/test.tsv"],
                ["train", job, "--run", os.path.join(options.work, "run-" + options.model)],
                ["export", os.path.join(options.work, "run-" + options.model), "--out", export]]
    for command in commands:
        subprocess.run([options.rookery, *command], check=True, stdout=subprocess.DEVNULL)
    return export


def rookery_rates(options, export):
    environment = dict(os.environ, ROOKERY_EXPORT=export, ROOKERY_ROWS=options.work + "/test.tsv")
    output = subprocess.run([options.bench, "--benchmark_format=json"], check=True, stdout=subprocess.PIPE, text=True,
                            env=environment).stdout
    return {entry["name"].split("/")[0].removeprefix("predict_"): entry
            for entry in json.loads(output)["benchmarks"]}


def onnx_rates(options, export, batch):
    with open(os.path.join(export, "schema.json")) as file:
        document = json.load(file)
    schema = score_with_onnx.Schema(document)
    rows = [schema.encode(cells) for cells in score_with_onnx.read_cells(schema, [options.work + "/test.tsv"])]
    settings = score_with_onnx.onnxruntime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    session = score_with_onnx.onnxruntime.InferenceSession(
        os.path.join(export, document["onnx"]["file"]), settings, providers=["CPUExecutionProvider"])
    inputs = [score_with_onnx.inputs_of(document, rows[at:at + batch]) for at in range(0, len(rows) - batch + 1, batch)]
    output = [document["onnx"]["output"]]
    taken = []
    end = time.perf_counter() + options.seconds
    while time.perf_counter() < end:
        for arrays in inputs:
            begin = time.perf_counter()
            session.run(output, arrays)
            taken.append(time.perf_counter() - begin)
    taken.sort()
    return {"p50_us": taken[len(taken) // 2] * 1e6, "p99_us": taken[len(taken) * 99 // 100] * 1e6,
            "examples_per_second": batch * len(taken) / sum(taken)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="directory for data, run and export; used again")
    parser.add_argument("--model", default="deepfm")
    parser.add_argument("--rookery", default=os.path.join(HERE, "../../build/release/rookery"))
    parser.add_argument("--bench", default=os.path.join(HERE, "../../build/release/tests/bench/predict_bench"))
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--ids", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=3)
    options = parser.parse_args()
    options.work = os.path.abspath(options.work)
    os.makedirs(options.work, exist_ok=True)
    os.sched_setaffinity(0, {0})
    export = make_export(options)
    mine = rookery_rates(options, export)
    for batch in (1, 256):
        peer = onnx_rates(options, export, batch)
        for dtype in ("", "_bf16"):
            ours = {name: mine[f"{batch}{dtype}"][name] for name in peer}
            print(json.dumps({"model": options.model, "batch": batch, "dtype": dtype.strip("_") or "fp32",
                              "rookery": {name: round(value, 1) for name, value in ours.items()},
                              "onnxruntime": {name: round(value, 1) for name, value in peer.items()},
                              "ratio": round(ours["examples_per_second"] / peer["examples_per_second"], 2)}),
                  flush=True)


if __name__ == "__main__":
    main()
