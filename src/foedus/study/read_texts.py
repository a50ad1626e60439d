"""Read texts into coded events: as a stream, in blocks that are kept, here or on many workers."""

import datetime as dt
import json
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import IO

import polars as pl

from foedus.compute.executors import cores, run_all
from foedus.read.actors import Names
from foedus.read.documents import Document, documents, lines, text_files, whole
from foedus.read.events import Event, Reader
from foedus.read.language import language
from foedus.read.merge import merged, signature
from foedus.record.store import open_record
from foedus.world.errors import BadInputError, CannotWriteError

BLOCK_CHARACTERS = 400_000
QUAD_COLUMNS = {1: "verbcoop", 2: "matlcoop", 3: "verbconf", 4: "matlconf"}
_TYPES = {
    dt.date | None: pl.Date, str: pl.String, str | None: pl.String, int: pl.Int64,
    int | None: pl.Int64, float: pl.Float64,
}  # fmt: skip
SCHEMA = {
    **{field.name: _TYPES[field.type] for field in fields(Event)},  # type: ignore[index]
    "signature": pl.List(pl.UInt32),
}


@dataclass(frozen=True)
class TextEvents:
    """What came of texts.

    Args:
        events: One row a happening, in the order of the texts.
        documents: Documents read.
        sentences: Sentences that name an actor, and were put before the network.
        refused: Documents left out by language, as ISO 639-1 code.
        set_aside: Files and lines that could not be read: name, and why.
        bodies: Events left out because one side is a body of states; zero if they were kept.
    """

    events: pl.DataFrame
    documents: int
    sentences: int
    refused: dict[str, int]
    set_aside: list[tuple[str, str]]
    bodies: int


@dataclass(frozen=True)
class _Block:
    documents: tuple[Document, ...]
    threads: int


@dataclass(frozen=True)
class _Coded:
    rows: list[tuple[object, ...]]
    documents: int
    sentences: int
    refused: dict[str, int]


