"""What a theory test reports, and the rule that puts it into words."""

from dataclasses import dataclass

LEAST_POWER = 0.8
SUPPORTED = "supported"
OPPOSITE = "the record points the other way"
CANNOT_TELL = "the record cannot tell"
SELECTION = "selection, not cause"


@dataclass(frozen=True)
class Part:
    """One estimate of a test.

    Args:
        name: What it is, in words.
        estimate: The coefficient.
        lo90: Lower end of its clustered 90 % interval.
        hi90: Upper end.
        power: Chance of a 90 % interval that excludes zero, were the effect the smallest that
            matters.
        rows: Rows with information.
        units: Units that may be correlated within.
    """

    name: str
    estimate: float
    lo90: float
    hi90: float
    power: float
    rows: int
    units: int


@dataclass(frozen=True)
class Gain:
    """Forecast score with the term in question less the score without; below zero is better.

    Args:
        score: Name of the score.
        rows: Forecasts scored by both.
        difference: Mean difference.
        lo90: Lower end of its paired, clustered 90 % interval.
        hi90: Upper end.
    """

    score: str
    rows: int
    difference: float
    lo90: float
    hi90: float


@dataclass(frozen=True)
class TheoryTest:
    """One theory held against the record.

    Args:
        name: Short name.
        question: The question in one sentence.
        estimand: What the coefficient stands for.
        sample: Tables, years and who is in.
        design: How it is estimated.
        estimate: The coefficient that the verdict rests on.
        lo90: Lower end of its clustered 90 % interval.
        hi90: Upper end.
        unit: Unit of the estimate.
        expected_sign: 1 or -1, the direction the theory names.
        smallest_effect: Smallest size that would matter, fixed before the estimate was seen.
        smallest_effect_reason: Why that size.
        power: Chance of a 90 % interval that excludes zero, were the effect that size.
        rows: Rows with information.
        units: Units within which rows may be correlated.
        unit_name: What those units are.
        first_year: First year of the outcome.
        last_year: Last year of the outcome.
        out_of_sample_score: Name of the score, where forecasts were compared.
        out_of_sample_rows: Forecasts compared.
        out_of_sample_difference: Mean score with the term less without; below zero is better.
        out_of_sample_lo90: Lower end of its paired 90 % interval.
        out_of_sample_hi90: Upper end.
        verdict: By the rule in `verdict`.
        sentence: The finding in words.
        tables: Tables read.
        parts: All estimates, the one above first.
    """

    name: str
    question: str
    estimand: str
    sample: str
    design: str
    estimate: float
    lo90: float
    hi90: float
    unit: str
    expected_sign: int
    smallest_effect: float
    smallest_effect_reason: str
    power: float
    rows: int
    units: int
    unit_name: str
    first_year: int
    last_year: int
    out_of_sample_score: str | None
    out_of_sample_rows: int | None
    out_of_sample_difference: float | None
    out_of_sample_lo90: float | None
    out_of_sample_hi90: float | None
    verdict: str
    sentence: str
    tables: tuple[str, ...]
    parts: tuple[Part, ...]


def no_effect(smallest: float) -> str:
    """Word the verdict of a precise null."""
    return f"no effect larger than {smallest:.2f}"


def verdict(
    lo90: float,
    hi90: float,
    smallest: float,
    *,
    expected_sign: int = 1,
    gain_shown: bool | None = None,
    placebo_fails: bool = False,
) -> str:
    """Put an estimate into words, by the first of these that holds.

    1. The placebo fails: selection, not cause.
    2. The 90 % interval lies inside the smallest effect that matters on both sides: no effect
       larger than that, even where the interval leaves out zero.
    3. The interval leaves out zero on the side the theory names, and forecasts with the term were
       shown to be better where forecasts are asked about: supported.
    4. The interval leaves out zero on the other side: the record points the other way.
    5. Otherwise the record cannot tell.

    Args:
        lo90: Lower end of the interval.
        hi90: Upper end.
        smallest: Smallest effect that matters, above zero.
        expected_sign: 1 or -1, the direction the theory names.
        gain_shown: Whether the paired interval of the forecast scores lies below zero; None where
            no forecast is asked about.
        placebo_fails: Whether a placebo was run and failed.
    """
    if placebo_fails:
        return SELECTION
    if -smallest < lo90 and hi90 < smallest:
        return no_effect(smallest)
    ahead, behind = (lo90, hi90) if expected_sign > 0 else (-hi90, -lo90)
    if ahead > 0 and gain_shown is not False:
        return SUPPORTED
    if behind < 0:
        return OPPOSITE
    return CANNOT_TELL


def placebo_fails(lag: Part, lead: Part) -> bool:
    """Say whether a lead is distinguishable from zero, or as large as the lag it is held against.

    Size alone counts, whatever the sign.
    """
    distinct = lead.lo90 > 0 or lead.hi90 < 0
    return distinct or abs(lead.estimate) >= abs(lag.estimate)


def gain_shown(gain: Gain) -> bool:
    """Say whether forecasts with the term were better, beyond the paired interval."""
    return gain.hi90 < 0
