"""What a comparison of courses reports: each outcome one number a draw, course and horizon."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foedus.model.laws.escalation import NAMES
from foedus.present.words import called
from foedus.simulate.ensemble import Chunk, Drawn, run_chunk
from foedus.study.start import Start
from foedus.study.tension_series import SERIES
from foedus.world.arenas import load_arena
from foedus.world.cases import Case
from foedus.world.countries import Country

Floats = NDArray[np.float64]
YEAR = 12


@dataclass(frozen=True)
class Outcome:
    """One outcome.

    Args:
        name: Stable name, such as `dispute:allies`.
        title: In words.
        unit: Unit.
        group: `deterrence`, `escalation`, `partners`, `arenas`, `means` or `ties`.
        better: Sign that the two allies prefer, where there is no doubt; else zero.
        event: Whether it is a chance, averaged along the path.
    """

    name: str
    title: str
    unit: str
    group: str
    better: int
    event: bool = False


@dataclass(frozen=True)
class Layout:
    """Outcomes of a case, and where the simulation keeps what they are made of.

    Args:
        outcomes: Outcomes, in the order of the rows.
        sources: What each is read from: a kind and numbers of units.
        horizons: Months after the origin.
        origin: Last month known, counted from year zero.
    """

    outcomes: tuple[Outcome, ...]
    sources: tuple[tuple[str, tuple[int, ...]], ...]
    horizons: tuple[int, ...]
    origin: int


def layout(case: Case, start: Start, horizons: tuple[int, ...]) -> Layout:
    """Name the outcomes of a case.

    The chance of a dispute or of force is asked of every pair of an ally or partner and the rival
    that is politically relevant at the start.
    """
    codes = list(start.codes)
    rival = case.rival
    found: list[tuple[Outcome, tuple[str, tuple[int, ...]]]] = []

    def pair(one: Country) -> int | None:
        lower, higher = sorted((one.ccode, rival.ccode))
        number = start.pairs.index((lower, higher))
        return int(start.relevant[:number].sum()) if start.relevant[number] else None

    def chances(name: str, whom: str, group: str, pairs: tuple[int, ...]) -> None:
        whose = f"{whom} and {called(rival.name)}"
        found.append(
            (
                Outcome(f"dispute:{name}", f"New militarised dispute, {whose}", "probability",
                        group, -1, event=True),
                ("rate", pairs),
            )
        )  # fmt: skip
        found.append(
            (
                Outcome(f"force:{name}", f"Dispute that sees use of force, {whose}", "probability",
                        "escalation" if group == "deterrence" else group, -1, event=True),
                ("force_rate", pairs),
            )
        )  # fmt: skip

    allied = {one: pair(one) for one in case.focal}
    both = tuple(number for number in allied.values() if number is not None)
    if len(both) > 1:
        chances("allies", "either ally", "deterrence", both)
    for one, number in allied.items():
        if number is not None:
            chances(one.iso3, called(one.name), "deterrence", (number,))
            name = (
                f"Use of force if there is a dispute, {called(one.name)} and {called(rival.name)}"
            )
            ladder = Outcome(
                f"force-given-dispute:{one.iso3}", name, "probability", "escalation", -1,
                event=True,
            )  # fmt: skip
            found.append((ladder, ("levels", (number,))))
    partners = {one: pair(one) for one in case.partners()}
    known = tuple(number for number in partners.values() if number is not None)
    if len(known) > 1:
        chances("partners", "any partner", "partners", known)
    for one, number in partners.items():
        if number is not None:
            chances(one.iso3, called(one.name), "partners", (number,))
    titles = {one.name: one.title for one in SERIES}
    for number, (arena, item) in enumerate(start.series):
        title = f"{load_arena(arena).title}: {titles[item.series]}, mean of a year"
        count = Outcome(f"incidents:{item.series}", title, "a month", "arenas", 0)
        found.append((count, ("counts", (number,))))
    allies = tuple(codes.index(one.ccode) for one in case.focal)
    against = codes.index(rival.ccode)
    share = f"Share of the two allies in what they and {called(rival.name)} spend"
    spent = Outcome("spending-share:allies", share, "share", "means", 0)
    found.append((spent, ("share", (*allies, against))))
    for one in (*case.focal, rival):
        spent = Outcome(
            f"spending:{one.iso3}", f"Military spending, {called(one.name)}",
            "billion constant US dollars a year", "means", 0,
        )  # fmt: skip
        found.append((spent, ("spending", (codes.index(one.ccode),))))
    for one in case.focal:
        lower, higher = sorted((one.ccode, rival.ccode))
        trade = Outcome(
            f"trade:{one.iso3}", f"Trade, {called(one.name)} and {called(rival.name)}",
            "ratio to the baseline", "ties", 0,
        )  # fmt: skip
        found.append((trade, ("trade", (start.pairs.index((lower, higher)),))))
    gap = Outcome(
        "ideal-point-distance:allies", "Distance of the allies in UN votes", "ideal points",
        "ties", -1,
    )  # fmt: skip
    found.append((gap, ("distance", allies)))
    return Layout(
        tuple(outcome for outcome, _ in found),
        tuple(source for _, source in found),
        horizons,
        start.origin,
    )


def outcomes_of(job: tuple[Chunk, Layout]) -> NDArray[np.float32]:
    """Simulate one chunk and read off the outcomes.

    Returns:
        Shape (outcome, horizon, course, draw).
    """
    chunk, asked = job
    return read_outcomes(run_chunk(chunk), asked)


def read_outcomes(drawn: Drawn, asked: Layout) -> NDArray[np.float32]:
    """Read the outcomes off what a chunk gave; shape (outcome, horizon, course, draw)."""
    rows = [_read(drawn, asked, kind, list(units)) for kind, units in asked.sources]
    return np.stack(rows).astype(np.float32)


def _read(drawn: Drawn, asked: Layout, kind: str, units: list[int]) -> Any:
    if kind in ("rate", "force_rate"):
        rate = getattr(drawn, kind)[:, :, units].sum(axis=2)
        return np.moveaxis(-np.expm1(-rate), 1, 0)
    if kind == "levels":
        force = NAMES.index("use of force")
        return np.moveaxis(drawn.levels[:, :, force:, units[0]].sum(axis=2), 1, 0)
    if kind == "counts":
        return np.stack([
            drawn.counts[:, max(h - YEAR, 0) : h, units[0]].mean(axis=1) for h in asked.horizons
        ])  # fmt: skip
    years = [(asked.origin + h) // 12 - asked.origin // 12 for h in asked.horizons]
    if kind == "spending":
        return np.moveaxis(np.exp(drawn.yearly["spending"][:, years, units[0]]), 1, 0) / 1000
    if kind == "trade":
        traded = drawn.yearly["trade"][:, years, units[0]]
        return np.moveaxis(np.exp(traded - traded[:1]), 1, 0)
    if kind == "share":
        spent = np.exp(drawn.yearly["spending"][:, years][:, :, units])
        share = spent[:, :, :-1].sum(axis=2) / spent.sum(axis=2)
        return np.moveaxis(share, 1, 0)
    if kind == "distance":
        points = drawn.yearly["ideal"][:, years][:, :, units]
        return np.moveaxis(np.abs(points[:, :, 0] - points[:, :, 1]), 1, 0)
    raise AssertionError(kind)