def read_texts(
    files: Sequence[str | Path],
    *,
    folder: str | Path | None = None,
    stdin: IO[bytes] | None = None,
    bodies: bool = False,
    place: str = "here",
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> TextEvents:
    """Read files and folders of text into coded events.

    Blocks that were coded are kept in the folder as they come, so that a run that was cut goes on
    where it stopped; the merged events are written there at the end as `events.parquet`, and their
    counts by pair and month as `monthly.csv`, which `foedus record add` takes.

    Args:
        files: Files and folders; `-` is standard input.
        folder: Where events and finished blocks are kept; nowhere if not given.
        stdin: Standard input.
        bodies: Whether to keep events in which one side is a body of states, such as the EU.
        place: Where to run: `here`, `processes`, `ray` or a `ray://` address.
        workers: Workers, if not here; as many as cores by default.
        progress: Called with what was done after each block.

    Raises:
        BadInputError: Nothing can be read, or the libraries of the extra `text` are not there.
        CannotWriteError: The folder cannot be written.
    """
    aside: list[tuple[str, str]] = []
    found = _documents(files, stdin, aside)
    with tempfile.TemporaryDirectory() as scratch:
        parts = _folder(Path(folder) if folder is not None else Path(scratch), files)
        counted: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        here = place == "here"
        wave = 1 if here else 4 * (workers or cores())
        blocks = _blocks(found, threads=cores() if here else 1)
        number = 0
        while jobs := list(islice(blocks, wave)):
            fresh = [i for i in range(len(jobs)) if not _part(parts, number + i).is_file()]
            results = (
                map(_code, [jobs[i] for i in fresh])
                if here
                else run_all(_code, [jobs[i] for i in fresh], place=place, workers=workers)
            )
            for i, coded in zip(fresh, results, strict=True):
                _keep(parts, number + i, coded)
            for i in range(len(jobs)):
                told = json.loads(_part(parts, number + i).with_suffix(".json").read_text())
                refused.update(told.pop("refused"))
                counted.update(told)
            number += len(jobs)
            progress(f"{counted['documents']} documents, {counted['sentences']} sentences")
        if not counted["documents"]:
            raise BadInputError(
                "there is nothing to read" + (f" ({aside[0][0]}: {aside[0][1]})" if aside else ""),
                expected="at least one document with text",
                where=", ".join(map(str, files)),
                hint="foedus read --help lists the kinds of file",
            )
        rows = pl.concat([pl.read_parquet(_part(parts, i)) for i in range(number)])
        between = pl.col("source_country").is_not_null() & pl.col("target_country").is_not_null()
        kept = rows if bodies else rows.filter(between)
        events = merged(kept)
        if folder is not None:
            _write(events, Path(folder) / "events.parquet")
            _write(monthly(events), Path(folder) / "monthly.csv")
    return TextEvents(
        events,
        counted["documents"],
        counted["sentences"],
        dict(refused),
        aside,
        rows.height - kept.height,
    )


def _documents(
    files: Sequence[str | Path], stdin: IO[bytes] | None, aside: list[tuple[str, str]]
) -> Iterator[Document]:
    paths = [Path(file) for file in files if str(file) != "-"]
    listed = text_files(paths) if paths else []
    if stdin is not None and any(str(file) == "-" for file in files):
        first = stdin.readline()
        if first.lstrip().startswith(b"{"):
            yield from lines(_Rest(first, stdin), "-", aside)
        else:
            yield from whole(first + stdin.read(), "-", "text")
    alone = len(listed) == 1
    for path in listed:
        try:
            yield from documents(path, aside)
        except BadInputError as error:
            if alone:
                raise
            aside.append((path.name, error.given))


class _Rest:
    """A stream whose first line was already taken."""

    def __init__(self, first: bytes, stream: IO[bytes]) -> None:
        self._first = first
        self._stream = stream

    def readline(self, most: int = -1) -> bytes:
        first, self._first = self._first, b""
        return first or self._stream.readline(most)


def _blocks(found: Iterator[Document], threads: int) -> Iterator[_Block]:
    held: list[Document] = []
    size = 0
    for document in found:
        held.append(document)
        size += len(document.text)
        if size >= BLOCK_CHARACTERS:
            yield _Block(tuple(held), threads)
            held, size = [], 0
    if held:
        yield _Block(tuple(held), threads)


def _code(block: _Block) -> _Coded:
    reader = _reader(block.threads)
    english, refused = [], Counter[str]()
    for document in block.documents:
        told = language(document.text)
        if told.english or not document.text.strip():
            english.append(document)
        else:
            refused[told.code] += 1
    sentences = list(reader.sentences(english))
    events = reader.code(sentences)
    rows = [(*asdict(event).values(), signature(event.sentence).tolist()) for event in events]
    return _Coded(rows, len(block.documents), len(sentences), dict(refused))


@cache
def _reader(threads: int) -> Reader:
    from foedus.read.coder import Coder

    record = open_record()
    codes = record.read("cameo_codes", columns=["code", "goldstein"])
    return Reader(Names(record), dict(codes.iter_rows()), Coder(threads=threads))


def _folder(folder: Path, files: Sequence[str | Path]) -> Path:
    """Give the folder of finished blocks, one for each set of inputs and network."""
    network = resources.files("foedus.read").joinpath("network/coder.onnx")
    seen = f"{len(network.read_bytes()) if network.is_file() else 0}"
    for file in files:
        path = Path(file)
        for one in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if one.is_file():
                seen += f"|{one}|{one.stat().st_size}|{one.stat().st_mtime_ns}"
    parts = folder / f"blocks-{zlib.crc32(seen.encode()):08x}"
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot(folder, error) from error
    return parts


def _part(parts: Path, number: int) -> Path:
    return parts / f"{number:06d}.parquet"


def _keep(parts: Path, number: int, coded: _Coded) -> None:
    told = {"documents": coded.documents, "sentences": coded.sentences, "refused": coded.refused}
    path = _part(parts, number)
    try:
        path.with_suffix(".json").write_text(json.dumps(told))
    except OSError as error:
        raise _cannot(parts, error) from error
    _write(pl.DataFrame(coded.rows, schema=SCHEMA, orient="row"), path)


def monthly(events: pl.DataFrame) -> pl.DataFrame:
    """Count events by directed pair of states, month and quad class, as the record keeps them.

    Events without a day, inside a state, or with a side the state list does not hold are left out.
    """
    between = events.filter(
        pl.col("date").is_not_null() & (pl.col("source_ccode") != pl.col("target_ccode"))
    )
    return (
        between.group_by(
            ccode1="source_ccode", ccode2="target_ccode", month=pl.col("date").dt.truncate("1mo")
        )
        .agg(
            *((pl.col("quad") == quad).sum().alias(name) for quad, name in QUAD_COLUMNS.items()),
            goldstein=pl.col("goldstein").mean(),
        )
        .sort("ccode1", "ccode2", "month")
    )


def _write(frame: pl.DataFrame, path: Path) -> None:
    partial = path.with_suffix(".partial")
    try:
        if path.suffix == ".csv":
            frame.write_csv(partial)
        else:
            frame.write_parquet(partial)
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise _cannot(path.parent, error) from error


def _cannot(folder: Path, error: OSError) -> CannotWriteError:
    return CannotWriteError(
        f"{folder} cannot be written ({error.strerror or error})",
        expected="a folder with write permission and free space",
        where="--output",
        hint="name another folder",
    )
