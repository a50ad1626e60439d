"""How long a command's help takes, beside the bare libraries that print it."""

import resource
import subprocess
import sys

from benchmarks.report import Row, show

BARE = "import typer, typer.rich_utils, pydantic, rich.markdown, rich.table"
RUNS = 7


def seconds(*arguments: str) -> float:
    """Give the least processor time of a fresh process over several runs."""
    found = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, timeout=60)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return min(found)


def main() -> list[Row]:
    """Give the processor time of `foedus brief --help` and its ratio to the bare libraries."""
    bare = seconds("-c", BARE)
    ours = seconds("-m", "foedus", "brief", "--help")
    return [
        show(Row("help of a command, processor time (s)", ours, must=0.5, less=True)),
        show(Row("the same over the bare libraries", ours / bare, less=True)),
    ]
