"""Every header compiles alone: headers.py BUILD_DIR, with the flags of its compile_commands.json.

A header is compiled again only when its preprocessed text changed (hashes in BUILD_DIR/tidy)."""

import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys

import source


def flags_by_folder(build):
    """Of the first source file of each folder; tests' flags serve headers in tests."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        try:
            folder = str(pathlib.Path(entry["file"]).relative_to(source.ROOT)).split("/")[0]
        except ValueError:
            continue
        words = shlex.split(entry["command"])
        kept, skip = [], False
        for word in words[1:]:
            if skip:
                skip = False
            elif word in ("-o", "-c"):
                skip = True
            elif word[:2] in ("-I", "-D", "-W", "-f", "-m", "-s") or word == "-isystem":
                kept.append(word)
            elif kept and kept[-1] == "-isystem":
                kept.append(word)
        flags.setdefault(folder, kept)
    return flags


def check(name, flags, cache):
    """What the compiler says, or ''."""
    # Included by an empty file: "#pragma once" is a warning in a main file.
    compiler = ["g++", *flags, "-w", "-include", str(source.ROOT / name), "-x", "c++", "/dev/null"]
    expanded = subprocess.run([*compiler, "-E", "-P"], capture_output=True, check=False)
    if expanded.returncode != 0:
        return expanded.stderr.decode(errors="replace")
    stamp = cache / hashlib.sha256(" ".join(flags).encode() + expanded.stdout).hexdigest()
    if stamp.exists():
        return ""
    done = subprocess.run([*compiler, "-fsyntax-only"], capture_output=True, check=False)
    if done.returncode == 0:
        stamp.touch()
        return ""
    return done.stderr.decode(errors="replace")


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    cache = build / "tidy"
    cache.mkdir(exist_ok=True)
    flags = flags_by_folder(build)
    names = [name for name in source.sources() if name.endswith(".h")]
    anyone = flags.get("tests") or flags["launch"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = pool.map(
            lambda name: check(name, flags.get(name.split("/")[0], anyone), cache), names)
        problems = [f"{name}: does not compile alone\n{answer}"
                    for name, answer in zip(names, answers) if answer]
    source.report(problems, f"headers ({len(names)})")


if __name__ == "__main__":
    main()
