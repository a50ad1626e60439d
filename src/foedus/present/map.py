"""The map of a case: outlines, arenas, places of bases, disputed places with both names.

Drawn on an equirectangular grid, to a tenth of a degree. Disputed lines are dashed.
"""

import json
import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

import polars as pl

from foedus.present.theme import FAINT, FOCAL, INK, RIVAL, THIRD
from foedus.world.arenas import Arena

WEST, SOUTH, EAST, NORTH = 98.0, 0.0, 152.0, 50.0
_SCALE = 13.0


def _x(lon: float) -> float:
    return round((lon - WEST) * _SCALE * math.cos(math.radians(25)), 1)


def _y(lat: float) -> float:
    return round((NORTH - lat) * _SCALE, 1)


def _path(points: Sequence[Sequence[float]], *, close: bool) -> str:
    steps = " L".join(f"{_x(x)},{_y(y)}" for x, y in points)
    return f"M{steps}{'Z' if close else ''}"


def draw_map(
    outlines: pl.DataFrame,
    places: pl.DataFrame,
    bases: pl.DataFrame,
    arenas: Sequence[Arena],
    colours: dict[str, str],
) -> str:
    """Draw the map as standalone SVG.

    Args:
        outlines: Table `natural_earth`.
        places: Table `disputed_places`.
        bases: `lon, lat, sites`, one row a tenth of a degree.
        arenas: Arenas to outline.
        colours: Fill by ISO3 code; other countries are grey.
    """
    width, height = _x(EAST), _y(SOUTH)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="Arial, sans-serif">',
        f'<clipPath id="frame"><rect width="{width}" height="{height}"/></clipPath>',
        '<g clip-path="url(#frame)">',
    ]
    for name, points in (
        outlines.filter(pl.col("kind") == "country").select("name", "points").iter_rows()
    ):
        fill = colours.get(name, FAINT)
        opacity = 0.55 if name in colours else 0.22
        parts.append(
            f'<path d="{_path(json.loads(points), close=True)}" fill="{fill}" '
            f'fill-opacity="{opacity}" stroke="{FAINT}" stroke-width="0.5"/>'
        )
    for kind, dash in (("disputed area", "2 2"), ("disputed line", "4 3")):
        for (points,) in outlines.filter(pl.col("kind") == kind).select("points").iter_rows():
            close = kind == "disputed area"
            parts.append(
                f'<path d="{_path(json.loads(points), close=close)}" fill="none" stroke="{INK}" '
                f'stroke-width="1" stroke-dasharray="{dash}"/>'
            )
    for arena in arenas:
        top = max(arena.polygon, key=lambda corner: (corner[1], -corner[0]))
        parts.append(
            f'<path d="{_path(arena.polygon, close=True)}" fill="none" stroke="{THIRD}" '
            f'stroke-width="1.4"/>'
            f'<text x="{_x(top[0]) + 4}" y="{_y(top[1]) + 13}" font-size="12" font-weight="bold" '
            f'fill="{INK}">{escape(arena.title)}</text>'
        )
    for lon, lat, sites in bases.select("lon", "lat", "sites").iter_rows():
        size = 2.0 + 0.6 * math.sqrt(sites)
        parts.append(
            f'<circle cx="{_x(lon)}" cy="{_y(lat)}" r="{size:.1f}" fill="{FOCAL}" '
            f'fill-opacity="0.85" stroke="#ffffff" stroke-width="0.5"/>'
        )
    for place, lon, lat in places.select("place", "lon", "lat").iter_rows():
        x, y = _x(lon), _y(lat)
        end = x > 0.72 * width
        anchor = 'text-anchor="end" ' if end else ""
        parts.append(
            f'<path d="M{x - 4},{y} L{x + 4},{y} M{x},{y - 4} L{x},{y + 4}" stroke="{RIVAL}" '
            f'stroke-width="1.6"/><text {anchor}x="{x + (-7 if end else 7)}" y="{y + 4}" '
            f'font-size="11" fill="{INK}">{escape(place)}</text>'
        )
    parts.append("</g></svg>")
    return "".join(parts)
