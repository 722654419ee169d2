"""What the end-to-end tests share: the real binary, made-up data, jobs, whole clusters of processes.

A test is a script whose cases are functions; `main(case, ...)` runs them in a directory of their own and
prints one line for each. Exit status 0: all passed; 1: one did not; 77: skipped, with the reason.
"""
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.path.abspath(
    os.environ.get("ROOKERY_BIN", os.path.join(ROOT, "build", "release", "rookery")))
DATA = os.environ.get("ROOKERY_DATA", os.path.join(os.path.dirname(ROOT), "shared", "data"))
PYTHON = os.path.join(ROOT, ".venv", "bin", "python")  # made by launch/setup
SKIPPED = 77
TIMEOUT_SECONDS = 120
GRACE_SECONDS = 2  # for processes that mpirun has signalled and not awaited

# Small enough for a run of a second, large enough for 24 steps, an uneven last batch in each epoch,
# several leases and every bucket range.
JOB = """seed = 7
[data]
format = "criteo"
train = ["train.tsv"]
valid = ["valid.tsv"]
chunk_examples = 128
shuffle_window = 1024
[model]
name = "deepfm"
hidden = [16, 8]
dropout = 0.1
[table.default]
dim = 4
[train]
mode = "sync"
slices = 4
batch_size = 256
epochs = 2
"""
TRAIN_ROWS = 3000


class Failure(Exception):
    """An expectation that does not hold."""

    def __str__(self):
        return " ".join(map(str, self.args))


class Result:
    """An ended command: its words, status and both outputs, and which processes it left behind."""

    def __init__(self, words, status, out, err, left=()):
        self.words, self.status, self.out, self.err, self.left = words, status, out, err, left

    def __str__(self):
        return f"{' '.join(self.words)}\nstatus {self.status}\n{self.out}{self.err}"


def expect(holds, *message):
    if not holds:
        raise Failure(*message)


def expect_equal(found, wanted, what):
    expect(found == wanted, f"{what}: found {found!r}, expected {wanted!r}")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def need_data():
    if not os.path.isdir(DATA):
        skip(f"ROOKERY_DATA: there is no directory {DATA}")
    os.environ["ROOKERY_DATA"] = DATA


def need_venv():
    if not os.path.exists(PYTHON):
        skip(f"{PYTHON} is absent; launch/setup makes it")


class Cluster:
    """A started command with all processes it starts, found by a mark in their environment."""

    def __init__(self, words):
        self.words = words
        self.mark = f"ROOKERY_E2E={uuid.uuid4().hex}"
        environment = dict([self.mark.split("=")], **os.environ)
        self.outputs = [tempfile.TemporaryFile("w+", errors="replace") for _ in range(2)]
        self.process = subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL,
                                        stdout=self.outputs[0], stderr=self.outputs[1])

    def pids(self):
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    marks = file.read().split(b"\0")
            except OSError:
                continue
            if self.mark.encode() in marks:
                found.append(int(name))
        return found

    def ranks(self):
        """{rank: pid} of the processes that mpirun started."""
        found = {}
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    variables = dict(v.partition(b"=")[::2] for v in file.read().split(b"\0"))
            except OSError:
                continue
            if b"OMPI_COMM_WORLD_RANK" in variables:
                found[int(variables[b"OMPI_COMM_WORLD_RANK"])] = pid
        return found

    def kill(self):
        """SIGKILL to every process; returns when none is left."""
        deadline = time.monotonic() + 20
        while pids := self.pids():
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.poll()
            expect(time.monotonic() < deadline, "processes survive SIGKILL:", pids)
            time.sleep(0.01)
        self.process.wait()

    def output(self):
        """What was printed so far. The processes write on where the file stands: it is not moved."""
        texts = []
        for file in self.outputs:
            size = os.fstat(file.fileno()).st_size
            texts.append(os.pread(file.fileno(), size, 0).decode(errors="replace"))
        return texts

    def wait(self, timeout=TIMEOUT_SECONDS):
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure(f"no end after {timeout} s:",
                          Result(self.words, "none", *self.output())) from None
        deadline = time.monotonic() + GRACE_SECONDS
        while (left := self.pids()) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.kill()
        return Result(self.words, status, *self.output(), left)


def rookery(*words, ranks=0):
    """The words of a command; with `ranks` it runs under mpirun."""
    launch = ["launch", "-n", str(ranks)] if ranks else []
    return [BINARY, *launch, *map(str, words)]


def run(*words, ranks=0, status=0, timeout=TIMEOUT_SECONDS):
    result = Cluster(rookery(*words, ranks=ranks)).wait(timeout)
    expect(status is None or result.status == status, f"expected status {status}:", result)
    return result


def sets(options):
    """{"train.epochs": 1} -> --set train.epochs=1"""
    words = []
    for key, value in options.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        words += ["--set", f"{key}={text}"]
    return words


def train(directory, servers=1, workers=1, mpi=False, job="job.toml", more=(), status=0, **options):
    """Trains into `directory`; options are of the job, with "__" for the dot."""
    return run(*train_words(directory, servers, workers, job, more, **options), status=status,
               ranks=1 + servers + workers if mpi else 0)


def train_words(directory, servers=1, workers=1, job="job.toml", more=(), **options):
    changes = {"cluster.servers": servers, "cluster.workers": workers}
    changes.update({key.replace("__", "."): value for key, value in options.items()})
    return ["train", job, "--run", directory, *more, *sets(changes)]


def digest(path):
    words = run("inspect", path, "--digest").out.split()
    expect(len(words) == 2 and words[0] == "digest", "inspect --digest printed", words)
    return words[1]


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def summary(directory):
    return read_json(os.path.join(directory, "summary.json"))


def current(directory):
    """The newest checkpoint of a run."""
    with open(os.path.join(directory, "checkpoints", "CURRENT"), encoding="ascii") as file:
        return os.path.join(directory, "checkpoints", file.read().strip())


def write(path, text):
    with open(path, "w" if isinstance(text, str) else "wb") as file:
        file.write(text)


def contents(directory):
    """{path: hash} of all files below."""
    found = {}
    for folder, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[path] = hashlib.sha256(file.read()).hexdigest()
    return found


def make_data(rows=TRAIN_ROWS, ids=50, job=JOB):
    """train.tsv, valid.tsv and job.toml in the directory where we are."""
    run("synth", "--rows", rows, "--ids", ids, "--seed", 1, "--out", "train.tsv")
    run("synth", "--rows", 800, "--ids", ids, "--seed", 2, "--out", "valid.tsv")
    write("job.toml", job)


def main(*cases):
    """Runs the cases in one empty directory, which is kept when one fails."""
    if not os.path.exists(BINARY):
        print(f"{BINARY} is absent: build it, or name another one by ROOKERY_BIN")
        sys.exit(1)
    place = tempfile.mkdtemp(prefix="rookery-e2e-")
    os.chdir(place)
    failed = 0
    for case in cases:
        begin = time.monotonic()
        try:
            case()
            word = "passed"
        except Failure as failure:
            word, failed = "FAILED", failed + 1
            print(failure)
        except Exception:  # a defect of the test is a failure as well
            word, failed = "FAILED", failed + 1
            traceback.print_exc(file=sys.stdout)
        print(f"{word}: {case.__name__} ({time.monotonic() - begin:.1f} s)", flush=True)
    os.chdir(ROOT)
    if failed:
        print(f"files are in {place}")
    else:
        shutil.rmtree(place)
    sys.exit(1 if failed else 0)
