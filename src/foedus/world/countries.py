"""Countries through time: COW numbers, with ISO3 codes and names as views.

The list is the COW state system (version 2016); states alive at its end on 2016-12-31 are taken
to continue. COW numbers follow state identity: Germany is 255 (260 from 1955 to 1990), Vietnam
816, Taiwan 713 from 1949-12-08.
"""

import csv
import datetime as dt
import difflib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from foedus.world.errors import AmbiguousCountryError, UnknownCountryError

_AMBIGUOUS = {
    "korea": "731 PRK North Korea, 732 KOR South Korea, 730 Korea (to 1905)",
    "congo": "484 COG Congo (Brazzaville), 490 COD DR Congo (Kinshasa)",
}


@dataclass(frozen=True)
class Country:
    """One country of the COW list.

    Args:
        ccode: COW country number.
        iso3: ISO 3166-1 alpha-3 code (or the code once in use); empty where none existed.
        cow_abbreviation: COW letters.
        name: Name used in output.
        spells: Periods of system membership, first and last day; the last day is None for states
            taken to continue.
        aliases: Other names understood on input.
    """

    ccode: int
    iso3: str
    cow_abbreviation: str
    name: str
    spells: tuple[tuple[dt.date, dt.date | None], ...]
    aliases: tuple[str, ...]

    def exists(self, day: dt.date) -> bool:
        """Say whether the country was in the state system on a day."""
        return any(first <= day and (last is None or day <= last) for first, last in self.spells)

    def exists_in(self, year: int) -> bool:
        """Say whether the country was in the state system on any day of a year."""
        return any(
            first.year <= year and (last is None or year <= last.year)
            for first, last in self.spells
        )


@cache
def countries() -> dict[int, Country]:
    """Give all countries by COW number."""
    text = resources.files("foedus.world").joinpath("countries.csv").read_text("utf-8")
    found = {}
    for row in csv.DictReader(text.splitlines()):
        spells = []
        for spell in row["spells"].split(";"):
            first, last = spell.split("/")
            spells.append(
                (dt.date.fromisoformat(first), dt.date.fromisoformat(last) if last else None)
            )
        aliases = tuple(alias for alias in row["aliases"].split(";") if alias)
        ccode = int(row["ccode"])
        found[ccode] = Country(
            ccode, row["iso3"], row["cow_abbreviation"], row["name"], tuple(spells), aliases
        )
    return found


def country(ccode: int) -> Country:
    """Give the country with a COW number."""
    try:
        return countries()[ccode]
    except KeyError:
        raise UnknownCountryError(
            f"{ccode} is not a COW country number",
            expected="a number of the COW state list, such as 2 (United States) or 740 (Japan)",
            where="a country code",
            hint="foedus record show cow_states",
        ) from None


def find_country(text: str | int, *, where: str = "country") -> Country:
    """Find a country by COW number, ISO3 code, COW letters, name or alias, in that order.

    Where a code has meant several countries over time (DEU, YEM), the one that exists now is given.

    Raises:
        AmbiguousCountryError: The name could mean several countries, such as Korea.
        UnknownCountryError: No such country; close names are suggested.
    """
    if isinstance(text, int) or text.strip().isdecimal():
        return country(int(text))
    wanted = _fold(text)
    if wanted in _AMBIGUOUS:
        raise AmbiguousCountryError(
            f"{text!r} could mean several countries",
            expected=_AMBIGUOUS[wanted],
            where=where,
            hint="give the code or the full name",
        )
    for index in _indexes():
        if wanted in index:
            return index[wanted]
    names = [name for index in _indexes() for name in index]
    close = difflib.get_close_matches(wanted, names, n=3, cutoff=0.7)
    near = [next(index[name] for index in _indexes() if name in index) for name in close]
    shown = ", ".join(dict.fromkeys(f"{c.iso3 or c.ccode} {c.name}" for c in near))
    raise UnknownCountryError(
        f"no country is called {text!r}",
        expected="a COW number, ISO3 code, COW letters or a country's English name",
        where=where,
        hint=f"did you mean {shown}?" if shown else "foedus record show cow_states lists all names",
    )


@cache
def _indexes() -> tuple[dict[str, Country], ...]:
    by_iso: dict[str, Country] = {}
    by_cow: dict[str, Country] = {}
    by_name: dict[str, Country] = {}
    living_last = sorted(countries().values(), key=lambda c: c.spells[-1][1] is None)
    for item in living_last:
        if item.iso3:
            by_iso[item.iso3.casefold()] = item
        by_cow[item.cow_abbreviation.casefold()] = item
        for name in item.aliases:
            by_name.setdefault(_fold(name), item)
    for item in living_last:
        by_name[_fold(item.name)] = item
    return by_iso, by_cow, by_name


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join(plain.casefold().replace("’", "'").split())
