"""Page one in sentences: the answer, likelihood and confidence apart, limits, what would change it.

Every sentence is made from the findings; the same words serve whichever camp is focal.
"""

from dataclasses import dataclass

import polars as pl

from foedus.present.words import (
    called,
    change,
    interval,
    likelihood,
    listed,
    number,
    percent,
)

FRESH_YEARS, USABLE_YEARS = 2, 5
LITTLE_ASSUMED, SOME_ASSUMED = 0.1, 0.25


@dataclass(frozen=True)
class PageOne:
    """The text of page one.

    Args:
        question: The question.
        answer: Five sentences.
        likelihood: Pair, question, horizon, word, probability, interval, base rate.
        confidence: Low, moderate or high.
        confidence_why: The rule, with the values that decide it.
        would_change: What would change the answer.
        cannot_say: What it cannot say.
        course: Where a course is asked about: outcome, months, baseline, course, difference, share
            of draws in which it is lower, verdict, share assumed.
    """

    question: str
    answer: tuple[str, ...]
    likelihood: tuple[tuple[str, ...], ...]
    confidence: str
    confidence_why: str
    would_change: tuple[str, ...]
    cannot_say: tuple[str, ...]
    course: tuple[tuple[str, ...], ...] = ()


def obligation_sentence(names: tuple[str, str], owes: tuple[bool, bool], year: int) -> str:
    """Say who owes whom defence."""
    one, two = (called(name) for name in names)
    first, second = (called(name, start=True) for name in names)
    if all(owes):
        text = f"{first} and {two} owe each other defence"
    elif owes[0]:
        text = f"{first} owes {two} defence, and {two} owes {one} none"
    elif owes[1]:
        text = f"{second} owes {one} defence, and {one} owes {two} none"
    else:
        text = f"Neither {one} nor {two} owes the other defence"
    return f"{text} (ATOP, treaty terms to {year}; later instruments stand as dated facts)."


_EFFORT = {
    "joint exercises": "joint exercises on record: {}",
    "US personnel": "US active-duty personnel in September: {}",
    "arms delivered": "arms deliveries on record, million SIPRI trend-indicator values: {}",
    "leader visits": "leader visits on record, both ways: {}",
}
_CLOSENESS = {
    "votes": "ideal points apart in UN votes: {}",
    "opinion": "mean favourable share in both publics, per cent: {}",
    "trade": "each one's trade that is with the other, per cent: {}",
    "events": "verbal events between them that are co-operative, per cent: {}",
}


def bond_sentence(effort: list[dict[str, object]], closeness: list[dict[str, object]]) -> str:
    """Say what the two put in and how near they are, each with period, interval and the past."""
    put = [
        _EFFORT[str(item["label"])].format(seen_clause(item))
        for item in effort
        if item["label"] in _EFFORT
    ]
    near = []
    for item in closeness:
        shown = item
        if item["label"] == "votes":
            turned = {k: _negated(item[k]) for k in ("value", "before")}
            shown = {
                **item,
                **turned,
                "lo90": _negated(item["hi90"]),
                "hi90": _negated(item["lo90"]),
            }
        near.append(_CLOSENESS[str(item["label"])].format(seen_clause(shown)))
    text = f"What they put in: {'; '.join(put)}." if put else "What they put in is not recorded."
    more = (
        f"How near they are: {'; '.join(near)}."
        if near
        else "How near they are cannot be given for this date."
    )
    return f"{text} {more}"


def _negated(value: object) -> float | None:
    return None if value is None else -_f(value)


def seen_clause(item: dict[str, object]) -> str:
    """Say one number with its period, its interval where it has one, and what it was before."""
    text = f"{_count(item['value'])} in {item['when']}"
    if item.get("lo90") is not None:
        text += f" [{_count(item['lo90'])} to {_count(item['hi90'])}]"
    if item.get("before") is not None:
        text += f", {_count(item['before'])} in {item['before_when']}"
    return text


def _count(value: object) -> str:
    plain = _f(value)
    return f"{plain:,.0f}" if plain == round(plain) else number(plain)


