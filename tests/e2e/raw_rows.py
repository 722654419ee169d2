"""Raw rows and what an export makes of them, by code that shares nothing with Rookery.

Reads the "data" member of an export's schema.json; transforms and keys are computed again from it.
Needs the packages numpy and xxhash.
"""
import bisect
import csv
import gzip
import io
import math

import numpy as np
import xxhash


def hash_text(data, seed):
    if isinstance(data, str):
        data = data.encode("latin-1")  # files are read byte for byte
    return xxhash.xxh3_64_intdigest(data, seed)


def name_seed(name, salt):
    return xxhash.xxh3_64_intdigest(name.encode("utf-8"), salt)


def signed(key):
    return key - (1 << 64) if key >= 1 << 63 else key


class Schema:
    """The "data" member of schema.json: raw cells -> keys, weights and numeric inputs."""

    def __init__(self, document):
        data = document["data"]
        self.fitted = data
        self.text = data["schema"]
        self.columns = self.text["columns"]
        self.pairs = self.text["format"] == "libsvm"
        self.numeric_columns = [c["name"] for c in self.columns if c["type"] == "numeric"]

    def seed(self, space):
        return name_seed(space, self.text["salt"])

    def transform(self, column, number):
        statistics = self.fitted["statistics"][self.numeric_columns.index(column["name"])]
        number = float(np.float32(number))
        kind = column["transform"]
        if kind == "log":
            return np.float32(math.copysign(math.log1p(abs(number)), number))
        if kind == "none":
            return np.float32(number)
        if kind == "min_max":
            low, width = statistics["minimum"], statistics["maximum"] - statistics["minimum"]
        else:
            low, width = statistics["mean"], statistics["standard_deviation"]
        return np.float32((number - low) / (width if width > 0 else 1.0))

    def fill(self, column):
        if column["fill"] is not None:
            return column["fill"]
        return self.fitted["statistics"][self.numeric_columns.index(column["name"])]["mean"]

    def key(self, column, value):
        if column["key"] == "identity" and value:
            return int(value) % (1 << 64)
        return hash_text(value, self.seed(column["space"] or column["name"]))

    def split_pair(self, pair):
        if not self.pairs:
            return pair, 1.0
        if not pair:
            return "", 1.0
        index, value = pair.split(":")
        return index, float(np.float32(value))

    def encode(self, cells):
        """{column: cell} -> ({feature: [(key, weight)]}, [numeric])"""
        features, numeric, numbers = {}, [], {}
        for column in self.columns:
            name, kind = column["name"], column["type"]
            cell = cells.get(name, "")
            if cell in self.text["missing"]:
                cell = ""
            if kind == "numeric":
                value = self.split_pair(cell)[1] if self.pairs and cell else cell
                numbers[name] = None if cell == "" else float(np.float32(value))
                if column["input"]:
                    raw = self.fill(column) if cell == "" else numbers[name]
                    numeric.append(self.transform(column, raw))
            elif kind == "vector":
                cells_of = cell.split(column["separator"]) if cell else ["0"] * column["dim"]
                numeric.extend(np.float32(value) for value in cells_of)
            elif kind == "categorical":
                index, weight = self.split_pair(cell)
                features[name] = [(self.key(column, index), weight)]
            elif kind == "list":
                items = cell.split() if self.pairs else cell.split(column["separator"])
                items = [self.split_pair(item) for item in items if item]
                if column["length_max"]:
                    last = column.get("keep") == "last"
                    items = items[-column["length_max"] :] if last else items[: column["length_max"]]
                features[name] = [(self.key(column, index), weight) for index, weight in items]
        self.derive(features, numbers)
        return features, numeric

    def derive(self, features, numbers):
        for bucket, boundaries in zip(self.text["buckets"], self.fitted["bucket_boundaries"]):
            number = numbers[bucket["column"]]
            text = "" if number is None else str(bisect.bisect_right(boundaries, number))
            features[bucket["name"]] = [(hash_text(text, self.seed(bucket["name"])), 1.0)]
        for cross in self.text["crosses"]:
            parts = b"".join(features[part][0][0].to_bytes(8, "little") for part in cross["parts"])
            features[cross["name"]] = [(hash_text(parts, self.seed(cross["name"])), 1.0)]


