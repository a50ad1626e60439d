"""The brief as one self-contained HTML page."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import polars as pl
from jinja2 import Environment, StrictUndefined

from foedus.present.page_one import PageOne
from foedus.present.words import LIKELIHOOD, number
from foedus.record.schema import Table

MOST_ROWS = 400


@dataclass(frozen=True)
class PageFigure:
    """A figure ready for the page: SVG in the page's colours, and its numbers as text."""

    name: str
    title: str
    description: str
    tables: tuple[str, ...]
    svg: str
    header: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    rows: int


@dataclass(frozen=True)
class PageSection:
    """A section ready for the page."""

    anchor: str
    title: str
    paragraphs: tuple[str, ...]
    figures: tuple[PageFigure, ...]
    grids: tuple[object, ...]


def numbers(frame: pl.DataFrame) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Give header and cells of a table as text, missing cells as a dash, at most 400 rows."""
    shown = frame.head(MOST_ROWS)
    cells = tuple(tuple(_cell(value) for value in row) for row in shown.iter_rows())
    return tuple(shown.columns), cells


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 4)
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def render(
    *,
    title: str,
    seen_from: str,
    as_of: str,
    rule: str,
    version: str,
    one: PageOne,
    sections: Sequence[PageSection],
    sources: Sequence[Table],
    fingerprint: Mapping[str, str],
) -> str:
    """Fill the template; every text is escaped, figures are the only markup taken as is."""
    folder = resources.files("foedus.present") / "templates"
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string((folder / "brief.html.j2").read_text("utf-8"))
    return template.render(
        title=title,
        seen_from=seen_from,
        as_of=as_of,
        rule=rule,
        version=version,
        one=one,
        sections=sections,
        sources=sources,
        words=LIKELIHOOD,
        fingerprint=fingerprint,
        css=(folder / "brief.css").read_text("utf-8"),
    )
