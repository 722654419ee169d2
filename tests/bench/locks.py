#!/usr/bin/env python3
"""Counts the mutexes that a training step locks: two runs of one job, A and B steps long, under a
library that counts pthread_mutex_lock and pthread_mutex_trylock.

  python3 tests/bench/locks.py JOB.toml [--rookery build/release/rookery] [--steps A B] [--set KEY=VALUE ...]

Prints the difference of the two runs per step, to be held against the keys of a step: a lock in the row
path would come once a key. Needs a C compiler.
"""
import argparse
import os
import subprocess
import tempfile

COUNTER = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
static atomic_ullong locks;
static int (*next_lock)(pthread_mutex_t*);
static int (*next_trylock)(pthread_mutex_t*);
__attribute__((constructor)) static void find(void) {
  next_lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
  next_trylock = dlsym(RTLD_NEXT, "pthread_mutex_trylock");
}
__attribute__((destructor)) static void say(void) {
  FILE* file = fopen(getenv("LOCKS_FILE"), "w");
  if (file == NULL) return;
  fprintf(file, "%llu", (unsigned long long)locks);
  fclose(file);
}
int pthread_mutex_lock(pthread_mutex_t* mutex) {
  atomic_fetch_add_explicit(&locks, 1, memory_order_relaxed);
  if (next_lock == NULL) find();
  return next_lock(mutex);
}
int pthread_mutex_trylock(pthread_mutex_t* mutex) {
  atomic_fetch_add_explicit(&locks, 1, memory_order_relaxed);
  if (next_trylock == NULL) find();
  return next_trylock(mutex);
}
"""


def build(folder):
    source = os.path.join(folder, "locks.c")
    with open(source, "w", encoding="utf-8") as file:
        file.write(COUNTER)
    library = os.path.join(folder, "locks.so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", source, "-o", library, "-ldl"], check=True)
    return library


def count(options, library, steps, folder):
    result = os.path.join(folder, f"{steps}.count")
    command = [options.rookery, "train", options.job, "--run", os.path.join(folder, f"run-{steps}"),
               "--set", f"train.max_steps={steps}"] + [w for s in options.set for w in ("--set", s)]
    environment = {**os.environ, "LD_PRELOAD": library, "LOCKS_FILE": result}
    subprocess.run(command, check=True, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    with open(result, encoding="utf-8") as file:
        return int(file.read())


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("job")
    parser.add_argument("--rookery", default=os.path.join(here, "../../build/release/rookery"))
    parser.add_argument("--steps", type=int, nargs=2, default=[110, 310])
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = build(folder)
        few, many = (count(options, library, steps, folder) for steps in options.steps)
    print(f"{(many - few) / (options.steps[1] - options.steps[0]):.1f} mutexes locked per step")


if __name__ == "__main__":
    main()
