#!/usr/bin/env python3
"""ONNX Runtime, fed by code of its own, scores an export as `rookery predict` does: 1,000 rows as
they are, and 1,000 with unseen keys and missing values."""
import os
import subprocess
import sys

from harness import (BINARY, DATA, PYTHON, ROOT, digest, expect, expect_equal, main, make_data,
                     need_data, need_venv, run, sets)

TOLERANCE = "1e-5"
SCORER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "score_with_onnx.py")


def scored_outside(job, data, servers=2, **options):
    """Trains, exports, verifies, predicts, scores by ONNX Runtime."""
    name = os.path.splitext(os.path.basename(job))[0] + "".join(
        f"-{value}" for value in options.values() if str(value).isalpha())
    changes = {"cluster.servers": servers, "train.epochs": 1, "checkpoint.keep": 1}
    changes.update({key.replace("__", "."): value for key, value in options.items()})
    run("train", job, "--run", name, *sets(changes), timeout=300)
    run("export", name, "--out", f"{name}-export")
    run("verify-export", f"{name}-export")
    run("predict", f"{name}-export", data, "--out", f"{name}.tsv")
    with open(f"{name}.tsv", encoding="ascii") as file:
        scores = [float(line.split("\t")[0]) for line in file]
    expect(len(set(scores)) > 50, "the scores of", name, "hardly differ")
    both = [["--scores", f"{name}.tsv"], ["--rookery", BINARY]]
    for how in both:
        words = [PYTHON, SCORER, f"{name}-export", data, "--rows", "1000", "--tolerance", TOLERANCE]
        result = subprocess.run(words + how, capture_output=True, text=True, timeout=300)
        expect_equal(result.returncode, 0, f"{name}: {result.stdout}{result.stderr}")
        expect("1000 rows" in result.stdout, name, result.stdout)
        print("".join(f"{name}: {line}\n" for line in result.stdout.splitlines()), end="")
    return name


def criteo_format():
    make_data()
    run("synth", "--rows", 1500, "--ids", 70, "--seed", 3, "--out", "test.tsv")
    for model in ("deepfm", "dlrm", "lr", "fm"):
        scored_outside("job.toml", "test.tsv", model__name=model)


def dense_part_alone():
    run("export", "job-deepfm", "--out", "dense-export", "--onnx-rows-max", 10)
    words = [PYTHON, SCORER, "dense-export", "test.tsv", "--rookery", BINARY]
    result = subprocess.run(words, capture_output=True, text=True, timeout=300)
    expect_equal(result.returncode, 0, result.stdout + result.stderr)


def damaged_export():
    with open("job-lr-export/schema.json", "r+", encoding="utf-8") as file:
        text = file.read()
        file.seek(0)
        file.write(text.replace('"c1"', '"cx"', 1))
    result = run("verify-export", "job-lr-export", status=None)
    expect(result.status in (1, 2) and "schema.json" in result.err, "a changed export", result)


def checkpoint_of_other_servers():
    """The export does not depend on how many servers wrote the checkpoint."""
    scored_outside("job.toml", "test.tsv", servers=1, model__name="deepfm", train__mode="sync")
    expect_equal(digest("job-deepfm-sync"), digest("job-deepfm"), "digest")
    outputs = []
    for name in ("job-deepfm", "job-deepfm-sync"):
        with open(f"{name}.tsv", encoding="ascii") as file:
            outputs.append(file.read())
    expect(outputs[0] == outputs[1], "predictions of 1 and 2 servers differ")


def shipped(job, *path, **options):
    scored_outside(os.path.join(ROOT, "launch", "jobs", job), os.path.join(DATA, *path), **options)


def adult():
    shipped("adult-wide-deep.toml", "adult", "adult.test.gz")


def frappe():
    shipped("frappe-deepfm.toml", "frappe", "frappe.test.libfm.gz", model__hidden="[64, 32]",
            train__patience=0)


def a9a():
    shipped("a9a-ftrl.toml", "a9a", "a9a.t.gz")


def movielens():
    shipped("ml100k-mf.toml", "ml-100k", "u1.test.gz")


need_venv()
if sys.argv[1:] == ["--real"]:
    need_data()
    main(adult, frappe, a9a, movielens)
else:
    main(criteo_format, dense_part_alone, damaged_export, checkpoint_of_other_servers)
