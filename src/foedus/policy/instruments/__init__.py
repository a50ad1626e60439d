"""Instruments: a file each, turning a lever into effects on what the laws publish."""

from functools import cache
from importlib import resources
from typing import Literal

from pydantic import Field, model_validator

from foedus.policy.checked_file import Written, read_written
from foedus.policy.evidence import Evidence
from foedus.world.errors import UnknownNameError

On = Literal["pairs", "among", "actors", "targets", "arenas"]
Scale = Literal["linear", "log percent"]
Who = Literal["ally", "partner", "rival"]


class Cost(Written):
    """What a unit of the lever costs.

    Args:
        low: Lower end, million US dollars a year per unit of the lever.
        high: Upper end.
        year: Year of the prices.
        source: Where the figure comes from.
    """

    low: float = Field(ge=0)
    high: float = Field(ge=0)
    year: int = Field(ge=1945, le=2100)
    source: str


class LeverEffect(Written):
    """One effect of a lever on one law.

    Args:
        name: What changes, in words.
        law: Law acted on.
        kind: `set`, `add` or `shift`, as the simulator takes them.
        term: Input that is set or added to; nothing for a shift.
        on: Units: `pairs` of an actor and a target, pairs `among` the actors, `actors`,
            `targets`, or the `arenas` of the step.
        low: Lower end of the effect of one unit of the lever.
        high: Upper end.
        scale: How the lever enters: `linear`, or `log percent`: the log of one plus a percentage.
        once: The law is of a yearly change and the lever of a level: a change of the lever acts in
            the year it is made, and not again.
        depth: The lever deepens the alliance, and acts as the views of depth say; `low` and `high`
            are then shares of the deepest pact that one unit of the lever adds.
        evidence: How well it is known.
        estimand: What the number is.
        sample: What it was found on; nothing if assumed.
        reason: Why this range.
        source: Citation, or whose assumption it is.
        association: Lever whose association and placebo on the record stand beside it.
    """

    name: str
    law: str
    kind: Literal["set", "add", "shift"] = "shift"
    term: str = ""
    on: On
    low: float
    high: float
    scale: Scale = "linear"
    once: bool = False
    depth: bool = False
    evidence: Evidence
    estimand: str
    sample: str = ""
    reason: str
    source: str
    association: str = ""

    @model_validator(mode="after")
    def _held(self) -> "LeverEffect":
        if self.low > self.high:
            raise ValueError(f"low is not above high: {self.low:g} to {self.high:g}")
        if self.evidence in ("identified", "published") and not self.sample:
            raise ValueError(f"the sample of what is {self.evidence}")
        if self.evidence == "assumed" and self.association and not self.low < 0 < self.high:
            raise ValueError("a range that includes zero and the other sign, for an association")
        return self


class Instrument(Written):
    """One instrument.

    Args:
        name: File name without ending.
        title: Name in output.
        what: What is done, in a sentence.
        lever: What a government sets.
        unit: Unit of the lever; zero is what there is at the origin.
        low: Lowest level a course may set.
        high: Highest.
        ramp_months: Months from the beginning to the full level.
        who: Who may use it.
        cost: Cost of a unit, or `not costed`.
        effects: Effects of one unit.
    """

    name: str
    title: str
    what: str
    lever: str
    unit: str
    low: float
    high: float
    ramp_months: int = Field(ge=0, le=240)
    who: tuple[Who, ...]
    cost: Cost | Literal["not costed"]
    effects: tuple[LeverEffect, ...] = Field(alias="effect", default=())

    @model_validator(mode="after")
    def _held(self) -> "Instrument":
        if not self.low <= 0 <= self.high:
            raise ValueError("levels on either side of zero, which is what there is at the origin")
        return self


def instrument_names() -> tuple[str, ...]:
    """Name the instruments."""
    files = resources.files("foedus.policy.instruments").iterdir()
    return tuple(sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml")))


@cache
def load_instrument(name: str) -> Instrument:
    """Load an instrument by name.

    Raises:
        UnknownNameError: No such instrument.
    """
    if name not in instrument_names():
        raise UnknownNameError(
            f"no instrument is called {name!r}",
            expected=", ".join(instrument_names()),
            where="the instrument of a step",
            hint="foedus case instruments lists them with their levers",
        )
    place = resources.files("foedus.policy.instruments").joinpath(f"{name}.toml")
    return read_written(
        Instrument, place.read_text("utf-8"), f"{name}.toml", hint="compare another", name=name
    )
