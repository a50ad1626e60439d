"""Let every law see the others as they were last known: what each would forecast standing alone.

In a run of this kind there are two states. In one every law moves what is its own. The other is
what laws see of each other: it follows what is observed and then stays as it is. The laws, the
draws and the luck are those of the coupled run, so that the two differ by the coupling and by
nothing else, and not at all for a law that reads no other.
"""

from dataclasses import replace

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from foedus.simulate.monthly import observed_row
from foedus.simulate.state import Setting, State
from foedus.simulate.yearly import is_observed

OWN: dict[str, tuple[str, ...]] = {
    "spending": ("spending", "spending_growth", "spending_mean", "spending_variance"),
    "output": ("output", "output_change", "output_slow", "output_variance"),
    "ideal": ("ideal", "ideal_change", "ideal_slow", "ideal_variance"),
    "trade": ("trade", "trade_change", "trade_slow", "trade_variance"),
    "capability": ("capability",),
    "similarity": ("similarity",),
    "support": ("support",),
    "disputes": ("slow", "fast", "last", "onsets", "forceful", "outside", "hazard", "ladder"),
    "incidents": ("recent", "level", "shift_recent", "shift_level"),
}
"""Parts of the state that one law moves, by quantity.

Disputes and how far they go are one quantity: the law of escalation marks what the law of disputes
draws. So are the pairs among themselves; a pair's forecast alone still sees the others' onsets.
"""


def seen_by(quantity: str, state: State, held: State | None) -> State:
    """Give the state that a quantity's law reads: its own parts as they move, the others held.

    Args:
        quantity: Key of `OWN`.
        state: What moves.
        held: What laws see of each other; none in a coupled run, where they see what moves.
    """
    if held is None:
        return state
    own = {part: getattr(state, part) for part in OWN[quantity]}
    return replace(held, **own, year_level=state.year_level)


def hold_year(
    held: State | None, state: State, setting: Setting, year: Int[Array, ""]
) -> State | None:
    """Let what is held follow the levels observed in a year."""
    if held is None:
        return None
    found = {}
    for quantity in setting.observed:
        known = is_observed(quantity, setting, year)
        for part in OWN[quantity]:
            found[part] = jnp.where(known, getattr(state, part), getattr(held, part))
    return replace(held, **found)


def hold_month(
    held: State | None, state: State, setting: Setting, month: Int[Array, ""]
) -> State | None:
    """Let what is held follow the onsets and incidents observed in a month.

    A memory of onsets is held with its last value and does not fade.
    """
    if held is None:
        return None
    at = month - 12 * jnp.asarray(setting.first_year)
    onsets = jnp.isfinite(observed_row(setting.observed_onsets, at))
    counted = jnp.isfinite(observed_row(setting.observed_recent, at))

    def follow(part: str, known: Bool[Array, "*shape"]) -> Float[Array, "..."]:
        return jnp.where(known, getattr(state, part), getattr(held, part))

    by_pair = ("slow", "fast", "last", "onsets", "forceful")
    found = {part: follow(part, onsets) for part in by_pair}
    found["outside"] = follow("outside", onsets.any())
    for part in OWN["incidents"]:
        found[part] = follow(part, counted)
    return replace(held, **found)
