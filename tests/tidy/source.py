"""What the tidy tests share: the repository's files and the way they report."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["common", "io", "net", "protocol", "data", "models", "scheduler", "ps", "worker",
           "serving", "launch", "tests"]


def tracked(*endings):
    """Paths (relative, sorted) of the files git knows or would add, that end so."""
    try:
        out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                             cwd=ROOT, check=True, capture_output=True, text=True)
        names = out.stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):  # no git, or a copy without .git
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")
                 if path.is_file() and path.relative_to(ROOT).parts[0] not in ("build", "runs", ".venv")]
    return sorted(name for name in set(names)
                  if name.endswith(endings) and (ROOT / name).is_file())


def sources():
    return [name for name in tracked(".h", ".cc") if name.split("/")[0] in FOLDERS]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def report(problems, what):
    """Prints the problems and ends the program."""
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problems" if problems else f"{what}: ok")
    sys.exit(1 if problems else 0)
