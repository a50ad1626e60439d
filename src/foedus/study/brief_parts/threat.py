"""The rival and the arenas: balance by domain, series by month."""

import datetime as dt

import polars as pl

from foedus.measure.balance import balance
from foedus.measure.burden import burden
from foedus.present import charts
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.latent_measures import tension
from foedus.study.tension_series import SERIES
from foedus.world.arenas import PROXY_NOTE, load_arena
from foedus.world.cases import Case
from foedus.world.errors import FoedusError


def rival_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show how the balance with the rival moved, by domain, for the pact and for a wider camp."""
    side = [item.ccode for item in case.focal]
    narrow = balance(record, side, [case.rival.ccode], as_of)
    narrow = narrow.filter(pl.col("year") >= 1985).with_columns(panel=pl.col("domain"))
    figure = Figure(
        "balance",
        "The two allies' share of what both sides hold",
        "One line a domain: the share of the two allies in the sum of both sides.",
        narrow.drop("missing"),
        ("sipri_milex", "imf_weo", "nmc", "nuclear_warheads"),
        charts.lines(
            narrow, x="year", series="domain", y_title="the allies' share", percent=True, height=260
        ),
    )
    spending = pl.concat(
        burden(record, item.ccode, as_of).with_columns(country=pl.lit(item.name))
        for item in (*case.focal, case.rival)
    ).filter(pl.col("year") >= 1985)
    figures = [figure]
    if spending.height:
        figures.append(
            Figure(
                "burden",
                "Military spending as a share of GDP",
                "One line a country, as SIPRI states it.",
                spending,
                ("sipri_milex",),
                charts.lines(
                    spending, x="year", series="country", y_title="share of GDP", percent=True
                ),
            )
        )
    absent = [
        item.name
        for item in case.focal
        if spending.filter(pl.col("country") == item.name).is_empty()
    ]
    note = f" No spending figures exist for {', '.join(absent)}." if absent else ""
    text = (
        f"A share above one half means that the two allies hold more than {case.rival.name}. A sum "
        "is given only where every member has a value; capability shares move when others move. "
        "Spending in constant 2023 dollars and exchange rates understates what a dollar buys where "
        f"prices are low.{note}"
    )
    return Section("rival", f"{case.rival.name} and the balance", (text,), tuple(figures))


def arena_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show each arena month by month, with breaks and reporting terms."""
    figures, paragraphs = [], []
    titles = {series.name: series.title for series in SERIES}
    for name in case.arenas:
        arena = load_arena(name)
        paragraphs.append(f"{arena.title}: {arena.reporting}")
        if not arena.located:
            figures.extend(_yearly_proxy(record, as_of) if name == "east-china-sea" else [])
            pairs = ", ".join(f"{a.name}-{b.name}" for a, b in arena.proxy_pairs)
            paragraphs.append(f"{arena.title}: {PROXY_NOTE} ({pairs}).")
            continue
        try:
            frame = tension(record, name, 2006, as_of.day.year, as_of)
        except FoedusError as error:
            paragraphs.append(f"{arena.title} cannot be shown: {error.given}.")
            continue
        breaks = [(dt.date.fromisoformat(f"{b.month}-01"), b.why) for b in arena.breaks]
        for series in arena.series:
            seen = frame.filter(pl.col("series") == series).drop_nulls("value")
            level = frame.filter(pl.col("series") == f"{series} level").drop_nulls("value")
            if seen.is_empty():
                continue
            inside = [b for b in breaks if seen["month"].min() < b[0] <= seen["month"].max()]  # type: ignore[operator]
            figures.append(
                Figure(
                    f"arena-{series.replace('_', '-')}",
                    f"{arena.title}: {titles[series]} by month",
                    "Bars are months as reported, the line is the level behind them with its 90 % "
                    "band, a dashed rule marks a break in the terms of reporting.",
                    pl.concat([seen, level]),
                    tuple(s.table for s in SERIES if s.name == series),
                    charts.monthly(seen, level, inside, seen["unit"][0]),
                )
            )
    for name in case.arenas:
        for item in load_arena(name).breaks:
            paragraphs.append(f"Break in {item.month}, {load_arena(name).title}: {item.why}.")
    grids = (_transits(record, as_of),) if "taiwan-strait" in case.arenas else ()
    return Section("arenas", "The arenas, month by month", tuple(paragraphs), tuple(figures), grids)


def _transits(record: Record, as_of: AsOf) -> Grid:
    """Count foreign naval transits of the Taiwan Strait on record, beside PLA activity."""
    spec = record.spec("taiwan_strait_foreign_transits")
    frame = record.read(spec.name, columns=["date"], as_of=as_of)
    counted = frame.group_by(year=pl.col("date").dt.year()).len().sort("year")
    rows = tuple((str(year), str(number)) for year, number in counted.iter_rows())
    caution = "; ".join(spec.cautions)
    return Grid(
        f"Foreign naval transits of the Taiwan Strait on record, by year. {caution}",
        ("year", "transits on record"),
        rows,
    )


def _yearly_proxy(record: Record, as_of: AsOf) -> list[Figure]:
    frame = record.read("senkaku_vessels", as_of=as_of).filter(
        (pl.col("measure") == "days") & (pl.col("period").str.len_chars() == 4)
    )
    zones = {"contiguous_zone": "contiguous zone", "territorial_sea": "territorial sea"}
    frame = frame.select(
        year=pl.col("period").cast(pl.Int32),
        value=pl.col("value").cast(pl.Float64),
        zone=pl.col("zone").replace(zones),
        unit=pl.lit("days in the year"),
        source_page="source_page",
    ).sort("zone", "year")
    return [
        Figure(
            "arena-senkaku",
            "East China Sea: days with Chinese government ships around the Senkaku/Diaoyu Islands",
            "One line a zone, by year, as the Japan Coast Guard counts.",
            frame,
            ("senkaku_vessels",),
            charts.lines(frame, x="year", series="zone", y_title="days in the year"),
        )
    ]
