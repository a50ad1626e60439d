"""Closeness of a pair by dimension: what votes, opinion, trade and events say, with its error.

In each dimension a pair's closeness is a random walk. Indicators that all pairs share load equally
across pairs; where a source measures one pair in its own way (a survey with its own wording, a
source with its own accounting) it gets an offset of its own for that pair. A common factor behind
all dimensions can be switched on, to test whether there is a single bond.

    closeness[d, t] = pull[d] * bond[t] + own[d, t]
    indicator[k, t] = level[k] + load[k] * closeness[d(k), t] + offsets + error
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from foedus.model.measurement.state_space import System

DIMENSIONS = ("votes", "opinion", "trade", "events")


@dataclass(frozen=True)
class Slot:
    """One place for a number in a pair-year: an indicator of one source, in one direction.

    Args:
        name: Name of the indicator.
        dimension: Dimension it informs.
        levels: Parameters that add up to its expected value.
        load: Parameter of its loading; None for 1.
        noise: Parameters whose squares add up to its error variance, besides any known part.
        offsets: Elements of the pair that never move, with the sign they enter by.
        yearly: Parameter to add in single years, as where each year is another file.
    """

    name: str
    dimension: str
    levels: tuple[str, ...]
    load: str | None = None
    noise: tuple[str, ...] = ()
    offsets: tuple[tuple[str, float], ...] = ()
    yearly: Mapping[int, str] | None = None


SLOTS: tuple[Slot, ...] = (
    Slot("un_ideal_points", "votes", ("votes.level",), noise=("votes.noise",)),
    Slot(
        "pew_first_on_second",
        "opinion",
        ("opinion.level",),
        noise=("opinion.noise",),
        offsets=(("direction", 1.0),),
    ),
    Slot(
        "pew_second_on_first",
        "opinion",
        ("opinion.level",),
        noise=("opinion.noise",),
        offsets=(("direction", -1.0),),
    ),
    Slot(
        "cabinet_office_second_on_first",
        "opinion",
        ("opinion.level", "opinion.cabinet_office"),
        noise=("opinion.noise",),
        offsets=(("direction", -1.0), ("cabinet_office", 1.0)),
    ),
    Slot(
        "genron_first_on_second",
        "opinion",
        ("opinion.level",),
        noise=("opinion.noise",),
        offsets=(("direction", 1.0), ("genron", 1.0)),
    ),
    Slot(
        "genron_second_on_first",
        "opinion",
        ("opinion.level",),
        noise=("opinion.noise",),
        offsets=(("direction", -1.0), ("genron", 1.0)),
    ),
    Slot("imf_dots", "trade", ("trade.level",), noise=("trade.noise",)),
    Slot(
        "imf_dots_mirror",
        "trade",
        ("trade.level", "trade.mirror"),
        noise=("trade.noise",),
        offsets=(("mirror", 1.0),),
    ),
    Slot(
        "cow_trade",
        "trade",
        ("trade.level", "trade.cow"),
        noise=("trade.noise",),
        offsets=(("cow_trade", 1.0),),
    ),
    Slot(
        "fbic",
        "trade",
        ("trade.level", "trade.fbic"),
        noise=("trade.noise",),
        offsets=(("fbic", 1.0),),
    ),
    Slot("icews_verbal", "events", ("events.verbal",), noise=("events.noise_verbal",)),
    Slot(
        "icews_material",
        "events",
        ("events.material",),
        load="events.load_material",
        noise=("events.noise_material",),
        offsets=(("material", 1.0),),
    ),
    Slot(
        "icews_file_verbal",
        "events",
        ("events.verbal",),
        noise=("events.noise_verbal", "events.file"),
        yearly={year: f"events.verbal_{year}" for year in (2018, 2021, 2022, 2023)},
    ),
    Slot(
        "icews_file_material",
        "events",
        ("events.material",),
        load="events.load_material",
        noise=("events.noise_material", "events.file"),
        offsets=(("material", 1.0),),
        yearly={year: f"events.material_{year}" for year in (2018, 2021, 2022, 2023)},
    ),
)

OFFSETS = {
    "direction": ("opinion", "opinion.direction"),
    "cabinet_office": ("opinion", "opinion.survey"),
    "genron": ("opinion", "opinion.survey"),
    "mirror": ("trade", "trade.source"),
    "cow_trade": ("trade", "trade.source"),
    "fbic": ("trade", "trade.source"),
    "material": ("events", "events.kind"),
}


class Closeness(eqx.Module):
    """The measurement equation of some dimensions, with or without a common bond.

    Args:
        parameters: Names of the parameters, in the order of the vector.
        dimensions: Dimensions, in the order of the state.
        slots: Names of the indicators, in the order of the slots.
        levels: How parameters add up to expected values.
        noises: How squared parameters add up to error variances.
        load: Position of each slot's loading in the parameters; -1 for 1.
        home: Position of each slot's dimension.
        offset: Signs by which the elements that never move enter each slot.
        spread: Position of the spread of each dimension between pairs.
        walk: Position of the yearly change of each dimension.
        offset_spread: Position of the spread of each element that never moves.
        size: Position of how far a pair's size scales its yearly change; -1 where it does not.
        pull: Position of each dimension's pull by the bond; empty without a bond.
        bond_walk: Position of the bond's yearly change; -1 without a bond.
    """

    parameters: tuple[str, ...] = eqx.field(static=True)
    dimensions: tuple[str, ...] = eqx.field(static=True)
    slots: tuple[str, ...] = eqx.field(static=True)
    levels: Float[Array, "step slot parameter"]
    noises: Float[Array, "slot parameter"]
    load: tuple[int, ...] = eqx.field(static=True)
    home: tuple[int, ...] = eqx.field(static=True)
    offset: Float[Array, "slot offset"]
    spread: tuple[int, ...] = eqx.field(static=True)
    walk: tuple[int, ...] = eqx.field(static=True)
    offset_spread: tuple[int, ...] = eqx.field(static=True)
    size: tuple[int, ...] = eqx.field(static=True)
    pull: tuple[int, ...] = eqx.field(static=True)
    bond_walk: int = eqx.field(static=True)

    def rows(self, theta: Float[Array, " parameter"]) -> Float[Array, "slot state"]:
        """Give the loadings of every slot on the bond if there is one, dimensions and offsets."""
        load = jnp.stack([theta[i] if i >= 0 else jnp.ones_like(theta[0]) for i in self.load])
        home = jax.nn.one_hot(jnp.asarray(self.home), len(self.dimensions), dtype=theta.dtype)
        own = home * load[:, None]
        offset = self.offset.astype(theta.dtype)
        if not self.pull:
            return jnp.concatenate([own, offset], axis=1)
        pull = theta[jnp.asarray(self.pull)][jnp.asarray(self.home)]
        return jnp.concatenate([(load * pull)[:, None], own, offset], axis=1)

    def system(
        self,
        theta: Float[Array, " parameter"],
        known_variance: Float[Array, "step slot"],
        size: Float[Array, ""],
    ) -> System:
        """Write down one pair's state space.

        Args:
            theta: Parameters on their natural scale, in the order of `parameters`.
            known_variance: Error variance the source itself states (sampling, counting).
            size: How large the pair is in dimensions where that matters, centred on all pairs.
        """
        row = self.rows(theta)
        slope = jnp.stack([theta[i] if i >= 0 else jnp.zeros_like(theta[0]) for i in self.size])
        walk = (theta[jnp.asarray(self.walk)] * jnp.exp(slope * size)) ** 2
        spread = theta[jnp.asarray(self.spread)] ** 2
        if self.pull:
            walk = jnp.concatenate([theta[self.bond_walk][None] ** 2, walk])
            spread = jnp.concatenate([jnp.ones((1,), theta.dtype), spread])
        fixed = theta[jnp.asarray(self.offset_spread, dtype=int)] ** 2
        return System(
            level=self.levels.astype(theta.dtype) @ theta,
            row=jnp.broadcast_to(row, (known_variance.shape[0], *row.shape)),
            noise=known_variance + (self.noises.astype(theta.dtype) @ theta**2)[None, :],
            keep=jnp.ones((row.shape[1],), theta.dtype),
            drift=jnp.concatenate([walk, jnp.zeros_like(fixed)]),
            start=jnp.concatenate([spread, fixed]),
        )

    @property
    def first_dimension(self) -> int:
        """Position of the first dimension in the state: after the bond where there is one."""
        return 1 if self.pull else 0


def build(
    parameters: Sequence[str],
    dimensions: Sequence[str],
    years: Sequence[int],
    *,
    slots: Sequence[str],
    bond: bool,
) -> Closeness:
    """Put together the measurement equation of some dimensions for a run of years.

    Args:
        parameters: Every parameter of these dimensions, and of the bond if there is one.
        dimensions: Dimensions wanted, from `DIMENSIONS`.
        years: Consecutive years.
        slots: Indicators wanted, in order.
        bond: Whether a common factor stands behind the dimensions.
    """
    at = {name: i for i, name in enumerate(parameters)}
    known = {slot.name: slot for slot in SLOTS}
    wanted = [known[name] for name in slots]
    offsets = [name for name, (home, _) in OFFSETS.items() if home in dimensions]
    levels = np.zeros((len(years), len(wanted), len(at)))
    noises = np.zeros((len(wanted), len(at)))
    signs = np.zeros((len(wanted), len(offsets)))
    for k, slot in enumerate(wanted):
        for name in slot.levels:
            levels[:, k, at[name]] += 1
        for year, name in (slot.yearly or {}).items():
            if year in years:
                levels[list(years).index(year), k, at[name]] += 1
        for name in slot.noise:
            noises[k, at[name]] = 1
        for name, sign in slot.offsets:
            signs[k, offsets.index(name)] = sign
    return Closeness(
        parameters=tuple(parameters),
        dimensions=tuple(dimensions),
        slots=tuple(slots),
        levels=jnp.asarray(levels),
        noises=jnp.asarray(noises),
        load=tuple(at[slot.load] if slot.load else -1 for slot in wanted),
        home=tuple(list(dimensions).index(slot.dimension) for slot in wanted),
        offset=jnp.asarray(signs),
        spread=tuple(at[f"{d}.spread"] for d in dimensions),
        walk=tuple(at[f"{d}.walk"] for d in dimensions),
        offset_spread=tuple(at[OFFSETS[name][1]] for name in offsets),
        size=tuple(at.get(f"{d}.size", -1) for d in dimensions),
        pull=tuple(at[f"bond.pull_{d}"] for d in dimensions) if bond else (),
        bond_walk=at["bond.walk"] if bond else -1,
    )
