"""The estimands propositions name, each run under every specification its file lists."""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import ThreadpoolController

from foedus.claim.proposition import Proposition
from foedus.claim.verdict import LEAST_CASES, Estimate, Missing
from foedus.record.coverage import covered_years
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record
from foedus.study.claim_parts.case import Case, Points
from foedus.study.claim_parts.series import PARTS, democracy, series
from foedus.study.claim_parts.trends import Floats, line, theil_sen, thirds
from foedus.study.lever_parts.levers import LEVERS, at
from foedus.study.theory_parts import exercises, reaction
from foedus.study.theory_parts.estimators import (
    Clusters,
    Fit,
    fit_counts,
    fit_counts_within,
    fit_linear,
    year_terms,
)
from foedus.study.theory_parts.pacts import PactCases, pact_cases
from foedus.world.errors import HindsightError
from foedus.world.months import add_months, month_end

DECADE = 10.0
LEAST_ROWS = 100
LEAST_DISPUTES = 50
Found = Estimate | Missing


def run(item: Proposition, case: Case) -> Iterator[Found]:
    """Run every specification of a proposition, or say why it cannot be run.

    One that comes to the same rows and number as another is no specification of its own: so it is
    where a series begins later than two of the first years asked for.
    """
    seen: dict[tuple[float, float, int], str] = {}
    for given in item.test.ways:
        try:
            # The matrices are small: a second thread would only wait for the first.
            with _threads().limit(limits=1, user_api="blas"):
                found = ESTIMANDS[item.test.kind](case, dict(given))
        except HindsightError as error:
            found = Missing(_named(given), f"it rests on what was known only later: {error.given}")
        if isinstance(found, Estimate):
            key = (found.value, found.error, found.n)
            if key in seen:
                found = Missing(found.name, f"it comes to the same as {seen[key]}")
            else:
                seen[key] = found.name
        yield found


def points_of(item: Proposition, case: Case) -> Points:
    """Give the series of the first specification that has one, for the figure of a trend."""
    if item.test.kind != "trend":
        return {}
    for given in item.test.ways:
        chosen: dict[str, Any] = dict(given)
        try:
            points = series(chosen["series"], case)
        except HindsightError:
            continue
        points = {t: v for t, v in points.items() if t >= chosen["first"]}
        if len(points) >= LEAST_CASES:
            return points
    return {}


@lru_cache(maxsize=1)
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def _named(given: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in given.items())


def _trend(case: Case, given: dict[str, Any]) -> Found:
    name = f"{given['series']}, from {given['first']}, {WORDS[given['way']]}"
    points = series(given["series"], case)
    if not points:
        return Missing(name, f"nothing of {given['series']} is on record for them")
    kept = {t: v for t, v in sorted(points.items()) if t >= given["first"]}
    if len(kept) < LEAST_CASES:
        return Missing(name, f"{given['series']} has {len(kept)} points from {given['first']}")
    times, values = np.array(list(kept)), np.array(list(kept.values()))
    if np.ptp(values) == 0:
        return Missing(name, f"{given['series']} stands still from {given['first']}")
    slope, error, freedom = WAYS[given["way"]](times, values)
    if error == 0:
        return Missing(name, f"{given['series']} leaves no noise to judge by")
    first, last = int(times[0]), int(times[-1])
    return Estimate(name, DECADE * slope, DECADE * error, freedom, len(times), first, last)


WAYS: dict[str, Callable[[Floats, Floats], tuple[float, float, float]]] = {
    "line": line, "theil-sen": theil_sen, "thirds": thirds,
}  # fmt: skip
WORDS = {
    "line": "least squares",
    "theil-sen": "median of slopes",
    "thirds": "last third less first third",
}