def _f(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def balance_sentence(
    rival: str, items: list[dict[str, object]], without: tuple[str, ...] = ()
) -> str:
    """Say the allies' share of each domain, now and two decades before, and what has no sum."""
    parts = []
    for item in items:
        text = f"{_f(item['value']):.0%} of {item['label']} in {item['when']}"
        if item.get("before") is not None:
            text += f" ({_f(item['before']):.0%} in {item['before_when']})"
        parts.append(text)
    if not parts:
        return f"The record does not support a balance of the two allies against {called(rival)}."
    text = f"Of what both sides hold, the two allies against {called(rival)} hold {listed(parts)}."
    if without:
        text += (
            f" No share can be given of {listed(list(without))}: a member has no value on record."
        )
    return text


def arena_sentence(items: list[dict[str, object]]) -> str:
    """Say how the arenas moved in the last twelve known months."""
    parts = [
        f"{item['label']}: {_count(item['value'])} in {item['when']}, against "
        f"{_count(item['before'])} in the twelve months before{_moved(item)}"
        for item in items
    ]
    if not parts:
        return "No located monthly series reaches this case's arenas."
    return f"In the arenas, {'; '.join(parts)}."


def _moved(item: dict[str, object]) -> str:
    if not _f(item["before"]):
        return ""
    return f" ({change(_f(item['value']), _f(item['before']))})"


def outlook_sentence(rows: pl.DataFrame, months: int = 12) -> str:
    """Say the chosen rival's probability of a new dispute for each ally with the rival state."""
    chosen = rows.filter(
        pl.col("chosen")
        & (pl.col("horizon_months") == months)
        & (pl.col("question") == "any dispute")
    )
    parts = [
        f"{' and '.join(map(called, row['subject'].split(' and ')))}: "
        f"{likelihood(row['value'])} ({percent(row['value'])}; "
        f"{interval(row['lo90'], row['hi90'])})"
        for row in chosen.iter_rows(named=True)
    ]
    if not parts:
        return "The record does not support a forecast of disputes for these pairs."
    method = chosen["method"][0]
    what = "the ensemble" if method == "ensemble" else f"the {method}"
    return (
        f"By {what}, which did best on past origins, a new militarised dispute within {months} "
        f"months is, for {'; '.join(parts)}."
    )


def likelihood_rows(rows: pl.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Give pair, question, horizon, word, probability with interval, and the base rate beside."""
    lines = []
    keys = ("question", "subject", "horizon_months")
    for row in rows.filter(pl.col("chosen")).sort(*keys).iter_rows(named=True):
        same = pl.all_horizontal(pl.col(key) == row[key] for key in keys)
        base = rows.filter(same & (pl.col("method") == "base rate"))["value"][0]
        lines.append(
            (
                str(row["subject"]),
                str(row["question"]),
                f"{row['horizon_months']} months",
                likelihood(row["value"]),
                percent(row["value"]),
                f"{percent(row['lo90'])} to {percent(row['hi90'])}",
                percent(base),
            )
        )
    return tuple(lines)


def confidence(rows: pl.DataFrame, age_years: float, assumed: float = 0.0) -> tuple[str, str]:
    """Grade confidence by a stated rule: age of the data, share assumed, track record.

    High: newest dispute data at most two years old, the method shown better than the base rate
    with its whole 90 % interval, and at most a tenth of its spread assumed. Moderate: at most five
    years old, better, and at most a quarter assumed. Low: otherwise.
    """
    chosen = rows.filter(pl.col("chosen"))
    unscored = chosen.height == 0 or chosen["difference_hi90"].has_nulls()
    better = not unscored and bool((chosen["difference_hi90"] < 0).all())
    if age_years <= FRESH_YEARS and better and assumed <= LITTLE_ASSUMED:
        grade = "high"
    elif age_years <= USABLE_YEARS and better and assumed <= SOME_ASSUMED:
        grade = "moderate"
    else:
        grade = "low"
    why = (
        f"The newest dispute data in use are {age_years:.0f} years old (high needs at most "
        f"{FRESH_YEARS}, moderate {USABLE_YEARS}). "
        + (
            "On past origins the method shown beat the base rate, its whole 90 % "
            "interval below zero. "
            if better
            else "There is no track record of the method at this date. "
            if unscored
            else "On past origins the method shown did not clearly beat the base rate. "
        )
        + f"Of the spread of any pair's risk at most {assumed:.0%} goes with what is assumed (the "
        f"link from incidents to disputes; high allows {LITTLE_ASSUMED:.0%}, moderate "
        f"{SOME_ASSUMED:.0%}); some publication lags are assumed too."
    )
    return grade, why