def open_text(path):
    with open(path, "rb") as file:
        raw = file.read()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    return io.StringIO(raw.decode("latin-1"), newline="\n")


def read_lines(schema, path):
    for line in open_text(path):
        line = line.rstrip("\n").rstrip("\r")
        prefixes = schema.text["skip_prefixes"]
        if not line.strip(" \t") or any(line.startswith(prefix) for prefix in prefixes):
            continue
        if schema.pairs and line.lstrip(" \t").startswith("#"):
            continue
        yield line


def split_delimited(schema, line):
    text = schema.text
    if text["quote"]:
        cells = next(csv.reader([line], delimiter=text["delimiter"], quotechar=text["quote"],
                                skipinitialspace=text["trim"]))
    else:
        cells = line.split(text["delimiter"])
    return [cell.strip(" \t") for cell in cells] if text["trim"] else cells


def read_cells(schema, paths):
    """Yields {column: cell} for every example."""
    names = [column["name"] for column in schema.columns]
    features = [column for column in schema.columns if column["type"] != "label"]
    for path in paths:
        header = None
        for line in read_lines(schema, path):
            if schema.pairs:
                words = line.split("#")[0].split()
                if words and ":" not in words[0]:
                    words = words[1:]
                if len(features) == 1 and features[0]["type"] == "list":
                    yield {features[0]["name"]: " ".join(words)}
                else:
                    yield {column["name"]: word for column, word in zip(features, words)}
                continue
            cells = split_delimited(schema, line)
            if schema.text["header"] and header is None:
                header = cells
                continue
            if header is None and len(cells) == len(features) < len(names):  # without its labels
                yield dict(zip([column["name"] for column in features], cells))
            else:
                yield dict(zip(header or names, cells))


def change(schema, cells, kind):
    """A raw row with every second value unseen (kind 0), missing (1) or either (2)."""
    changed = dict(cells)
    for i, column in enumerate(schema.columns):
        name = column["name"]
        if column["type"] not in ("categorical", "list", "numeric") or (i + kind) % 2:
            continue
        numeric = column["type"] == "numeric"
        if schema.pairs:
            unseen = f"{900000001 + i}:0.5"
            if column["type"] == "list":
                kept = cells[name].split()[::2]
                changed[name] = " ".join(kept + [unseen] if kind != 1 else kept)
            elif not numeric and name in cells:
                changed[name] = unseen
        elif kind == 1 or (kind == 2 and i % 3 == 0) or numeric:
            changed[name] = ""
        else:
            changed[name] = (f"-{900000001 + i}" if column["key"] == "identity"
                             else f"never seen {i}")
    return changed


def write_rows(schema, rows, path):
    """Rows in the format of the data, with label 0."""
    with open(path, "w", encoding="latin-1", newline="\n") as file:
        columns = schema.columns
        if schema.pairs:
            for cells in rows:
                words = [cells[c["name"]] for c in columns if c["name"] in cells
                         and c["type"] != "label"]
                file.write(" ".join(["0"] + words) + "\n")
            return
        delimiter, quote = schema.text["delimiter"], schema.text["quote"]

        def cell_text(column, cells):
            cell = cells.get(column["name"], "")
            if column["type"] == "label":
                return (column["positive"] or ["0"])[0] if cell == "" else cell
            needs = quote and (delimiter in cell or quote in cell)
            return quote + cell.replace(quote, quote * 2) + quote if needs else cell

        if schema.text["header"]:
            file.write(delimiter.join(column["name"] for column in columns) + "\n")
        for cells in rows:
            file.write(delimiter.join(cell_text(column, cells) for column in columns) + "\n")
