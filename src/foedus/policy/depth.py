"""Three views of what a deeper pact does: it deters, it does nothing, it emboldens."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

View = Literal["mixture", "deters", "none", "emboldens"]
VIEWS: tuple[View, ...] = get_args(View)
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DepthView:
    """One view.

    Args:
        name: Name.
        title: In words.
        low_percent: Lower end of what a whole pact does to the rate of onset.
        high_percent: Upper end.
        estimand: What the figure is.
        sample: What it was found on.
        source: Where it comes from.
    """

    name: str
    title: str
    low_percent: float
    high_percent: float
    estimand: str
    sample: str
    source: str


@dataclass(frozen=True)
class Deepening:
    """Share of a whole pact's effect that the deepest pact adds to an existing one."""

    low: float
    high: float
    reason: str
    source: str


@cache
def depth_views() -> tuple[DepthView, ...]:
    """Give the views in the order of the file."""
    return tuple(
        DepthView(
            name,
            part["title"],
            part["low"],
            part["high"],
            part["estimand"],
            part["sample"],
            part["source"],
        )
        for name, part in _file().items()
        if name != "deepening"
    )


def deepening() -> Deepening:
    """Give the share of a whole pact's effect that deepening may have."""
    return Deepening(**_file()["deepening"])


def draw_depth(which: Floats, place: Floats, share: Floats, view: View = "mixture") -> Floats:
    """Draw the change of the log rate of onset for a pact made as deep as can be.

    Args:
        which: Uniforms that choose the view, shape (draw,); unused unless the views are mixed.
        place: Uniforms within the view's range.
        share: Uniforms within the share that deepening has.
        view: One view, or all three with equal chances.

    Returns:
        Shape (draw,), log points.
    """
    views = [item for item in depth_views() if view in ("mixture", item.name)]
    chosen = np.minimum((which * len(views)).astype(int), len(views) - 1)
    low = np.log1p(np.array([item.low_percent for item in views]) / 100)[chosen]
    high = np.log1p(np.array([item.high_percent for item in views]) / 100)[chosen]
    part = deepening()
    return (low + (high - low) * place) * (part.low + (part.high - part.low) * share)


@cache
def _file() -> dict[str, dict]:
    place = resources.files("foedus.policy").joinpath("depth.toml")
    return tomllib.loads(place.read_text("utf-8"))
