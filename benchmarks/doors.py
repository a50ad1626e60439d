"""How long a command's help takes, beside the bare libraries that print it."""

import resource
import subprocess
import sys

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


def main() -> None:
    """Print the processor time of `foedus brief --help` and its ratio to the bare libraries."""
    bare = seconds("-c", BARE)
    ours = seconds("-m", "foedus", "brief", "--help")
    sys.stdout.write(
        f"help: {ours:.2f} s of processor time, {ours / bare:.1f} times the bare libraries\n"
    )
