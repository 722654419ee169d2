"""The documents speak of what exists: every folder has its line, every link a target, and no file
holds a path of the machine it was written on."""

import re

import source

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
# A home directory or a work directory of somebody's machine; parts joined so as not to match here.
MACHINE = re.compile("/" + r"(?:home|Users|root|work)/[\w.+-]+")


def folders():
    page = "docs/architecture.md"
    if not (source.ROOT / page).exists():
        yield f"{page}: is missing"
        return
    text = source.read(page)
    for folder in source.FOLDERS + ["docs"]:
        if f"`{folder}/`" not in text:
            yield f"{page}: says nothing of `{folder}/`"


def links():
    for name in source.tracked(".md"):
        for match in LINK.finditer(source.read(name)):
            target = (source.ROOT / name).parent / match.group(1)
            if not target.exists():
                yield f"{name}: links to {match.group(1)}, which does not exist"


def machine_paths():
    endings = (".h", ".cc", ".md", ".py", ".txt", ".toml", ".json", "setup", "test", "quickstart",
               "run", ".sh")
    for name in source.tracked(*endings):
        for match in MACHINE.finditer(source.read(name)):
            yield f"{name}: a path of one machine: {match.group(0)}"


if __name__ == "__main__":
    source.report([*folders(), *links(), *machine_paths()], "docs")
