"""Read event files of others into the user's own folder of events."""

from collections.abc import Callable, Iterable
from pathlib import Path

from foedus.read.event_files import EventFile, read_event_files
from foedus.record.store import Record, open_record


def read_events(
    files: Iterable[str | Path],
    folder: str | Path,
    *,
    format_name: str | None = None,
    record: Record | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> list[EventFile]:
    """Read event files into Parquet, one a file; files read before are kept.

    Args:
        files: Files: plain, `.gz`, or `.zip` with one member.
        folder: Where the Parquet files go.
        format_name: Format of all; found from the first line by default.
        record: Record with the code lists; the one that is open by default.
        progress: Called with the name of each file.

    Raises:
        FoedusError: A file cannot be read, its format cannot be told, or the folder be written.
    """
    source = record if record is not None else open_record()
    paths = [Path(file) for file in files]
    return read_event_files(paths, Path(folder), source, format_name=format_name, progress=progress)
