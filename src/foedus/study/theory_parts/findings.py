"""The five theory tests: question, sample, estimates and the finding in words.

The smallest effects that matter stand at the top. Their sizes were set before an estimate was seen.
"""

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from foedus.record.store import Record
from foedus.study.theory_parts import exercises, pacts, reaction, spending
from foedus.study.theory_parts.evidence import part
from foedus.study.theory_parts.result import (
    Gain,
    Part,
    TheoryTest,
    gain_shown,
    placebo_fails,
    verdict,
)
from foedus.study.theory_parts.words import (
    between,
    forecasts,
    per_cent,
    per_cents,
    ruling,
    sentences,
)


@dataclass(frozen=True)
class Smallest:
    """The smallest effect that would matter, and why."""

    size: float
    reason: str


RIVALS_SPENDING = Smallest(
    0.10,
    "Rivals' mean growth moves by ten to twenty points from year to year. Below a tenth of that "
    "a state's own growth would move by less than two points, far inside the error of any "
    "forecast of it.",
)
REACTION = Smallest(
    0.10,
    "Below one fact sent for ten received, the forecast for a dyad would hardly ever change by a "
    "whole fact.",
)
DEEPENING = Smallest(
    math.log(1.25),
    "A quarter more: for a pair that trains twice a year, one more exercise in the two years "
    "that follow. Fewer could not be seen by counting them.",
)
PACT = Smallest(
    -math.log(0.82),
    "18 % fewer is what a published study gives for deterrent pacts (Benson 2011, Journal "
    "of Politics 73(4): 1111-1127).",
)
EXERCISES = Smallest(
    0.10,
    "Going from none to two exercises a year would then change the dispute rate by about a "
    "tenth, less than it moves between ordinary years.",
)

COUNTED = "log ratio of rates"
STATES_OF_PAIRS = "states; pairs that share one may be correlated"


def all_tests(record: Record) -> list[TheoryTest]:
    """Run the five tests."""
    cases = exercises.deepening_cases(exercises.allied_pairs(record))
    return [
        rivals_spending(record),
        action_reaction(record),
        threat_to_deepening(cases),
        pact_and_onset(record),
        exercises_placebo(cases),
    ]


def rivals_spending(record: Record) -> TheoryTest:
    """Ask whether rivals' spending improves the forecast of a state's own."""
    size = RIVALS_SPENDING.size
    rivals = spending.rival_pairs(record)
    sipri, own = spending.sipri_constant(record), spending.nmc_own_prices(record)
    cases, wide = (spending.spending_cases(levels, rivals) for levels in (sipri, own))
    dollars = spending.spending_cases(spending.nmc_us_prices(record), rivals)
    total = spending.spending_cases(sipri, rivals, spending.total_rival_growth)
    slope = spending.noise_slope(*spending.rivals_as_recorded(own, sipri, rivals))
    effect = spending.rival_effect(wide)
    parts = (
        part("rivals' mean growth (sipri_milex)", spending.rival_effect(cases), size),
        part("growth of the rivals' sum (sipri_milex)", spending.rival_effect(total), size),
        part("rivals' mean growth, own prices (nmc), as recorded", effect, size),
        part("the same, corrected for noise", spending.corrected(effect, slope), size),
        part(
            "rivals' mean growth, United States prices (nmc)",
            spending.rival_effect(dollars),
            size,
        ),
    )
    main, _, recorded, clean, _ = parts
    gain, wide_gain = spending.rival_gain(cases), spending.rival_gain(wide)
    found = verdict(main.lo90, main.hi90, size, gain_shown=gain_shown(gain))
    return TheoryTest(
        name="rivals' spending",
        question="Does the growth of its rivals' military spending last year improve the forecast "
        "of a state's own growth this year?",
        estimand="Points of own growth for one point of its rivals' mean growth the year before, "
        "given its own growth in the two years before.",
        sample=f"{main.rows} state-years of {main.units} states in SIPRI's constant prices, with "
        "known growth of at least one rival (sipri_milex has figures for "
        f"{sipri['ccode'].n_unique()} states here). A rival is a state with which it had a "
        "militarised dispute in the ten years before "
        f"(dyadic_mid). Beside it {recorded.rows} state-years of {recorded.units} states: spending "
        "of nmc over the price level of the state's own GDP (wb_gdp_pop, gdp_pop_cow), without the "
        "Soviet Union, Taiwan and Germany before 1990, for which there is no such price level.",
        design="Panel regression with a level for each year, errors clustered by state; rolling "
        f"yearly forecasts from {spending.FIRST_TARGET}. Changes beyond half a log point are held "
        "there. Power by the normal approximation from the clustered standard error.",
        unit="points of growth per point of rivals' growth",
        expected_sign=1,
        unit_name="states",
        verdict=found,
        sentence=sentences(
            "For each point of growth in rivals' spending, a state's own growth the year after "
            f"differs by {main.estimate:+.2f} points ({between(main.lo90, main.hi90)})",
            ruling(found, main, size, f"{size:.2f} points a point", gain),
            forecasts(gain),
            f"For {recorded.units} states in the figures of nmc it is {recorded.estimate:+.3f} "
            f"({between(recorded.lo90, recorded.hi90, 3)}), and {forecasts(wide_gain)}",
            "That interval says less than it seems to: where both sources have figures for a "
            f"rival, a point of growth in nmc stands for {slope.coefficient[0]:.2f} points in "
            "SIPRI's; corrected for this it is "
            f"{clean.estimate:+.2f} ({between(clean.lo90, clean.hi90)})",
        ),
        tables=("dyadic_mid", "gdp_pop_cow", "nmc", "sipri_milex", "wb_gdp_pop"),
        **_measured(RIVALS_SPENDING, parts, gain, cases.year),
    )


