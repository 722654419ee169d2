#!/usr/bin/env python3
"""In mode sync the final checkpoint is the same for any number of servers and workers, in one
process or under mpirun."""
from harness import digest, expect, expect_equal, main, make_data, summary, train, TRAIN_ROWS

SHAPES = [(1, 1), (2, 1), (3, 1), (1, 2), (2, 4), (3, 4)]


def same_for_every_shape(name, reference, **options):
    """Servers 1, 2, 3 and workers 1, 2, 4, both ways; `reference` is where all must arrive."""
    for mpi in (False, True):
        for servers, workers in SHAPES:
            run = f"{name}-{servers}-{workers}-{'mpi' if mpi else 'process'}"
            train(run, servers, workers, mpi=mpi, **options)
            found = digest(run)
            reference = reference or found
            expect_equal(found, reference, f"digest of {run}")
            expect_equal(summary(run)["examples"], 2 * TRAIN_ROWS, f"examples of {run}")
    return reference


def plain():
    make_data()
    found = same_for_every_shape("plain", None)
    train("another-seed", seed=8)
    expect(digest("another-seed") != found, "a different seed gives the same digest")


def batch_norm_adam_catch_up_dense_on_server_keep_best():
    options = {"model__norm": "batch", "table__default__updater": "adam",
               "table__default__catch_up": True, "table__default__l2": 1e-5,
               "train__dense": "server", "train__keep_best": True, "train__patience": 2}
    same_for_every_shape("all", None, **options)


def each_alone():
    """A few shapes of each option by itself."""
    variants = {"norm": {"model__norm": "batch"},
                "layer": {"model__norm": "layer", "model__activation": "tanh"},
                "adam": {"table__default__updater": "adam", "table__default__catch_up": True},
                "lazy": {"table__default__updater": "adam"},
                "server": {"train__dense": "server"},
                "best": {"train__keep_best": True},
                "order": {"data__shuffle_window": 0},
                "wide": {"model__name": "wide_deep", "table__wide__updater": "ftrl"}}
    for name, options in variants.items():
        train(f"{name}-1", **options)
        found = digest(f"{name}-1")
        train(f"{name}-2", 2, 4, **options)
        expect_equal(digest(f"{name}-2"), found, f"digest of {name}, 2 servers and 4 workers")
        train(f"{name}-3", 3, 2, mpi=True, **options)
        expect_equal(digest(f"{name}-3"), found, f"digest of {name}, mpirun with 3 servers, 2 workers")


def threads_do_not_matter():
    train("threads-1", cluster__threads=1)
    train("threads-3", cluster__threads=3, train__prefetch=5)
    expect_equal(digest("threads-3"), digest("threads-1"), "digest with 3 threads")


main(plain, batch_norm_adam_catch_up_dense_on_server_keep_best, each_alone, threads_do_not_matter)
