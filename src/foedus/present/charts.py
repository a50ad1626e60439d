"""The chart forms of the brief: lines with bands, interval dots, bars, and the strip of ages."""

import datetime as dt
from collections.abc import Sequence

import altair as alt
import polars as pl

from foedus.present.theme import BASELINE, FAINT, FOCAL, INK, RIVAL, SERIES, WIDTH


def lines(
    frame: pl.DataFrame,
    *,
    x: str,
    series: str,
    y_title: str,
    percent: bool = False,
    colours: Sequence[str] = SERIES,
    height: int = 210,
) -> alt.TopLevelMixin:
    """Draw one line a series with its band, labelled at its end; gaps stay gaps."""
    names = frame[series].unique(maintain_order=True).to_list()
    scale = alt.Scale(domain=names, range=list(colours[: len(names)]))
    axis_format = "%" if percent else _number_format(frame["value"])
    x_enc = _x(x)
    y_enc = alt.Y("value:Q", title=y_title, axis=alt.Axis(format=axis_format, tickCount=5))
    base = alt.Chart(frame.to_pandas()).encode(
        color=alt.Color(f"{series}:N", scale=scale, legend=None)
    )
    marks: list[alt.Chart] = []
    if "lo90" in frame.columns and not frame["lo90"].is_null().all():
        marks.append(
            base.mark_area(opacity=0.22).encode(
                x=x_enc, y=alt.Y("lo90:Q", title=y_title), y2="hi90:Q"
            )
        )
    marks.append(base.mark_line(strokeWidth=2).encode(x=x_enc, y=y_enc))
    marks.append(base.mark_point(size=10, filled=True).encode(x=x_enc, y=y_enc))
    last = frame.drop_nulls("value").group_by(series, maintain_order=True).agg(pl.all().last())
    end = alt.Chart(last.to_pandas()).encode(x=x_enc, y=y_enc)
    colour = alt.Color(f"{series}:N", scale=scale, legend=None)
    marks.append(end.mark_point(size=55, filled=True, opacity=1).encode(color=colour))
    label = end.mark_text(align="left", dx=8, fontSize=11, fontWeight="bold", color=INK)
    marks.append(label.encode(text=f"{series}:N"))
    return alt.layer(*marks).properties(width=WIDTH - 150, height=height)


def _number_format(values: pl.Series) -> str:
    """Choose plain decimals for small numbers, where `~s` would print 0.03 as 30m."""
    largest = values.cast(pl.Float64).abs().max()
    return "~s" if isinstance(largest, float) and largest >= 10 else "~g"


