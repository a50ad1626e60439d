"""Task one: onset of a militarised dispute between two states next year."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from foedus.model.laws import disputes as law
from foedus.record.store import Record
from foedus.score import proper
from foedus.score.events import calibration_error, event_measures
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.law_cases.disputes import READ, cases
from foedus.study.score_parts.choices import stored_choice
from foedus.study.score_parts.dispute_words import check_choices, in_words, matches
from foedus.study.score_parts.escalation import force_given_onset
from foedus.study.score_parts.icb import crisis_card
from foedus.study.score_parts.onset_rivals import (
    BOOSTED,
    BOOSTING,
    LOGIT,
    RICH,
    RIVALRY,
    SPARED_SHARE,
    rival_forecasts,
)
from foedus.study.score_parts.pair_terms import pair_rows
from foedus.study.score_parts.pair_years import (
    FILL_RULE,
    PairYears,
    Question,
    guarded_features,
    pair_years,
)
from foedus.study.score_parts.rolling import Refit, refits, require_no_later_knowledge

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Progress = Callable[[str], None]
TASK = "disputes"
TABLES = (
    *READ,
    *("gml_mid_dyad", "atop_dyad", "rivalry_tss", "icb_dyad", "cow_trade_dyad", "cow_trade_state"),
    *("igo_dyad", "un_ideal_points", "gdp_pop_cow", "cow_mindist", "ucdp_conflict"),
    "leaders_archigos",
)
CHOICE_YEARS = (1990, 1999)
TEST_YEARS = {"gml": (2000, 2010), "cow": (2000, 2014)}
GUARDED_ORIGINS = (1989, 1999)
QUIET_YEARS = 10
MARGIN = 0.0010
CALIBRATION_BAR = 0.005
ELSEWHERE = "logit with peace years and history"
LAW = "law of disputes"
PRODUCT = "law of disputes times law of escalation"
REFERENCE = LOGIT + RIVALRY
STACKS = {
    "law and rich logit, mean": (LOGIT,),
    "law, rich logit and boosting, mean": (LOGIT, BOOSTING),
    "law, rich logit and boosting with rivalry, mean": (LOGIT + RIVALRY, BOOSTING + RIVALRY),
}


@dataclass(frozen=True)
class Forecasts:
    """Every forecaster's probabilities on the same pair-years.

    Args:
        pair: Number of the pair, shape (case,).
        codes: `ccode1, ccode2` of each case, shape (case, 2).
        year: Target year, shape (case,).
        outcome: Whether it came, shape (case,).
        quiet: Whether the pair had no onset for ten years, shape (case,).
        filled: Whether a feature of the law or the simple rivals was filled, shape (case,).
        gaps: Where a further feature of the rivals was missing, by name, each of shape (case,).
        probability: By forecaster, each of shape (case,).
    """

    pair: Ints
    codes: Ints
    year: Ints
    outcome: Floats
    quiet: Flags
    filled: Flags
    gaps: Mapping[str, Flags]
    probability: Mapping[str, Floats]


def onset_probability(refit: Refit, rows: PairYears, pairs: Ints, year: int) -> Floats:
    """Give the probability of at least one onset in a year: one less that of twelve quiet months.

    Annual terms are those of the year before; the recency terms age month by month along the quiet
    path. The law's own density says how likely each quiet month is.

    Args:
        refit: Draws from the years before.
        rows: Pair-years.
        pairs: Numbers of the pairs, shape (case,).
        year: Target year.
    """
    at = rows.at(year)
    level = refit.level_ahead(year)[:, None] + refit.unit_level[:, pairs]
    names = [term.name for term in refit.law.terms if term.name in rows.terms]
    yearly = {name: rows.terms[name][pairs, at - 1] for name in names}
    since = rows.panel.months_since[pairs, 12 * at].astype(np.float64)

    def log_quiet(months_since: Floats, chosen: Flags) -> Floats:
        inputs = {name: part[chosen] for name, part in yearly.items()}
        now = {n: np.asarray(p) for n, p in law.recency(months_since[chosen]).items()}
        return refit.log_prob(0.0, {**inputs, **now}, level[:, chosen])

    total = np.empty(level.shape)
    recent = since <= 24
    total[:, ~recent] = 12 * log_quiet(since, ~recent)
    total[:, recent] = sum(log_quiet(since + month, recent) for month in range(12))
    return 1 - np.exp(total).mean(axis=0)


@lru_cache(maxsize=16)
def law_forecasts(
    record: Record, question: Question, first: int, last: int, progress: Progress = lambda _: None
) -> dict[int, tuple[Ints, Floats]]:
    """Forecast politically relevant pairs with the law, refitted before each target year.

    Returns:
        By target year: the pairs' `ccode1, ccode2`, shape (pair, 2), and their probabilities.
    """
    rows = pair_years(record, replace(question, population="relevant"))
    layout = cases(rows.panel)
    begin = layout.years[0] - int(rows.panel.years[0])
    settled = rows.settled[layout.unit, layout.year + begin]
    always = question.target == "onset"
    fitted = refits(
        law.Disputes(),
        lambda origin: layout if always else layout.take(settled <= origin),
        range(first, last + 1),
        progress=progress,
    )
    found = {}
    for year, refit in fitted:
        pairs = np.flatnonzero(rows.panel.member[:, rows.at(year) - 1])
        found[year] = rows.panel.pairs[pairs], onset_probability(refit, rows, pairs, year)
    return found


def _force(
    record: Record, question: Question, years: range, progress: Progress
) -> dict[int, Floats]:
    """Give by year the chance of an onset times that of use of force given one, where it is asked.

    Only for GML, whose levels the law of escalation is scored on, and relevant pairs.
    """
    if (question.source, question.population, question.target) != ("gml", "relevant", "hostile"):
        return {}
    first, last = years[0], years[-1]
    asked = replace(question, target="onset", population="relevant")
    onset = law_forecasts(record, asked, first, last, progress=progress)
    given = dict(force_given_onset(record, first, last, progress))
    return {year: onset[year][1] * given[year] for year in years}


def _placed(codes: Ints, probability: Floats, rows: PairYears, year: int) -> Floats:
    """Give the law's forecasts among all pairs of a year, nan for those it does not forecast."""
    found = np.full(len(rows.panel.pairs), np.nan)
    found[pair_rows(rows.panel, codes[:, 0], codes[:, 1])] = probability
    return found[rows.panel.member[:, rows.at(year) - 1]]


