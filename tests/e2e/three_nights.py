"""A chain of nights: each trains on its own data and begins with the rows and weights of the night before.

On the second night a column has come, one has gone and the table has another updater: nothing of that goes
without leave, and what is taken is taken bit by bit, on any number of servers.
"""
import json
import random

from harness import (contents, current, digest, expect, expect_equal, main, os, read_json, run, train,
                     write)

ROWS = 1500
HEADER = ["y", "a", "b", "c", "x"]
JOB = """seed = 5
[data]
format = "csv"
header = true
train = ["{night}.csv"]
chunk_examples = 64
column = [{{name = "y", type = "label"}},
          {{name = "a", type = "categorical"}},
          {{name = "b", type = "{b}"}},
          {{name = "c", type = "{c}"}},
          {{name = "x", type = "numeric", transform = "standard"}}]
[model]
name = "deepfm"
hidden = [8, 4]
[table.default]
dim = 4
updater = "{updater}"
[train]
mode = "sync"
slices = 2
batch_size = 128
"""
DROP = ["--init-policy", "feature.b=drop"]
RESET = ["--init-policy", "table.default.updater=reset-state"]


def make_night(night, seed, **options):
    numbers = random.Random(seed)
    lines = [",".join(HEADER)]
    for _ in range(ROWS):
        a = numbers.randrange(40 + 10 * seed)
        lines.append(f"{(a + numbers.randrange(60)) % 2},a{a},b{numbers.randrange(30)},"
                     f"c{numbers.randrange(20)},{numbers.randrange(100) * seed}")
    write(f"{night}.csv", "\n".join(lines) + "\n")
    write(f"{night}.toml", JOB.format(night=night, **options))


def diff(a, b):
    return json.loads(run("diff", a, b, "--json").out)


def first(directory):
    return os.path.join(directory, "checkpoints", "00000001")


def next_night(night, before, more=(), **options):
    return train(night, job=f"{options.pop('job', night)}.toml",
                 more=["--init-from", before, *more], **options)


def first_night():
    make_night("monday", 1, b="categorical", c="ignore", updater="adagrad")
    train("monday", servers=2, job="monday.toml", train__epochs=2)


def nothing_is_left_behind_without_leave():
    make_night("tuesday", 2, b="ignore", c="categorical", updater="adam")
    before = contents("monday")
    error = next_night("tuesday", "monday", status=2).err
    expect("not all of it would be taken" in error, error)
    expect("feature 'b' is not in the job: --init-policy feature.b=drop" in error, error)
    expect("table 'default' has the state of another updater: --init-policy "
           "table.default.updater=reset-state" in error, error)
    error = next_night("tuesday", "monday", DROP, status=2).err
    expect("feature.b=drop" not in error and "reset-state" in error, error)
    error = next_night("tuesday", "monday", [*DROP, *RESET, "--init-policy", "feature.d=drop"],
                       status=2).err
    expect("feature.d=drop: neither the job nor" in error, error)
    error = next_night("tuesday", "monday", ["--init-policy", "feature.b"], status=2).err
    expect("must be feature.NAME=drop|changed" in error, error)
    expect(not os.path.exists("tuesday/checkpoints/CURRENT"), "the refused run has a checkpoint")
    expect_equal(contents("monday"), before, "the run of the night before")


def second_night():
    out = next_night("tuesday", "monday", [*DROP, *RESET], train__epochs=2).out
    report = read_json("tuesday/init.json")
    rows = {block["name"]: block for block in report["dense"]}
    layer = rows["tower.0.weight"]
    # a and b were 4 rows each and x one; a and x are taken, c is new.
    expect_equal([layer[name] for name in ("rows_before", "rows_taken", "rows_new", "rows_dropped")],
                 [9, 5, 4, 4], "rows of the first layer")
    expect_equal(layer["word"], "partly taken", "the first layer")
    expect_equal(rows["tower.1.weight"]["word"], "taken", "the second layer")
    changes = {feature["name"]: feature["change"] for feature in report["features"]}
    expect_equal(changes, {"b": "dropped", "c": "new"}, "features")
    table = report["tables"][0]
    expect_equal(table["state"], "begins anew (adagrad -> adam)", "state of the table")
    expect(f"default{table['rows_before']:>29}{table['rows_before']:>12}" in out, out)
    begun = diff("monday", first("tuesday"))
    taken = begun["tables"][0]
    expect_equal(taken["rows_b"], table["rows_before"], "rows at the begin")
    expect_equal((taken["added"], taken["removed"], taken["change_norm"]), (0, 0, 0), "rows taken")
    expect("updater.kind: adagrad -> adam" in taken["options"], taken["options"])
    ended = diff("monday", "tuesday")["tables"][0]
    expect(ended["removed"] == 0 and ended["added"] >= 20, "rows at the end", ended)
    run("verify", "tuesday")


def any_cluster_begins_and_ends_alike():
    next_night("spread", "monday", [*DROP, *RESET], job="tuesday", servers=3, workers=2, mpi=True,
               train__epochs=2)
    expect_equal(digest(first("spread")), digest(first("tuesday")), "digest at the begin")
    expect_equal(digest("spread"), digest("tuesday"), "digest at the end")


def third_night():
    make_night("wednesday", 3, b="ignore", c="categorical", updater="adam")
    next_night("wednesday", "tuesday", servers=2)
    report = read_json("wednesday/init.json")
    expect_equal(report["features"], [], "features")
    expect_equal({block["word"] for block in report["dense"]}, {"taken"}, "dense blocks")
    begun = diff("tuesday", first("wednesday"))
    parts = [*begun["tables"], *begun["dense"]]
    expect_equal([part["changed"] for part in parts], [0] * len(parts), "rows changed at the begin")
    expect_equal((begun["tables"][0]["added"], begun["dense_state_same"]), (0, True), "what is taken")
    # The statistics of x are those of the first night, which its weights were trained with.
    features = read_json(os.path.join(current("wednesday"), "features.json"))
    first_features = read_json(os.path.join(current("monday"), "features.json"))
    expect_equal(features["statistics"], first_features["statistics"], "statistics of x")


def a_resumed_run_does_not_begin_again():
    out = next_night("wednesday", "tuesday", ["--resume"], train__epochs=2).out
    expect("begins with" not in out and "loaded wednesday/checkpoints/00000002" in out, out)
    out = next_night("thursday", "wednesday", ["--resume"], job="wednesday").out
    expect("begins with wednesday/checkpoints" in out, out)


main(first_night, nothing_is_left_behind_without_leave, second_night, any_cluster_begins_and_ends_alike,
     third_night, a_resumed_run_does_not_begin_again)
