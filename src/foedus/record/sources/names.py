"""Names of states, as sources write them, turned into COW numbers for the year."""

from collections.abc import Collection, Mapping

import polars as pl

from foedus.world.countries import countries, find_country
from foedus.world.errors import BadTableError, UnknownCountryError

WEST, GERMANY = 260, 255
NORTH_YEMEN, YEMEN = 678, 679
SOUTH_VIETNAM, VIETNAM = 817, 816
_LAST_WEST_YEAR = 1990
_FIRST_WEST_YEAR = 1949
_YEMEN_UNITED = 1990
_SOUTH_VIETNAM_ENDS = 1975


def resolve(
    frame: pl.DataFrame,
    name: str,
    into: str,
    *,
    known: Mapping[str, int] | None = None,
    aside: Collection[str] = (),
) -> pl.DataFrame:
    """Add the COW number of each name; names in `aside` stay without one.

    Args:
        frame: Rows to complete.
        name: Column of names or ISO3 codes.
        into: Column to add.
        known: Spellings that the list of countries does not hold, with their COW numbers.
        aside: Names that stand for no state of the COW system.

    Raises:
        BadTableError: A name is neither a state nor listed in `aside`, as after a source changed.
    """
    found: dict[str, int | None] = {}
    strange: list[str] = []
    for text in frame[name].drop_nulls().unique().sort().to_list():
        if known and text in known:
            found[text] = known[text]
        elif text in aside:
            found[text] = None
        else:
            try:
                found[text] = find_country(text).ccode
            except UnknownCountryError:
                strange.append(text)
    if strange:
        raise BadTableError(
            f"no state is known for {', '.join(strange)}",
            expected="names of states, or names the build lists as no state",
            where=f"column {name} of a raw table",
            hint="add the spelling to the source module, or to its list of names set aside",
        )
    numbers = pl.col(name).replace_strict(found, default=None, return_dtype=pl.Int16)
    return frame.with_columns(numbers.alias(into))


def in_year(ccode: str, year: pl.Expr) -> pl.Expr:
    """Turn today's number into the number for the year, for states that were once divided.

    Germany is 260 from 1949 to 1990 and 255 otherwise; Yemen before 1990 is North Yemen, 678.
    """
    number = pl.col(ccode)
    western = number.is_in([WEST, GERMANY])
    return (
        pl.when(western & year.is_between(_FIRST_WEST_YEAR, _LAST_WEST_YEAR))
        .then(pl.lit(WEST, pl.Int16))
        .when(western)
        .then(pl.lit(GERMANY, pl.Int16))
        .when((number == YEMEN) & (year < _YEMEN_UNITED))
        .then(pl.lit(NORTH_YEMEN, pl.Int16))
        .otherwise(number)
        .alias(ccode)
    )


def on_day(ccode: str, day: pl.Expr) -> pl.Expr:
    """Turn today's number into the number on a day; Vietnam is the South until April 1975."""
    number = pl.col(ccode)
    western = number.is_in([WEST, GERMANY])
    divided = day.is_between(pl.date(1949, 5, 23), pl.date(1990, 10, 2))
    return (
        pl.when(western & divided)
        .then(pl.lit(WEST, pl.Int16))
        .when(western)
        .then(pl.lit(GERMANY, pl.Int16))
        .when((number == YEMEN) & (day < pl.date(1990, 5, 22)))
        .then(pl.lit(NORTH_YEMEN, pl.Int16))
        .when((number == VIETNAM) & (day <= pl.date(_SOUTH_VIETNAM_ENDS, 4, 30)))
        .then(pl.lit(SOUTH_VIETNAM, pl.Int16))
        .otherwise(number)
        .alias(ccode)
    )


def existing(frame: pl.DataFrame, ccode: str, year: str) -> pl.DataFrame:
    """Keep the rows of states that were in the COW system in the year, or had been before."""
    pairs = frame.select(ccode, year).unique()
    alive = pl.Series([_founded(number, at) for number, at in pairs.iter_rows()], dtype=pl.Boolean)
    return frame.join(pairs.filter(alive), on=[ccode, year], how="semi")


def _founded(ccode: int, year: int) -> bool:
    return ccode in countries() and countries()[ccode].spells[0][0].year <= year


def current_numbers() -> dict[str, int]:
    """Give the COW number of each state that exists now, by ISO3 code."""
    return {c.iso3: c.ccode for c in countries().values() if c.iso3 and c.spells[-1][1] is None}
