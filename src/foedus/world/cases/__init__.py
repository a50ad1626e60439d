"""Cases: a file each, naming a focal pact, its rival, the countries around it and the arenas."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from foedus.world.countries import Country, country, find_country
from foedus.world.errors import BadInputError, UnknownNameError


@dataclass(frozen=True)
class Case:
    """One case.

    Args:
        name: File name without ending.
        title: Title for pages.
        focal: The two allies, in the order the case names them.
        rival: The state whose threat to the allies the case asks about.
        seen_from: Whose point of view the pages take.
        arenas: Arena names.
        question: The question on page one.
        countries: Every country of the case with one line why, in the file's order.
        beside_rival: Countries that stand with the rival here, by COW number: no partners.
    """

    name: str
    title: str
    focal: tuple[Country, Country]
    rival: Country
    seen_from: str
    arenas: tuple[str, ...]
    question: str
    countries: dict[int, str]
    beside_rival: tuple[int, ...] = ()

    def others(self) -> tuple[Country, ...]:
        """Give the countries of the case beside the two allies and the rival."""
        named = {self.focal[0].ccode, self.focal[1].ccode, self.rival.ccode}
        return tuple(country(ccode) for ccode in self.countries if ccode not in named)

    def partners(self) -> tuple[Country, ...]:
        """Give those of the others that do not stand with the rival."""
        return tuple(one for one in self.others() if one.ccode not in self.beside_rival)


def case_names() -> tuple[str, ...]:
    """Name the cases that come with the program."""
    files = resources.files("foedus.world.cases").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


def load_case(name: str) -> Case:
    """Load a case by name, or from a path to a TOML file.

    Raises:
        UnknownNameError: No such case.
        BadInputError: The file is not a case; the error names the field.
    """
    if name in case_names():
        text = resources.files("foedus.world.cases").joinpath(f"{name}.toml").read_text("utf-8")
        return _parse(name, text, f"{name}.toml")
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return _parse(path.stem, path.read_text("utf-8"), str(path))
    raise UnknownNameError(
        f"no case is called {name!r}",
        expected=", ".join(case_names()),
        where="the name of the case",
        hint="give one of these, or the path of a case file ending in .toml",
    )


def _parse(name: str, text: str, where: str) -> Case:
    try:
        given = tomllib.loads(text)
        first, second = (find_country(code, where=f"{where}: focal") for code in given["focal"])
        listed = {
            find_country(code, where=f"{where}: countries").ccode: str(why)
            for code, why in given["countries"].items()
        }
        rival = find_country(given["rival"], where=f"{where}: rival")
        if not {first.ccode, second.ccode, rival.ccode} <= set(listed):
            raise ValueError("the allies and the rival must be among the countries")
        beside = tuple(
            find_country(code, where=f"{where}: beside_rival").ccode
            for code in given.get("beside_rival", ())
        )
        if not set(beside) <= set(listed) - {first.ccode, second.ccode, rival.ccode}:
            raise ValueError("beside_rival names others of the countries")
        return Case(
            name=name,
            title=given["title"],
            focal=(first, second),
            rival=rival,
            seen_from=given["seen_from"],
            arenas=tuple(given["arenas"]),
            question=given["question"],
            countries=listed,
            beside_rival=beside,
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise BadInputError(
            f"the case file cannot be used: {error}",
            expected="title, focal (two countries), rival, seen_from, arenas, question, countries",
            where=where,
            hint="compare it with the bundled case japan-us",
        ) from error


@cache
def case_ccodes() -> tuple[int, ...]:
    """Give every country that is in any bundled case, by COW number."""
    found = {ccode for name in case_names() for ccode in load_case(name).countries}
    return tuple(sorted(found))
