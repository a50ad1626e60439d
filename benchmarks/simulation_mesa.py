"""The laws in Mesa 3 as one would write them first: plain agents, plain arithmetic, one member.

A pair has one memory, not three: chances are read off repeated runs.
"""

import math
from typing import Any, NamedTuple

import mesa
import numpy as np

from foedus.simulate.ensemble import Plan

FAST, SLOW = 0.5 ** (1 / 24), 0.5 ** (1 / 120)
ARENA = 3
SIZES = ("cooperation in words", "conflict in words", "acts", "arena")
BREAK_POINTS, BREAK_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
BREAK_EDGES = np.cumsum(BREAK_WEIGHTS / BREAK_WEIGHTS.sum())[:-1].tolist()
BREAK_STEPS = BREAK_POINTS.tolist()


def held(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)


class Law:
    """One member's draw of the parameters of a law."""

    def __init__(self, model: mesa.Model, given: Any, member: int) -> None:
        at = member % given.year_level.shape[-1]
        self.model = model
        self.weight = {name: float(values[at]) for name, values in given.coefficients.items()}
        self.shape = {name: float(values[at]) for name, values in given.shape.items()}
        self.unit = [float(level) for level in np.asarray(given.unit_level)[:, at]]
        self.memory, self.spread = float(given.year_memory[at]), float(given.year_spread[at])
        self.year = float(given.year_level[at])

    def new_year(self) -> None:
        self.year = self.memory * self.year + self.spread * self.model.random.gauss(0, 1)

    def change(self, eta: float, variance: float | None, usual: float, least: float) -> float:
        scale, tail = self.shape["scale"], self.shape["tail"]
        if variance is not None:
            volatility = 0.5 * math.log(max(variance, least)) - math.log(usual)
            scale *= math.exp(self.shape["volatility weight"] * volatility)
        z = self.model.random.gauss(0, 1)
        return eta + self.year + scale * math.sinh(tail * z) / tail


class Country(mesa.Agent):
    """Arms, grows and drifts once a year."""

    def __init__(self, model: "World", number: int, start: dict[str, float]) -> None:
        super().__init__(model)
        self.number = number
        self.outside_rate = float(model.setting.outside_rate[number])
        self.pairs: list[Pair] = []
        self.state = start

    def look(self) -> None:
        s, laws, i = self.state, self.model.laws, self.number
        self.disputes = s["outside"] + sum(pair.fast for pair in self.pairs)
        law = laws["arming"]
        w = law.weight
        eta = w["constant"] + w["last growth"] * held(s["spending_growth"], -1, 1)
        eta += w["mean growth"] * held(s["spending_mean"], -1, 1)
        eta += w["economy"] * held(s["output_change"], -0.3, 0.3)
        eta += w["disputes"] * held(math.log1p(self.disputes), 0, 4) + law.unit[i]
        self.armed = law.change(eta, s["spending_variance"], 0.1, 1e-4)
        law = laws["growth"]
        w = law.weight
        eta = w["constant"] + w["last change"] * held(s["output_change"], -0.3, 0.3)
        eta += w["mean growth"] * held(s["output_slow"], -0.3, 0.3) + law.unit[i]
        self.grown = law.change(eta, s["output_variance"], 0.05, 0.005**2)
        law = laws["affinity"]
        w = law.weight
        eta = w["constant"] + w["last change"] * held(s["ideal_change"], -1, 1)
        eta += w["gap"] * held(s["ideal"] - s["ideal_slow"], -2, 2) + law.unit[i]
        self.turned = law.change(eta, s["ideal_variance"], 0.1, 0.01**2)
        law = laws["technology"]
        self.gained = law.change(law.weight["constant"] + law.unit[i], None, 1, 1)
        law = laws["support"]
        self.swayed = law.change(law.weight["constant"] + law.unit[i], None, 1, 1)

    def move(self) -> None:
        s = self.state
        kept = held(self.armed, -1, 1)
        s["spending"] += self.armed
        s["spending_growth"] = self.armed
        s["spending_mean"] = 0.7 * s["spending_mean"] + 0.3 * kept
        s["spending_variance"] = 0.9 * s["spending_variance"] + 0.1 * kept**2
        s["output"] += self.grown
        s["output_change"] = self.grown
        s["output_slow"] = 0.8 * s["output_slow"] + 0.2 * self.grown
        s["output_variance"] = 0.8 * s["output_variance"] + 0.2 * held(self.grown, -0.3, 0.3) ** 2
        s["ideal"] += self.turned
        s["ideal_change"] = self.turned
        s["ideal_slow"] = 0.8 * s["ideal_slow"] + 0.2 * s["ideal"]
        s["ideal_variance"] = 0.8 * s["ideal_variance"] + 0.2 * held(self.turned, -1, 1) ** 2
        s["capability"] += self.gained
        s["support"] += self.swayed

    def step(self) -> None:
        met = min(self.model.rng.poisson(self.outside_rate), 8)
        self.state["outside"] = self.state["outside"] * FAST + met


