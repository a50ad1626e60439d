"""The figure of one proposition: what every specification finds, and the series behind a trend."""

import altair as alt
import polars as pl

from foedus.present.theme import BASELINE, FOCAL, INK, RIVAL, WIDTH


def specifications(
    frame: pl.DataFrame, *, needed: float, unit: str
) -> alt.LayerChart | alt.FacetChart:
    """Draw the estimate of every specification with its interval, beside what it has to pass.

    Args:
        frame: `specification, value, lo90, hi90` from the top.
        needed: Smallest effect that matters, with its sign.
        unit: Unit of the estimates.
    """
    base = alt.Chart(frame.to_pandas()).encode(
        y=alt.Y("specification:N", sort=None, title=None, axis=alt.Axis(labelLimit=330))
    )
    x_title = unit or "estimate"
    axis = alt.Axis(tickCount=6, format="~r")
    rule = base.mark_rule(color=FOCAL, strokeWidth=2).encode(
        x=alt.X("lo90:Q", title=x_title, axis=axis), x2="hi90:Q"
    )
    dot = base.mark_point(color=FOCAL, filled=True, size=46, opacity=1).encode(x="value:Q")
    marks = pl.DataFrame({"x": [0.0, needed], "what": ["none", "smallest that matters"]})
    line = alt.Chart(marks.unique("x", maintain_order=True).to_pandas())
    colour = alt.Color(
        "what:N",
        scale=alt.Scale(domain=["none", "smallest that matters"], range=[BASELINE, RIVAL]),
        legend=alt.Legend(title=None, orient="top"),
    )
    lines = line.mark_rule(strokeWidth=1.5, strokeDash=[4, 3]).encode(x="x:Q", color=colour)
    return alt.layer(lines, rule, dot).properties(width=WIDTH - 350, height=alt.Step(14))


def behind(frame: pl.DataFrame, *, title: str) -> alt.LayerChart | alt.FacetChart:
    """Draw the series behind a trend.

    Args:
        frame: `year, value`.
        title: Name of the series.
    """
    base = alt.Chart(frame.to_pandas()).encode(
        x=alt.X(
            "year:Q",
            title=None,
            axis=alt.Axis(format="d", tickCount=8),
            scale=alt.Scale(zero=False, nice=False),
        ),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(tickCount=4), scale=alt.Scale(zero=False)),
    )
    points = base.mark_point(color=INK, filled=True, size=16, opacity=0.8)
    return alt.layer(base.mark_line(color=BASELINE, strokeWidth=1.2), points).properties(
        width=WIDTH - 350, height=110
    )


def with_series(
    series: alt.LayerChart | alt.FacetChart, found: alt.LayerChart | alt.FacetChart
) -> alt.TopLevelMixin:
    """Put the series over the estimates, each with its own axes."""
    return alt.vconcat(series, found, spacing=14).resolve_scale(x="independent")
