"""Arenas: a file each, naming a place, the located series that count in it, and its proxies.

An event counts in an arena only if it is located there. Where nothing is, the pairs named as
proxy stand in, and outputs say "pair-level proxy, not located". Arena counts and pair counts are
never added.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from foedus.world.countries import Country, find_country
from foedus.world.errors import UnknownNameError

PROXY_NOTE = "pair-level proxy, not located"


@dataclass(frozen=True)
class Break:
    """A month from which a series is counted on other terms, and why."""

    month: str
    why: str


@dataclass(frozen=True)
class Arena:
    """One arena.

    Args:
        name: File name without ending.
        title: Name in output.
        polygon: Bounding polygon, longitude and latitude in degrees, for counting and drawing.
        series: Names of the located monthly series that count in it.
        proxy_pairs: Pairs whose relations stand in where no located series does.
        located: Whether any located monthly series exists.
        first_month: First month of any series, as YYYY-MM.
        reporting: Who reports, and on what terms.
        breaks: Known breaks of the reporting terms.
    """

    name: str
    title: str
    polygon: tuple[tuple[float, float], ...]
    series: tuple[str, ...]
    proxy_pairs: tuple[tuple[Country, Country], ...]
    located: bool
    first_month: str
    reporting: str
    breaks: tuple[Break, ...]

    def contains(self, lon: float, lat: float) -> bool:
        """Say whether a point in degrees lies in the arena (even-odd rule)."""
        inside = False
        corners = self.polygon
        for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
            if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                inside = not inside
        return inside


def arena_names() -> tuple[str, ...]:
    """Name the arenas."""
    files = resources.files("foedus.world.arenas").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


@cache
def load_arena(name: str) -> Arena:
    """Load an arena by name.

    Raises:
        UnknownNameError: No such arena.
    """
    if name not in arena_names():
        raise UnknownNameError(
            f"no arena is called {name!r}",
            expected=", ".join(arena_names()),
            where="the name of the arena",
            hint="give one of these",
        )
    place = resources.files("foedus.world.arenas").joinpath(f"{name}.toml")
    given = tomllib.loads(place.read_text("utf-8"))
    return Arena(
        name=name,
        title=given["title"],
        polygon=tuple((float(x), float(y)) for x, y in given["polygon"]),
        series=tuple(given["series"]),
        proxy_pairs=tuple((find_country(a), find_country(b)) for a, b in given["proxy_pairs"]),
        located=given["located"],
        first_month=given["first_month"],
        reporting=given["reporting"],
        breaks=tuple(Break(item["month"], item["why"]) for item in given["breaks"]),
    )
