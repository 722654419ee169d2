#!/usr/bin/env python3
"""A user's mistake ends with status 2 and one line: what, where, and what would be right."""
import gzip
import os

from harness import (JOB, contents, expect, expect_equal, main, make_data, run, sets, train,
                     train_words, write)

CSV_JOB = """seed = 1
[data]
format = "csv"
header = true
train = ["data.csv"]
[[data.column]]
name = "clicked"
type = "label"
[[data.column]]
name = "price"
type = "numeric"
[[data.column]]
name = "shop"
type = "categorical"
[model]
name = "lr"
[train]
slices = 2
batch_size = 4
"""
GOOD = "clicked,price,shop\n1,2.5,a\n0,1.5,b\n"


def refused(words, *parts, ranks=0):
    """Status 2, one line that has all the parts."""
    result = run(*words, ranks=ranks, status=None, timeout=30)
    expect(result.status == 2, "status is not 2:", result)
    lines = [line for line in result.err.splitlines() if line.startswith("rookery: error: ")]
    expect_equal(len(lines), 1, f"error lines of {result}")
    if not ranks:
        expect_equal(result.err, lines[0] + "\n", "all that is said")
    for part in parts:
        expect(part in lines[0], f"no {part!r} in:", lines[0])


def job_refused(text, *parts, options=None):
    write("bad.toml", text)
    refused(["train", "bad.toml", "--run", "bad", *sets(options or {})], *parts)
    expect(not os.path.exists("bad"), "a run directory was made")


def csv_refused(data, *parts, options=None):
    write("data.csv", data)
    job_refused(CSV_JOB, *parts, options=options)


def wrong_jobs():
    make_data()
    job_refused(JOB.replace("batch_size", "bach_size"), "bad.toml:17:1:", "train.bach_size",
                "nearest is train.batch_size")
    job_refused(JOB.replace("[train]", "[trian]"), "bad.toml:14:2:", "trian", "nearest is train")
    job_refused(JOB.replace("batch_size = 256", 'batch_size = "many"'), "bad.toml:17:14:",
                "train.batch_size", "whole number")
    job_refused(JOB.replace("batch_size = 256", "batch_size = 0"), "bad.toml:17:14:", "from 1 to")
    job_refused(JOB.replace('"deepfm"', '"deepmf"'), "bad.toml:9:8:", "deepmf", "one of lr, fm, mf, mlp, wide_deep, deepfm")
    job_refused(JOB.replace("epochs = 2", "epochs = "), "bad.toml:18:")
    job_refused(JOB.replace('["train.tsv"]', '["${NO_SUCH_VARIABLE}/a"]'), "bad.toml:4:",
                "NO_SUCH_VARIABLE")
    job_refused(JOB.replace("batch_size = 256", "batch_size = 255"), "bad.toml:17:", "train.slices")
    job_refused(JOB, "--set train.bach_size=4", "nearest is train.batch_size",
                options={"train.bach_size": 4})
    job_refused(JOB, "--set train.batch_size=many", "whole number",
                options={"train.batch_size": "many"})
    refused(["train", "nothing.toml"], "nothing.toml", "no such")
    refused(["trian", "job.toml"], "trian", "nearest is train")
    refused(["train", "job.toml", "--rnu", "x"], "--rnu", "--help")


def wrong_clusters():
    job_refused(JOB, "train.slices = 4", "3 workers", options={"cluster.workers": 3})
    refused(train_words("bad", servers=3), "at least 5 ranks", "cluster.servers", ranks=3)
    refused(train_words("bad", servers=1), "train.slices = 4", "6 workers", ranks=8)
    refused(train_words("bad"), "launch -n 2", "1 worker", ranks=2)
    refused(["inspect", "job.toml"], "launch", "train JOB.toml", ranks=3)
    expect(not os.path.exists("bad"), "a run directory was made")


def missing_and_empty_files():
    job_refused(JOB.replace("train.tsv", "absent.tsv"), "absent.tsv", "no such file")
    job_refused(JOB.replace("train.tsv", "absent-*.tsv"), "absent-*.tsv")
    csv_refused("", "data.csv", "empty")
    csv_refused("clicked,price,shop\n", "data.csv", "no example")
    write("empty.tsv", "")
    job_refused(JOB.replace("valid.tsv", "empty.tsv"), "empty.tsv", "empty")


def wrong_cells():
    csv_refused(GOOD + "1,7\n", "data.csv:4:", "2 columns", "3")
    csv_refused(GOOD + "1,7,a,b\n", "data.csv:4:", "4 columns", "3")
    csv_refused(GOOD + "1,cheap,a\n", "data.csv:4:3:", '"price"', '"cheap" is not a number',
                "data.missing")
    csv_refused(GOOD + "nan,1,a\n", "data.csv:4:1:", '"clicked"', "nan", "finite")
    csv_refused(GOOD + ",1,a\n", "data.csv:4:1:", '"clicked"')
    csv_refused(GOOD + "yes,1,a\n", "data.csv:4:1:", '"clicked"', '"yes" is not a number')
    csv_refused("clicked,price\n1,2\n", "data.csv:1:1:", "no column", '"shop"')
    with open("train.tsv", encoding="ascii") as file:
        lines = file.read().splitlines(keepends=True)
    write("short.tsv", "".join(lines[:2500]) + lines[2500].rsplit("\t", 1)[0] + "\n")
    job_refused(JOB.replace("train.tsv", "short.tsv"), "short.tsv:2501:", "39", "40")


