"""The outlook: the ensemble's forecasts, each beside a simple rule and its track record."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.model.laws.escalation import NAMES
from foedus.present import charts
from foedus.present.words import number, percent
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.outlook import ENSEMBLE, FAN_MONTHS, STACKED, Outlook
from foedus.study.outlook_parts.series import rule_draws
from foedus.study.start import VARIABLES
from foedus.study.tension_series import SERIES, Series, monthly
from foedus.world.arenas import load_arena
from foedus.world.cases import Case
from foedus.world.months import add_months

Floats = NDArray[np.float64]
PAST_MONTHS = 48
PAST_YEARS = 15
ORDER = ("base rate", "own history", "peace-years logit", "history logit")
TABLES = ("dyadic_mid", "cow_contiguity", "cow_majors", "cow_capitals", "nmc", "democracy_cow")


def outlook_sections(record: Record, case: Case, as_of: AsOf, outlook: Outlook) -> list[Section]:
    """Give the sections on what comes next: disputes, how far they go, arenas, levels."""
    sections = [dispute_section(outlook)]
    if outlook.ensemble is not None:
        sections.append(ladder_section(case, outlook))
        sections.append(arena_outlook_section(record, case, as_of, outlook))
        sections.append(level_section(case, outlook))
    return sections


def dispute_section(outlook: Outlook) -> Section:
    """Show the risk of a new dispute by pair, with every rule beside, and the track record."""
    risk = outlook.rows.filter(
        (pl.col("unit") == "probability")
        & (pl.col("horizon_months") == 12)
        & (pl.col("question") == "any dispute")
    )
    chosen = risk.filter(pl.col("chosen")).sort("value", descending=True).head(12)
    order = chosen["subject"].to_list()
    named = chosen["method"][0] if chosen.height else ""
    beside = ["base rate", STACKED, ENSEMBLE]
    kept = [name for name in beside if name != named][:2]
    shown = risk.filter(
        pl.col("subject").is_in(order) & pl.col("method").is_in([*kept, named])
    ).sort(pl.col("method") == named, pl.col("method") == ENSEMBLE)
    figure = Figure(
        "outlook-disputes",
        "A new militarised dispute within 12 months, by pair",
        f"Dots with 90 % intervals for each pair: {named}, beside {' and '.join(kept)}.",
        shown,
        TABLES,
        charts.interval_dots(
            shown.select("subject", "method", "value", "lo90", "hi90"),
            subject="subject",
            group="method",
            x_title="probability",
            order=order,
        ),
    )
    text = (
        "A militarised dispute is a threat, display or use of force between states, most of them "
        "short and without deaths. The ensemble runs the fitted laws from the end of the record to "
        "today and on, so its intervals hold what is unsure about parameters, the years without "
        "record and the way ahead; those of the simple rules hold their own numbers alone. Compare "
        "expected with events in the track record for the bias of each."
    )
    grids = tuple(grid for grid in (_track(outlook, order), _counts(outlook)) if grid.rows)
    return Section("outlook", "The outlook: disputes", (text, *outlook.notes), (figure,), grids)


def _track(outlook: Outlook, order: list[str]) -> Grid:
    rows = outlook.rows
    first = order[0] if order else ""
    scored = pl.col("score").is_not_null() if "score" in rows.columns else pl.lit(value=False)
    track = rows.filter(
        (pl.col("unit") == "probability") & (pl.col("subject") == first) & scored
    ).sort("question", "horizon_months", "method")
    return Grid(
        "Track record on past origins, at the distance scored; log loss, lower is better",
        (
            "question",
            "months",
            "method",
            "cases",
            "events",
            "expected",
            "log loss",
            "against base rate [90 %]",
            "AUC",
            "shown",
        ),
        tuple(
            (
                r["question"],
                str(r["horizon_months"]),
                r["method"],
                f"{r['cases']:,}",
                f"{r['events']:,}",
                f"{r['expected']:,.0f}",
                f"{r['score']:.4f}",
                f"{r['difference']:+.4f} [{r['difference_lo90']:+.4f}, "
                f"{r['difference_hi90']:+.4f}]",
                f"{r['auc']:.2f}",
                "yes" if r["chosen"] else "",
            )
            for r in track.iter_rows(named=True)
        ),
    )


def _counts(outlook: Outlook) -> Grid:
    other = outlook.rows.filter(pl.col("unit") != "probability")

    def scored(row: dict[str, Any]) -> tuple[str, str, str]:
        if row.get("score") is None:
            return "–", "–", "–"
        return (
            f"{row['cases']:,}",
            number(row["score"]),
            f"{row['coverage']:.0%} [{row['coverage_lo90']:.0%} to {row['coverage_hi90']:.0%}]",
        )

    return Grid(
        "Arena series and spending: the ensemble beside simple rules with their own track record",
        (
            "what",
            "of",
            "horizon",
            "method",
            "median [90 %]",
            "unit",
            "cases",
            "CRPS",
            "coverage of the 90 % interval",
        ),
        tuple(
            (
                r["question"],
                r["subject"],
                f"{r['horizon_months']} months",
                r["method"],
                f"{number(r['value'])} [{number(r['lo90'])} to {number(r['hi90'])}]",
                r["unit"],
                *scored(r),
            )
            for r in other.sort("question", "subject", "horizon_months", "method").iter_rows(
                named=True
            )
        ),
    )


def ladder_section(case: Case, outlook: Outlook) -> Section:
    """Show how far a dispute would go, given that it begins."""
    assert outlook.ensemble is not None
    data = outlook.ensemble.dataset["p_level"].isel(course=0)
    rows = []
    for ally in case.focal:
        one, two = sorted((ally, case.rival), key=lambda item: item.ccode)
        values = data.sel(pair=f"{one.iso3}-{two.iso3}").values.astype(np.float64)
        if not np.isfinite(values).all():
            continue
        for rank, name in enumerate(NAMES):
            low, high = np.quantile(values[:, rank], [0.05, 0.95])
            rows.append(
                {
                    "subject": f"{one.name} and {two.name}",
                    "level": name,
                    "rank": rank,
                    "value": float(values[:, rank].mean()),
                    "lo90": float(low),
                    "hi90": float(high),
                }
            )
    frame = pl.DataFrame(rows)
    force = outlook.ensemble.world_war_rate
    text = (
        "Given that a dispute begins, the highest level it reaches. Levels below war are those of "
        "the pair; war is outside the record of these pairs, and its share is the worldwide one. "
        f"As a reference class only: of the world's disputes that saw use of force, about {force} "
        "in 100 became a war by the coding of the record. No course or posture is set against it."
    )
    if frame.is_empty():
        return Section("ladder", "How far a dispute would go", (text,))
    below = frame.filter(pl.col("level") != NAMES[-1])
    figure = Figure(
        "ladder",
        "How far a new dispute would go, given that it begins",
        "Bars that add up the shares of onsets by the highest level reached, one bar a pair.",
        below,
        ("dyadic_mid",),
        charts.stacked_shares(
            below.with_columns(
                value=pl.col("value") / pl.col("value").sum().over("subject"),
            ),
            subject="subject",
            level="level",
            order=below["subject"].unique(maintain_order=True).to_list(),
            levels=NAMES[:-1],
        ),
    )
    grid = Grid(
        "Share of onsets by highest level",
        ("pair", "highest level", "share", "90 % interval"),
        tuple(
            (
                r["subject"],
                r["level"],
                percent(r["value"]),
                f"{percent(r['lo90'])} to {percent(r['hi90'])}",
            )
            for r in below.iter_rows(named=True)
        ),
    )
    return Section("ladder", "How far a dispute would go", (text,), (figure,), (grid,))


def arena_outlook_section(record: Record, case: Case, as_of: AsOf, outlook: Outlook) -> Section:
    """Show each arena's series as a fan, by the chosen forecaster, as far as it is scored."""
    assert outlook.ensemble is not None
    data = outlook.ensemble.dataset["incidents"].isel(course=0)
    parts = []
    for series in SERIES:
        if series.name not in data["series"].values:
            continue
        one = data.sel(series=series.name)
        arena = str(one["arena"].values)
        method, draws = _series_ahead(record, as_of, outlook, series, arena)
        title = f"{series.title} ({load_arena(arena).title})"
        unit = f"{series.unit}; {method}"
        seen = monthly(record, series, arena, as_of).drop_nulls("count")
        first = add_months(as_of.day.replace(day=1), -PAST_MONTHS)
        seen = seen.filter(pl.col("month") >= first)
        parts.append(
            seen.select(
                x="month",
                panel=pl.lit(title),
                unit=pl.lit(unit),
                value=pl.col("count"),
                **{name: pl.lit(None, dtype=pl.Float64) for name in BANDS},
            )
        )
        months = [dt.date.fromisoformat(str(m)[:10]) for m in one["month"].values]
        parts.append(_band(draws, months[: len(draws)], title, unit))
    if not parts:
        return Section(
            "arenas-ahead", "The arenas ahead", ("No located series reaches this case's arenas.",)
        )
    frame = pl.concat(parts)
    figure = Figure(
        "arenas-ahead",
        "Activity in the arenas, seen and ahead",
        "One panel a series: what was reported in grey, then the median month with its 50 and 90 % "
        "bands for twelve months, by the method named.",
        frame,
        ("pla_taiwan_monthly", "scs_incidents_monthly", "nk_missile_tests"),
        charts.fans(frame, panel="panel"),
    )
    text = (
        "Each series is carried on by the method that did best on its own earlier origins, which "
        "may be a pool of the law of incidents with simple rules; it is named below the title. "
        "The series have jumped before; reporting effort stays as it last was. The choice reaches "
        "twelve months ahead and no further: a month several years ahead is hardly bounded by "
        "what is known today, and the table of arena series and spending gives it by a simple rule "
        "or by the ensemble."
    )
    return Section("arenas-ahead", "The arenas ahead", (text,), (figure,))


