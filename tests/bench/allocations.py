#!/usr/bin/env python3
"""Counts what a training step allocates, by place: heaptrack on two runs of one job, A and B steps long.

  python3 tests/bench/allocations.py JOB.toml [--rookery build/release/rookery] [--steps A B] [--set KEY=VALUE ...]

Prints the difference of the two runs per step. With A behind the end of the first epoch no row is
new any more between A and B: that is the steady state. Needs heaptrack and heaptrack_print.
"""
import argparse
import collections
import os
import re
import subprocess
import tempfile

# Frames that carry memory for others; the place is the first frame of ours that is none of these.
CARRIERS = re.compile(r"^(rookery::(UniqueFunction|Promise|Future|Buffer|StatusOr|Task|task_internal|BlockPool)\b"
                      r"|std::|void std::|operator new|__gnu|boost::|allocate|make_unique)")


def counts(rookery, job, steps, settings, folder):
    data = os.path.join(folder, f"steps-{steps}")
    command = ["heaptrack", "-o", data, rookery, "train", job, "--run", data + "-run",
               "--set", f"train.max_steps={steps}"] + [word for setting in settings for word in ("--set", setting)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # without -p0 and -T0 heaptrack_print also prints lists, which take a minute
    subprocess.run(["heaptrack_print", "-f", data + ".zst", "-F", data + ".txt", "-a0", "-p0", "-T0"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stacks = collections.Counter()
    with open(data + ".txt", encoding="utf-8") as file:
        for line in file:
            stack, _, count = line.rstrip().rpartition(" ")
            stacks[stack] += int(count)
    return stacks


def shorten(frame):
    while (plain := re.sub(r"<[^<>]*>|\([^()]*\)| const$|\[clone [^]]*\]", "", frame)) != frame:
        frame = plain
    return frame.split(" ")[-1].strip() or frame.strip()


def place(stack):
    """The two innermost functions of the program, or the library function that it called."""
    frames = [frame for frame in stack.split(";") if frame][::-1]
    library = next((frame for frame in frames if frame.startswith("dnnl_")), None)
    if library:
        return f"oneDNN: {shorten(library)}"
    ours = [frame for frame in frames if "rookery::" in frame and not CARRIERS.match(frame)]
    if not ours:
        return "libraries"
    names = []
    for frame in ours:
        name = shorten(frame).replace("rookery::", "")
        if name and name not in names:
            names.append(name)
    return " < ".join(names[:3])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job")
    parser.add_argument("--rookery", default="build/release/rookery")
    parser.add_argument("--steps", nargs=2, type=int, default=[110, 170], metavar=("A", "B"))
    parser.add_argument("--set", nargs="*", default=[])
    options = parser.parse_args()
    first, last = options.steps
    with tempfile.TemporaryDirectory() as folder:
        before, after = (counts(options.rookery, options.job, steps, options.set, folder) for steps in options.steps)
    places = collections.Counter()
    for stack in before.keys() | after.keys():
        places[place(stack)] += after[stack] - before[stack]
    print(f"allocations per step, steps {first} to {last}: {sum(places.values()) / (last - first):.1f}")
    for name, count in places.most_common():
        if abs(count) * 10 >= last - first:
            print(f"{count / (last - first):8.1f}  {name}")


if __name__ == "__main__":
    main()
