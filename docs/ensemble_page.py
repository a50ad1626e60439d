"""The page on what the ensemble earned from past origins, its numbers from the stored cards."""

from collections.abc import Iterable

from foedus.score.scorecard import Difference, Score, Scorecard, read_scorecards
from foedus.study.score_parts.ensemble_arenas import NOTES as ARENA_NOTES
from foedus.study.score_parts.ensemble_joint import ADDED, SCORES, UNTIED
from foedus.study.score_parts.ensemble_levels import AHEAD, LEVELS, NO_FORECAST, WALK
from foedus.study.score_parts.ensemble_past import (
    ALONE,
    COUPLED,
    GIVEN_CAPABILITY,
    GIVEN_OTHERS,
    ORIGINS,
    WORLDWIDE,
)

EVENTS = ("any dispute", "use of force")
TITLES = {
    "spending": "military spending (log)",
    "output": "output (log)",
    "ideal_point": "ideal point",
    "trade": "trade of a pair (log)",
    "capability": "capability (log)",
    "similarity": "similarity of alliances",
    "support": "favourable opinion (log odds)",
}
LEVEL = 0.9
SAME = 1e-6
"""Differences below it are rounding."""


def ensemble_page() -> str:
    """Say what coupling did to each forecast, and whether what is forecast together belongs so."""
    cards = read_scorecards("ensemble")[0]
    test = {card.question: card for card in cards if card.split == "test"}
    choice = {card.question: card for card in cards if card.split == "choice"}
    years = ", ".join(map(str, ORIGINS["test"]))
    parts = [
        "# What the ensemble earned",
        "",
        "Made from the cards that `foedus score ensemble` prints. At the end of "
        f"{years} the laws were fitted on what had been published by then, and the flagship case "
        "was run forward with 2,000 draws. Intervals are 90 %, from drawing whole countries or "
        "pairs again; below zero the ensemble is better.",
        "",
        "## Coupled, and each law alone",
        "",
        "The laws are run a second time from the same start, with the same draws and the same "
        "luck, each seeing the others as they were *last known*: the last recorded growth of "
        "output, the memory of disputes as the record left it, the last recorded capability. "
        "Disputes and how far they go are one law there, and pairs go on seeing each other's "
        "onsets. Output, ideal points, capability, similarity and opinion read no other law, so "
        "for them both runs are the same and the last column is nought up to rounding.",
        "",
        *_levels(test),
        "",
        *_failing(test),
        "",
        *_events(test),
        "",
        *_verdict([*test.values(), *choice.values()]),
        "",
        *_why(test),
        "",
        "## Together",
        "",
        "The same draws, the members of each part shuffled, keep every part's distribution and "
        "lose what ties the parts. The energy score looks at all parts at once, the variogram "
        "score at the distances between them. Origins are the ends of nine years; the interval "
        "draws whole spans of origins with the same fit, or countries in the last rows. Spans are "
        "three, so that their intervals are rough.",
        "",
        *_together(test),
        "",
        *_ties(test),
        "",
        "## Sums",
        "",
        "CRPS and the share of outcomes inside the 90 % interval.",
        "",
        *_sums(test),
        "",
        "## Two fits of spending",
        "",
        *_spending(test, choice),
        "",
        "## Given what came",
        "",
        "Not forecasts: the ensemble reads, after its origin, what in fact came of what a law "
        "looks at. A gain says that the two go together as the law has it. It is not the effect "
        "of one on the other.",
        "",
        *_given(test),
        "",
        "Of the levers that were in fact pulled, spending, troops and arms sales cannot be given. "
        "No law reads a state's spending but its own; disputes read the balance of capability, of "
        "which spending is one of six parts: the first rows of the table. Troops and arms sales "
        "enter no law: within a course a lever acts through its instrument, whose size is assumed, "
        "and a coefficient that only forecasts is left out by rule. A conditional forecast on them "
        "would score an assumption of ours.",
        "",
        "## The arenas' months",
        "",
        *_arenas(test),
        "",
        "## What is not scored",
        "",
        *_absent(test),
    ]
    return "\n".join(parts) + "\n"


