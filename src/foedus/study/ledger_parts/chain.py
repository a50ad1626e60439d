"""The file of a ledger: read with every line verified, and only ever added to.

Each line carries the SHA-256 of the line before and a seal over itself. An edit, a removed or an
inserted line breaks the chain and is refused. What a chain cannot show is a tail cut off whole;
whoever needs that keeps the digest of the last line, which the report prints, somewhere else.
"""

import fcntl
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from foedus.study.ledger_parts.lines import (
    ForecastLine,
    Line,
    ResolutionLine,
    VoidLine,
    as_data,
    as_text,
    read_line,
    seal_of,
    sealed,
)
from foedus.world.errors import CannotWriteError, DamagedRecordError, UnknownNameError

NAME = "ledger.jsonl"
LOCK = "ledger.lock"
START = "0" * 64
BEGINNING = b'{"kind":"'
MAX_BYTES = 200_000_000
WAIT_SECONDS = 20.0


@dataclass(frozen=True)
class Chain:
    """A ledger as read.

    Args:
        lines: Its lines, oldest first.
        head: SHA-256 of the last line; zeros for an empty ledger.
        whole: Bytes taken up by whole lines.
        torn: An unfinished last line, left by an interrupted write; not among the lines.
        unended: The last line is whole but lacks its line break.
    """

    lines: tuple[Line, ...] = ()
    head: str = START
    whole: int = 0
    torn: bytes = b""
    unended: bool = False

    def forecasts(self) -> tuple[ForecastLine, ...]:
        """Give the forecasts issued."""
        return tuple(line for line in self.lines if isinstance(line, ForecastLine))

    def closed(self) -> dict[str, ResolutionLine | VoidLine]:
        """Give the line that closed each question, by id."""
        return {line.id: line for line in self.lines if not isinstance(line, ForecastLine)}

    def open(self) -> tuple[ForecastLine, ...]:
        """Give the forecasts that are neither resolved nor void."""
        done = self.closed()
        return tuple(line for line in self.forecasts() if line.id not in done)


def read_chain(folder: Path, *, must_exist: bool = True) -> Chain:
    """Read and verify a ledger, waiting for a writer to finish.

    Raises:
        UnknownNameError: There is no ledger in the folder.
        DamagedRecordError: A line was changed, removed, inserted or is not of a ledger.
    """
    if not os.path.lexists(folder / NAME):
        if os.path.lexists(folder) and not folder.is_dir():
            raise CannotWriteError(
                f"{folder} is not a folder",
                expected="a folder, or a name not yet taken",
                where="--folder",
                hint="name another folder",
            )
        if not must_exist:
            return Chain()
        raise UnknownNameError(
            f"there is no ledger in {folder}",
            expected=f"a folder that holds {NAME}",
            where="--folder",
            hint="foedus ledger issue CASE starts one",
        )
    with _locked(folder, shared=True):
        return _read(folder / NAME)


def append(
    folder: Path, make: Callable[[Chain], Sequence[Line]]
) -> tuple[Chain, tuple[Line, ...], str | None]:
    """Add lines at the end of a ledger, all or none.

    Args:
        folder: Folder of the ledger; made if it does not exist.
        make: Gives the lines to add, from the ledger as it stands under the lock.

    Returns:
        The ledger before, the lines added, and the name of the file an unfinished last line was
        set aside in, if there was one.

    Raises:
        DamagedRecordError: The ledger does not hold together; nothing is added.
        CannotWriteError: The lines cannot be written, or another writer does not finish.
    """
    path = folder / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            chain = _read(path) if os.path.lexists(path) else Chain()
            added, head = [], chain.head
            for line in make(chain):
                added.append(sealed(line, head))
                head = _digest(as_text(as_data(added[-1])).encode())
            aside = _write(path, chain, added) if added else None
        return chain, tuple(added), aside
    except (DamagedRecordError, CannotWriteError):
        raise
    except OSError as error:
        raise CannotWriteError(
            f"the ledger cannot be written ({error.strerror or error})",
            expected="a folder that exists or can be made, with space and write permission",
            where=str(folder),
            hint="name another folder with --folder; nothing was added",
        ) from error


