#!/usr/bin/env python3
"""Every mode under mpirun trains each example once in each epoch; bounded keeps its bound."""
import os

from harness import TRAIN_ROWS, current, digest, expect, expect_equal, main, make_data, summary, train

EPOCHS = 3


def trained(name, servers=1, workers=2, mpi=True, **options):
    train(name, servers, workers, mpi=mpi, train__epochs=EPOCHS, **options)
    found = summary(name)
    expect_equal(found["examples"], EPOCHS * TRAIN_ROWS, f"examples of {name}")
    expect_equal(found["epochs"], EPOCHS, f"epochs of {name}")
    expect(found["tables"]["default"]["rows"] > 1000, "rows of", name, found["tables"])
    expect(0.5 < found["valid"]["auc"] < 1, "valid auc of", name, found["valid"])
    return found


def asynchronous():
    make_data()
    for dense in ("allreduce", "server"):
        for mpi in (True, False):
            name = f"async-{dense}-{mpi}"
            trained(name, 2, 2, mpi=mpi, train__mode="async", train__dense=dense)
            digest(name)


def bounded_stays_within_its_bound():
    for staleness in (0, 1, 3):
        for dense in ("allreduce", "server"):
            name = f"bounded-{dense}-{staleness}"
            found = trained(name, 1, 3, train__mode="bounded", train__dense=dense,
                            train__staleness=staleness, train__batch_size=96)
            counts = found["staleness"]
            expect(sum(counts) > 0, name, "recorded no staleness")
            beyond = sum(counts[staleness + 1:])
            expect_equal(beyond, 0, f"{name}: pulls beyond the bound, of the histogram {counts}")


def synchronous():
    found = [trained(f"sync-{dense}", train__dense=dense) for dense in ("allreduce", "server")]
    difference = abs(found[0]["valid"]["auc"] - found[1]["valid"]["auc"])
    expect(difference < 1e-3, "auc by allreduce and on the server differ by", difference)


def resumed():
    """Also without steps of the whole job, a checkpoint knows what was trained."""
    for mode in ("async", "bounded"):
        name = f"resumed-{mode}"
        train(name, 2, 2, mpi=True, train__mode=mode, train__epochs=1, train__dense="server")
        expect_equal(summary(name)["examples"], TRAIN_ROWS, f"examples of {name}")
        train(name, 1, 2, mpi=True, more=["--resume"], train__mode=mode, train__epochs=EPOCHS,
              train__dense="server")
        expect_equal(summary(name)["examples"], EPOCHS * TRAIN_ROWS, f"examples of {name}, resumed")
        expect(os.path.exists(current(name)), "no checkpoint of", name)


main(asynchronous, bounded_stays_within_its_bound, synchronous, resumed)
