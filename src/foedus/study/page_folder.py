"""The folder of a page: written whole or not at all, its figures with their data beside them."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foedus.present.page import PageFigure, numbers
from foedus.present.theme import for_page, to_png, to_svg
from foedus.study.brief_parts.sections import Figure
from foedus.world.errors import CannotWriteError, FoedusError


@contextmanager
def page_folder(target: Path, written: frozenset[str], what: str) -> Iterator[Path]:
    """Give a folder to work in that takes the target's place when all went well.

    An earlier page in the target gives way; a folder that holds something else is refused.

    Args:
        target: Folder to write.
        written: Names of what such a page consists of.
        what: The page, in words.

    Raises:
        CannotWriteError: The folder holds something else, or there is no space or permission.
    """
    try:
        _refuse_other(target, written, what)
        target.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _cannot(target, what, error) from error
    try:
        yield work
        _refuse_other(target, written, what)
        _replace(work, target)
    except FoedusError:
        raise
    except OSError as error:
        raise _cannot(target, what, error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _refuse_other(target: Path, written: frozenset[str], what: str) -> None:
    if target.exists() and not {item.name for item in target.iterdir()} <= written:
        raise OSError(17, f"the folder exists and holds something else than {what}")


def _replace(work: Path, target: Path) -> None:
    if not target.exists():
        work.rename(target)
        return
    old = work.with_name(work.name + "-old")
    target.rename(old)
    try:
        work.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _cannot(target: Path, what: str, error: OSError) -> CannotWriteError:
    return CannotWriteError(
        f"{what} cannot be written ({error.strerror or error})",
        expected="a folder that can be made or replaced, with space and write permission",
        where=str(target),
        hint="name another folder with --output",
    )


def page_figure(figure: Figure, folder: Path) -> PageFigure:
    """Write a figure as SVG and PNG with its numbers as CSV, and give it ready for the page."""
    svg = figure.svg if figure.svg is not None else ""
    if figure.chart is not None:
        svg = to_svg(figure.chart)
    (folder / f"{figure.name}.svg").write_text(svg, encoding="utf-8")
    (folder / f"{figure.name}.png").write_bytes(to_png(svg))
    figure.data.write_csv(folder / f"{figure.name}.csv")
    header, cells = numbers(figure.data)
    return PageFigure(
        figure.name,
        figure.title,
        figure.description,
        figure.tables,
        for_page(svg, figure.title, figure.description, figure.name),
        header,
        cells,
        figure.data.height,
    )
