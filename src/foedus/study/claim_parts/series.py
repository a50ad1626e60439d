"""Series that propositions are about, by name: time in years and value, of those a text names.

A year that is not on record is absent. A count is zero only in a whole year that the table covers,
where the table says that an absent row means none.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import polars as pl

from foedus.read.actors import cow_number
from foedus.study.claim_parts import rivals
from foedus.study.claim_parts.case import Case, Points, counts, in_years, logged, yearly
from foedus.study.measure_concept import measure
from foedus.world.countries import countries
from foedus.world.errors import OutsideCoverageError

USA, CHINA, RUSSIA, TAIWAN = 2, 710, 365, 713
ASEAN = ("BRN", "KHM", "IDN", "LAO", "MYS", "MMR", "PHL", "SGP", "THA", "VNM")
"""The ten that were members from 1999 to 2025."""


@lru_cache(maxsize=64)
def series(name: str, case: Case) -> Mapping[float, float]:
    """Give a series by name; empty where nothing of it is on record."""
    for ending, points in THIRD.items():
        if name.startswith(f"{ending}-"):
            return points(case, name.removeprefix(f"{ending}-"))
    return SERIES[name](case)


def _milex(who: str) -> Callable[[Case], Points]:
    """Give the log of military spending in constant prices; Russia from 1992, not the USSR."""

    def points(case: Case) -> Points:
        return logged(_spending(case, case.foe if who == "rival" else case.home))

    return points


def _spending(case: Case, ccode: int) -> Points:
    frame = case.read("sipri_milex", "ccode", "year", "constant_2023_musd")
    frame = frame.filter((pl.col("ccode") == ccode) & ((ccode != RUSSIA) | (pl.col("year") > 1991)))
    return yearly(frame, "constant_2023_musd")


LEAST_EVENTS = 10
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "all": (("verbcoop", "matlcoop"), ("verbconf", "matlconf")),
    "verbal": (("verbcoop",), ("verbconf",)),
    "material": (("matlcoop",), ("matlconf",)),
}


def _dyads(case: Case, who: str) -> list[tuple[int, int]]:
    if who == "pair":
        return [case.pair, (case.friend, case.home)]
    if who == "taiwan":
        return [(TAIWAN, case.friend), (case.friend, TAIWAN)]
    return [(case.foe, state) for state in case.pair]


def _events(who: str, kinds: str, *, by: str) -> Callable[[Case], Points]:
    """Give the log ratio of cooperation to conflict (of conflict, if a rival's) in the events.

    By year from the full counts to 2014; by file from the carrier files to 2023, one point a file,
    because each chose its own actors and labels: what it chose then counts as noise.
    """

    def points(case: Case) -> Points:
        dyads = _dyads(case, who)
        wanted = pl.any_horizontal(
            (pl.col("ccode1") == one) & (pl.col("ccode2") == two) for one, two in dyads
        )
        if by == "year":
            frame = case.read("icews_country_dyad_year").filter(wanted)
            frame = frame.with_columns(time=pl.col("year").cast(pl.Float64))
            frame = frame.filter(pl.len().over("time") == len(dyads))
        else:
            frame = _by_file(case, wanted, {code for dyad in dyads for code in dyad})
        good, bad = (pl.sum_horizontal(pl.col(k).sum() for k in side) for side in KINDS[kinds])
        found = frame.group_by("time").agg(good=good, bad=bad).sort("time")
        found = found.filter(pl.col("good") + pl.col("bad") >= LEAST_EVENTS)
        sign = -1 if who == "rival" else 1
        return {
            t: sign * float(np.log((yes + 0.5) / (no + 0.5))) for t, yes, no in found.iter_rows()
        }

    return points


def _by_file(case: Case, wanted: pl.Expr, states: set[int]) -> pl.DataFrame:
    """Read the events of the files that name all states, dated by the middle of each file.

    The file of 2014 alone is left out, since that year is in the long one too.
    """
    names = case.read("icews_nodes", "file", "part", "ccode", "named")
    whole = names.filter(pl.col("named") & pl.col("ccode").is_in(list(states)))
    whole = whole.group_by("file", "part").agg(pl.len()).filter(pl.col("len") == len(states))
    months = case.read("icews_coverage", "file", "part", "month")
    middle = (pl.col("month").dt.year() + (pl.col("month").dt.month() - 0.5) / 12).mean()
    dated = months.group_by("file", "part").agg(time=middle)
    kept = case.read("icews_monthly").filter(wanted & (pl.col("file") != "icews_2014"))
    return kept.join(whole, on=["file", "part"], how="semi").join(dated, on=["file", "part"])


def _ideal(case: Case, column: str) -> dict[int, Points]:
    frame = case.read("un_ideal_points", "ccode", "year", column).drop_nulls()
    found: dict[int, Points] = {}
    for ccode, year, value in frame.iter_rows():
        found.setdefault(int(ccode), {})[float(year)] = float(value)
    return found


def _distance(column: str, one: str, two: str) -> Callable[[Case], Points]:
    """Give the distance of two sides' mean ideal points, each a name of `_members`."""

    def points(case: Case) -> Points:
        places = _ideal(case, column)
        left, right = (_mean(places, _members(case, side)) for side in (one, two))
        return {t: abs(left[t] - right[t]) for t in left if t in right}

    return points


def _members(case: Case, side: str) -> list[int]:
    if side == "ASEAN":
        codes = [code for iso in ASEAN if (code := cow_number(iso)) is not None]
        return [code for code in codes if code not in case.pair]
    chosen = {
        "ally": lambda: [case.home],
        "partner": lambda: [case.friend],
        "rival": lambda: [case.foe],
        "allies": lambda: list(case.pair),
        "China": lambda: [CHINA],
        "Russia": lambda: [RUSSIA],
    }.get(side)
    if chosen is not None:
        return chosen()
    code = cow_number(side)
    return [code] if code is not None else []


def _mean(places: Mapping[int, Points], members: list[int]) -> Points:
    """Give the mean of the years in which every member has a place, or at least nine in ten."""
    times = {t for code in members for t in places.get(code, {})}
    least = int(np.ceil(0.9 * len(members)))
    found = {}
    for t in sorted(times):
        values = [places[code][t] for code in members if t in places.get(code, {})]
        if len(values) >= least:
            found[t] = float(np.mean(values))
    return found


def _third(column: str) -> Callable[[Case, str], Points]:
    def points(case: Case, who: str) -> Points:
        if cow_number(who) in case.pair:
            return {}
        return _distance(column, who, "allies")(case)

    return points


def _measured(name: str, order: str) -> Callable[[Case], Points]:
    """Give the log of a measure of the catalogue, of the ally, or of one side with the other."""

    def points(case: Case) -> Points:
        subject = {
            "ally": lambda: [case.home],
            "ally partner": lambda: list(case.pair),
            "partner ally": lambda: list(case.pair[::-1]),
            "ally rival": lambda: [case.home, case.foe],
        }[order]()
        if len(set(subject)) < len(subject):
            return {}
        try:
            found = measure(name, countries=subject, as_of=case.as_of, record=case.record)
        except OutsideCoverageError:
            return {}
        return logged(yearly(found.frame, "value"))

    return points


def _ratio(column: str) -> Callable[[Case], Points]:
    """Give the log of what both allies have over what the rival has."""

    def points(case: Case) -> Points:
        sides = (*case.pair, case.foe)
        if column == "sipri":
            own = [_spending(case, c) for c in sides]
        else:
            frame = case.read("nmc", "ccode", "year", column)
            own = [yearly(frame.filter(pl.col("ccode") == c), column) for c in sides]
        one, two, foe = own
        return logged(
            {t: (one[t] + two[t]) / foe[t] for t in foe if t in one and t in two and foe[t] > 0}
        )

    return points


def _host(case: Case) -> int | None:
    """Give the one of the pair that hosts the other, if that is the United States."""
    if case.friend == USA:
        return case.home
    return case.friend if case.home == USA else None


def _troops(case: Case) -> Points:
    frame = case.read("us_troops_annual", "ccode", "year", "troops")
    return logged(yearly(frame.filter(pl.col("ccode") == _host(case)), "troops"), add=1)


def _troops_reported(case: Case) -> Points:
    """Give the log of US personnel in the September reports."""
    frame = case.read("us_troops", "ccode", "month", "september", "troops_ad")
    frame = frame.filter((pl.col("ccode") == _host(case)) & pl.col("september"))
    year = frame.group_by(year=pl.col("month").dt.year()).agg(pl.col("troops_ad").sum())
    return logged(yearly(year.sort("year"), "troops_ad"), add=1)


def _exercises(table: str) -> Callable[[Case], Points]:
    def points(case: Case) -> Points:
        frame = case.read(table, "exercise", "ccode", "year").unique()
        frame = frame.filter(pl.col("ccode").is_in(case.pair))
        both = frame.group_by("exercise", "year").agg(pl.len()).filter(pl.col("len") == 2)
        return counts(case.years(table), both["year"].to_list())

    return points


def _visits(gatherings: bool) -> Callable[[Case], Points]:
    def points(case: Case) -> Points:
        host = _host(case)
        if host is None:
            return {}
        frame = case.read("us_leader_travels", "ccode", "date", "gathering")
        frame = frame.filter(pl.col("ccode") == host)
        if not gatherings:
            frame = frame.filter(~pl.col("gathering").fill_null(value=False))
        return counts(case.years("us_leader_travels"), in_years(frame))

    return points


def _arms(years_together: int) -> Callable[[Case], Points]:
    """Give the log of one plus the volume delivered a year, over blocks of years to the last."""

    def points(case: Case) -> Points:
        if "sipri_tiv_dyad" not in case.record.names():
            return {}
        frame = case.read("sipri_tiv_dyad")
        own = frame.filter((pl.col("ccode1") == case.friend) & (pl.col("ccode2") == case.home))
        if own.is_empty():
            return {}
        given = yearly(own, "value")
        home = countries()[case.home]
        covered = case.years("sipri_tiv_dyad")
        years = [y for y in covered if home.exists_in(min(y, LAST_OF_STATES))]
        found = {}
        for at in range(len(years) % years_together, len(years), years_together):
            block = years[at : at + years_together]
            found[float(np.mean(block))] = float(np.mean([given.get(float(y), 0.0) for y in block]))
        return logged(found, add=1)

    return points


LAST_OF_STATES = 2016


def _organisations(beside: bool) -> Callable[[Case], Points]:
    """Count shared memberships; beside, if asked, those the two share with others on average."""

    def points(case: Case) -> Points:
        low, high = min(case.pair), max(case.pair)
        frame = case.read("igo_dyad").drop_nulls().filter(pl.col("year") >= ORGANISATIONS_FROM)
        one, two = pl.col("ccode1"), pl.col("ccode2")
        own = logged(yearly(frame.filter((one == low) & (two == high)), "dyadigos"))
        if not beside:
            return own
        old = frame.filter(pl.col("year") == ORGANISATIONS_FROM)
        old = set(old["ccode1"]) | set(old["ccode2"])
        held = frame.filter(
            (one.is_in(case.pair) | two.is_in(case.pair)) & one.is_in(old) & two.is_in(old)
        )
        mean = held.group_by("year").agg(pl.col("dyadigos").mean()).sort("year")
        others = logged(yearly(mean, "dyadigos"))
        return {t: own[t] - others[t] for t in own if t in others}

    return points


ORGANISATIONS_FROM = 1965


def _region(force: bool) -> Callable[[Case], Points]:
    """Count disputes that began between states of the rival's part of the world or the allies."""

    def points(case: Case) -> Points:
        wanted = ["dispnum", "ccode1", "ccode2", "dyad_start"]
        frame = case.read("dyadic_mid", *wanted, *(["hihost"] if force else []))
        if force:
            frame = frame.filter(pl.col("hihost") >= 4)
        part = _region_of(case.foe)
        codes = set(frame["ccode1"]) | set(frame["ccode2"])
        there = [c for c in codes if _region_of(c) == part]
        inside = [*there, *(c for c in (case.ally, case.partner) if c is not None)]
        one, two = pl.col("ccode1"), pl.col("ccode2")
        kept = frame.filter(
            one.is_in(inside) & two.is_in(inside) & (one.is_in(there) | two.is_in(there))
        )
        began = kept.group_by("dispnum").agg(pl.col("dyad_start").min())
        return counts(case.years("dyadic_mid"), in_years(began, "dyad_start"))

    return points


PARTS = (
    ("the Americas", 2, 165), ("Europe", 200, 399), ("Africa", 400, 625),
    ("the Middle East", 630, 698), ("Asia and the Pacific", 700, 999),
)  # fmt: skip


def _region_of(ccode: int) -> str:
    """Give the part of the world by COW number."""
    return next((name for name, first, last in PARTS if first <= ccode <= last), "")


def _event_series() -> dict[str, Callable[[Case], Points]]:
    names = {"rival": "hostility", "pair": "cooperation", "taiwan": "cooperation-taiwan"}
    return {
        f"{name}-{kinds}-by-{by}": _events(who, kinds, by=by)
        for who, name in names.items()
        for kinds in KINDS
        for by in ("year", "file")
    }


SERIES: dict[str, Callable[[Case], Points]] = {
    "milex-sipri": _milex("rival"),
    "milex-ally-sipri": _milex("ally"),
    "pla-aircraft-in-zone": rivals.pla(
        "aircraft", rivals.ZONE_FROM, rivals.ALL_REPORTED - dt.timedelta(days=1)
    ),
    "pla-aircraft": rivals.pla("aircraft", rivals.ALL_REPORTED, rivals.OPEN),
    "pla-vessels": rivals.pla("vessels", rivals.ALL_REPORTED, rivals.OPEN),
    "senkaku-contiguous": rivals.senkaku("contiguous_zone"),
    "senkaku-territorial": rivals.senkaku("territorial_sea"),
    "scrambles": rivals.scrambles,
    "scs-share": rivals.scs("all"),
    "scs-share-of-two": rivals.scs("two"),
    "nk-launch-days": rivals.launches(days=True),
    "nk-launches": rivals.launches(days=False),
    **_event_series(),
    "cyber-eurepoc": rivals.cyber,
    "cyber-dcid": rivals.cyber_rivals,
    "warheads": rivals.warheads,
    "possessors": rivals.possessors(tested=False),
    "possessors-tested": rivals.possessors(tested=True),
    "distance": _distance("idealpointfp", "ally", "partner"),
    "distance-all": _distance("idealpointall", "ally", "partner"),
    "distance-rival": _distance("idealpointfp", "rival", "allies"),
    "distance-rival-all": _distance("idealpointall", "rival", "allies"),
    "distance-china-russia": _distance("idealpointfp", "China", "Russia"),
    "distance-china-russia-all": _distance("idealpointall", "China", "Russia"),
    "spending-ratio-sipri": _ratio("sipri"),
    "cinc-ratio": _ratio("cinc"),
    "dependence": _measured("trade-to-gdp", "ally partner"),
    "dependence-reverse": _measured("trade-to-gdp", "partner ally"),
    "dependence-on-rival": _measured("trade-to-gdp", "ally rival"),
    "dependence-on-rival-cow": _measured("dependence-cow", "ally rival"),
    "burden": _measured("burden", "ally"),
    "pact-share": _measured("pact-share", "ally partner"),
    "troops": _troops,
    "troops-reported": _troops_reported,
    "exercises-mme": _exercises("exercises_mme_long"),
    "exercises-jme": _exercises("exercises_jme_long"),
    "visits": _visits(gatherings=True),
    "visits-without-gatherings": _visits(gatherings=False),
    "arms": _arms(1),
    "arms-by-three-years": _arms(3),
    "organisations": _organisations(beside=False),
    "organisations-beside-others": _organisations(beside=True),
    "region-disputes": _region(force=False),
    "region-force": _region(force=True),
}
THIRD: dict[str, Callable[[Case, str], Points]] = {
    "third-distance-all": _third("idealpointall"),
    "third-distance": _third("idealpointfp"),
}


def democracy(case: Case, column: str) -> pl.DataFrame:
    """Give the index of the less democratic of the two by year, and its error.

    The source's bounds span 68 %, one standard error to either side.
    """
    wanted = [column, f"{column}_codelow", f"{column}_codehigh"]
    frame = case.read("vdem_indices", "ccode", "year", *wanted).drop_nulls()
    frame = frame.filter(pl.col("ccode").is_in(case.pair)).with_columns(
        error=(pl.col(wanted[2]) - pl.col(wanted[1])) / 2
    )
    both = frame.filter(pl.len().over("year") == len(case.pair))
    lower = both.sort(column).group_by("year").agg(pl.col(column, "error").first())
    return lower.select("year", index=column, error="error").sort("year")
