"""Propositions about alliances and regional order, one file each, with the rule that answers them.

Everything that decides an answer stands in the file before any text is read: what is estimated, the
smallest effect that matters, the sign, and six to twenty defensible specifications.
"""

import tomllib
from functools import cache
from importlib import resources
from itertools import product
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from foedus.world.errors import BadInputError, UnknownNameError

Kind = Literal[
    "trend", "level", "duration", "deepening", "disputes", "escalation", "reaction", "absent"
]
Slot = Literal["actor", "ally", "partner", "rival", "arena"]
Domain = Literal["military", "diplomatic", "economic", "societal", "cyber and space", "technology",
                 "nuclear", "order"]  # fmt: skip
Choice = str | int | float
FEWEST, MOST = 6, 20


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Test(_Frozen):
    """How a proposition is put to the record.

    Args:
        kind: Estimand.
        smallest: Smallest effect that matters, in the proposition's unit, without sign.
        why_smallest: Why.
        sign: 1 if the proposition says more, -1 if it says less.
        tables: Tables read.
        specifications: Choices that can be defended, by name; every combination is one way to
            estimate it, and the first gives the estimate shown.
        why: Why the record cannot answer, if `absent`.
    """

    __test__ = False

    kind: Kind
    smallest: Annotated[float, Field(ge=0)] = 0.0
    why_smallest: str = ""
    sign: Literal[-1, 1] = 1
    tables: tuple[str, ...] = ()
    specifications: dict[str, tuple[Choice, ...]] = {}
    why: str = ""

    @property
    def ways(self) -> list[dict[str, Choice]]:
        """Give every combination of the choices."""
        if not self.specifications:
            return []
        names = self.specifications.keys()
        every = product(*self.specifications.values())
        return [dict(zip(names, chosen, strict=True)) for chosen in every]

    @model_validator(mode="after")
    def _whole(self) -> "Test":
        if self.kind == "absent":
            if not self.why or self.specifications:
                raise ValueError("a test that is absent says why, and has no specification")
        elif not FEWEST <= len(self.ways) <= MOST:
            raise ValueError(f"{len(self.ways)} specifications, not {FEWEST} to {MOST}")
        return self


class Proposition(_Frozen):
    """A statement that texts make, and what would bear it out.

    Args:
        name: Name of the file.
        statement: In words; slots in braces.
        paraphrases: Other words for it.
        slots: What a text has to fill.
        cues: Words that speak of it; see `foedus.claim.cues`.
        without: Words that a sentence must not hold for a cue to count.
        narrower: Propositions beside which this one does not count by its words alone.
        domain: What it is about.
        arena: Arena it is about, if one: the sentence or else the text has to name it.
        names: Codes of countries or bodies of which the sentence has to name one otherwise.
        causal: Whether it says that one thing brings about another.
        measure: What is measured, in words.
        unit: Unit of the estimate.
        supports: What would bear it out.
        contradicts: What would speak against it.
        literature: Where it comes from, and who doubts it.
        limits: What the answer does not show.
        test: How it is put to the record.
    """

    name: str
    statement: str
    paraphrases: tuple[str, ...]
    slots: tuple[Slot, ...]
    cues: tuple[tuple[str, ...], ...]
    without: tuple[str, ...] = ()
    narrower: tuple[str, ...] = ()
    domain: Domain
    arena: str = ""
    names: tuple[str, ...] = ()
    causal: bool
    measure: str
    unit: str
    supports: str
    contradicts: str
    literature: tuple[str, ...]
    limits: str
    test: Test

    @property
    def general(self) -> bool:
        """Say whether it is put to all states together, whoever a text names."""
        return self.test.kind in ("disputes", "deepening", "escalation", "reaction")

    def worded(self, names: dict[str, str]) -> str:
        """Give the statement with its slots filled; what is not filled is said in general."""
        return fill(self.statement, names)


GENERAL = {
    "actor": "a state",
    "ally": "an ally",
    "partner": "its partner",
    "rival": "a rival",
    "arena": "the arena",
}


def fill(text: str, names: dict[str, str]) -> str:
    """Fill the slots of a text."""
    filled = text.format(**{**GENERAL, **names})
    return filled[:1].upper() + filled[1:]


@cache
def propositions() -> dict[str, Proposition]:
    """Read all propositions, by name.

    Raises:
        BadInputError: A file is not as it should be.
    """
    found = {}
    folder = resources.files("foedus.claim").joinpath("propositions")
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        name = file.name.removesuffix(".toml")
        try:
            given = tomllib.loads(file.read_text("utf-8"))
            found[name] = Proposition(name=name, **given)
        except (tomllib.TOMLDecodeError, ValidationError) as error:
            raise BadInputError(
                f"the proposition {name} cannot be read ({str(error)[:300]})",
                expected="a statement, its slots and its test",
                where=file.name,
                hint="see the other propositions",
            ) from error
    return found


def proposition(name: str) -> Proposition:
    """Give a proposition by name.

    Raises:
        UnknownNameError: There is none.
    """
    try:
        return propositions()[name]
    except KeyError:
        raise UnknownNameError(
            f"no proposition is called {name!r}",
            expected=", ".join(propositions()),
            where="a proposition",
            hint="foedus check --list",
        ) from None
