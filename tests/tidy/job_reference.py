"""docs/job_reference.md lists exactly the options of `rookery job-options`: job_reference.py ROOKERY.

A row is  | `path` | type | default | meaning |. With --print it writes the rows of all options."""

import json
import re
import subprocess
import sys

import source

PAGE = "docs/job_reference.md"
CELL = r"((?:[^|\\]|\\.)*)"  # a bar inside a cell is written \|
ROW = re.compile(rf"^\| `([^`]+)` \| {CELL} \| {CELL} \| {CELL} \|$", re.MULTILINE)


def row_of(option):
    kind = option["type"] + (f", {option['unit']}" if option["unit"] else "")
    default = f"`{option['default']}`" if option["default"] else "none"
    meaning = option["meaning"].replace("|", "\\|")
    if option["choices"]:
        names = ", ".join(f"`{name}`" if name else "`\"\"`" for name in option["choices"])
        meaning += f". One of {names}"
    return option["path"], kind, default.replace("|", "\\|"), meaning


def main():
    out = subprocess.run([sys.argv[1], "job-options"], check=True, capture_output=True, text=True)
    wanted = {row[0]: row for row in map(row_of, json.loads(out.stdout))}
    if "--print" in sys.argv:
        for path, *cells in wanted.values():
            print(f"| `{path}` | {' | '.join(cells)} |")
        return
    documented = {row[0]: row for row in ROW.findall(source.read(PAGE))}
    problems = [f"{PAGE}: {path} is not documented" for path in wanted if path not in documented]
    problems += [f"{PAGE}: {path} does not exist" for path in documented if path not in wanted]
    for path, row in wanted.items():
        found = documented.get(path, row)
        for cell, have, want in zip(("type", "default"), found[1:3], row[1:3]):
            if have != want:
                problems.append(f"{PAGE}: {path}: {cell} is {want}, the page says {have}")
    source.report(problems, "job reference")


if __name__ == "__main__":
    main()