def _of(card: Scorecard, forecaster: str) -> Score:
    return next(score for score in card.scores if score.forecaster == forecaster)


def _gap(gap: Difference) -> str:
    parts = (gap.mean, gap.lo90, gap.hi90)
    if max(map(abs, parts)) < SAME:
        return "0"
    mean, low, high = (f"{part:+.4f}".replace("-0.0000", "+0.0000") for part in parts)
    return f"{mean} [{low}, {high}]"


def _less(card: Scorecard, rival: str, of: str = COUPLED) -> str:
    return _gap(_of(card, of).against[rival])


def _coverage(score: Score) -> str:
    m = score.measures
    return f"{m['coverage']:.2f} [{m['coverage, lo90']:.2f}, {m['coverage, hi90']:.2f}]"


def _level_card(test: dict[str, Scorecard], name: str, ahead: int) -> Scorecard | None:
    return test.get(f"{name.replace('_', ' ')} of the year {ahead} after the origin")


def _levels(test: dict[str, Scorecard]) -> list[str]:
    rows = [
        "| CRPS | years ahead | cases | random walk | alone | ensemble | coverage | "
        "ensemble less random walk | ensemble less alone |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name in LEVELS:
        for ahead in AHEAD:
            card = _level_card(test, name, ahead)
            if card is None:
                continue
            walk, alone, ours = (_of(card, label) for label in (WALK, ALONE, COUPLED))
            rows.append(
                f"| {TITLES[name]} | {ahead} | {ours.cases} | {walk.measures['crps']:.4f} "
                f"| {alone.measures['crps']:.4f} | {ours.measures['crps']:.4f} "
                f"| {_coverage(ours)} | {_less(card, WALK)} | {_less(card, ALONE)} |"
            )
    return rows


def _failing(test: dict[str, Scorecard]) -> list[str]:
    """Name the levels whose intervals fail: their coverage's own interval leaves out .90."""
    narrow, wide = [], []
    for name in LEVELS:
        for ahead in AHEAD:
            card = _level_card(test, name, ahead)
            if card is None:
                continue
            found = _of(card, COUPLED).measures
            side = wide if found["coverage, lo90"] > LEVEL else narrow
            if found["coverage, hi90"] < LEVEL or side is wide:
                side.append(f"{TITLES[name].split(' (')[0]} at {ahead}")
    return [
        "An interval fails where that of its coverage leaves out .90. Too narrow: "
        f"{', '.join(narrow) or 'none'}. Too wide: {', '.join(wide) or 'none'}. Similarity is "
        "carried: it jumps for most pairs in one year when a state signs or leaves large pacts, "
        "and the carried law gives every pair its own luck."
    ]


def _events(test: dict[str, Scorecard]) -> list[str]:
    rows = [
        "| log loss | months | pairs, events | alone | ensemble | ensemble less alone |",
        "|---|---|---|---|---|---|",
    ]
    for event in EVENTS:
        for months in (12, 60):
            card = test[f"{event} within {months} months, pairs of the case"]
            alone, ours = _of(card, ALONE), _of(card, COUPLED)
            rows.append(
                f"| {event} | {months} | {ours.cases}, {card.events} "
                f"| {alone.measures['log loss']:.4f} | {ours.measures['log loss']:.4f} "
                f"| {_less(card, ALONE)} |"
            )
    return rows


def _verdict(cards: Iterable[Scorecard]) -> list[str]:
    """Say where coupling helps or hurts with an interval that leaves out zero."""
    worse, better, open_ = [], [], []
    for card in cards:
        names = {score.forecaster for score in card.scores}
        if ALONE not in names or COUPLED not in names or card.lead in SCORES or _sum(card):
            continue
        alone = _of(card, ALONE).measures[card.lead]
        gap = _of(card, COUPLED).against[ALONE]
        if max(abs(gap.lo90), abs(gap.hi90)) < 1e-5:
            continue
        text = f"{card.question} ({card.split}, {100 * gap.mean / alone:+.1f} %)"
        side = worse if gap.lo90 > 0 else better if gap.hi90 < 0 else open_
        side.append(text)
    return [
        f"Of {len(worse) + len(better) + len(open_)} questions on which the two differ, choice and "
        f"test origins together, coupling is worse with an interval that leaves out zero in "
        f"{len(worse)}{_listed(worse)}, and better in {len(better)}{_listed(better)}."
    ]


def _why(test: dict[str, Scorecard]) -> list[str]:
    """Say what the coupled laws do with what came, where coupling costs most."""
    card = _level_card(test, "trade", AHEAD[-1])
    given = test[f"trade of the year {AHEAD[-1]} after the origin, {NO_FORECAST}"]
    assert card is not None
    alone, ours = _of(card, ALONE).measures["crps"], _of(card, COUPLED).measures["crps"]
    came = _of(given, GIVEN_OTHERS).measures["crps"]
    return [
        "What costs is what is forecast of the others, and not the tie itself: given the output "
        f"that came, trade {AHEAD[-1]} years ahead has a CRPS of {came:.3f}, against {ours:.3f} "
        f"with the output that the ensemble forecasts and {alone:.3f} with the growth last known. "
        "The law of growth beats a random walk on output itself, and yet is worse than the last "
        "known growth for what other laws make of it."
    ]


def _listed(items: list[str]) -> str:
    return f" ({'; '.join(items)})" if items else ""


def _sum(card: Scorecard) -> bool:
    return card.question in ADDED


def _together(test: dict[str, Scorecard]) -> list[str]:
    rows = [
        "| parts | score | shuffled | alone | ensemble | ensemble less shuffled | "
        "ensemble less alone |",
        "|---|---|---|---|---|---|---|",
    ]
    for card in test.values():
        if card.lead not in SCORES:
            continue
        loose, alone, ours = (_of(card, label).measures[card.lead] for label in _three())
        rows.append(
            f"| {card.question.split(':')[0]} | {card.lead.split()[0]} | {loose:.4f} "
            f"| {alone:.4f} | {ours:.4f} | {_less(card, UNTIED)} | {_less(card, ALONE)} |"
        )
    return rows


def _three() -> tuple[str, str, str]:
    return UNTIED, ALONE, COUPLED


def _ties(test: dict[str, Scorecard]) -> list[str]:
    """Count the joint scores that the dependence of the draws improves or spoils."""
    gaps = [
        _of(card, COUPLED).against[UNTIED]
        for card in test.values()
        if card.lead in SCORES and UNTIED in {s.forecaster for s in card.scores}
    ]
    better, worse = sum(g.hi90 < 0 for g in gaps), sum(g.lo90 > 0 for g in gaps)
    return [
        f"Of {len(gaps)} joint scores the ensemble's own dependence is better than none, with an "
        f"interval that leaves out zero, in {better}, and worse in {worse}. Most of it is not "
        "from the coupling: the laws alone share the level of the year and the draws of their "
        "parameters too, and for levels their joint scores are as good or better. Of onsets the "
        "coupled draws are a little better than those of the law alone."
    ]


def _sums(test: dict[str, Scorecard]) -> list[str]:
    rows = [
        "| sum | cases | | CRPS | coverage | ensemble less this |",
        "|---|---|---|---|---|---|",
    ]
    for question in ADDED:
        card = test[question]
        for label in _three():
            score = _of(card, label)
            gap = "" if label == COUPLED else _less(card, label)
            rows.append(
                f"| {question} | {score.cases} | {label} | {score.measures['crps']:.4f} "
                f"| {_coverage(score)} | {gap} |"
            )
    return rows


def _spending(test: dict[str, Scorecard], choice: dict[str, Scorecard]) -> list[str]:
    rows = [
        "The law of arming is fitted twice: on all states, in the National Material Capabilities, "
        "turned into dollars at the exchange rates of each year; and on the constant dollars of "
        "the Stockholm institute, which move far less from year to year and of which the record "
        "holds the countries of the cases. The run carries the second series, and the choice "
        "origins chose the second fit. Each law alone, fitted at each origin:",
        "",
        "| split | years ahead | random walk | constant dollars | its coverage | all states "
        "| its coverage | constant dollars less all states |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for split, held in (("choice", choice), ("test", test)):
        for ahead in AHEAD:
            card = _level_card(held, "spending", ahead)
            if card is None:
                continue
            walk, own, other = (_of(card, label) for label in (WALK, ALONE, WORLDWIDE))
            rows.append(
                f"| {split} | {ahead} | {walk.measures['crps']:.4f} "
                f"| {own.measures['crps']:.4f} | {_coverage(own)} "
                f"| {other.measures['crps']:.4f} | {_coverage(other)} "
                f"| {_less(card, WORLDWIDE, ALONE)} |"
            )
    return [
        *rows,
        "",
        "Ideal points were too wide until the error of measurement was left out of the start. "
        "The law of affinity is fitted on the recorded points, error included, and looks back on "
        "them; drawing the error again counted it twice and swelled the remembered volatility.",
    ]


def _given(test: dict[str, Scorecard]) -> list[str]:
    rows = [
        "| | cases | score | ensemble | given what came | given less ensemble |",
        "|---|---|---|---|---|---|",
    ]
    for card in test.values():
        names = [score.forecaster for score in card.scores]
        for label in (GIVEN_OTHERS, GIVEN_CAPABILITY):
            if label in names:
                given, ours = _of(card, label), _of(card, COUPLED)
                question = card.question.removesuffix(": no forecast")
                question = question.replace(
                    NO_FORECAST.removesuffix(": no forecast"), "given the output and onsets"
                )
                rows.append(
                    f"| {question} | {given.cases} | {card.lead} | {ours.measures[card.lead]:.4f} "
                    f"| {given.measures[card.lead]:.4f} | {_less(card, COUPLED, label)} |"
                )
    return rows


def _arenas(test: dict[str, Scorecard]) -> list[str]:
    found = [card for card in test.values() if card.question.endswith("by the ensemble")]
    if not found:
        return ["The ensemble's months of the arenas' series are not scored yet."]
    rows = [
        "CRPS relative to last year's own values, below one is better; the interval draws blocks "
        "of origins, and there is none where all origins are one block. The ensemble's months of "
        "the two series around Taiwan are far too wide. Up to twelve months ahead the forecast and "
        "the brief do not use them: what the series' own origins chose stands there.",
        "",
        "| | origins | ensemble | seasonal smoothing | self-exciting | ensemble's coverage |",
        "|---|---|---|---|---|---|",
    ]
    for card in found:
        own = "last year's own values"
        cells = []
        for label in (COUPLED, "seasonal smoothing", "self-exciting"):
            m = _of(card, label).measures
            low, high = m.get(f"ratio to {own}, lo90"), m.get(f"ratio to {own}, hi90")
            ratio = m[f"ratio to {own}"]
            known = low is not None and high is not None and high - low > SAME
            cells.append(f"{ratio:.2f} [{low:.2f}, {high:.2f}]" if known else f"{ratio:.2f}")
        ours = _of(card, COUPLED)
        rows.append(
            f"| {card.question.removesuffix(', by the ensemble')} | {ours.cases} "
            f"| {' | '.join(cells)} | {_coverage(ours)} |"
        )
    return [*rows, "", *(f"- {note[0].upper()}{note[1:]}." for note in ARENA_NOTES)]


def _absent(test: dict[str, Scorecard]) -> list[str]:
    missing = [name for name in LEVELS if _level_card(test, name, AHEAD[0]) is None]
    lines = []
    if "support" in missing:
        lines.append(
            "- Favourable opinion: surveys begin in 2002 and ask few of the pairs of the case in a "
            "given year, so that fewer than twenty cases lie at any one distance from these "
            "origins. Its law reads no other."
        )
    return [
        *lines,
        "- Incident series before 2024: none was known at the origins above.",
        "- War, and any step of the ladder above the use of force: see the page of the law.",
    ]