class Pair(mesa.Agent):
    """Trades and allies by the year, and disputes by the month."""

    def __init__(
        self, model: "World", number: int, sides: tuple[Country, Country], start: dict[str, float]
    ) -> None:
        super().__init__(model)
        self.number, (self.one, self.two) = number, sides
        for country in sides:
            country.pairs.append(self)
        setting = model.setting
        self.fixed = {name: float(values[number]) for name, values in setting.fixed.items()}
        self.lower = float(setting.lower_democracy[0, number])
        self.higher = float(setting.higher_democracy[0, number])
        self.begin = float(setting.begin[number])
        self.links: list[tuple[Series, float]] = []
        self.slow, self.fast, self.last = start.pop("slow"), start.pop("fast"), start.pop("last")
        self.onsets, self.forceful = start.pop("onsets"), start.pop("forceful")
        self.new_onsets = self.new_forceful = 0
        self.state = start

    def look(self) -> None:
        s, laws, k, f = self.state, self.model.laws, self.number, self.fixed
        one, two = self.one.state, self.two.state
        law = laws["exchange"]
        w = law.weight
        eta = w["constant"] + w["last change"] * held(s["trade_change"], -1, 1)
        eta += w["gap"] * held(s["trade"] - s["trade_slow"], -2, 2) + law.unit[k]
        both = one["output_change"] + two["output_change"]
        eta += w["economies"] * held(both, -0.5, 0.5)
        self.traded = law.change(eta, s["trade_variance"], 0.2, 0.02**2)
        law = laws["alignment"]
        self.allied = law.change(law.weight["constant"] + law.unit[k], None, 1, 1)

        imbalance = held(abs(one["capability"] - two["capability"]), 0, 12)
        quiet = max(self.model.month - 1 - max(self.last, self.begin), 0) / 12
        law = laws["disputes"]
        w = law.weight
        eta = w["constant"] + law.year + law.unit[k] + w["imbalance"] * imbalance
        for name, value in f.items():
            eta += w[name] * held(value, -3, 3.1)
        eta += w["lower democracy"] * held(self.lower, -3, 3)
        eta += w["higher democracy"] * held(self.higher, -3, 3)
        eta += w["slow history"] * held(math.log1p(self.slow), 0, 4)
        eta += w["fast history"] * held(math.log1p(self.fast), 0, 4)
        eta += w["peace"] * held(math.log1p(min(quiet, 60)), 0, 4.2)
        self.hazard = eta
        law = laws["escalation"]
        w = law.weight
        eta = w["constant"] + law.year + law.unit[k] + w["imbalance"] * imbalance
        for name in ("land border", "distance", "both major powers"):
            eta += w[name] * held(f[name], -3, 3.1)
        eta += w["lower democracy"] * held(self.lower, -3, 3)
        eta += w["slow history"] * held(math.log1p(self.slow), 0, 4)
        eta += w["force in the past"] * (self.forceful + 1.2) / (self.onsets + 2)
        self.ladder = eta

    def move(self) -> None:
        s = self.state
        others = max(self.one.disputes + self.two.disputes - 2 * self.fast, 0)
        weight = self.model.laws["disputes"].weight["others' disputes"]
        self.hazard += weight * held(math.log1p(others), 0, 8)
        s["trade"] += self.traded
        s["trade_change"] = self.traded
        s["trade_slow"] = 0.8 * s["trade_slow"] + 0.2 * s["trade"]
        s["trade_variance"] = 0.8 * s["trade_variance"] + 0.2 * held(self.traded, -1, 1) ** 2
        s["similarity"] = held(s["similarity"] + self.allied, -1, 1)

    def step(self) -> None:
        model = self.model
        since = model.month - self.last
        weight = model.laws["disputes"].weight
        eta = self.hazard
        if since <= 6:
            eta += weight["onset in 6 months"]
        elif since <= 12:
            eta += weight["onset in 7-12 months"]
        elif since <= 24:
            eta += weight["onset in 13-24 months"]
        for series, share in self.links:
            eta += share * series.turn() * model.link
        count = min(model.rng.poisson(math.exp(eta)), 3)
        self.fast *= FAST
        self.slow *= SLOW
        if count:
            self.fast += count
            self.slow += count
            self.last = model.month
            self.onsets += count
            self.new_onsets += count
            level = self.level()
            if level >= 2:
                self.forceful += count
                self.new_forceful += count

    def level(self) -> int:
        shape = self.model.laws["escalation"].shape
        u = self.model.random.random()
        latent = math.log(u / (1 - u)) + self.ladder
        return (latent > -shape["below"]) + (latent > 0) + (latent > shape["above"])


