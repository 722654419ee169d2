#!/usr/bin/env python3
"""Scores raw rows with an export's ONNX model, by code that shares nothing with Rookery.

Transforms and keys are computed again from schema.json, the scores by ONNX Runtime; the result is
compared with what `rookery predict` says of the same rows.

  score_with_onnx.py EXPORT DATA... --scores FILE     compare with scores already written
  score_with_onnx.py EXPORT DATA... --rookery BINARY  run `BINARY predict` itself, also on rows made
                                                      here with unseen keys and missing values
  score_with_onnx.py EXPORT DATA... --make-rows FILE  only write those made rows

Needs the packages numpy, onnxruntime and xxhash. Exit status 0: all scores agree; 1: they do not.
"""
import argparse
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

from raw_rows import Schema, change, read_cells, signed, write_rows


def inputs_of(document, rows):
    """The arrays ONNX Runtime takes, for encoded rows."""
    single = [f for f in document["features"] if not f["list"]]
    single.sort(key=lambda feature: feature["onnx_column"])
    names = {item["name"] for item in document["onnx"]["inputs"]}
    arrays = {}
    if "keys" in names:
        arrays["keys"] = np.array([[signed(keys[f["name"]][0][0]) for f in single]
                                   for keys, _ in rows], dtype=np.int64)
    if "key_weights" in names:
        arrays["key_weights"] = np.array([[keys[f["name"]][0][1] for f in single]
                                          for keys, _ in rows], dtype=np.float32)
    for feature in document["features"]:
        if not feature["list"]:
            continue
        name = feature["name"]
        length = max(1, max(len(keys[name]) for keys, _ in rows))
        padded = np.full((len(rows), length), 4711, dtype=np.int64)
        weights = np.zeros((len(rows), length), dtype=np.float32)
        for i, (keys, _) in enumerate(rows):
            for j, (key, weight) in enumerate(keys[name]):
                padded[i, j], weights[i, j] = signed(key), weight
        arrays[name + ".keys"], arrays[name + ".weights"] = padded, weights
    if "numeric" in names:
        arrays["numeric"] = np.array([numeric for _, numeric in rows], dtype=np.float32)
    return arrays


class Tables:
    """The native table files, for dense.onnx: combines embeddings as schema.json says."""

    def __init__(self, export, document):
        self.document = document
        self.combiners = {c["name"]: c["combiner"] if c["type"] == "list" else "sum"
                          for c in document["data"]["schema"]["columns"]}
        self.tables = []
        for table in document["tables"]:
            keys = np.memmap(os.path.join(export, table["keys_file"]), dtype="<u8", mode="r",
                             offset=64, shape=(table["rows"],))
            rows = np.memmap(os.path.join(export, table["rows_file"]), dtype="<f4", mode="r",
                             offset=64, shape=(table["rows"], table["dim"]))
            self.tables.append((table, {int(key): i for i, key in enumerate(keys)}, rows))

    def combine(self, feature, items, table, index, rows):
        total = np.zeros(table["dim"])
        for key, weight in items:
            if key in index:
                total += weight * rows[index[key]].astype(np.float64)
        combiner = self.combiners.get(feature, "sum")
        if combiner == "sum":
            return total
        norm = sum(w if combiner == "mean" else w * w for _, w in items)
        norm = norm if combiner == "mean" else math.sqrt(norm)
        return total / norm if norm else total * 0

    def sequence(self, name, table, index, values, rows):
        """The rows of a sequence, padded to the longest, and what is none of them."""
        length = max(1, max(len(keys[name]) for keys, _ in rows))
        padded = np.zeros((len(rows), length, table["dim"]), dtype=np.float32)
        weights = np.zeros((len(rows), length), dtype=np.float32)
        for i, (keys, _) in enumerate(rows):
            for j, (key, _) in enumerate(keys[name]):
                weights[i, j] = 1
                if key in index:
                    padded[i, j] = values[index[key]]
        return padded, weights

    def inputs(self, rows):
        sequences = {f["name"] for f in self.document["features"] if f["sequence"]}
        arrays = {}
        for table, index, values in self.tables:
            combined = [f for f in table["features"] if f not in sequences]
            if combined:
                arrays[table["name"] + ".embeddings"] = np.array(
                    [np.concatenate([self.combine(f, keys[f], table, index, values)
                                     for f in combined]) for keys, _ in rows],
                    dtype=np.float32)
            for name in sequences.intersection(table["features"]):
                padded, weights = self.sequence(name, table, index, values, rows)
                arrays[f"{table['name']}.{name}.rows"] = padded
                arrays[name + ".weights"] = weights
        if self.document["data"]["numeric"]:
            arrays["numeric"] = np.array([numeric for _, numeric in rows], dtype=np.float32)
        return arrays