def action_reaction(record: Record) -> TheoryTest:
    """Ask whether conflict received last month improves the forecast of conflict sent."""
    size = REACTION.size
    runs = reaction.read_runs(record)
    cases = reaction.reaction_cases(runs)
    variants = {
        "material and verbal conflict, weight halved each month": cases,
        "last month alone": reaction.reaction_cases(runs, kept=0.0),
        "material conflict": reaction.reaction_cases(reaction.read_runs(record, ("matlconf",))),
        "verbal conflict": reaction.reaction_cases(reaction.read_runs(record, ("verbconf",))),
        **{f"{run.file} alone": cases.keep(cases.file == at) for at, run in enumerate(runs)},
    }
    parts = [part(name, reaction.reaction_effect(found), size) for name, found in variants.items()]
    parts.append(part("elasticity, log link", reaction.reaction_elasticity(cases), size))
    gain = reaction.reaction_gain(cases)
    main = parts[0]
    found = verdict(main.lo90, main.hi90, size, gain_shown=gain_shown(gain))
    files = [one for one in parts if one.name.endswith(" alone") and "icews" in one.name]
    month = reaction.FIRST_TARGET
    return TheoryTest(
        name="action and reaction",
        question="Does conflict received from a state in past months improve the forecast of "
        "conflict sent to it this month, beyond what the sender's own past tells?",
        estimand="Facts of conflict sent this month per fact received a month in the past, a "
        "month's weight halving with each further month, given the sender's own past in the same "
        "weights and the plain means of both directions so far.",
        sample=f"{main.rows} dyad-months of {sum(2 * len(run.pairs) for run in runs)} series of "
        f"directed dyads in {len(runs)} carrier files ({', '.join(run.file for run in runs)}): "
        "states of the cases that occur under their own names, months that are whole and not "
        "sampled (icews_coverage, icews_nodes). A month of a pair counts in one file only; the "
        f"first {reaction.START_MONTHS} months of a file serve as history.",
        design="Negative-binomial quasi-likelihood with additive terms and a level for each "
        f"carrier file, errors clustered by pair; rolling monthly forecasts from {month // 12}-"
        f"{month % 12 + 1:02d}. Power by the normal approximation from the clustered standard "
        "error.",
        unit="facts sent per fact received",
        expected_sign=1,
        unit_name="pairs",
        verdict=found,
        sentence=sentences(
            f"For each fact of conflict received, {main.estimate:+.2f} were sent "
            f"({between(main.lo90, main.hi90)})",
            ruling(found, main, size, f"{size:.2f} facts a fact", gain),
            forecasts(gain),
            "The carrier files differ: "
            + ", ".join(
                f"{one.name.removesuffix(' alone')} {one.estimate:+.2f} "
                f"({one.lo90:+.2f} to {one.hi90:+.2f}, {one.units} pairs)"
                for one in files
            ),
            "Two sides caught up in one crisis look the same as one answering the other",
        ),
        tables=("icews_coverage", "icews_monthly", "icews_nodes"),
        **_measured(REACTION, tuple(parts), gain, cases.month // 12),
    )


def threat_to_deepening(cases: exercises.AlliedPairs) -> TheoryTest:
    """Ask whether a dispute with an outsider is followed by more exercises between allies."""
    size = DEEPENING.size
    effect = exercises.deepening_effect
    parts = (
        part("within pairs, a level for each year", effect(cases), size),
        part("placebo: exercises in t-2 and t-1", effect(cases, (-2, -1)), size),
        part("a level for each region and year", effect(cases, by_region=True), size),
        part("exercises in t+1", effect(cases, (1,)), size),
        part("exercises in t+2", effect(cases, (2,)), size),
    )
    main, placebo, by_region = parts[:3]
    gain = exercises.deepening_gain(cases)
    found = verdict(
        main.lo90,
        main.hi90,
        size,
        gain_shown=gain_shown(gain),
        placebo_fails=placebo_fails(main, placebo),
    )
    return TheoryTest(
        name="threat and deepening",
        question="Does a dispute with an outsider tell of more exercises between allies in the "
        "next two years?",
        estimand="Log ratio of the exercises of an allied pair in t+1 and t+2 after a year t in "
        "which a dispute between either ally and an outsider began, to those after other years of "
        "the same pair.",
        sample=f"{main.rows} years of allied pairs (defence pledge either way, atop_dyad) that "
        f"trained together at least once, of {len(cases.year)} pair-years in all. An outsider is "
        "allied to neither (dyadic_mid). exercises_mme_long counts exercises found in news in "
        "English.",
        design="Poisson regression within pairs by conditional likelihood with a level for each "
        "year, errors correlated between pairs that share a state; exercises of the two years "
        f"before as placebo; rolling forecasts of outcomes from {exercises.FIRST_TARGET}. Power by "
        "the normal approximation from the clustered standard error.",
        unit=COUNTED,
        expected_sign=1,
        unit_name=STATES_OF_PAIRS,
        verdict=found,
        sentence=sentences(
            "In the two years after a dispute with an outsider, allied pairs held "
            f"{per_cent(main.estimate)} exercises together than the same pairs at other times "
            f"({per_cents(main)})",
            ruling(found, main, size, per_cent(size), gain),
            forecasts(gain),
            "With a level for each region and year, which takes out years in which all of NATO "
            f"trains more, the figure is {per_cent(by_region.estimate)} ({per_cents(by_region)})",
            f"For the two years before the dispute it is {per_cent(placebo.estimate)} "
            f"({per_cents(placebo)})",
        ),
        tables=("atop_dyad", "dyadic_mid", "exercises_mme_long"),
        **_measured(DEEPENING, parts, gain, np.append(cases.year + 1, cases.year + 2)),
    )


def pact_and_onset(record: Record) -> TheoryTest:
    """Ask whether having a defence pact goes with fewer disputes against the state that has it."""
    size = PACT.size
    cases, dropped = pacts.pact_cases(record)
    parts = (
        part("within dyads", pacts.pact_effect(cases, within=True), size),
        part("across dyads", pacts.pact_effect(cases, within=False), size),
    )
    main, pooled = parts
    gain = pacts.pact_gain(cases)
    found = verdict(main.lo90, main.hi90, size, expected_sign=-1, gain_shown=gain_shown(gain))
    return TheoryTest(
        name="pact and onset",
        question="Does a state's having a defence pact go with fewer disputes started against it?",
        estimand="Log ratio of the disputes a challenger starts in a year against a target that "
        "held a defence pledge of a third state at the end of the year before, to those it starts "
        "against the same target without one.",
        sample=f"{len(cases.year)} directed dyad-years, contiguous or with a major power, of which "
        f"{main.rows} belong to dyads that saw a dispute; {dropped} left out for a missing term. "
        "The challenger was on the side that acted first, and both were there from the first day "
        "(dyadic_mid); pledges from atop_dyad.",
        design="Poisson regression within dyads by conditional likelihood; across dyads with "
        "contiguity, distance and major-power status. Both with a level for each year, capability "
        "ratio, a pledge between the two and years since their last dispute; errors correlated "
        "between dyads that share a state. Rolling yearly forecasts across dyads from "
        f"{pacts.FIRST_TARGET}. Power by the normal approximation from the clustered standard "
        "error.",
        unit=COUNTED,
        expected_sign=-1,
        unit_name=STATES_OF_PAIRS,
        verdict=found,
        sentence=sentences(
            "While a state held a defence pledge of a third state, the same challenger started "
            f"{per_cent(main.estimate)} disputes against it a year than without one "
            f"({per_cents(main)})",
            ruling(found, main, size, per_cent(-size), gain),
            f"Across dyads it is {per_cent(pooled.estimate)} ({per_cents(pooled)})",
            forecasts(gain),
            "An association and no effect: states seek pacts when they expect trouble",
        ),
        tables=(
            "atop_dyad",
            "cow_capitals",
            "cow_contiguity",
            "cow_majors",
            "cow_states",
            "dyadic_mid",
            "nmc",
        ),
        **_measured(PACT, parts, gain, cases.year + 1),
    )


def exercises_placebo(cases: exercises.AlliedPairs) -> TheoryTest:
    """Hold what past exercises "predict" against what exercises still to come "predict"."""
    size = EXERCISES.size
    before, after = (
        [
            part(
                f"{name}, {'within' if within else 'across'} pairs",
                exercises.dispute_effect(cases, lags, within=within),
                size,
            )
            for within in (False, True)
        ]
        for name, lags in (
            ("exercises in the year before", (-1,)),
            ("exercises in the two years after", (1, 2)),
        )
    )
    main = before[0]
    failed = [placebo_fails(lag, lead) for lag, lead in zip(before, after, strict=True)]
    where = [name for name, fails in zip(("across", "within"), failed, strict=True) if fails]
    found = verdict(main.lo90, main.hi90, size, placebo_fails=any(failed))

    def figures(one: Part) -> str:
        return f"{one.estimate:+.2f} ({between(one.lo90, one.hi90)})"

    return TheoryTest(
        name="exercises and disputes",
        question="Do exercises bring disputes with outsiders, or do allies who have disputes "
        "exercise more anyway?",
        estimand="Change in the log rate of an allied pair's disputes with outsiders for one unit "
        "of the log of one plus its exercises in the year before; as the placebo, of its exercises "
        "in the two years after.",
        sample=f"{main.rows} years of allied pairs (defence pledge either way, atop_dyad), "
        f"{before[1].rows} of them of pairs that saw a dispute. Exercises found in news in English "
        "(exercises_mme_long); disputes that began in the year between either ally and a state "
        "allied to neither (dyadic_mid).",
        design="Poisson regression with a level for each year, across pairs, and within pairs by "
        "conditional likelihood, lag and lead on the same pair-years; errors correlated between "
        "pairs that share a state. The placebo fails where the lead is distinguishable from zero "
        "or as large as the lag, whatever its sign. Power by the normal approximation from the "
        "clustered standard error.",
        unit="log rate per unit of log exercises",
        expected_sign=1,
        unit_name=STATES_OF_PAIRS,
        verdict=found,
        sentence=sentences(
            "With each unit of log exercises, the log rate of disputes in the year after changes "
            f"by {figures(before[0])} across allied pairs and by {figures(before[1])} within them",
            "With exercises still to come, the log rate of disputes before them changes by "
            f"{figures(after[0])} across pairs and by {figures(after[1])} within",
            f"The placebo fails {' and '.join(where)} pairs" if where else "The placebo passes",
            ruling(found, main, size, f"{size:.2f}", None),
        ),
        tables=("atop_dyad", "dyadic_mid", "exercises_mme_long"),
        **_measured(EXERCISES, (*before, *after), None, cases.year),
    )


def _measured(
    smallest: Smallest, parts: tuple[Part, ...], gain: Gain | None, years: np.ndarray
) -> dict[str, Any]:
    """Give the fields of a test that are read off its main estimate, forecasts and years."""
    main = parts[0]
    scored: dict[str, Any] = asdict(gain) if gain else {}
    names = ("score", "rows", "difference", "lo90", "hi90")
    return {
        **{name: getattr(main, name) for name in ("estimate", "lo90", "hi90", "power", "rows")},
        "units": main.units,
        "smallest_effect": round(smallest.size, 6),
        "smallest_effect_reason": smallest.reason,
        "first_year": int(years.min()),
        "last_year": int(years.max()),
        **{f"out_of_sample_{name}": scored.get(name) for name in names},
        "parts": parts,
    }
