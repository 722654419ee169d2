"""Every #include obeys the table of layers.txt, and third-party headers stay behind their borders."""

import fnmatch
import re

import source

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def read_table():
    allowed, borders = {}, []
    for line in source.read("tests/tidy/layers.txt").splitlines():
        line = line.split("#")[0].strip()
        if not line:
            continue
        name, values = line.split(":", 1)
        if name.startswith("border "):
            borders.append((name.removeprefix("border ").strip(), values.split()))
        else:
            allowed[name] = values.split()
    return allowed, borders


def check(name, text, allowed, borders):
    folder = name.split("/")[0]
    for match in INCLUDE.finditer(text):
        included = match.group(2)
        line = text.count("\n", 0, match.start()) + 1
        target = included.split("/")[0]
        if match.group(1) == '"':
            may = allowed[folder] + [folder]
            if target not in allowed:
                yield f'{name}:{line}: "{included}": write includes from the repository root'
            elif "*" not in may and target not in may and included not in may:
                yield f"{name}:{line}: {folder}/ may not include {included} (tests/tidy/layers.txt)"
        for pattern, files in borders:
            if fnmatch.fnmatch(included, pattern) and \
                    not any(fnmatch.fnmatch(name, file) for file in files):
                yield f"{name}:{line}: <{included}> belongs in {' '.join(files)} only"


def main():
    allowed, borders = read_table()
    problems = []
    for name in source.sources():
        problems += check(name, source.read(name), allowed, borders)
    source.report(problems, "layers")


if __name__ == "__main__":
    main()