@lru_cache(maxsize=32)
def forecasts(
    record: Record, question: Question, first: int, last: int, progress: Progress = lambda _: None
) -> Forecasts:
    """Forecast every promised pair-year from the years before it alone, with every forecaster.

    Raises:
        HindsightError: A feature or a fit has seen the target.
    """
    guard = [origin for origin in GUARDED_ORIGINS if origin < last]
    rows = pair_years(record, question)
    require_no_later_knowledge(guarded_features(record, question, rows), guard)
    parts: dict[str, list[Floats]] = {}
    starts: dict[str, Floats] = {}
    pair, year_of = [], []
    years = range(first, last + 1)
    near = replace(question, population="relevant")
    law_years = law_forecasts(record, near, first, last, progress=progress)
    force = _force(record, question, years, progress)
    for year, (codes, probability) in law_years.items():
        progress(f"rivals: {year}")
        found = _placed(codes, probability, rows, year)
        theirs = rival_forecasts(rows, question, year, starts)
        ours = np.where(np.isfinite(found), found, theirs[ELSEWHERE])
        own = {LAW: ours}
        if force:
            own[PRODUCT] = force[year]
        best = own.get(PRODUCT, ours)
        for name, rivals in STACKS.items():
            own[name] = np.mean([best, *(theirs[rival] for rival in rivals)], axis=0)
        for name, p in {**theirs, **own}.items():
            parts.setdefault(name, []).append(p)
        pair.append(np.flatnonzero(rows.panel.member[:, rows.at(year) - 1]))
        year_of.append(np.full(len(pair[-1]), year))
    pairs, target = np.concatenate(pair), np.concatenate(year_of)
    before = target - 1 - int(rows.panel.years[0])
    peace = np.expm1(rows.panel.terms["peace"][pairs, before])
    return Forecasts(
        pair=pairs,
        codes=rows.panel.pairs[pairs],
        year=target,
        outcome=rows.outcome[pairs, before + 1],
        quiet=peace >= QUIET_YEARS,
        filled=rows.filled[pairs, before],
        gaps={name: part[pairs, before] for name, part in rows.gaps.items()},
        probability={name: np.concatenate(p) for name, p in parts.items()},
    )


