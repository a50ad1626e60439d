"""The figure of one measure, as SVG and PNG."""

from pathlib import Path

import polars as pl

from foedus.present.charts import lines, small_multiples
from foedus.present.theme import to_png, to_svg

_APART = ("dimension", "indicator", "domain", "series")


def measure_figure(frame: pl.DataFrame, title: str, subject: str, stem: Path) -> None:
    """Draw a measure over time and write `<stem>.svg` and `<stem>.png`."""
    x = "month" if "month" in frame.columns else "year"
    apart = next((name for name in _APART if name in frame.columns), None)
    if {"side", "other"} <= set(frame.columns):
        frame = frame.with_columns(unit=pl.lit("first side's share of both"))
    if apart:
        chart = small_multiples(frame, x=x, panel=apart)
    else:
        unit = str(frame["unit"][0])
        chart = lines(frame.with_columns(of=pl.lit("")), x=x, series="of", y_title=unit)
    svg = to_svg(chart.properties(title=f"{title}: {subject}"))
    stem.with_suffix(".svg").write_text(svg, encoding="utf-8")
    stem.with_suffix(".png").write_bytes(to_png(svg))