def _level(case: Case, given: dict[str, Any]) -> Found:
    if given["series"].startswith("favourable"):
        return _favour(case, given)
    column, last = given["series"], given["last"]
    name = f"{column} of the less democratic, last {last} years"
    rows = democracy(case, column).tail(last)
    if rows.height < last:
        return Missing(name, f"{column} has {rows.height} years of both")
    index, coded = rows["index"].to_numpy(), rows["error"].to_numpy()
    # Coders' errors persist, so more years do not shrink them.
    error = (index.var(ddof=1) / last + np.mean(coded**2)) ** 0.5
    years = rows["year"].to_list()
    return Estimate(name, float(index.mean()) - 0.5, float(error), last - 1, last,
                    years[0], years[-1])  # fmt: skip


DESIGN_EFFECT = 2.0


def _favour(case: Case, given: dict[str, Any]) -> Found:
    one, two = case.pair
    polls = case.read("pew_favourability").filter(
        (pl.col("ccode1") == one) & (pl.col("ccode2") == two)
    )
    polls = polls.drop_nulls(["fav", "unfav"]).sort("year").tail(given["last"])
    name = f"{given['series']}, last {given['last']} polls"
    if polls.height < given["last"]:
        return Missing(name, f"{polls.height} polls of the one about the other are on record")
    share = polls["fav"].cast(pl.Float64).to_numpy()
    if given["series"] == "favourable-of-decided":
        share = share / (share + polls["unfav"].to_numpy())
    asked = polls["n_respondents"].fill_null(1000).to_numpy()
    sampled = DESIGN_EFFECT * float(np.mean(share * (1 - share) / asked))
    error = (max(float(share.var(ddof=1)), sampled) / len(share)) ** 0.5
    years = polls["year"].to_list()
    return Estimate(name, float(share.mean()) - 0.5, error, len(share) - 1, len(share),
                    int(years[0]), int(years[-1]))  # fmt: skip


DAYS = 365.25


def _duration(case: Case, given: dict[str, Any]) -> Found:
    """Hold the pair's pact against pacts of its kind: one half less the share that live as long."""
    name = f"{given['pacts']} pacts since {given['since']}"
    last = dt.date(case.years("atop_treaty")[-1], 12, 31)
    member = case.read("atop_member", "atopid", "ccode", "start", "end", "defense")
    own = _own_pact(member.filter(pl.col("ccode").is_in(case.pair)), last)
    if own is None:
        return Missing(name, "no defence pact of the two is on record")
    treaty = case.read("atop_treaty", "atopid", "bilat", "wartime", "start", "end", "defense")
    begun = pl.col("start").dt.year().is_between(given["since"], last.year)
    treaty = treaty.filter(begun & (pl.col("defense") == 1))
    if given["pacts"] == "bilateral defence":
        treaty = treaty.filter(pl.col("bilat") == 1)
    if given["pacts"] == "peacetime defence":
        treaty = treaty.filter(pl.col("wartime") == 0)
    rows = treaty.select("start", "end").iter_rows()
    age, over = zip(*(((b or last) - a, b is not None) for a, b in rows), strict=True)
    ages = np.array([span.days / DAYS for span in age])
    share, error = survival(ages, np.array(over), own)
    if error == 0:
        return Missing(name, "no pact of that kind has ended by that age")
    return Estimate(name, 0.5 - share, error, int(sum(over)) - 1, len(ages), given["since"],
                    last.year)  # fmt: skip


def _own_pact(member: pl.DataFrame, last: dt.date) -> float | None:
    """Give the age, in years, of the longest defence pact that both belong to.

    Phases of one pact follow each other; the two are bound from the later entry to the earlier end.
    """
    spans = []
    for pact in member.partition_by("atopid"):
        if pact["ccode"].n_unique() < 2 or pact["defense"].max() != 1:
            continue
        sides = pact.group_by("ccode").agg(
            pl.col("start").min(), end=pl.col("end").fill_null(last).max()
        )
        bound = sides.select(pl.col("end").min() - pl.col("start").max()).item()
        spans.append(bound.days / DAYS)
    return max(spans, default=None)