def _series_ahead(
    record: Record, as_of: AsOf, outlook: Outlook, series: Series, arena: str
) -> tuple[str, list[Floats]]:
    """Give what stands for a series, by name, and its draws by month ahead.

    Without a choice that is the simple rule, and where none could be scored the ensemble.
    """
    assert outlook.ensemble is not None
    answer = next((a for a in outlook.arenas if a.series == series and a.arena == arena), None)
    if answer is not None:
        return answer.method, [answer.draws[ahead] for ahead in FAN_MONTHS]
    stands = outlook.rows.filter(
        (pl.col("series") == series.name)
        & (pl.col("arena") == arena)
        & (pl.col("horizon_months") == max(FAN_MONTHS))
        & pl.col("chosen")
    )["method"].to_list()
    if stands:
        draws = rule_draws(record, series, arena, as_of, stands[0])
        return stands[0], [draws] * len(FAN_MONTHS)
    values = outlook.ensemble.dataset["incidents"].isel(course=0).sel(series=series.name).values
    return ENSEMBLE, [values[:, ahead - 1] for ahead in FAN_MONTHS]


BANDS = ("lo90", "hi90", "lo50", "hi50")


def _band(values: Sequence[Any], when: list[dt.date], panel: str, unit: str) -> pl.DataFrame:
    """Give the bands by date.

    Args:
        values: Draws of each date.
        when: Dates.
        panel: Name of the panel.
        unit: What stands below it.
    """
    points = [0.05, 0.95, 0.25, 0.75, 0.5]
    found = [np.quantile(np.asarray(part, dtype=np.float64), points) for part in values]
    levels = np.stack(found, axis=1)
    return pl.DataFrame(
        {
            "x": when,
            "panel": [panel] * len(when),
            "unit": [unit] * len(when),
            "value": levels[4],
            **dict(zip(BANDS, levels[:4], strict=True)),
        }
    )


