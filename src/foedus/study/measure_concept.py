"""Measure one concept for one subject: `foedus measure`."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from foedus.measure.catalogue import MEASURES, Measure
from foedus.record.schema import Rule, State
from foedus.record.store import AsOf, Record, open_record
from foedus.study.latent_measures import closeness, tension
from foedus.world.arenas import load_arena
from foedus.world.countries import Country, country, find_country
from foedus.world.errors import BadInputError, OutsideCoverageError, UnknownNameError
from foedus.world.months import parse_date

_FITTED = {
    "closeness": Measure(
        "closeness",
        "Closeness of a pair by dimension",
        "pair",
        "each dimension its own",
        "Random-walk level behind indicators of votes, opinion, trade and events, fitted jointly.",
        "This project; see the page on closeness and tension.",
        "Countries of the bundled cases; a year without an indicator is blank.",
        "90 % posterior interval.",
        ("un_ideal_points", "pew_favourability", "imf_dots_trade", "imf_dots_total"),
        1946,
        2024,
        closeness,
    ),
    "tension": Measure(
        "tension",
        "Tension in an arena, month by month",
        "arena",
        "each series its own",
        "The located series and the level behind each; a factor only where three overlap.",
        "This project; see the page on closeness and tension.",
        "Arenas with a located monthly series; segments on either side of a break stand apart.",
        "90 % posterior interval of the level.",
        ("pla_taiwan_monthly", "scs_incidents_monthly", "nk_missile_tests"),
        2006,
        2025,
        tension,
    ),
}


@dataclass(frozen=True)
class Measured:
    """One measure of one subject.

    Args:
        measure: What was measured.
        subject: Of whom, in words.
        frame: `year` or `month`, `value`, `lo90`, `hi90`, `unit`, `state`, and what tells series
            apart (dimension, indicator, domain, series).
        record_digest: Fingerprint of the tables read.
    """

    measure: Measure
    subject: str
    frame: pl.DataFrame
    record_digest: str


def all_measures() -> dict[str, Measure]:
    """Give every measure, computed and fitted, by name."""
    return {**MEASURES, **_FITTED}


def measure(
    name: str,
    *,
    countries: Sequence[str | int] = (),
    against: Sequence[str | int] = (),
    arena: str | None = None,
    first: int | None = None,
    last: int | None = None,
    as_of: AsOf | None = None,
    record: Record | None = None,
) -> Measured:
    """Measure one concept.

    Args:
        name: Name of the measure.
        countries: One country, a pair (the order counts for directed measures), or a coalition.
        against: The other coalition, for `balance`.
        arena: Arena, for `tension`.
        first: First year; the measure's first by default.
        last: Last year; the measure's last by default.
        as_of: What may be used.
        record: The record; the bundle and the user's own by default.

    Raises:
        UnknownNameError: No such measure or arena.
        BadInputError: The wrong kind or number of subjects.
        OutsideCoverageError: The years asked for are all outside the coverage.
    """
    found = all_measures().get(name)
    if found is None:
        raise UnknownNameError(
            f"no measure is called {name!r}",
            expected=", ".join(all_measures()),
            where="the name of the measure",
            hint="foedus measure --list",
        )
    source = record or open_record()
    chosen = [find_country(item, where="the subject") for item in countries]
    other = [find_country(item, where="the other coalition") for item in against]
    start = found.first if first is None else first
    end = max(found.last, start) if last is None else last
    _check(found, chosen, other, arena, start, end)
    if found.subject == "arena":
        assert arena is not None
        frame = tension(source, arena, max(start, found.first), min(end, found.last), as_of)
        subject = load_arena(arena).title
    elif name == "closeness":
        pair = (chosen[0].ccode, chosen[1].ccode)
        frame = closeness(source, pair, max(start, found.first), min(end, found.last), as_of)
        subject = _names(chosen)
    else:
        codes = [item.ccode for item in chosen]
        if found.subject == "coalitions":
            codes += [0, *(item.ccode for item in other)]
        frame = found.compute(source, tuple(codes), as_of)
        frame = frame.filter(pl.col("year").is_between(start, end))
        frame = _flag_blank_years(frame, found, first, last, as_of)
        if "missing" in frame.columns:
            frame = frame.with_columns(_missing_names(frame["missing"]))
        subject = _names(chosen) + (f" against {_names(other)}" if other else "")
    if frame.is_empty():
        raise OutsideCoverageError(
            f"{found.title} of {subject} has no value in {start}-{end}",
            expected=found.valid_for,
            where=", ".join(found.tables),
            hint="widen the years, or look at foedus record coverage --country NAME",
        )
    return Measured(
        found, subject, frame, source.digest(t for t in found.tables if t in source.names())
    )


def _flag_blank_years(
    frame: pl.DataFrame,
    found: Measure,
    first: int | None,
    last: int | None,
    as_of: AsOf | None,
) -> pl.DataFrame:
    """Add the years asked for, or lying between, that have no row: blank, with the reason.

    Measures of several series keep each series' own years. What a date cuts off is outside.
    """
    plain = not {"indicator", "domain"} & set(frame.columns)
    if frame.is_empty() or not plain:
        return frame
    low, high = (int(frame["year"].cast(pl.Int64).sort()[at]) for at in (0, -1))
    years = range(low if first is None else first, (high if last is None else last) + 1)
    grid = pl.DataFrame({"year": pl.Series(years, dtype=frame.schema["year"])})
    who = [name for name in ("ccode", "ccode1", "ccode2") if name in frame.columns]
    covered = pl.col("year").is_between(found.first, min(found.last, high) if as_of else found.last)
    reason = (
        pl.when(covered).then(pl.lit(str(State.UNREPORTED))).otherwise(pl.lit(str(State.OUTSIDE)))
    )
    return (
        grid.join(frame, on="year", how="left")
        .with_columns(
            pl.col("unit").fill_null(frame["unit"][0]),
            pl.col("state").fill_null(reason),
            *(pl.col(name).fill_null(frame[name][0]) for name in who),
        )
        .select(frame.columns)
        .sort("year")
    )


def _missing_names(missing: pl.Series) -> pl.Series:
    """Name the members without a value, so that the column prints and fits a CSV file."""
    named = ["; ".join(country(code).name for code in codes) for codes in missing]
    return pl.Series("missing", named, dtype=pl.String)


def _names(items: Sequence[Country]) -> str:
    return ", ".join(country(item.ccode).name for item in items)


def _check(
    found: Measure,
    chosen: Sequence[Country],
    other: Sequence[Country],
    arena: str | None,
    first: int,
    last: int,
) -> None:
    wanted = {"country": 1, "pair": 2, "directed pair": 2, "arena": 0}.get(found.subject)
    wrong = wanted is not None and len(chosen) != wanted
    wrong |= found.subject == "coalitions" and not (chosen and other)
    wrong |= (found.subject == "arena") != (arena is not None)
    wrong |= len({item.ccode for item in chosen}) < len(chosen)
    if wrong:
        forms = {
            "country": "--country JPN",
            "pair": "--pair JPN,USA (two different countries)",
            "directed pair": "--pair JPN,CHN (two different countries; the order counts)",
            "arena": "--arena taiwan-strait",
            "coalitions": "--coalition JPN,USA --against CHN",
        }
        raise BadInputError(
            f"{found.name} was asked of {_names(chosen) or arena or 'nothing'}",
            expected=forms[found.subject],
            where="the subject of the measure",
            hint=f"foedus measure {found.name} {forms[found.subject].split(' (')[0]}",
        )
    if not 1000 <= min(first, last) <= max(first, last) <= 2999:
        raise BadInputError(
            f"the years run from {first} to {last}",
            expected="years of four digits",
            where="--from and --to",
            hint=f"--from {found.first} --to {found.last}",
        )
    if last < found.first or first > found.last:
        raise OutsideCoverageError(
            f"{found.title} was asked for {first}-{last}",
            expected=f"years within {found.first}-{found.last}: {found.valid_for}",
            where=", ".join(found.tables),
            hint=f"--from {found.first} --to {found.last}",
        )
    if first > last:
        raise BadInputError(
            f"the years run from {first} to {last}",
            expected="a first year no later than the last",
            where="--from and --to",
            hint="swap them",
        )


def read_as_of(text: str | None, rule: str) -> AsOf | None:
    """Read a date and the name of an information rule; None without a date."""
    named = read_rule(rule)
    return AsOf(parse_date(text, where="--as-of"), named) if text else None


def read_rule(rule: str) -> Rule:
    """Read the name of an information rule."""
    if rule not in set(Rule):
        raise BadInputError(
            f"no information rule is called {rule!r}",
            expected=" or ".join(Rule),
            where="--rule",
            hint="known is what had been published, dated is what had happened",
        )
    return Rule(rule)