def score(export, document, rows, batch=256):
    onnx = document["onnx"]
    session = onnxruntime.InferenceSession(os.path.join(export, onnx["file"]),
                                           providers=["CPUExecutionProvider"])
    expected = {item["name"] for item in onnx["inputs"]}
    assert {item.name for item in session.get_inputs()} == expected, "inputs differ from schema.json"
    tables = None if onnx["self_contained"] else Tables(export, document)
    scores = []
    for begin in range(0, len(rows), batch):
        part = rows[begin:begin + batch]
        arrays = inputs_of(document, part) if tables is None else tables.inputs(part)
        scores.append(session.run([onnx["output"]], arrays)[0])
    return np.concatenate(scores)


def read_scores(path, document):
    """Of each row, or of each row and label."""
    labels = len(document["onnx"]["labels"])
    with open(path, encoding="ascii") as file:
        rows = [[float(cell) for cell in line.split("\t")[:labels]] for line in file]
    return np.array(rows if labels > 1 else [row[0] for row in rows], dtype=np.float64)


def predict(rookery, export, document, paths):
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "scores.tsv")
        subprocess.run([rookery, "predict", export, *paths, "--out", out], check=True,
                       stdout=subprocess.DEVNULL)
        return read_scores(out, document)


def compare(what, found, expected, tolerance):
    if found.shape != expected.shape:
        print(f"{what}: {expected.shape} scores here, {found.shape} from rookery predict")
        return False
    difference = np.abs(found - expected).reshape(len(found), -1).max(axis=1)
    worst = int(difference.argmax())
    good = bool(difference[worst] <= tolerance)  # NaN is not good
    print(f"{what}: {len(found)} rows, largest difference {difference[worst]:.3g} "
          f"at row {worst}: {'agree' if good else 'DIFFER'}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("export")
    parser.add_argument("data", nargs="+")
    parser.add_argument("--scores", help="what rookery predict wrote for DATA")
    parser.add_argument("--rookery", help="the binary, to run predict itself")
    parser.add_argument("--make-rows", help="only write rows with unseen keys and missing values")
    parser.add_argument("--rows", type=int, default=1000, help="at most so many rows of DATA")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    arguments = parser.parse_args()

    with open(os.path.join(arguments.export, "schema.json"), encoding="utf-8") as file:
        document = json.load(file)
    schema = Schema(document)
    cells = [c for c, _ in zip(read_cells(schema, arguments.data), range(arguments.rows))]
    made = [change(schema, row, i % 3) for i, row in enumerate(cells)]
    if arguments.make_rows:
        write_rows(schema, made, arguments.make_rows)
        return 0

    def scores_of(rows):
        return score(arguments.export, document, [schema.encode(row) for row in rows])

    if arguments.scores:
        found = read_scores(arguments.scores, document)[: arguments.rows]
        return 0 if compare("data", found, scores_of(cells), arguments.tolerance) else 1
    if not arguments.rookery:
        parser.error("name --scores, --rookery or --make-rows")
    good = True
    with tempfile.TemporaryDirectory() as directory:
        for what, rows in (("data", cells), ("unseen and missing", made)):
            path = os.path.join(directory, "rows.txt")
            write_rows(schema, rows, path)
            found = predict(arguments.rookery, arguments.export, document, [path])
            good = compare(what, found, scores_of(rows), arguments.tolerance) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
