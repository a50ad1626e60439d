"""What the record shows of levers: association, the same within pairs, placebo, hidden causes.

A coefficient that forecasts is not the effect of a lever. Each lever is held against disputes
begun in the next year, between pairs and within them; then its value two years later is put
beside it, which cannot have caused them; then it is asked how strong a hidden cause would have
to be. The stored results ship with the package, stamped with the record they rest on.
"""

import json
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from foedus.policy.evidence import EVIDENCE
from foedus.study.theory_parts.estimators import (
    Fit,
    Floats,
    fit_counts,
    fit_counts_within,
    year_terms,
)
from foedus.study.theory_parts.evidence import power
from foedus.study.theory_parts.result import LEAST_POWER

if TYPE_CHECKING:
    from foedus.record.store import Record
    from foedus.study.lever_parts.levers import Lever
    from foedus.study.theory_parts.pacts import PactCases

LEAD_YEARS = 2
ASSOCIATED = "associated"
NONE_SHOWN = "none shown"
DIGITS = 4
ADJUSTED = (
    "year, capability ratio, pledge between the two, years since their last dispute with square "
    "and cube; between pairs also borders, distance and major powers"
)


@dataclass(frozen=True)
class LeverDesign:
    """One lever held against disputes.

    Args:
        key: Stable name, of lever and holder.
        lever: Lever.
        holder: Whose lever it is: the state that could be challenged, the one that could
            challenge, or the pair.
        instruments: Instruments of policy it bears on.
        unit: Unit in which the lever enters.
        estimand: What the estimate stands for.
        adjusted_for: What is held fixed.
        outside_variation: What moved the lever for reasons outside disputes; nothing is known.
        rows: Directed pair-years.
        pairs: Directed pairs.
        disputes: Disputes begun.
        first_year: First year of the lever.
        last_year: Last one.
        spread: Standard deviation of the lever within pairs, in its unit.
        between: Change of the log rate per unit, between pairs.
        between_lo90: Lower end of its 90 % interval, clustered by states.
        between_hi90: Upper end.
        within: The same within pairs.
        within_lo90: Lower end.
        within_hi90: Upper end.
        lead: Coefficient of the lever two years later, beside that of now, within pairs.
        lead_lo90: Lower end.
        lead_hi90: Upper end.
        lead_power: Chance that the lead's interval leaves out zero, were the lead as large as the
            estimate within pairs.
        lead_passes: Whether the lead's interval holds zero and the power is .8 or more.
        e_value: Rate ratio with lever and outcome that a hidden cause would need to explain the
            estimate within pairs away, for one standard deviation of the lever (VanderWeele and
            Ding 2017, Annals of Internal Medicine 167(4), doi:10.7326/M16-2607).
        e_value_end: The same for the end of the interval nearer to none; 1 if it holds none.
        evidence: `identified`, `associated` or `none shown`, by the rule of `evidence_of`.
        sentence: The finding in words.
        tables: Tables read.
    """

    key: str
    lever: str
    holder: str
    instruments: tuple[str, ...]
    unit: str
    estimand: str
    adjusted_for: str
    outside_variation: str
    rows: int
    pairs: int
    disputes: int
    first_year: int
    last_year: int
    spread: float
    between: float
    between_lo90: float
    between_hi90: float
    within: float
    within_lo90: float
    within_hi90: float
    lead: float
    lead_lo90: float
    lead_hi90: float
    lead_power: float
    lead_passes: bool
    e_value: float
    e_value_end: float
    evidence: str
    sentence: str
    tables: tuple[str, ...]


def run_lever_designs(record: "Record") -> list[LeverDesign]:
    """Run every design on a record; all years, in today's vintage (rule `dated`)."""
    from foedus.study.lever_parts.levers import LEVERS
    from foedus.study.theory_parts.pacts import pact_cases

    cases, _ = pact_cases(record)
    found = []
    for lever in LEVERS:
        values = lever.values(record, cases)
        found += [lever_design(lever, values, cases, holder) for holder in lever.holders]
    return found


