"""Names of array axes, in one place, so that a shape reads the same in every file.

Axis order is fixed: `draw`, then `year` or `month`, then `slot` (one indicator of one source),
then `pair` or `series`, then `state` (elements of a state vector). A leading blank marks a shape
of one axis.
"""

from jaxtyping import Array, Bool, Float, Int

Draws = Float[Array, " draw"]
Theta = Float[Array, " parameter"]
ThetaDraws = Float[Array, "draw parameter"]
Step = Float[Array, " step"]
Values = Float[Array, "step slot unit"]
Seen = Bool[Array, "step slot unit"]
SlotIndex = Int[Array, "step slot"]
Rows = Float[Array, "slot state"]

__all__ = ["Draws", "Rows", "Seen", "SlotIndex", "Step", "Theta", "ThetaDraws", "Values"]