def level_section(case: Case, outlook: Outlook) -> Section:
    """Show spending, the balance, and what ties the allies as fans."""
    found = outlook.ensemble
    assert found is not None
    data = found.dataset.isel(course=0)
    years = [dt.date(int(y), 12, 31) for y in data["year"].values]
    allies = [item.iso3 for item in case.focal]
    one, two = sorted(case.focal, key=lambda item: item.ccode)
    pair = f"{one.iso3}-{two.iso3}"
    spending = data["spending"]
    panels = {
        f"Military spending, {item.name}": (
            spending.sel(country=item.iso3).values / 1000,
            "billion constant 2023 US dollars",
            found.start.observed("spending", item.iso3, scale=1e-3),
        )
        for item in (*case.focal, case.rival)
    }
    both = spending.sel(country=allies).sum("country", skipna=False).values
    rival = spending.sel(country=case.rival.iso3).values
    panels[f"Spending of the two allies over {case.rival.name}'s"] = (both / rival, "ratio", {})
    points = data["ideal_point"]
    apart = abs(points.sel(country=allies[0]) - points.sel(country=allies[1])).values
    panels["Distance of the allies in UN votes"] = (apart, "ideal points", {})
    panels["Goods trade of the two allies"] = (
        data["trade"].sel(pair=pair).values / 1000,
        "billion current US dollars",
        found.start.observed("trade", pair, scale=1e-3),
    )
    parts = []
    for title, (values, unit, seen) in panels.items():
        if not np.isfinite(values).all():
            continue
        since = years[0].year - PAST_YEARS
        past = {y: v for y, v in seen.items() if since <= y < years[0].year}
        parts.append(
            pl.DataFrame(
                {
                    "x": [dt.date(y, 12, 31) for y in past],
                    "panel": [title] * len(past),
                    "unit": [unit] * len(past),
                    "value": list(past.values()),
                    **{name: [None] * len(past) for name in BANDS},
                },
                schema_overrides=dict.fromkeys(("value", *BANDS), pl.Float64)
                | {"x": pl.Date, "panel": pl.String, "unit": pl.String},
            )
        )
        parts.append(_band(list(values.T), years, title, unit))
    frame = pl.concat(parts)
    figure = Figure(
        "levels-ahead",
        "Spending, balance and ties, seen and ahead",
        "One panel a quantity: what was recorded in grey, then the median of each year with its 50 "
        "and 90 % bands.",
        frame,
        ("sipri_milex", "un_ideal_points", "imf_dots_trade"),
        charts.fans(frame, panel="panel"),
    )
    text = (
        "Yearly quantities run on by their laws from their last recorded year, which differs: the "
        "band at the left edge is already as wide as the record is old."
    )
    return Section("levels-ahead", "Spending, balance and ties ahead", (text,), (figure,))


