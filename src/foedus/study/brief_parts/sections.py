"""What a brief is made of: sections of paragraphs, tables and figures with their data."""

from dataclasses import dataclass, field

import altair as alt
import polars as pl


@dataclass(frozen=True)
class Figure:
    """One figure and the data beside it.

    Args:
        name: File name without ending.
        title: Title, saying what to see.
        description: What the picture shows, for those who hear it.
        data: The numbers drawn.
        tables: Tables of the record they come from.
        chart: Chart to render, or None where `svg` is given.
        svg: Finished SVG.
    """

    name: str
    title: str
    description: str
    data: pl.DataFrame
    tables: tuple[str, ...]
    chart: alt.TopLevelMixin | None = None
    svg: str | None = None


@dataclass(frozen=True)
class Grid:
    """A small table on the page.

    Args:
        caption: What it lists.
        header: Column titles.
        rows: Cells as text.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One section of the brief."""

    anchor: str
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = field(default=())
