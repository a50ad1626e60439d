"""The lines of a ledger: a forecast issued, a question resolved, a question void.

A line is one JSON object. Whatever is needed to judge a forecast later stands in its line, so that
a score can be recomputed from the ledger and the source alone.
"""

import datetime as dt
import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

FORMAT = 1
LEVELS = (5, 25, 50, 75, 95)


class Form(StrEnum):
    """What a forecast of the question is: one probability, or quantiles of a number."""

    EVENT = "event"
    QUANTITY = "quantity"


class Statistic(StrEnum):
    """What is taken from the periods of a window."""

    SUM = "sum of the months"
    LARGEST = "largest month"
    VALUE = "value"
    INDEX = "index"


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a text holds a line break or a control character")
    return text


Text = Annotated[str, Field(max_length=2000), AfterValidator(_printable)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Identity = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Criterion(_Frozen):
    """What settles a question, as a program reads it.

    Args:
        series: Name of the series among those the ledger asks about.
        table: Table of the record it is read from.
        place: Arena, where the series is counted in one.
        countries: COW numbers of the states concerned.
        first: First day of the window.
        last: Last day of the window.
        statistic: What is taken from the window.
        base: Year that stands at 100, for an index.
        comparison: How the statistic is held against the threshold; None for a quantity.
        threshold: The threshold of an event.
    """

    series: Text
    table: Text
    place: Text | None
    countries: tuple[int, ...]
    first: dt.date
    last: dt.date
    statistic: Statistic
    base: int | None
    comparison: Literal["more than", "at least"] | None
    threshold: Number | None

    def happened(self, value: float) -> bool:
        """Say whether a value of the statistic makes the event true."""
        assert self.threshold is not None
        return value > self.threshold if self.comparison == "more than" else value >= self.threshold


class Source(_Frozen):
    """The public source that settles a question, and how far the record in use covered it.

    Args:
        table: Table of the record.
        producer: Who publishes the figures.
        address: Where.
        version: Version of the table in the record.
        last_covered: Last day the table covered that counted as known.
        published_by: Day by which that was out, by the table's stated lag.
    """

    table: Text
    producer: Text
    address: Text
    version: Text
    last_covered: dt.date
    published_by: dt.date


class Numbers(_Frozen):
    """A forecast in numbers.

    Args:
        method: Name of the method.
        probability: Probability of the event; None for a quantity.
        quantiles: Quantiles at 5, 25, 50, 75 and 95 per cent, in order; None for an event.
    """

    method: Text
    probability: Annotated[float, Field(gt=0, lt=1)] | None
    quantiles: tuple[Number, Number, Number, Number, Number] | None

    @model_validator(mode="after")
    def _one_form(self) -> "Numbers":
        if (self.probability is None) == (self.quantiles is None):
            raise ValueError("a forecast has either a probability or quantiles")
        if self.quantiles is not None and list(self.quantiles) != sorted(self.quantiles):
            raise ValueError("the quantiles are not in order")
        return self

    @property
    def form(self) -> Form:
        """Tell which form the forecast has."""
        return Form.EVENT if self.quantiles is None else Form.QUANTITY


class Past(_Frozen):
    """How the forecast's method and the baseline did on origins before the issue.

    Args:
        score: Name of the score; lower is better.
        origins: Past forecasts scored: origins, times countries where these are pooled.
        forecast: Mean score of the method.
        baseline: Mean score of the baseline.
    """

    score: Text
    origins: int
    forecast: Number | None
    baseline: Number | None


class Fingerprint(_Frozen):
    """What fixed the numbers.

    Args:
        record: Digest of the tables read.
        foedus: Version of the program.
        seed: Seed of the random draws; None where none was used.
    """

    record: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    foedus: Text
    seed: int | None


class Score(_Frozen):
    """Scores of one forecast; lower is better.

    Args:
        brier: Brier score of a probability.
        log_loss: Log loss of a probability, nats.
        crps: CRPS from the five quantiles, in the question's unit.
        inside_90: Whether the value lies in the 90 % interval, ends included.
    """

    brier: Number | None = None
    log_loss: Number | None = None
    crps: Number | None = None
    inside_90: bool | None = None


class _Line(_Frozen):
    format: Literal[1] = FORMAT
    recorded: dt.datetime
    previous: Digest = "0" * 64
    seal: Digest = "0" * 64

    @model_validator(mode="after")
    def _in_utc(self) -> "_Line":
        if self.recorded.utcoffset() != dt.timedelta(0):
            raise ValueError("recorded is not in UTC")
        return self


class ForecastLine(_Line):
    """A forecast issued, with the baseline beside it.

    Args:
        kind: `forecast`.
        id: Digest of what is asked and of the origin.
        question: The question in words.
        settles: The rule of resolution in words.
        case: Case it was issued for.
        series: Name of the series.
        subject: Place, state or pair.
        unit: Unit of the value asked about.
        form: Event or quantity.
        criterion: The rule of resolution as a program reads it.
        source: The public source.
        issued: Date of knowledge.
        origin: Last whole month before the issue, as YYYY-MM.
        due: Day by which the source is expected to settle it.
        forecast: The forecast.
        baseline: The naive forecast it is held against.
        past: Scores of both on past origins.
        fingerprint: What fixed the numbers.
        recorded: When the line was written, UTC.
        previous: SHA-256 of the line before; zeros in the first.
        seal: SHA-256 of this line without its seal.
    """

    kind: Literal["forecast"] = "forecast"
    id: Identity
    question: Text
    settles: Text
    case: Text
    series: Text
    subject: Text
    unit: Text
    form: Form
    criterion: Criterion
    source: Source
    issued: dt.date
    origin: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    due: dt.date
    forecast: Numbers
    baseline: Numbers
    past: Past
    fingerprint: Fingerprint

    @model_validator(mode="after")
    def _agrees(self) -> "ForecastLine":
        if not self.form == self.forecast.form == self.baseline.form:
            raise ValueError("forecast and baseline are not of the question's form")
        if (self.form is Form.EVENT) != (self.criterion.threshold is not None):
            raise ValueError("an event has a threshold, a quantity has none")
        return self

    @property
    def retrospective(self) -> bool:
        """Say whether the line was written after the day it was issued for."""
        return self.issued < self.recorded.date()


class ResolutionLine(_Line):
    """A question settled by its source.

    Args:
        kind: `resolution`.
        id: The forecast's.
        value: Value of the statistic.
        outcome: Whether the event happened; None for a quantity.
        basis: What stands behind the value: a figure as reported, or the producer's own estimate.
        score: Scores of the forecast.
        baseline_score: Scores of the baseline.
        source: The source, as far as it covered then.
        resolved: Date of knowledge.
        fingerprint: Record and version that settled it.
        recorded: When the line was written, UTC.
        previous: SHA-256 of the line before.
        seal: SHA-256 of this line without its seal.
    """

    kind: Literal["resolution"] = "resolution"
    id: Identity
    value: Number
    outcome: bool | None
    basis: Text
    score: Score
    baseline_score: Score
    source: Source
    resolved: dt.date
    fingerprint: Fingerprint


class VoidLine(_Line):
    """A question that cannot be settled any more, and why.

    Args:
        kind: `void`.
        id: The forecast's.
        reason: Why.
        source: The source, as far as it covered then.
        resolved: Date of knowledge.
        fingerprint: Record and version in use.
        recorded: When the line was written, UTC.
        previous: SHA-256 of the line before.
        seal: SHA-256 of this line without its seal.
    """

    kind: Literal["void"] = "void"
    id: Identity
    reason: Text
    source: Source
    resolved: dt.date
    fingerprint: Fingerprint


Line = ForecastLine | ResolutionLine | VoidLine
_READER: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


def as_data(line: Line) -> dict[str, Any]:
    """Give a line as plain data, what it is first and its place in the chain last."""
    found = line.model_dump(mode="json")
    ends = ("format", "recorded", "previous", "seal")
    middle = [name for name in found if name not in ("kind", *ends)]
    return {name: found[name] for name in ("kind", *middle, *ends)}


def as_text(data: dict[str, Any]) -> str:
    """Write plain data in the one form a ledger knows."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sealed(line: Line, previous: str) -> Line:
    """Tie a line to the line before and seal it."""
    tied = line.model_copy(update={"previous": previous})
    return tied.model_copy(update={"seal": seal_of(as_data(tied))})


def seal_of(data: dict[str, Any]) -> str:
    """Compute the seal of a line given as plain data."""
    bare = {name: value for name, value in data.items() if name != "seal"}
    return hashlib.sha256(as_text(bare).encode()).hexdigest()


def read_line(text: str) -> Line:
    """Read a line, refusing unknown fields, wrong types and impossible values.

    Raises:
        ValueError: The text is no line of a ledger.
    """
    return _READER.validate_json(text, strict=True)
