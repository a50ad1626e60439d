"""What a table of the record is: its columns, coverage, source, terms and information rules.

Each source module has a TOML file beside it that fills these objects; everything the program says
about a table (catalogue, citation, terms page, coverage states, checks) is computed from them.
"""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class State(StrEnum):
    """What stands behind one cell. A value is present only in the first three."""

    OBSERVED = "observed"
    CARRIED = "carried"
    ESTIMATED = "estimated"
    UNREPORTED = "unreported"
    OUTSIDE = "outside coverage"
    NOT_APPLICABLE = "not applicable"


class Rule(StrEnum):
    """Information rule: what may be used for a date D.

    `dated` takes observations up to D in today's vintage. `known` takes what had been published
    by D (release date, or the table's stated lag). Neither undoes later revision.
    """

    DATED = "dated"
    KNOWN = "known"


class Terms(StrEnum):
    """What the source's terms let the project ship."""

    OPEN = "open"
    RESEARCH = "research"
    RESTRICTED = "restricted"


class Ship(StrEnum):
    """Which rows of a table travel inside the package."""

    ALL = "all"
    CASE_COUNTRIES = "case countries"
    NONE = "none"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Frozen):
    """One column: type, meaning, unit, plausible range, and how far it can be trusted.

    Args:
        type: Storage type.
        meaning: What the value says, in plain words.
        unit: Physical or counting unit; None for codes, names and dates.
        minimum: Smallest plausible value, checked by `foedus record verify`.
        maximum: Largest plausible value.
        hindsight: Coded with knowledge of what came later; refused under the rule `known`.
        at_end: Settled only when the spell of the row ends; blank until then, as the end itself.
        first: First year covered, where it differs from the table's.
        last: Last year covered, where it differs from the table's.
        estimated: True if every value is an estimate of a model, or the name of the boolean
            column that marks the estimated cells.
        carried_after: Year after which the source itself repeats its last value.
        codes: What coded values stand for.
    """

    type: Literal["int8", "int16", "int32", "int64", "float32", "float64", "str", "bool", "date"]
    meaning: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    hindsight: bool = False
    at_end: bool = False
    first: int | None = None
    last: int | None = None
    estimated: bool | str = False
    carried_after: int | None = None
    codes: dict[str, str] = Field(default_factory=dict)


class RawFile(_Frozen):
    """One raw input of the build: where it lies below the raw folder, and its SHA-256."""

    path: str
    sha256: str


class Table(_Frozen):
    """One table of the record.

    Args:
        name: Name used everywhere: file, SQL view, command line.
        title: What it is, in one line.
        kind: Who and when a row is about, for example `state-year` or `dyad-spell`.
        key: Columns that identify a row; rows are unique on them and sorted by them.
        when: Column that dates a row (`year`, `month` as first day of the month, `date`, or the
            start of a spell); empty in the TOML file, None here, where a row has no date.
        until: Last-day or last-year column of a spell table.
        first: First year covered.
        last: Last year covered.
        last_date: Last day covered, where finer than the year.
        countries: Countries covered, in words.
        absent: What an absent row inside coverage means: `none` if the event or tie did not
            exist, `unreported` if nothing is known.
        lag_months: Stated publication lag: a value for period t counts as known this many months
            after the end of t.
        released: Release date of this vintage, where known.
        lag_basis: Why this lag.
        producer: Who made the data.
        version: Version of the data.
        citation: How to cite them.
        address: Public address of the source.
        licence: The terms, in the source's words as far as known.
        terms: What these terms let us do.
        ship: What travels inside the package.
        ship_why: Why no more than that is shipped.
        raw: Raw inputs, with digests.
        cautions: What would ruin a result if overlooked.
        changes: What the build changed.
        columns: The columns, in order.
    """

    name: str
    title: str
    kind: str
    key: tuple[str, ...]
    when: Annotated[str | None, BeforeValidator(lambda text: text or None)] = "year"
    until: str | None = None
    first: int
    last: int
    last_date: dt.date | None = None
    countries: str = "all states of the COW system"
    absent: Literal["none", "unreported"] = "unreported"
    lag_months: int = Field(ge=0)
    released: dt.date | None = None
    lag_basis: str
    producer: str
    version: str
    citation: str
    address: str
    licence: str
    terms: Terms
    ship: Ship
    ship_why: str = ""
    raw: tuple[RawFile, ...]
    cautions: tuple[str, ...] = ()
    changes: str
    columns: dict[str, Column]
