"""Files over 300 lines and functions over 70 need a reason: a comment `// long: why` in the file."""

import re

import source

FILE_LINES = 300
FUNCTION_LINES = 70
NOT_A_FUNCTION = re.compile(r"^\s*(namespace|class|struct|union|enum|extern|#|//|\}|public:|private:)")
TYPE = re.compile(r"^(template.*>\s*)?(class|struct|union)\b")
REASON = re.compile(r"^\s*// long: \S", re.MULTILINE)


def functions(lines, indent, first=0, last=None):
    """(name line, length) of the functions whose closing brace stands at `indent` blanks."""
    start = None
    end = " " * indent + "}"
    for number in range(first, len(lines) if last is None else last):
        line = lines[number]
        if line.startswith(end) and line.rstrip() in (end, end + ";"):
            if start is None:
                continue
            opening = lines[start]
            if TYPE.match(opening.strip()):
                yield from functions(lines, indent + 2, start + 1, number)
            elif line.rstrip() == end and not NOT_A_FUNCTION.match(opening):
                yield start, number - start + 1
            start = None
        elif re.match(" " * indent + r"[A-Za-z\[~]", line):
            start = number


def main():
    problems = []
    for name in source.sources():
        text = source.read(name)
        if REASON.search(text):
            continue
        lines = text.splitlines()
        if len(lines) > FILE_LINES:
            problems.append(f"{name}: {len(lines)} lines; split it, or say why: // long: ...")
        for start, length in functions(lines, 0):
            if length > FUNCTION_LINES:
                problems.append(f"{name}:{start + 1}: {length} lines: {lines[start].strip()}")
    source.report(problems, "sizes")


if __name__ == "__main__":
    main()