def _read(path: Path) -> Chain:
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            raise _damaged(path, "it is not a plain file", "a plain file of JSON lines")
        if about.st_size > MAX_BYTES:
            raise _damaged(
                path, f"it has {about.st_size:,} bytes", f"no more than {MAX_BYTES:,} bytes"
            )
        content = path.read_bytes()
    except DamagedRecordError:
        raise
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error.strerror})", "a readable file") from error
    *whole, last = content.split(b"\n")
    unended = bool(last) and not _torn(last)
    if unended:
        whole.append(last)
    lines: list[Line] = []
    head = START
    for number, raw in enumerate(whole, start=1):
        lines.append(_verified(path, number, raw, head))
        head = _digest(raw)
    _story(path, lines)
    torn = b"" if unended else last
    return Chain(tuple(lines), head, len(content) - len(torn), torn, unended)


def _verified(path: Path, number: int, raw: bytes, head: str) -> Line:
    """Read one line and hold it against the chain and its own seal."""
    where = f"line {number}"
    try:
        text = raw.decode("utf-8")
        data = json.loads(text)
        if not isinstance(data, dict) or as_text(data) != text:
            raise ValueError("not one JSON object, written as the program writes it")
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"{where} cannot be read ({_first(error)})", "a whole line") from error
    if data.get("previous") != head:
        raise _damaged(
            path,
            f"{where} follows a line with SHA-256 {str(data.get('previous'))[:12]!r}",
            f"{head[:12]}, the SHA-256 of the line before; a line was changed, removed or inserted",
            where,
        )
    if data.get("seal") != seal_of(data):
        raise _damaged(
            path,
            f"{where} bears the seal {str(data.get('seal'))[:12]!r}",
            f"{seal_of(data)[:12]}, the SHA-256 of its content; the line was changed",
            where,
        )
    try:
        return read_line(text)
    except (ValueError, RecursionError) as error:
        raise _damaged(
            path, f"{where} is no line of a ledger ({_first(error)})", "its fields", where
        ) from error


def _story(path: Path, lines: Sequence[Line]) -> None:
    """Refuse a question issued twice, closed twice, or closed without having been issued."""
    issued: set[str] = set()
    closed: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if isinstance(line, ForecastLine):
            wrong = line.id in issued
            issued.add(line.id)
        else:
            wrong = line.id not in issued or line.id in closed
            closed.add(line.id)
        if wrong:
            raise _damaged(
                path,
                f"line {number} is a {line.kind} of {line.id} out of turn",
                "one forecast a question, then at most one resolution or void",
                f"line {number}",
            )


def _write(path: Path, chain: Chain, added: Sequence[Line]) -> str | None:
    """Add the lines in one piece; whatever goes wrong, the file is cut back to what it was."""
    text = b"".join(as_text(as_data(line)).encode() + b"\n" for line in added)
    aside = _set_aside(path.parent, chain.torn) if chain.torn else None
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    file = os.open(path, flags, 0o644)
    try:
        if chain.torn:
            os.ftruncate(file, chain.whole)
        try:
            _all(file, (b"\n" if chain.unended else b"") + text)
            os.fsync(file)
        except BaseException:
            os.ftruncate(file, chain.whole)
            raise
    finally:
        os.close(file)
    return aside


def _set_aside(folder: Path, torn: bytes) -> str:
    """Keep an unfinished line in a file of its own before the ledger goes on without it."""
    name = f"torn-{_digest(torn)[:12]}.txt"
    file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    try:
        _all(file, torn)
        os.fsync(file)
    finally:
        os.close(file)
    return name


def _all(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


@contextmanager
def _locked(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a ledger; a reader without write permission does without where none is."""
    flags = os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT
    try:
        file = os.open(folder / LOCK, flags | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    except OSError:
        if not shared:
            raise
        yield
        return
    try:
        until = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise CannotWriteError(
                        "another program holds the ledger",
                        expected=f"the lock free within {WAIT_SECONDS:.0f} seconds",
                        where=str(folder / LOCK),
                        hint="wait for the other foedus to finish, then run this again",
                    ) from None
                time.sleep(0.05)
        yield
    finally:
        os.close(file)


def _torn(raw: bytes) -> bool:
    """Tell the beginning of a line from a whole line and from something else altogether."""
    try:
        json.loads(raw)
    except (ValueError, RecursionError):
        return raw.startswith(BEGINNING) or BEGINNING.startswith(raw)
    return False


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _first(error: Exception) -> str:
    found = [line.strip() for line in str(error).splitlines() if line.strip()]
    return "; ".join(found[:3]) or type(error).__name__


def _damaged(path: Path, given: str, expected: str, line: str | None = None) -> DamagedRecordError:
    return DamagedRecordError(
        f"the ledger cannot be trusted: {given}",
        expected=expected,
        where=f"{path}, {line}" if line else str(path),
        hint="put back an unchanged copy; a ledger is never edited by hand",
    )