def question_of(source: str, population: str, target: str) -> Question:
    """Name a question by its three words.

    Raises:
        UnknownNameError: One of them is not a choice.
    """
    check_choices({"source": source, "population": population, "target": target})
    return next(
        q for q in questions() if (q.source, q.population, q.target) == (source, population, target)
    )


def questions() -> list[Question]:
    """List the questions of the task: two sources, two populations, three targets."""
    return [
        Question(source, population, target)
        for population in ("relevant", "all")
        for source in ("gml", "cow")
        for target in ("onset", "hostile", "fatal")
    ]


def scorecards(
    record: Record,
    split: Split,
    *,
    population: str | None = None,
    target: str | None = None,
    source: str | None = None,
    progress: Progress = lambda _: None,
) -> list[Scorecard]:
    """Score every forecaster on every question; the forecaster is chosen on the choice years.

    The test split of all questions ends with the check of the level against crises after the
    dispute record.

    Args:
        record: The record.
        split: `choice` or `test`.
        population: Only these pairs, `relevant` or `all`.
        target: Only these onsets, `onset`, `hostile` or `fatal`.
        source: Only this record of disputes, `gml` or `cow`.
        progress: Called before each fit.

    Raises:
        UnknownNameError: One of the words is not a choice.
    """
    given = {"population": population, "target": target, "source": source}
    options = {name: word for name, word in given.items() if word is not None}
    check_choices(options)
    cards = []
    for question in questions():
        if not matches(_words(question), options):
            continue
        cards.append(scorecard(record, question, split, progress=progress))
        if question.target == "onset":
            cards.append(scorecard(record, question, split, quiet=True, progress=progress))
    if split == "test" and not options:
        cards.append(crisis_card(record))
    return cards


def _words(question: Question, *, quiet: bool = False) -> str:
    return in_words(question.source, question.population, question.target, quiet=quiet)


def chosen_forecaster(
    record: Record, question: Question, *, quiet: bool = False, progress: Progress = lambda _: None
) -> str:
    """Name the forecaster with the lowest log loss on the choice years."""
    found = _subset(forecasts(record, question, *CHOICE_YEARS, progress=progress), quiet)
    losses = _losses(found)
    return min(losses, key=lambda name: losses[name].mean())


def _losses(found: Forecasts) -> dict[str, Floats]:
    return {n: proper.log_loss(p, found.outcome) for n, p in found.probability.items()}


def _subset(found: Forecasts, quiet: bool) -> Forecasts:
    if not quiet:
        return found
    kept = found.quiet
    return Forecasts(
        pair=found.pair[kept],
        codes=found.codes[kept],
        year=found.year[kept],
        outcome=found.outcome[kept],
        quiet=found.quiet[kept],
        filled=found.filled[kept],
        gaps={name: part[kept] for name, part in found.gaps.items()},
        probability={name: p[kept] for name, p in found.probability.items()},
    )