def late_lines():
    """Found by a worker in the middle of the training, since the first pass reads only 100 rows."""
    lines = ["clicked,price,shop"] + [f"{i % 2},{i},s{i % 5}" for i in range(5000)]
    lines[4000] = "1,cheap,a"
    write("data.csv", "\n".join(lines) + "\n")
    write("bad.toml", CSV_JOB)
    options = sets({"data.fit_examples": 100, "data.chunk_examples": 64, "train.batch_size": 64})
    refused(["train", "bad.toml", "--run", "late", *options], "data.csv:4001:3:", '"cheap"')
    refused(["train", "bad.toml", "--run", "late-mpi", *options], "data.csv:4001:3:", '"cheap"',
            ranks=4)


def wrong_streams():
    whole = gzip.compress(GOOD.encode() + b"1,2,a\n" * 2000)
    write("cut.gz", whole[:len(whole) // 2])
    write("data.csv", GOOD)
    job_refused(CSV_JOB.replace("data.csv", "cut.gz"), "cut.gz", "cut short")
    flipped = bytearray(whole)
    flipped[-6] ^= 1  # of the checksum
    write("flipped.gz", bytes(flipped))
    job_refused(CSV_JOB.replace("data.csv", "flipped.gz"), "flipped.gz")
    libsvm = 'seed = 1\n[data]\nformat = "libsvm"\ntrain = ["data.svm"]\n[model]\nname = "lr"\n'
    good = "+1 3:1 7:0.5\n-1 4:1\n"
    for pair, column, named in (("5", 7, '"5"'), ("x:1", 7, "x"), ("5:", 7, "5:"), (":1", 7, ":1"),
                                ("5:abc", 9, '"abc"'), ("5:nan", 9, '"nan"')):
        write("data.svm", good + f"1 3:1 {pair}\n")
        job_refused(libsvm, f"data.svm:3:{column}:", named)
    write("data.svm", good + "maybe 3:1\n")
    job_refused(libsvm, "data.svm:3:1:", "maybe")


def choosing_examples():
    write("data.csv", GOOD + "1,soon,a\n")
    write("log.toml", CSV_JOB)

    def prepare_refused(words, *parts, job="log.toml"):
        refused(["prepare", job, "--out", "chosen", *words], *parts)
        expect(not os.path.exists("chosen"), "a directory was made")

    by_time = ["--split", "time", "--shares", "0.8,0.1,0.1"]
    prepare_refused(by_time, "--split time needs --order")
    prepare_refused([*by_time, "--order", "prize"], '"prize"', "clicked, price, shop")
    prepare_refused([*by_time, "--order", "price"], "data.csv:4:3:", '"soon"', "a number in every line")
    prepare_refused(["--split", "half"], "half", "leave-one-out")
    prepare_refused(["--core", "shop:many"], "--core shop:many", "COLUMN:COUNT")
    prepare_refused(["--core", "shop:9"], "no example is left of 3")
    prepare_refused(["--dedup", "all", "--shuffle"], "--shuffle")
    write("cut.toml", CSV_JOB.replace("data.csv", "cut.gz"))
    prepare_refused(["--dedup", "all"], "cut.gz", "cut short", job="cut.toml")
    expect_equal(run("prepare", "log.toml", "--out", "chosen", "--dedup", "shop").status, 0, "status")
    refused(["prepare", "log.toml", "--out", "chosen", "--dedup", "shop"], "chosen: already exists")


def used_run_and_other_model():
    train("used")
    before = contents("used")
    refused(train_words("used"), "used", "--resume", "--run")
    resume = ["--resume"]
    refused(train_words("used", more=resume, model__hidden="[16, 4]"), "used/checkpoints/00000001",
            "another job")
    refused(train_words("used", more=resume, model__name="fm"), "another job")
    refused(train_words("used", more=resume, table__default__dim=8), "another job", "rows of 5",
            "9")
    refused(train_words("used", more=resume, table__default__updater="sgd"), "another updater")
    refused(["evaluate", "job.toml", "--run", "used", "--data", "valid", "--set", "model.name=fm"],
            "another job")
    refused(train_words("used", workers=2, more=resume, model__name="fm"), "another job", ranks=4)
    refused(["evaluate", "job.toml", "--run", "never-made", "--data", "valid"], "never-made",
            "no such directory")
    refused(["evaluate", "job.toml", "--run", "used"], "data.test")
    refused(["inspect", "never-made"], "never-made", "no such directory")
    refused(["export", "never-made", "--out", "x"], "never-made")
    refused(["predict", "used", "train.tsv"], "used")
    expect(contents("used") == before, "the run directory changed")


main(wrong_jobs, wrong_clusters, missing_and_empty_files, wrong_cells, late_lines, wrong_streams,
     choosing_examples, used_run_and_other_model)
