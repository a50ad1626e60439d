"""Whether what the ensemble forecasts together belongs together: joint scores, and sums.

Every forecast is held against the same draws with the members of each part shuffled, which keeps
each part's own distribution and cuts what ties the parts. The laws are fitted at a few origins;
here the case is also run forward from the years between, with the parameters known then.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from foedus.compute.keys import named_generator
from foedus.score import joint, proper
from foedus.score.scorecard import Score, Scorecard, Split, differences
from foedus.study.score_parts.ensemble_past import ALONE, COUPLED
from foedus.world.cases import Case

Floats = NDArray[np.float64]
Levels = Mapping[str, Mapping[tuple[str, int], float]]
Onsets = Mapping[tuple[int, int], list[int]]
YEARS: dict[Split, tuple[int, ...]] = {"choice": (), "test": tuple(range(2001, 2010))}
"""Origins; none for choice, since nothing is chosen by these cards."""
UNTIED = "law ensemble, parts shuffled"
AHEAD = (1, 3, 5)
MEMBERS = 256
SHUFFLES = 6
SEED = 20240410
LEAST_PARTS, LEAST_ORIGINS = 3, 4
LOG_LEVELS = ("spending", "output", "trade", "capability")
ACROSS = (*LOG_LEVELS, "ideal_point")
DIMS = {"trade": "pair"}
SCORES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "energy score": joint.energy,
    "variogram score": joint.variogram,
}
NOTES = (
    "Parts shuffled: the same draws, each part's in an order of its own, mean of six shuffles; "
    "every part keeps its distribution, and what ties the parts is cut.",
    "Origins are every year's end; the laws are those fitted at the last of the task's origins.",
    "Whole spans of origins with the same fit are drawn for the interval. They are few, so it is "
    "a rough one.",
)


@dataclass(frozen=True)
class Together:
    """Parts forecast together, with what came.

    Args:
        question: What is asked.
        cluster: What is drawn whole for the interval: a span of origins, or a country.
        draws: Coupled draws, shape (draw, part).
        alone: Draws of the laws alone.
        truth: What came, shape (part,).
    """

    question: str
    cluster: str
    draws: Floats
    alone: Floats
    truth: Floats


@dataclass(frozen=True)
class Origin:
    """What is needed of one origin.

    Args:
        year: Year at whose end it lies.
        fitted: Year at whose end the laws were fitted.
        coupled: The ensemble, baseline alone.
        alone: The same of the laws alone.
        pairs: COW numbers of the pairs asked about, by their name in the dataset.
    """

    year: int
    fitted: int
    coupled: xr.Dataset
    alone: xr.Dataset
    pairs: Mapping[str, tuple[int, int]]

    def both(self, read: Callable[[xr.Dataset], Floats]) -> tuple[Floats, Floats]:
        """Read the same from the coupled run and from that of the laws alone."""
        return read(self.coupled), read(self.alone)


def vectors(one: Origin, levels: Levels, onsets: Onsets) -> list[Together]:
    """Lay out what is scored jointly at one origin: units of one level, pairs, quantities."""
    found = []
    for ahead in AHEAD:
        after = f"{ahead} year{'s' if ahead > 1 else ''} after the origin"
        for name in ACROSS:
            part = _across_units(one, name, ahead, levels[name])
            if part is not None:
                title = f"{name.replace('_', ' ')} of all units together, {after}"
                found.append(Together(title, str(one.fitted), *part))
        question = f"onsets of all pairs together, in the year {ahead} after the origin"
        found.append(Together(question, str(one.fitted), *_across_pairs(one, ahead, onsets)))
        question = f"spending, output, capability and onsets of a country together, {after}"
        found += [
            Together(question, unit, *part)
            for unit, part in _across_quantities(one, ahead, levels, onsets)
        ]
    return found


def sums(one: Origin, case: Case, levels: Levels, onsets: Onsets) -> list[Together]:
    """Lay out the parts of the sums at one origin; each sum takes them in a stated order."""
    allies = [item.iso3 for item in case.focal]
    sides = [*allies, case.rival.iso3]
    found = []
    for ahead in range(1, max(AHEAD) + 1):
        year = one.year + ahead
        if all((unit, year) in levels["spending"] for unit in sides):
            draws = one.both(lambda data, year=year: _levels(data, "spending", sides, year))
            truth = np.array([levels["spending"][unit, year] for unit in sides])
            if np.isfinite(draws[0]).all():
                for question in (ALLIES, RATIO):
                    found.append(Together(question, str(one.fitted), *draws, truth))
        found.append(Together(TOTAL, str(one.fitted), *_across_pairs(one, ahead, onsets)))
    return found


ALLIES = "spending of the allies added up, one to five years after the origin"
RATIO = "spending of the allies over the rival's, one to five years after the origin"
TOTAL = "onsets of all pairs added up, each of the five years after the origin"
ADDED: dict[str, Callable[[Floats], Floats]] = {
    ALLIES: lambda logs: np.log(np.exp(logs[..., :-1]).sum(axis=-1)),
    RATIO: lambda logs: np.log(np.exp(logs[..., :-1]).sum(axis=-1)) - logs[..., -1],
    TOTAL: lambda counts: counts.sum(axis=-1),
}


def _levels(data: xr.Dataset, name: str, units: list[str], year: int) -> Floats:
    dim = DIMS.get(name, "country")
    values = data[name].sel({dim: units, "year": year}).transpose("draw", dim).values
    values = values.astype(np.float64)
    return np.log(values) if name in LOG_LEVELS else values


def _across_units(
    one: Origin, name: str, ahead: int, truth: Mapping[tuple[str, int], float]
) -> tuple[Floats, Floats, Floats] | None:
    year = one.year + ahead
    dim = DIMS.get(name, "country")
    units = [u for u in one.coupled[name][dim].values.tolist() if (u, year) in truth]
    draws, alone = one.both(lambda data: _levels(data, name, units, year))
    known = np.isfinite(draws).all(axis=0)
    if known.sum() < LEAST_PARTS:
        return None
    came = np.array([truth[unit, year] for unit in units])
    return draws[:, known], alone[:, known], came[known]


def _onsets_of_year(data: xr.Dataset, pairs: list[str], ahead: int) -> Floats:
    """Give the onsets drawn in one year after the origin, shape (draw, pair)."""
    counts = data["n_dispute"].sel(pair=pairs).transpose("draw", "horizon", "pair")
    ends = counts.sel(horizon=12 * ahead).values.astype(np.float64)
    if ahead == 1:
        return ends
    return ends - counts.sel(horizon=12 * (ahead - 1)).values.astype(np.float64)


def _came(onsets: Onsets, pair: tuple[int, int], first: int, last: int) -> int:
    """Count the onsets of a pair from the first year to the last."""
    return sum(12 * first <= month < 12 * (last + 1) for month in onsets.get(pair, []))


def _across_pairs(one: Origin, ahead: int, onsets: Onsets) -> tuple[Floats, Floats, Floats]:
    names = list(one.pairs)
    draws, alone = one.both(lambda data: _onsets_of_year(data, names, ahead))
    year = one.year + ahead
    came = [float(_came(onsets, one.pairs[name], year, year)) for name in names]
    return draws, alone, np.array(came)


def _across_quantities(
    one: Origin, ahead: int, levels: Levels, onsets: Onsets
) -> Iterable[tuple[str, tuple[Floats, Floats, Floats]]]:
    """Give spending, output, capability and onsets so far of each country, in their own spreads.

    A spread is that of the draws, which shuffling does not change. Onsets are the log of one more
    than their number, over all years since the origin and all pairs of the country.
    """
    year = one.year + ahead
    for unit in one.coupled["country"].values.tolist():
        names = [name for name in one.pairs if unit in name.split("-")]
        known = all((unit, year) in levels[name] for name in ("spending", "output", "capability"))
        if not known or not names:
            continue

        def read(data: xr.Dataset, unit: str = unit, names: list[str] = names) -> Floats:
            counts = data["n_dispute"].sel(pair=names, horizon=12 * ahead).sum("pair")
            parts = [
                _levels(data, name, [unit], year)[:, 0]
                for name in ("spending", "output", "capability")
            ]
            return np.stack([*parts, np.log1p(counts.values.astype(np.float64))], axis=1)

        draws, alone = one.both(read)
        if not np.isfinite(draws).all():
            continue
        total = sum(_came(onsets, one.pairs[name], one.year + 1, year) for name in names)
        came = [levels[name][unit, year] for name in ("spending", "output", "capability")]
        truth = np.array([*came, np.log1p(total)])
        spread = draws.std(axis=0)
        if (spread > 0).all():
            yield unit, (draws / spread, alone / spread, truth / spread)


def joint_cards(found: Iterable[Together], split: Split) -> list[Scorecard]:
    """Score what was forecast together, by the energy score and by the variogram score."""
    cards = []
    for question, cases in _by_question(found).items():
        if len({case.cluster for case in cases}) < 2 or len(cases) < LEAST_ORIGINS:
            continue
        for lead, score in SCORES.items():
            losses: dict[str, list[float]] = {UNTIED: [], ALONE: [], COUPLED: []}
            for number, case in enumerate(cases):
                for label, value in _joint_losses(case, number, score).items():
                    losses[label].append(value)
            cards.append(_card(f"{question}: {lead}", split, lead, cases, losses, {}))
    return cards


def _joint_losses(
    case: Together, number: int, score: Callable[[Floats, Floats], Floats]
) -> dict[str, float]:
    rng = named_generator(SEED, "shuffle", case.question, number)
    truth, draws = case.truth[None], case.draws[None, :MEMBERS]
    shuffled = [score(joint.untied(draws, rng), truth)[0] for _ in range(SHUFFLES)]
    return {
        UNTIED: float(np.mean(shuffled)),
        ALONE: float(score(case.alone[None, :MEMBERS], truth)[0]),
        COUPLED: float(score(draws, truth)[0]),
    }


def sum_cards(found: Iterable[Together], split: Split) -> list[Scorecard]:
    """Score sums: CRPS and the coverage of their intervals, tied and shuffled."""
    cards = []
    for question, cases in _by_question(found).items():
        added = ADDED[question]
        losses: dict[str, list[float]] = {UNTIED: [], ALONE: [], COUPLED: []}
        inside: dict[str, list[float]] = {UNTIED: [], ALONE: [], COUPLED: []}
        for number, case in enumerate(cases):
            rng = named_generator(SEED, "shuffle", question, number)
            whole = joint.untied(np.repeat(case.draws[None], SHUFFLES, axis=0), rng)
            parts = {UNTIED: added(whole), ALONE: added(case.alone[None])}
            parts[COUPLED] = added(case.draws[None])
            for label, draws in parts.items():
                truth = np.repeat(added(case.truth), len(draws))
                losses[label].append(float(proper.crps(draws, truth).mean()))
                inside[label].append(float(proper.covered(draws, truth).mean()))
        cards.append(_card(question, split, "crps", cases, losses, inside))
    return cards


def _by_question(found: Iterable[Together]) -> dict[str, list[Together]]:
    grouped: dict[str, list[Together]] = {}
    for case in found:
        grouped.setdefault(case.question, []).append(case)
    return grouped


def _card(
    question: str,
    split: Split,
    lead: str,
    cases: list[Together],
    losses: Mapping[str, list[float]],
    inside: Mapping[str, list[float]],
) -> Scorecard:
    numbers = {name: k for k, name in enumerate(dict.fromkeys(case.cluster for case in cases))}
    groups = np.array([numbers[case.cluster] for case in cases], dtype=np.int64)
    values = {label: np.array(part) for label, part in losses.items()}
    scores = []
    for label, loss in values.items():
        measures = {lead: float(loss.mean())}
        if label in inside:
            held = np.array(inside[label])
            low, high = proper.block_binomial(held, groups)
            measures |= {"coverage": float(held.mean())}
            measures |= {"coverage, lo90": low, "coverage, hi90": high}
        scores.append(Score(label, len(cases), measures, differences(values, label, groups)))
    by_country = not cases[0].cluster.isdigit()
    return Scorecard(
        task="ensemble",
        question=question,
        split=split,
        first=str(YEARS[split][0] + 1),
        last=str(YEARS[split][-1] + max(AHEAD)),
        rule="known",
        promised=len(cases),
        events=None,
        lead=lead,
        clusters="country" if by_country else "span of origins",
        chosen=COUPLED,
        scores=tuple(scores),
        notes=NOTES[:2] if by_country else NOTES,
    )