def scorecard(
    record: Record,
    question: Question,
    split: Split,
    *,
    quiet: bool = False,
    progress: Progress = lambda _: None,
) -> Scorecard:
    """Score one question on one split.

    Args:
        record: The record.
        question: The question.
        split: `choice` or `test`.
        quiet: Only pairs without an onset for ten years.
        progress: Called before each fit.
    """
    first, last = CHOICE_YEARS if split == "choice" else TEST_YEARS[question.source]
    found = _subset(forecasts(record, question, first, last, progress=progress), quiet)
    chosen = chosen_forecaster(record, question, quiet=quiet, progress=progress)
    losses = _losses(found)
    scores = tuple(
        Score(
            name,
            len(found.outcome),
            event_measures(p, found.outcome),
            differences(losses, name, found.pair)
            if name.startswith("law") or name == chosen
            else {},
        )
        for name, p in found.probability.items()
    )
    return Scorecard(
        task=TASK,
        question=_words(question, quiet=quiet),
        split=split,
        first=str(first),
        last=str(last),
        rule="dated",
        promised=len(found.outcome),
        events=int(found.outcome.sum()),
        lead="log loss",
        clusters="dyad",
        chosen=chosen,
        scores=scores,
        notes=(
            *_notes(found, question, quiet=quiet),
            _bar(chosen, losses[chosen], losses[REFERENCE], found),
        ),
    )


def _bar(chosen: str, ours: Floats, theirs: Floats, found: Forecasts) -> str:
    """Say whether the bar was reached: the rolling logit with rivalry and history."""
    error = calibration_error(found.probability[chosen], found.outcome)
    if chosen == REFERENCE:
        return f"The {REFERENCE}, which sets the bar, was itself chosen."
    gap = differences({"ours": ours, "theirs": theirs}, "ours", found.pair)["theirs"]
    level = gap.hi90 <= MARGIN and error <= CALIBRATION_BAR
    better = " The interval excludes zero." if gap.hi90 < 0 else " The interval holds zero."
    return (
        f"Bar (log loss at most {MARGIN:.4f} above the {REFERENCE}, calibration error at most "
        f"{CALIBRATION_BAR}): {'reached' if level else 'not reached'}.{better}"
    )


def _notes(found: Forecasts, question: Question, *, quiet: bool) -> tuple[str, ...]:
    notes = [
        "Coded with hindsight: rivalry (in the forecasters that name it), levels and deaths of "
        "disputes (used in training only once the dispute was over).",
        f"Features filled in {int(found.filled.sum())} rows: {FILL_RULE}.",
        "Every forecaster is refitted each year on outcome years before the target; ongoing "
        "disputes stay in as zeros.",
        _missing(found),
    ]
    if question.population == "all":
        notes.append(
            "The law forecasts politically relevant pairs; for all others its row holds the "
            f"{ELSEWHERE}. Of their pair-years without an onset logits and boosting learn from one "
            f"in {SPARED_SHARE}, which counts for {SPARED_SHARE}."
        )
    if PRODUCT in found.probability:
        notes.append(f"In the means, the law stands for the {PRODUCT}.")
    if quiet:
        notes.append("Quiet: no onset of the pair in the ten years up to the forecast.")
    return tuple(notes)


def _missing(found: Forecasts) -> str:
    """Say how often the rivals' further features were missing, and what became of them."""
    shares = {
        name: float(part.mean())
        for name, part in found.gaps.items()
        if name in (*RICH, *BOOSTED) and part.any()
    }
    listed = "; ".join(f"{name} {share:.1%}" for name, share in sorted(shares.items()))
    return (
        f"Further features of the rivals missing: {listed or 'none'}. Logits take the filled value "
        "and, for trade and shortest distance, a mark that it was missing; boosting leaves a gap "
        "a gap."
    )


def export(
    record: Record,
    *,
    population: str = "relevant",
    target: str = "onset",
    source: str = "gml",
    progress: Progress = lambda _: None,
) -> pl.DataFrame:
    """Give the chosen forecaster's probabilities on the test years: `ccode1, ccode2, year, p`."""
    question = question_of(source, population, target)
    chosen = stored_choice(record, TASK, TABLES, _words(question, quiet=False))
    chosen = chosen or chosen_forecaster(record, question, progress=progress)
    found = forecasts(record, question, *TEST_YEARS[question.source], progress=progress)
    return pl.DataFrame(
        {
            "ccode1": found.codes[:, 0],
            "ccode2": found.codes[:, 1],
            "year": found.year,
            "p": found.probability[chosen],
        },
        schema_overrides={"ccode1": pl.Int16, "ccode2": pl.Int16, "year": pl.Int16},
    )