def start_section(outlook: Outlook) -> Section | None:
    """Say from how old a record each variable starts, and how wide it starts."""
    found = outlook.ensemble
    if found is None:
        return None
    ages = found.ages
    rows = []
    for (name,), part in ages.group_by("variable", maintain_order=True):
        known = part.drop_nulls("last")
        if known.is_empty():
            continue
        spread = known.drop_nulls("value")
        ratio = (spread["hi90"] / spread["lo90"]).median() if spread.height else None
        rows.append(
            (
                _described(str(name)),
                f"{known['last'].min():%Y-%m} to {known['last'].max():%Y-%m}"
                if known["last"].min() != known["last"].max()
                else f"{known['last'].max():%Y-%m}",
                f"{known['age_months'].median():.0f}",
                f"{spread.height} of {part.height}",
                f"{ratio:.2f}" if isinstance(ratio, float) and ratio > 0 else "–",
            )
        )
    grid = Grid(
        "Where the ensemble starts",
        (
            "variable",
            "last record",
            "months old (median)",
            "units with a start",
            "90 % start, high over low (median)",
        ),
        tuple(rows),
    )
    text = (
        "Before it looks ahead the ensemble runs each law from its last record to today. The last "
        "column is how far apart the two ends of the start's 90 % interval are: 1 means that it is "
        "known. `foedus forecast CASE --start` lists every unit."
    )
    return Section("start", "Where the forecast starts", (text,), (), (grid,))


def _described(name: str) -> str:
    kept = {"ideal_point": "ideal"}.get(name, name)
    if kept in VARIABLES:
        return VARIABLES[kept][2]
    titles = {series.name: series.title for series in SERIES}
    return titles.get(name, name)
