#!/usr/bin/env python3
"""Makes csv files of MovieLens 100k for the jobs launch/jobs/ml100k-*.toml that say so: ratings with
the attributes of user and item and with what both have in the training part.

  launch/data/ml100k.py OUTPUT                official first fold: u1.base, u1.test
  launch/data/ml100k.py OUTPUT --fold 2       part 2 of five random parts of u.data is the test
  launch/data/ml100k.py OUTPUT --valid 0.1    a share of the training part, for choosing settings
  launch/data/ml100k.py OUTPUT --new-items 0.1  the test has all ratings of a share of the items

Reads ROOKERY_DATA/ml-100k. Writes train.csv, test.csv and, with --valid, valid.csv to OUTPUT; their
columns are COLUMNS. `seen` and `raters` are of train.csv alone: a test rating is in no list.
`seen_rated` and `raters_rated` have item:rating and user:rating, but never the line's own. `liked` is
1 for ratings of 4 and 5, `loved` for those of 5; `before` has what the user liked in the training
part before the line's rating, in the order of time.
"""
import argparse
import csv
import gzip
import os
import pathlib
import random

COLUMNS = ("user item rating age gender occupation genres year week weekday seen raters "
           "seen_rated raters_rated liked loved before").split()
GENRES = ("unknown action adventure animation children comedy crime documentary drama fantasy noir "
          "horror musical mystery romance sci-fi thriller war western").split()
SECONDS_OF_A_DAY = 86400
LIKED, LOVED = 4, 5


def ratings(path):
    with gzip.open(path, "rt", encoding="ascii") as lines:
        return [tuple(int(cell) for cell in line.split()) for line in lines]


def users(folder):
    with open(folder / "u.user", encoding="ascii") as lines:
        rows = (line.rstrip("\n").split("|") for line in lines)
        return {int(row[0]): (int(row[1]) // 5 * 5, row[2], row[3]) for row in rows}


def items(folder):
    with open(folder / "u.item", encoding="latin-1") as lines:
        rows = (line.rstrip("\n").split("|") for line in lines)
        return {int(row[0]): ("|".join(g for g, flag in zip(GENRES, row[5:]) if flag == "1"),
                              row[2][-4:]) for row in rows}


def split(folder, arguments):
    """Training part and test part."""
    if arguments.fold is None and not arguments.new_items:
        return ratings(folder / "u1.base.gz"), ratings(folder / "u1.test.gz")
    rows = ratings(folder / "u.data.gz")
    random.Random(arguments.seed).shuffle(rows)
    if arguments.new_items:
        names = sorted({item for _, item, _, _ in rows})
        new = set(random.Random(arguments.seed).sample(names, int(len(names) * arguments.new_items)))
        return [row for row in rows if row[1] not in new], [row for row in rows if row[1] in new]
    part = [row for i, row in enumerate(rows) if i % 5 == arguments.fold - 1]
    return [row for i, row in enumerate(rows) if i % 5 != arguments.fold - 1], part


def partners(train):
    """Of the training part: of each user the items and ratings, of each item the users and ratings, and
    of each user the times of what he liked with the items, in their order."""
    seen, raters, liked = {}, {}, {}
    for user, item, rating, time in train:
        seen.setdefault(user, []).append((item, rating))
        raters.setdefault(item, []).append((user, rating))
        if rating >= LIKED:
            liked.setdefault(user, []).append((time, item))
    return seen, raters, {user: sorted(events) for user, events in liked.items()}


def names(partners):
    return "|".join(str(name) for name, _ in partners)


def others(partners, own):
    return "|".join(f"{name}:{rating}" for name, rating in partners if name != own)


def earlier(events, now):
    return "|".join(str(item) for time, item in events if time < now)


def write(path, rows, tables):
    user_of, item_of, seen, raters, liked = tables
    with open(path, "w", newline="", encoding="ascii") as out:
        table = csv.writer(out)
        table.writerow(COLUMNS)
        for user, item, rating, time in rows:
            day = time // SECONDS_OF_A_DAY
            of_user, of_item = seen.get(user, []), raters.get(item, [])
            table.writerow([user, item, rating, *user_of[user], *item_of[item], day // 7, day % 7,
                            names(of_user), names(of_item), others(of_user, item),
                            others(of_item, user), int(rating >= LIKED), int(rating >= LOVED),
                            earlier(liked.get(user, []), time)])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--fold", type=int, choices=range(1, 6))
    parser.add_argument("--valid", type=float, default=0.0)
    parser.add_argument("--new-items", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1, help="of the random parts")
    arguments = parser.parse_args()
    if "ROOKERY_DATA" not in os.environ:
        parser.error("ROOKERY_DATA is not set: the directory that holds ml-100k/")
    folder = pathlib.Path(os.environ["ROOKERY_DATA"]) / "ml-100k"
    train, test = split(folder, arguments)
    random.Random(arguments.seed).shuffle(train)
    held_out = int(len(train) * arguments.valid)
    valid, train = train[:held_out], train[held_out:]
    tables = (users(folder), items(folder), *partners(train))
    arguments.output.mkdir(parents=True, exist_ok=True)
    write(arguments.output / "train.csv", train, tables)
    write(arguments.output / "test.csv", test, tables)
    if valid:
        write(arguments.output / "valid.csv", valid, tables)


if __name__ == "__main__":
    main()