def small_multiples(
    frame: pl.DataFrame, *, x: str, panel: str, bars: bool = False, columns: int = 2
) -> alt.TopLevelMixin:
    """Draw one small panel a series, each with its own unit and scale, titled with both."""
    panels = []
    for (name,), rows in frame.group_by(panel, maintain_order=True):
        if rows["value"].is_null().all():
            continue
        unit = rows["unit"][0]
        data = rows.to_pandas()
        axis = alt.Axis(tickCount=4, format=_number_format(rows["value"]))
        x_enc, y_enc = _x(x), alt.Y("value:Q", title=None, axis=axis)
        base = alt.Chart(data)
        layers: list[alt.Chart] = []
        if not rows["lo90"].is_null().all():
            layers.append(
                base.mark_area(opacity=0.22, color=FOCAL).encode(
                    x=x_enc, y=alt.Y("lo90:Q", title=None), y2="hi90:Q"
                )
            )
        if bars:
            layers.append(base.mark_bar(color=FOCAL, size=4).encode(x=x_enc, y=y_enc))
        else:
            layers.append(base.mark_line(color=FOCAL, strokeWidth=1.8).encode(x=x_enc, y=y_enc))
            layers.append(
                base.mark_point(color=FOCAL, size=8, filled=True).encode(x=x_enc, y=y_enc)
            )
        title = alt.TitleParams(
            str(name)[:1].upper() + str(name)[1:],
            subtitle=str(unit),
            anchor="start",
            fontSize=12,
            subtitleFontSize=10,
            subtitleColor=INK,
            color=INK,
        )
        panels.append(
            alt.layer(*layers).properties(width=WIDTH // columns - 60, height=110, title=title)
        )
    return alt.concat(*panels, columns=columns, spacing=18).resolve_scale(
        y="independent", x="shared"
    )


def monthly(
    frame: pl.DataFrame, level: pl.DataFrame, breaks: Sequence[tuple[dt.date, str]], unit: str
) -> alt.TopLevelMixin:
    """Draw a monthly series as bars, its level and band over it, breaks in its terms as rules."""
    x_enc = alt.X("month:T", title=None, axis=alt.Axis(format="%Y", tickCount="year"))
    bars = (
        alt.Chart(frame.to_pandas())
        .mark_bar(color=BASELINE, opacity=0.75, size=3)
        .encode(x=x_enc, y=alt.Y("value:Q", title=unit, axis=alt.Axis(tickCount=4, format="~s")))
    )
    layers: list[alt.Chart] = [bars]
    for (_,), rows in level.drop_nulls("value").group_by("segment", maintain_order=True):
        base = alt.Chart(rows.to_pandas())
        layers.append(
            base.mark_area(opacity=0.25, color=FOCAL).encode(x=x_enc, y="lo90:Q", y2="hi90:Q")
        )
        layers.append(base.mark_line(color=FOCAL, strokeWidth=2).encode(x=x_enc, y="value:Q"))
    if breaks:
        data = pl.DataFrame(
            {"month": [day for day, _ in breaks], "why": ["break in terms"] * len(breaks)}
        )
        rule = alt.Chart(data.to_pandas())
        layers.append(rule.mark_rule(strokeDash=[4, 3], color=RIVAL).encode(x=x_enc))
        layers.append(
            rule.mark_text(align="left", dx=4, dy=8, color=INK, fontSize=10).encode(
                x=x_enc, y=alt.value(0), text="why:N"
            )
        )
    return alt.layer(*layers).properties(width=WIDTH - 80, height=150)


def fans(frame: pl.DataFrame, *, panel: str, columns: int = 2) -> alt.TopLevelMixin:
    """Draw one panel a series: what was seen in grey, then the median with its 50 and 90 % bands.

    Args:
        frame: `x` (a date), the panel's name, `unit`, `value`, and for what is ahead `lo50, hi50,
            lo90, hi90`; rows without them are what was seen.
        panel: Column that names the panel.
        columns: Panels side by side.
    """
    panels = []
    for (name,), rows in frame.group_by(panel, maintain_order=True):
        seen, ahead = rows.filter(pl.col("lo90").is_null()), rows.drop_nulls("lo90")
        x_enc = alt.X("x:T", title=None, axis=alt.Axis(format="%Y", tickCount=6))
        axis = alt.Axis(tickCount=4, format=_number_format(rows["value"]))
        y_enc = alt.Y("value:Q", title=None, axis=axis)
        layers: list[alt.Chart] = []
        base = alt.Chart(ahead.to_pandas())
        for low, high, shade in (("lo90", "hi90", 0.18), ("lo50", "hi50", 0.3)):
            layers.append(
                base.mark_area(opacity=shade, color=FOCAL).encode(
                    x=x_enc, y=alt.Y(f"{low}:Q", title=None), y2=f"{high}:Q"
                )
            )
        layers.append(base.mark_line(color=FOCAL, strokeWidth=2).encode(x=x_enc, y=y_enc))
        past = alt.Chart(seen.to_pandas())
        layers.append(past.mark_line(color=BASELINE, strokeWidth=1.6).encode(x=x_enc, y=y_enc))
        title = alt.TitleParams(
            str(name)[:1].upper() + str(name)[1:],
            subtitle=str(rows["unit"][0]),
            anchor="start",
            fontSize=12,
            subtitleFontSize=10,
            subtitleColor=INK,
            color=INK,
        )
        panels.append(
            alt.layer(*layers).properties(width=WIDTH // columns - 60, height=130, title=title)
        )
    return alt.concat(*panels, columns=columns, spacing=18).resolve_scale(
        y="independent", x="independent"
    )


def stacked_shares(
    frame: pl.DataFrame, *, subject: str, level: str, order: Sequence[str], levels: Sequence[str]
) -> alt.TopLevelMixin:
    """Draw shares that add up to one as bars, one row a subject, labelled by level in a legend."""
    scale = alt.Scale(domain=list(levels), range=["#d9d9d9", BASELINE, FOCAL, RIVAL])
    return (
        alt.Chart(frame.to_pandas())
        .mark_bar(height=14)
        .encode(
            y=alt.Y(f"{subject}:N", sort=list(order), title=None),
            x=alt.X("value:Q", title="share of onsets", axis=alt.Axis(format="%", tickCount=6)),
            color=alt.Color(
                f"{level}:N", scale=scale, sort=list(levels), legend=alt.Legend(title=None)
            ),
            order=alt.Order("rank:Q"),
        )
        .properties(width=WIDTH - 240, height=alt.Step(22))
    )


def held_against(frame: pl.DataFrame, *, subject: str) -> alt.TopLevelMixin:
    """Draw what was seen as a cross over the interval a fitted law gives for it.

    Args:
        frame: `value` (seen), `lo90`, `hi90`, in half-widths of the interval from its middle.
        subject: Column of the row's name.
    """
    base = alt.Chart(frame.to_pandas()).encode(y=alt.Y(f"{subject}:N", sort=None, title=None))
    title = "distance from the middle of the 90 % interval, in half-widths"
    rule = base.mark_rule(color=FOCAL, strokeWidth=5, opacity=0.5).encode(
        x=alt.X("lo90:Q", title=title, axis=alt.Axis(tickCount=7)), x2="hi90:Q"
    )
    seen = base.mark_point(shape="cross", size=60, filled=True, color=INK, opacity=1).encode(
        x="value:Q"
    )
    return alt.layer(rule, seen).properties(width=WIDTH - 300, height=alt.Step(15))


def interval_dots(
    frame: pl.DataFrame, *, subject: str, group: str, x_title: str, order: Sequence[str]
) -> alt.TopLevelMixin:
    """Draw probabilities as dots with intervals, one row a subject, the baseline in grey beside."""
    names = frame[group].unique(maintain_order=True).to_list()
    colours = [BASELINE, THIRD_COLOUR, FOCAL]
    chosen = colours if len(names) == len(colours) else [BASELINE, *SERIES][: len(names)]
    scale = alt.Scale(domain=names, range=chosen)
    y_enc = alt.Y(f"{subject}:N", sort=list(order), title=None)
    offset = alt.YOffset(f"{group}:N", sort=names)
    base = alt.Chart(frame.to_pandas()).encode(
        y=y_enc,
        yOffset=offset,
        color=alt.Color(f"{group}:N", scale=scale, legend=alt.Legend(title=None)),
    )
    axis = alt.Axis(format="%", tickCount=6)
    rule = base.mark_rule(strokeWidth=2).encode(
        x=alt.X("lo90:Q", title=x_title, axis=axis), x2="hi90:Q"
    )
    dot = base.mark_point(filled=True, size=46, opacity=1).encode(x="value:Q")
    return alt.layer(rule, dot).properties(width=WIDTH - 240, height=alt.Step(13))


THIRD_COLOUR = SERIES[2]


def ages(frame: pl.DataFrame, origin: dt.date) -> alt.TopLevelMixin:
    """Draw how far back the last observation of each series lies.

    Args:
        frame: `series, last, age_years` in the order to draw.
        origin: The date of knowledge.
    """
    data = frame.with_columns(
        origin=pl.lit(origin), label=pl.col("age_years").round(1).cast(pl.String) + " years"
    )
    base = alt.Chart(data.to_pandas()).encode(y=alt.Y("series:N", sort=None, title=None))
    x_axis = alt.X("last:T", title=None, axis=alt.Axis(format="%Y", tickCount=8))
    rule = base.mark_rule(color=FAINT, strokeWidth=3, opacity=0.6).encode(x=x_axis, x2="origin:T")
    dot = base.mark_point(filled=True, size=70, color=FOCAL, opacity=1).encode(x="last:T")
    text = base.mark_text(align="left", dx=8, dy=-7, fontSize=10).encode(x="last:T", text="label:N")
    return alt.layer(rule, dot, text).properties(width=WIDTH - 240, height=alt.Step(20))


def _x(name: str) -> alt.X:
    if name == "month":
        return alt.X("month:T", title=None)
    return alt.X(
        f"{name}:Q",
        title=None,
        axis=alt.Axis(format="d", tickCount=8),
        scale=alt.Scale(zero=False, nice=False),
    )


def differences(
    frame: pl.DataFrame, *, subject: str, panel: str, x_title: str, order: Sequence[str]
) -> alt.TopLevelMixin:
    """Draw differences from the baseline as dots with intervals around a grey line at none.

    Args:
        frame: `value, lo90, hi90`, the rows' name and the panel's.
        subject: Column of the row's name.
        panel: Column that names the panel; one colour each.
        x_title: Title of the axis.
        order: Rows from the top.
    """
    names = frame[panel].unique(maintain_order=True).to_list()
    scale = alt.Scale(domain=names, range=list(SERIES[: len(names)]))
    base = alt.Chart(frame.to_pandas()).encode(
        y=alt.Y(f"{subject}:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=340)),
        yOffset=alt.YOffset(f"{panel}:N", sort=names),
        color=alt.Color(f"{panel}:N", scale=scale, legend=alt.Legend(title=None)),
    )
    axis = alt.Axis(tickCount=7, format="+~r")
    x_enc = alt.X("lo90:Q", title=x_title, axis=axis)
    rule = base.mark_rule(strokeWidth=2).encode(x=x_enc, x2="hi90:Q")
    dot = base.mark_point(filled=True, size=46, opacity=1).encode(x="value:Q")
    none = alt.Chart(pl.DataFrame({"x": [0.0]}).to_pandas())
    zero = none.mark_rule(color=BASELINE, strokeWidth=1.5).encode(x="x:Q")
    return alt.layer(zero, rule, dot).properties(width=WIDTH - 360, height=alt.Step(13))


def frontier(frame: pl.DataFrame, *, name: str, x_title: str, y_title: str) -> alt.TopLevelMixin:
    """Draw courses on two outcomes that are wanted low, each with both its intervals.

    Args:
        frame: `x, x_lo90, x_hi90, y, y_lo90, y_hi90`, the course's name, and `beaten`.
        name: Column of the course's name.
        x_title: Title of the horizontal axis.
        y_title: Title of the vertical axis.
    """
    names = frame[name].to_list()
    colours = [BASELINE, *SERIES][: len(names)]
    colour = alt.Color(
        f"{name}:N",
        scale=alt.Scale(domain=names, range=colours),
        legend=alt.Legend(title=None, orient="right", labelLimit=240),
    )
    base = alt.Chart(frame.to_pandas()).encode(color=colour)
    axis = alt.Axis(tickCount=6, format="+~r")
    x_enc = alt.X("x:Q", title=x_title, axis=axis)
    y_enc = alt.Y("y:Q", title=y_title, axis=axis)
    across = base.mark_rule(strokeWidth=1.6, opacity=0.75).encode(
        x=alt.X("x_lo90:Q", title=x_title, axis=axis), x2="x_hi90:Q", y=y_enc
    )
    upright = base.mark_rule(strokeWidth=1.6, opacity=0.75).encode(
        x=x_enc, y=alt.Y("y_lo90:Q", title=y_title, axis=axis), y2="y_hi90:Q"
    )
    dot = base.mark_point(size=80, filled=True, opacity=1).encode(
        x=x_enc,
        y=y_enc,
        shape=alt.Shape(
            "beaten:N",
            scale=alt.Scale(domain=[False, True], range=["circle", "cross"]),
            legend=None,
        ),
    )
    return alt.layer(across, upright, dot).properties(width=WIDTH - 290, height=300)
