"""Read texts into coded events: as a stream, in blocks that are kept, here or on many workers."""

import datetime as dt
import json
import zlib
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib import resources
from pathlib import Path
from typing import IO, Any

import polars as pl

from foedus.compute.executors import cores, run_all
from foedus.read.actors import Names
from foedus.read.documents import Document, documents, lines, pieces, text_files, whole
from foedus.read.events import Event, Reader
from foedus.read.language import language
from foedus.read.merge import count_monthly, merge_files, signature
from foedus.record.store import open_record
from foedus.world.errors import BadInputError, CannotWriteError

BLOCK_CHARACTERS = 400_000
ROWS_AT_ONCE = 5_000
_TYPES = {
    dt.date | None: pl.Date, str: pl.String, str | None: pl.String, int: pl.Int64,
    int | None: pl.Int64, float: pl.Float64,
}  # fmt: skip
SCHEMA = {
    **{field.name: _TYPES[field.type] for field in fields(Event)},  # type: ignore[index]
    "signature": pl.Binary,
}


@dataclass(frozen=True)
class TextEvents:
    """What came of texts.

    Args:
        output: Parquet file of the events, one row a happening: by day, those of a day in the order
            of the texts, those without a day last.
        events: Events in it.
        documents: Documents read.
        sentences: Sentences that name an actor, and were put before the network.
        refused: Documents left out by language, as ISO 639-1 code; a long one is told by its start.
        set_aside: Files and lines that could not be read: name, and why.
        bodies: Events left out because one side is a body of states; zero if they were kept.
    """

    output: Path
    events: int
    documents: int
    sentences: int
    refused: dict[str, int]
    set_aside: list[tuple[str, str]]
    bodies: int

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give the events one after another, as a stream."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.output) as file:
            for batch in file.iter_batches(ROWS_AT_ONCE):
                yield from batch.to_pylist()


@dataclass(frozen=True)
class _Block:
    documents: tuple[Document, ...]
    threads: int


@dataclass(frozen=True)
class _Coded:
    rows: Sequence[tuple[object, ...]]
    documents: int
    sentences: int
    refused: dict[str, int]


def read_texts(
    files: Sequence[str | Path],
    folder: str | Path,
    *,
    stdin: IO[bytes] | None = None,
    bodies: bool = False,
    place: str = "here",
    workers: int | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> TextEvents:
    """Read files and folders of text into coded events, in memory that does not grow with them.

    Blocks that were coded are kept in the folder as they come, so that a run that was cut goes on
    where it stopped; the merged events are written there at the end as `events.parquet`, and their
    counts by pair and month as `monthly.csv`, which `foedus record add` takes.

    Args:
        files: Files and folders; `-` is standard input.
        folder: Where events and finished blocks are kept.
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
    here = place == "here"
    blocks = _blocks(_documents(files, stdin, aside), threads=cores() if here else 1)
    kept = _Kept(_folder(Path(folder), files), progress)
    fresh = kept.without(blocks)
    for coded in map(_code, fresh) if here else run_all(_code, fresh, place=place, workers=workers):
        kept.add(coded)
    if not kept.counted["documents"]:
        raise BadInputError(
            "there is nothing to read" + (f" ({aside[0][0]}: {aside[0][1]})" if aside else ""),
            expected="at least one document with text",
            where=", ".join(map(str, files)),
            hint="foedus read --help lists the kinds of file",
        )
    output = Path(folder) / "events.parquet"
    events, left_out = merge_files(kept.parts, output, bodies=bodies)
    count_monthly(output, Path(folder) / "monthly.csv")
    return TextEvents(
        output,
        events,
        kept.counted["documents"],
        kept.counted["sentences"],
        dict(kept.refused),
        aside,
        left_out,
    )


class _Kept:
    """Blocks that are coded, each a Parquet file of its rows with what was counted beside it.

    Args:
        folder: Where they are kept.
        progress: Called with what was done after each block.
    """

    def __init__(self, folder: Path, progress: Callable[[str], None]) -> None:
        self.parts: list[Path] = []
        self.counted: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._folder = folder
        self._progress = progress
        self._awaited: deque[tuple[int, Path]] = deque()

    def without(self, blocks: Iterator[_Block]) -> Iterator[_Block]:
        """Give the blocks that are not kept from an earlier run."""
        for number, block in enumerate(blocks):
            part = self._folder / f"{number:06d}-{_checksum(block):08x}.parquet"
            self.parts.append(part)
            if part.is_file():
                self._count(part)
            else:
                self._awaited.append((number, part))
                yield block

    def add(self, coded: _Coded) -> None:
        """Keep what came of the first block that is awaited."""
        number, part = self._awaited.popleft()
        told = {"documents": coded.documents, "sentences": coded.sentences,
                "refused": coded.refused}  # fmt: skip
        rows = pl.DataFrame(coded.rows, schema=SCHEMA, orient="row")
        partial = part.with_suffix(".partial")
        try:
            part.with_suffix(".json").write_text(json.dumps(told))
            rows.with_columns(block=pl.lit(number)).with_row_index("row").write_parquet(partial)
            partial.replace(part)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise _cannot(self._folder, error) from error
        self._count(part)

    def _count(self, part: Path) -> None:
        told = json.loads(part.with_suffix(".json").read_text())
        self.refused.update(told.pop("refused"))
        self.counted.update(told)
        self._progress(
            f"{self.counted['documents']} documents, {self.counted['sentences']} sentences"
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
        for part in pieces(document, BLOCK_CHARACTERS):
            held.append(part)
            size += len(part.text)
            if size >= BLOCK_CHARACTERS:
                yield _Block(tuple(held), threads)
                held, size = [], 0
    if held:
        yield _Block(tuple(held), threads)


def _checksum(block: _Block) -> int:
    found = 0
    for one in block.documents:
        found = zlib.crc32(f"{one.name}|{one.published}|{one.start}|{one.text}".encode(), found)
    return found


def _code(block: _Block) -> _Coded:
    reader = _reader(block.threads)
    english, refused = [], Counter[str]()
    for document in block.documents:
        told = language(document.text)
        if told.english or not document.text.strip():
            english.append(document)
        elif not document.start:
            refused[told.code] += 1
    sentences = list(reader.sentences(english))
    events = reader.code(sentences)
    rows = [(*asdict(event).values(), signature(event.sentence)) for event in events]
    whole = sum(not document.start for document in block.documents)
    return _Coded(rows, whole, len(sentences), dict(refused))


@cache
def _reader(threads: int) -> Reader:
    from foedus.read.coder import Coder

    record = open_record()
    codes = record.read("cameo_codes", columns=["code", "goldstein"])
    return Reader(Names(record), dict(codes.iter_rows()), Coder(threads=threads))


def _folder(folder: Path, files: Sequence[str | Path]) -> Path:
    """Give the folder of finished blocks, one for each set of inputs and network."""
    network = resources.files("foedus.read").joinpath("network/coder.onnx")
    size = len(network.read_bytes()) if network.is_file() else 0
    seen = f"{size}|{BLOCK_CHARACTERS}|{SCHEMA}"
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


def _cannot(folder: Path, error: OSError) -> CannotWriteError:
    return CannotWriteError(
        f"{folder} cannot be written ({error.strerror or error})",
        expected="a folder with write permission and free space",
        where="--output",
        hint="name another folder",
    )