class Series(mesa.Agent):
    """Counts of acts, month by month; pairs read last month's turn."""

    def __init__(self, model: "World", number: int, recent: float, level: float) -> None:
        super().__init__(model)
        self.recent, self.level, self.counts = recent, level, []
        law = model.laws["incidents"]
        self.arena = int(model.setting.kind[number]) == ARENA
        self.size = min(law.shape[f"size, {SIZES[int(model.setting.kind[number])]}"], 30)
        reporting = held(float(model.setting.reporting[number]), -3, 3)
        self.eta = law.weight["constant"] + law.weight["arena"] * self.arena + law.unit[number]
        self.eta += law.weight["reporting growth"] * reporting
        which = ", arena" if self.arena else ""
        self.share, self.spread = (
            law.shape[f"break share{which}"],
            law.shape[f"break spread{which}"],
        )

    def turn(self) -> float:
        return held(math.log((self.recent + 0.05) / (self.level + 0.05)), -4, 4)

    def step(self) -> None:
        shape, luck = self.model.laws["incidents"].shape, self.model.random
        slow = math.log(self.level + 0.05)
        mean = slow + shape["pull"] * (self.eta - slow) + shape["lean"] * self.turn()
        if luck.random() < self.share:
            place = luck.random()
            mean += self.spread * BREAK_STEPS[sum(place > edge for edge in BREAK_EDGES)]
        mean = math.exp(min(mean, 7.6))
        count = min(
            self.model.rng.negative_binomial(self.size, self.size / (self.size + mean)), 4000
        )
        self.counts.append(count)
        self.recent = 0.6 * self.recent + 0.4 * count
        self.level = 0.93 * self.level + 0.07 * count


class World(mesa.Model):
    """One member."""

    def __init__(self, plan: Plan, member: int) -> None:
        super().__init__(rng=plan.seed * 1_000_003 + member)
        self.setting, start = plan.setting, plan.start
        laws = plan.parameters.laws
        self.laws = {name: Law(self, given, member) for name, given in laws.items()}
        self.link = float(plan.parameters.link[member % len(plan.parameters.link)])
        self.month = 12 * int(plan.setting.first_year)

        def row(names: tuple[str, ...], number: int) -> dict[str, float]:
            values = {name: np.asarray(getattr(start, name)) for name in names}
            return {
                name: float(v[number, 0] if v.ndim == 2 else v[0, number, 0])
                for name, v in values.items()
            }

        countries = [Country(self, i, row(OF_COUNTRY, i)) for i in range(len(start.spending))]
        series = [
            Series(self, i, float(start.recent[i, 0]), float(start.level[i, 0]))
            for i in range(len(start.recent))
        ]
        ends = zip(self.setting.one, self.setting.two, strict=True)
        for k, (one, two) in enumerate(ends):
            pair = Pair(self, k, (countries[one], countries[two]), row(OF_PAIR, k))
            for i in np.flatnonzero(self.setting.link[k]):
                pair.links.append((series[i], float(self.setting.link[k, i])))

    def step(self) -> None:
        kinds = self.agents_by_type
        if self.month % 12 == 0:
            for law in self.laws.values():
                law.new_year()
            for kind in (Country, Pair):
                kinds[kind].do("look")
            for kind in (Pair, Country):
                kinds[kind].do("move")
        for kind in (Pair, Country, Series):
            kinds[kind].do("step")
        self.month += 1


OF_COUNTRY = (
    "spending", "spending_growth", "spending_mean", "spending_variance", "output",
    "output_change", "output_slow", "output_variance", "capability", "ideal", "ideal_change",
    "ideal_slow", "ideal_variance", "support", "outside",
)  # fmt: skip
OF_PAIR = (
    "trade", "trade_change", "trade_slow", "trade_variance", "similarity", "onsets", "forceful",
    "slow", "fast", "last",
)  # fmt: skip


class Members(NamedTuple):
    """Onsets by pair, counts by month, yearly levels; the last axis is members."""

    onsets: np.ndarray
    forceful: np.ndarray
    counts: np.ndarray
    yearly: dict[str, np.ndarray]


def worlds(plan: Plan, members: int) -> list[World]:
    """Set members up; this is not timed."""
    return [World(plan, member) for member in range(members)]


def run_mesa(ready: list[World], months: int) -> Members:
    """Run members one after another."""
    for world in ready:
        for _ in range(months):
            world.step()
    kinds = [world.agents_by_type for world in ready]

    def table(kind: type, read) -> np.ndarray:
        return np.stack([[read(agent) for agent in found[kind]] for found in kinds], axis=-1)

    of_country = ("spending", "output", "capability", "ideal", "support")
    return Members(
        table(Pair, lambda pair: pair.new_onsets),
        table(Pair, lambda pair: pair.new_forceful),
        table(Series, lambda series: series.counts).swapaxes(0, 1),
        {name: table(Country, lambda c, name=name: c.state[name]) for name in of_country}
        | {n: table(Pair, lambda p, n=n: p.state[n]) for n in ("trade", "similarity")},
    )
