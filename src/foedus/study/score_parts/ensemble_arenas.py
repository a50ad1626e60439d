"""The ensemble's own months of the arenas' series, from the origins its shipped fits allow."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from foedus.record.schema import Rule
from foedus.record.store import Record
from foedus.score.scorecard import Scorecard, Split
from foedus.study.forecast import Ready, prepare, run
from foedus.study.score_parts import arenas
from foedus.study.score_parts.ensemble_past import CASE, COUPLED, SEED, longer
from foedus.world.months import month_end

FIRST, LAST = 2024 * 12 + 2, 2025 * 12 + 10
"""First and last origin, months counted from year zero: the laws that ship knew March 2024."""
DRAWS = 512
NOTES = (
    "as known at the origin: publication lags of the tables; later revision is not undone",
    "the law of incidents that ships for origins from March 2024 on is fitted once, on all monthly "
    "series; it reads no other law, so that it says the same alone",
    "no origin before the test could be run, so that nothing is chosen by these cards; the task of "
    "the arenas chooses what stands for a series",
    "the record of reports from the South China Sea ends before the first target, and the East "
    "China Sea has no monthly series located in it; neither is scored",
)


def arena_cards(
    record: Record, split: Split, progress: Callable[[str], None] = lambda _: None
) -> list[Scorecard]:
    """Score the ensemble's months of each series beside the simple rules; test origins alone."""
    if split == "choice":
        return []
    truth = arenas.outcomes(record)
    found: list[arenas.ArenaForecasts] = []
    for origin in range(FIRST, LAST + 1):
        progress(f"ensemble: arenas, origin {origin // 12}-{origin % 12 + 1:02d}")
        found += _from_origin(record, origin, truth)
    cards = []
    for series in dict.fromkeys(item.series for item in found):
        for horizon in arenas.HORIZONS:
            parts = [p for p in found if p.series == series and p.horizon == horizon]
            if parts:
                card = arenas.series_card(parts, split)
                title = f"{card.question}, by the ensemble"
                cards.append(
                    replace(
                        card,
                        task="ensemble",
                        question=title,
                        notes=(*NOTES, card.notes[-1]),
                    )
                )
    return cards


def _from_origin(
    record: Record, origin: int, truth: dict[tuple[str, int], float]
) -> list[arenas.ArenaForecasts]:
    ready = prepare(
        CASE,
        origin=month_end(origin // 12, origin % 12 + 1),
        horizons=(max(arenas.HORIZONS),),
        draws=DRAWS,
        seed=SEED,
        rule=Rule.KNOWN,
        record=record,
    )
    data = run(_of_whole_years(ready)).dataset["incidents"].isel(course=0)
    found = []
    for item in arenas.known_series(record, origin):
        for horizon in arenas.HORIZONS:
            came = truth.get((item.segment, origin + horizon))
            if came is None or item.name not in data["series"].values:
                continue
            steps = origin + horizon - int(item.months[-1])
            draws = arenas.forecast(item, steps, np.zeros(0), arenas.RIVALS)
            ours = data.sel(series=item.name).isel(month=horizon - 1).values
            draws[COUPLED] = ours.astype(np.float64)
            found.append(arenas.ArenaForecasts(item.name, origin, horizon, came, draws))
    return found


def _of_whole_years(ready: Ready) -> Ready:
    """Let the observed months of the series end with a year: origins then share a compiled step."""
    setting = ready.plan.setting
    months = 12 * (ready.plan.origin // 12 + 1 - int(setting.first_year))
    changed = replace(
        setting,
        observed_recent=longer(setting.observed_recent, months),
        observed_slow=longer(setting.observed_slow, months),
    )
    return replace(ready, plan=replace(ready.plan, setting=changed))