def survival(age: Floats, ended: np.ndarray, until: float) -> tuple[float, float]:
    """Give the share that live beyond an age, those still in force censored, and its error.

    Source: Kaplan, E. L. and P. Meier. 1958. Nonparametric estimation from incomplete observations.
    Journal of the American Statistical Association 53(282): 457-481; the error is Greenwood's.
    """
    share, part = 1.0, 0.0
    for time in np.unique(age[ended & (age <= until)]):
        left, over = int((age >= time).sum()), int((ended & (age == time)).sum())
        share *= 1 - over / left
        if left == over:
            return 0.0, 0.0
        part += over / (left * (left - over))
    return share, share * part**0.5


def _deepening(case: Case, given: dict[str, Any]) -> Found:
    """Fit exercises after a dispute with an outsider, within pairs, each year its own level.

    With regions, each region has a level of its own for every five years beside.
    """
    level = "region and five years" if given["region"] else "year"
    name = f"{given['years']} years after, from {given['since']}, a level for each {level}"
    cases = _allied(case.record)
    last = _last(case, "dyadic_mid", "atop_dyad")
    seen = _last(case, "exercises_mme_long") - 2
    kept = cases.keep((cases.year >= given["since"]) & (cases.year <= min(last, seen)))
    if len(kept.year) < LEAST_ROWS:
        return Missing(name, "too little of it was known by then")
    outcome = np.sum([kept.exercises_at(lag) for lag in range(1, given["years"] + 1)], axis=0)
    terms = [kept.disputes[:, None] > 0, year_terms(kept.year)]
    if given["region"]:
        starts = [first for _, first, _ in PARTS]
        one, two = (np.searchsorted(starts, code, side="right") for code in (kept.one, kept.two))
        region = np.where(one == two, one, 0)
        terms.append(year_terms(region * 1000 + kept.year // 5))
    fit = fit_counts_within(
        np.column_stack(terms).astype(np.float64), outcome, kept.pair, kept.clusters
    )
    return _of_fit(name, fit, len(kept.year), kept.year)


def _of_fit(name: str, fit: Fit, n: int, years: np.ndarray, scale: float = 1.0) -> Found:
    error = fit.error()
    if not np.isfinite(error):
        return Missing(name, "its error could not be estimated")
    return Estimate(name, scale * float(fit.coefficient[0]), scale * error, fit.clusters - 1, n,
                    int(years.min()), int(years.max()))  # fmt: skip


@lru_cache(maxsize=2)
def _allied(record: Record) -> exercises.AlliedPairs:
    return exercises.deepening_cases(exercises.allied_pairs(record))


@lru_cache(maxsize=2)
def _pact_cases(record: Record) -> PactCases:
    return pact_cases(record)[0]


def _last(case: Case, *tables: str) -> int:
    """Give the last year that all tables cover, as far as allowed."""
    return min(covered_years(case.record.spec(t), as_of=case.as_of)[1] for t in tables)


def _disputes(case: Case, given: dict[str, Any]) -> Found:
    """Hold a lever against disputes begun in the next year, by counts with a level a decade."""
    if given["lever"] == "pact":
        given["holder"] = "directed pair"
    return _dispute_fit(case.record, case.as_of, tuple(sorted(given.items())))


@lru_cache(maxsize=256)
def _dispute_fit(record: Record, as_of: AsOf | None, choices: tuple[tuple[str, Any], ...]) -> Found:
    given = dict(choices)
    case = Case(record, None, None, None, as_of)
    lever = given["lever"]
    name = f"{lever}, {given['compare']} pairs, from {given['since']}, {given['power']}"
    cases = _pact_cases(record)
    values = _lever(record, as_of, lever, given["holder"])
    last = min(_last(case, *TERMS, *_tables(lever)), _last(case, "dyadic_mid") - 1)
    rows = np.isfinite(values) & (cases.year >= given["since"]) & (cases.year <= last)
    if rows.sum() < LEAST_ROWS:
        return Missing(name, "too little of it is on record, or was known by then")
    begun = cases.onsets if given.get("outcome", "all") == "all" else _forceful(record, as_of)
    kept, values, begun = cases.keep(rows), values[rows], begun[rows]
    decades = (kept.year // 10)[:, None] == np.unique(kept.year // 10)[None, 1:]
    terms = [values, decades.astype(float)]
    if given["power"] == "adjusted":
        terms.append(kept.moving)
    if given["compare"] == "within":
        fit = fit_counts_within(np.column_stack(terms), begun, kept.dyad, kept.clusters)
    else:
        ones = np.ones(len(values))
        fit = fit_counts(np.column_stack([*terms, kept.steady, ones]), begun, kept.clusters)
    scale = 1.0 if set(np.unique(values)) <= {0.0, 1.0} else _spread(values, kept.dyad)
    return _of_fit(name, fit, len(values), kept.year, scale)


TERMS = ("atop_dyad", "nmc", "cow_contiguity", "cow_majors")


def _tables(lever: str) -> tuple[str, ...]:
    if lever == "democracy":
        return ("vdem_indices",)
    return next((item.tables for item in LEVERS if item.name == lever), ())


def _spread(values: Floats, unit: np.ndarray) -> float:
    """Give the standard deviation of a lever about the mean of each pair."""
    mean = np.bincount(unit, weights=values) / np.bincount(unit)
    return float(np.std(values - mean[unit]))


@lru_cache(maxsize=12)
def _lever(record: Record, as_of: AsOf | None, name: str, holder: Any) -> Floats:
    cases = _pact_cases(record)
    if name == "pact":
        return cases.pact
    if name == "pledge-challenger":
        return _pledged(record, as_of, cases)
    if name == "parity":
        return -np.abs(cases.moving[:, 0])
    if name == "democracy":
        return _weaker_democracy(record, as_of, cases)
    lever = next(item for item in LEVERS if item.name == name)
    return at(lever.values(record, cases), cases, holder, 0)


def _pledged(record: Record, as_of: AsOf | None, cases: PactCases) -> Floats:
    """Say whether the challenger holds a defence pledge of any state but the target."""
    columns = ["ccode1", "ccode2", "year", "atop_defense"]
    frame = record.read("atop_dyad", columns=columns, as_of=as_of)
    frame = frame.filter(pl.col("atop_defense")).select("ccode1", "ccode2", "year").unique()
    pledged: dict[tuple[int, int], set[int]] = {}
    for giver, holder, year in frame.iter_rows():
        pledged.setdefault((holder, year), set()).add(giver)
    rows = zip(cases.challenger.tolist(), cases.target.tolist(), cases.year.tolist(), strict=True)
    return np.array([float(bool(pledged.get((c, y), set()) - {t})) for c, t, y in rows])


def _weaker_democracy(record: Record, as_of: AsOf | None, cases: PactCases) -> Floats:
    columns = ["ccode", "year", "v2x_polyarchy"]
    frame = record.read("vdem_indices", columns=columns, as_of=as_of).drop_nulls()
    index = {(int(c), int(y)): float(v) for c, y, v in frame.iter_rows()}
    rows = zip(cases.challenger.tolist(), cases.target.tolist(), cases.year.tolist(), strict=True)
    return np.array([
        min(index.get((c, y), np.nan), index.get((t, y), np.nan)) for c, t, y in rows
    ])  # fmt: skip


@lru_cache(maxsize=2)
def _forceful(record: Record, as_of: AsOf | None) -> Floats:
    """Count the disputes begun in the next year that came to the use of force."""
    cases = _pact_cases(record)
    begun = _begun(record, as_of).filter(pl.col("hihost") >= USE_OF_FORCE)
    counted = begun.group_by("ccode1", "ccode2", "year").agg(pl.col("dispnum").n_unique())
    found = np.zeros(len(cases.year))
    for one, two, year, number in counted.iter_rows():
        row = _row_of(record).get((one, two, year - 1))
        if row is not None:
            found[row] = number
    return found


USE_OF_FORCE = 4


def _begun(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    """Read disputes in their first year, from who began them; how far they went is hindsight."""
    columns = ["dispnum", "ccode1", "ccode2", "year", "dyad_start", "hihost", "fatlev", "sideaa",
               "orignata", "orignatb"]  # fmt: skip
    return record.read("dyadic_mid", columns=columns, as_of=as_of).filter(
        (pl.col("sideaa") == 1)
        & (pl.col("orignata") == 1)
        & (pl.col("orignatb") == 1)
        & (pl.col("dyad_start").dt.year() == pl.col("year"))
    )


@lru_cache(maxsize=2)
def _row_of(record: Record) -> dict[tuple[int, int, int], int]:
    cases = _pact_cases(record)
    keys = zip(cases.challenger.tolist(), cases.target.tolist(), cases.year.tolist(), strict=True)
    return {key: row for row, key in enumerate(keys)}


def _escalation(case: Case, given: dict[str, Any]) -> Found:
    """Compare how far disputes went, where the target had an ally the year before and where not.

    In standard deviations of the outcome, so that the outcomes can be held to one size.
    """
    name = f"{given['outcome']}, from {given['since']}, {given['compare']}"
    begun = _begun(case.record, case.as_of).filter(pl.col("year") >= given["since"])
    column = "fatlev" if given["outcome"] == "deaths" else "hihost"
    cases = _pact_cases(case.record)
    held = _row_of(case.record)
    rows = [
        (held[key], year, value)
        for one, two, year, value in begun.select("ccode1", "ccode2", "year", column).iter_rows()
        if (key := (one, two, year - 1)) in held and value is not None
    ]
    if len(rows) < LEAST_DISPUTES:
        return Missing(name, "too few disputes are on record, or were known by then")
    index, year, value = (np.array(column) for column in zip(*rows, strict=True))
    limit = {"level": None, "force": USE_OF_FORCE, "deaths": 1}[given["outcome"]]
    outcome = value.astype(float) if limit is None else (value >= limit).astype(float)
    terms = [cases.pact[index], np.ones(len(index))]
    if given["compare"] == "adjusted":
        terms += [cases.steady[index], cases.moving[index]]
    clusters = Clusters(cases.challenger[index], cases.target[index])
    fit = fit_linear(np.column_stack(terms), outcome / outcome.std(), clusters)
    return _of_fit(name, fit, len(rows), year)


def _reaction(case: Case, given: dict[str, Any]) -> Found:
    kinds = {
        "both": ("verbconf", "matlconf"), "verbal": ("verbconf",), "material": ("matlconf",),
    }[given["kinds"]]  # fmt: skip
    name = f"{given['kinds']} conflict, memory {given['kept']} a month"
    runs = [_until(part, case) for part in _runs(case.record, kinds)]
    runs = [part for part in runs if len(part.month) >= reaction.LEAST_MONTHS]
    if not runs:
        return Missing(name, "no file of it was known by then")
    fit = reaction.reaction_effect(reaction.reaction_cases(runs, kept=given["kept"]))
    return _of_fit(name, fit, fit.rows, np.concatenate([part.month for part in runs]) // 12)


@lru_cache(maxsize=4)
def _runs(record: Record, kinds: tuple[str, ...]) -> list[reaction.Run]:
    return reaction.read_runs(record, kinds)


def _until(part: reaction.Run, case: Case) -> reaction.Run:
    """Keep the months of a run that may be used."""
    if case.as_of is None:
        return part
    spec = case.record.spec("icews_monthly")
    day = add_months(case.as_of.day, -spec.lag_months if case.as_of.rule is Rule.KNOWN else 0)
    whole = day == month_end(day.year, day.month)
    rows = part.month < 12 * day.year + day.month - (0 if whole else 1)
    return reaction.Run(part.file, part.pairs, part.month[rows], part.counts[..., rows])


ESTIMANDS: dict[str, Callable[[Case, dict[str, Any]], Found]] = {
    "trend": _trend, "level": _level, "duration": _duration, "deepening": _deepening,
    "disputes": _disputes, "escalation": _escalation, "reaction": _reaction,
}  # fmt: skip
