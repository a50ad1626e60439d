"""What a reader needs beside the findings: ages of the series, the map, the limits."""

import datetime as dt

import polars as pl

from foedus.present import charts
from foedus.present.map import draw_map
from foedus.present.theme import FOCAL, RIVAL
from foedus.present.words import date
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.world.arenas import load_arena
from foedus.world.cases import Case

AGED = (
    ("Disputes (MID 5)", "dyadic_mid", "year"),
    ("Crises (ICB)", "icb_crisis", "start"),
    ("Pacts (ATOP)", "atop_dyad", "year"),
    ("Exercises (MME)", "exercises_mme_long", "year"),
    ("Goods trade (IMF)", "imf_dots_trade", "year"),
    ("Capabilities (NMC)", "nmc", "year"),
    ("Warhead stockpiles", "nuclear_warheads", "year"),
    ("Public opinion (Pew)", "pew_favourability", "year"),
    ("South China Sea incidents", "scs_incidents_monthly", "month"),
    ("Votes in the UN", "un_ideal_points", "year"),
    ("Military spending (SIPRI)", "sipri_milex", "year"),
    ("Arms deliveries (SIPRI)", "sipri_arms_register", "year"),
    ("Missile launches", "nk_missile_tests", "date"),
    ("PLA around Taiwan", "pla_taiwan_daily", "date"),
    ("US personnel abroad", "us_troops", "month"),
    ("Dated facts", "fact_pacts_2019_2026", "day"),
)


def age_section(record: Record, as_of: AsOf) -> Section:
    """Show how old the last known observation of each series is."""
    rows = []
    for label, table, column in AGED:
        if table not in record.names():
            continue
        frame = record.read(table, columns=[column], as_of=as_of)
        last = frame[column].max()
        if last is None:
            continue
        day = last if isinstance(last, dt.date) else dt.date(int(str(last)), 12, 31)
        day = min(day, as_of.day)
        rows.append(
            {
                "series": label,
                "last": day,
                "age_years": (as_of.day - day).days / 365.25,
                "table": table,
            }
        )
    frame = pl.DataFrame(rows).sort("last")
    oldest, newest = frame.row(0, named=True), frame.row(-1, named=True)
    text = (
        f"The oldest series in use, {oldest['series']}, ends {date(oldest['last'])}, "
        f"{oldest['age_years']:.0f} years before the date of knowledge; the newest, "
        f"{newest['series']}, ends {date(newest['last'])}. Old is not current: nothing below is "
        "carried to the present without saying so."
    )
    figure = Figure(
        "ages",
        "How old is what we know",
        "For each series, a dot at its last known observation and a line to the date of knowledge.",
        frame,
        tuple(frame["table"].to_list()),
        charts.ages(frame.select("series", "last", "age_years"), as_of.day),
    )
    return Section("ages", "How old is what we know", (text,), (figure,))


def map_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show the case on a map: countries, arenas, sites of US forces, disputed places."""
    places = record.read("disputed_places")
    bases = (
        record.read("us_bases", as_of=as_of)
        .filter(pl.col("ccode").is_in(list(case.countries)))
        .drop_nulls(["lat", "lon"])
        .group_by("lon", "lat")
        .agg(sites=pl.len(), places=pl.col("basename").unique().sort().str.join("; "))
        .sort("lon", "lat")
    )
    colours = {item.iso3: FOCAL for item in case.focal} | {case.rival.iso3: RIVAL}
    arenas = [load_arena(name) for name in case.arenas]
    svg = draw_map(record.read("natural_earth"), places, bases, arenas, colours)
    named = " and ".join(item.name for item in case.focal)
    year = record.spec("us_bases").last
    sites = (
        f"Blue dots are places of US forces, from a list of {year}, to a tenth of a degree."
        if bases.height
        else f"Places of US forces are not drawn: the list, of {year}, was not known at this date."
    )
    text = (
        f"Filled in blue: {named}; in orange: {case.rival.name}. Green outlines are the arenas in "
        f"which located events are counted. {sites} Crosses are disputed places, with the names "
        "each side uses; dashed lines are disputed. Naming and drawing take no side."
    )
    rows = tuple(
        (place, claims or "no note in the source")
        for place, claims in places.select("place", "claims").iter_rows()
    )
    figure = Figure(
        "map",
        "The case on a map",
        f"Map of East Asia with the arenas {', '.join(a.title for a in arenas)}, places of US "
        f"forces "
        "and disputed places.",
        bases,
        ("natural_earth", "disputed_places", "us_bases"),
        svg=svg,
    )
    grid = Grid(
        "Disputed places, as Natural Earth notes who administers and claims them",
        ("place, both names", "who administers, who claims"),
        rows,
    )
    return Section("map", "The pair in one picture", (text,), (figure,), (grid,))


def limit_section(record: Record, case: Case) -> Section:
    """List what the record cannot say, from the cautions of the tables and the case."""
    lines = (
        "War between these states: the record holds too few to learn from, so none is forecast.",
        "Blockade or invasion: no probability is estimated.",
        "Effects of policies: a forecasting rule's terms are not levers. Exercises, for one, "
        "go with "
        "later disputes and with earlier ones alike, which is the mark of selection, not of cause.",
        "The years since a series ended: see how old each is.",
        "What was revised since: past dates use today's vintage of each table.",
    )
    cautions = tuple(
        (name, caution)
        for name in (
            "dyadic_mid",
            "atop_dyad",
            "nmc",
            "sipri_milex",
            "us_troops",
            "pla_taiwan_daily",
            "scs_incidents_monthly",
            "imf_dots_trade",
            "un_ideal_points",
        )
        if name in record.names()
        for caution in record.spec(name).cautions
    )
    grid = Grid("Cautions of the tables used most", ("table", "caution"), cautions)
    return Section("limits", "What the record cannot say", lines, (), (grid,))