def lever_design(lever: "Lever", values: Any, cases: "PactCases", holder: Any) -> LeverDesign:
    """Hold one lever against the disputes begun in the next year.

    Args:
        lever: The lever.
        values: Its values by state or pair and year.
        cases: Directed politically relevant pairs by year.
        holder: Whose lever it is.
    """
    from foedus.study.lever_parts.levers import at

    now, later = at(values, cases, holder, 0), at(values, cases, holder, LEAD_YEARS)
    whole = np.isfinite(now)
    both = whole & np.isfinite(later)
    kept = cases.keep(whole)
    between = _fit(cases, whole, [now], within=False)
    within = _fit(cases, whole, [now], within=True)
    lead = _fit(cases, both, [later, now], within=True)
    low, high = within.interval()
    lead_low, lead_high = lead.interval()
    estimate = float(within.coefficient[0])
    seen = power(estimate, lead.error(), lead.clusters)
    passes = lead_low <= 0 <= lead_high and seen >= LEAST_POWER
    spread = _within_spread(now[whole], kept.dyad)
    evidence = evidence_of(low, high, lead_passes=passes, outside_variation="")
    numbers = {
        "spread": spread,
        "between": float(between.coefficient[0]),
        **dict(zip(("between_lo90", "between_hi90"), between.interval(), strict=True)),
        "within": estimate,
        "within_lo90": low,
        "within_hi90": high,
        "lead": float(lead.coefficient[0]),
        "lead_lo90": lead_low,
        "lead_hi90": lead_high,
        "lead_power": seen,
        "e_value": e_value(estimate * spread),
        "e_value_end": 1.0 if low <= 0 <= high else e_value(min(abs(low), abs(high)) * spread),
    }
    return LeverDesign(
        key=f"{lever.name}, {holder}",
        lever=lever.name,
        holder=holder,
        instruments=lever.instruments,
        unit=lever.unit,
        estimand=_estimand(lever, holder),
        adjusted_for=ADJUSTED,
        outside_variation="",
        rows=int(whole.sum()),
        pairs=len(np.unique(kept.dyad)),
        disputes=int(kept.onsets.sum()),
        first_year=int(kept.year.min()),
        last_year=int(kept.year.max()),
        lead_passes=bool(passes),
        evidence=evidence,
        sentence=_sentence(numbers, evidence, passes=bool(passes)),
        tables=tuple(dict.fromkeys((*lever.tables, *BASE_TABLES))),
        **{name: round(value, DIGITS) for name, value in numbers.items()},
    )


BASE_TABLES = (
    "dyadic_mid", "atop_dyad", "cow_contiguity", "cow_majors", "nmc", "cow_capitals",
)  # fmt: skip


def _fit(cases: "PactCases", rows: Any, levers: list[Floats], *, within: bool) -> Fit:
    kept = cases.keep(rows)
    terms = [*(lever[rows] for lever in levers), kept.moving, year_terms(kept.year)]
    if within:
        return fit_counts_within(np.column_stack(terms), kept.onsets, kept.dyad, kept.clusters)
    steady = (kept.steady, np.ones(len(kept.year)))
    return fit_counts(np.column_stack([*terms, *steady]), kept.onsets, kept.clusters)


def _within_spread(values: Floats, unit: Any) -> float:
    mean = np.bincount(unit, weights=values) / np.bincount(unit)
    return float(np.std(values - mean[unit]))


def e_value(log_ratio: float) -> float:
    """Give the rate ratio a hidden cause would need with lever and outcome, at least 1."""
    ratio = float(np.exp(abs(log_ratio)))
    return ratio + float(np.sqrt(ratio * (ratio - 1)))


def evidence_of(lo90: float, hi90: float, *, lead_passes: bool, outside_variation: str) -> str:
    """Class an estimate within pairs.

    `identified` needs an interval that leaves out zero, a lead that passes, and a named reason
    outside disputes that moved the lever; `associated` needs the interval alone.
    """
    if lo90 <= 0 <= hi90:
        return NONE_SHOWN
    if lead_passes and outside_variation:
        return EVIDENCE[0]
    return ASSOCIATED


def _estimand(lever: "Lever", holder: str) -> str:
    whose = {
        "target": "of the state that could be challenged",
        "challenger": "of the state that could challenge",
        "pair": "between the two",
        "directed pair": "of the state that could be challenged, held of a third state",
    }[holder]
    return (
        f"Change of the log rate of disputes one state begins against another in the next year, "
        f"per unit of {lever.name} {whose}"
    )


def _sentence(found: dict[str, float], evidence: str, *, passes: bool) -> str:
    change = np.expm1(found["within"] * found["spread"])
    low, high = sorted(
        np.expm1(found[end] * found["spread"]) for end in ("within_lo90", "within_hi90")
    )
    said = (
        f"Within pairs one standard deviation more goes with {_percent(change)} disputes "
        f"[{_percent(low)}, {_percent(high)}]"
    )
    if evidence == NONE_SHOWN:
        return f"{said}: none is shown."
    placebo = (
        "its value two years later goes with none"
        if passes
        else "the placebo two years later fails or is too weak to speak"
    )
    return f"{said}; {placebo}, and nothing outside disputes is known to have moved it."


def _percent(change: float) -> str:
    text = f"{change:+.0%}"
    return "0%" if text in ("-0%", "+0%") else text


def store_lever_designs(record: "Record") -> Path:
    """Run the designs and write the results that ship with the package."""
    found = run_lever_designs(record)
    tables = sorted({name for design in found for name in design.tables})
    stored = {
        "record": record.digest(tables),
        "tables": tables,
        "rule": "dated",
        "designs": [asdict(design) for design in found],
    }
    path = _place()
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(stored, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    partial.replace(path)
    return path


def lever_designs() -> list[LeverDesign]:
    """Give the stored results."""
    return [
        LeverDesign(
            **{**row, "instruments": tuple(row["instruments"]), "tables": tuple(row["tables"])}
        )
        for row in _stored()["designs"]
    ]


def lever_designs_record() -> tuple[str, tuple[str, ...]]:
    """Give the fingerprint of the tables the stored results rest on, and the tables."""
    stored = _stored()
    return stored["record"], tuple(stored["tables"])


def _stored() -> dict[str, Any]:
    return json.loads(_place().read_text("utf-8"))


def _place() -> Path:
    return Path(str(resources.files("foedus.score").joinpath("lever_designs.json")))
