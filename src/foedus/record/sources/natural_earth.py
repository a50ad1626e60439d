"""Outlines of East Asia and the western Pacific, with disputed areas, lines and places."""

import json
from typing import Any

import polars as pl

from foedus.record.raw import Raw

WEST, SOUTH, EAST, NORTH = 90.0, -12.0, 165.0, 58.0
_LINES = "geo/ne_10m_admin_0_boundary_lines_disputed_areas.geojson"
_AREAS = "geo/ne_10m_admin_0_disputed_areas.geojson"
_BOTH_NAMES = {
    "Pinnacle Is.": "Senkaku/Diaoyu Islands",
    "Kuril Is.": "Northern Territories/southern Kurils",
    "Dokdo": "Dokdo/Takeshima",
    "Spratly Is.": "Spratly/Nansha/Truong Sa Islands",
    "Paracel Is.": "Paracel/Xisha/Hoang Sa Islands",
    "Scarborough Reef": "Scarborough Shoal/Huangyan Dao",
}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Cut outlines to East Asia and the western Pacific, round them, and list disputed places."""
    rows: list[dict[str, Any]] = []
    for feature in raw.geojson("geo/ne_50m_admin_0_countries.geojson")["features"]:
        rows += _outlines(feature, "country", feature["properties"]["ADM0_A3"])
    for feature in raw.geojson(_AREAS)["features"]:
        if feature["properties"]["BRK_NAME"] in _BOTH_NAMES:
            name = _BOTH_NAMES[feature["properties"]["BRK_NAME"]]
            rows += _outlines(feature, "disputed area", name)
    for feature in raw.geojson(_LINES)["features"]:
        rows += _outlines(feature, "disputed line", feature["properties"]["name"])
    outlines = pl.DataFrame(rows).with_columns(
        part=pl.int_range(1, pl.len() + 1).over("kind", "name")
    )
    return {"natural_earth": outlines, "disputed_places": _places(raw)}


def _outlines(feature: dict[str, Any], kind: str, name: str) -> list[dict[str, Any]]:
    geometry = feature["geometry"]
    nested = geometry["coordinates"]
    if geometry["type"] == "MultiPolygon":
        parts = [polygon[0] for polygon in nested]
    elif geometry["type"] in ("Polygon", "MultiLineString"):
        parts = [nested[0]] if geometry["type"] == "Polygon" else nested
    else:
        parts = [nested]
    kept = []
    for part in parts:
        points = _rounded(part)
        inside = any(WEST <= x <= EAST and SOUTH <= y <= NORTH for x, y in points)
        if inside and len(points) > (2 if kind == "disputed line" else 3):
            kept.append({"kind": kind, "name": name, "points": json.dumps(points)})
    return kept


def _rounded(part: list[list[float]]) -> list[list[float]]:
    points: list[list[float]] = []
    for x, y in part:
        point = [round(x, 1), round(y, 1)]
        if not points or points[-1] != point:
            points.append(point)
    return points


def _places(raw: Raw) -> pl.DataFrame:
    rows = []
    for feature in raw.geojson("geo/hotspot_features.geojson")["features"]:
        given = feature["properties"]["name"]
        if given in _BOTH_NAMES:
            x, y = feature["geometry"]["coordinates"]
            rows.append(
                {
                    "place": _BOTH_NAMES[given],
                    "claims": feature["properties"].get("claim_note"),
                    "lon": round(x, 1),
                    "lat": round(y, 1),
                }
            )
    return pl.DataFrame(rows)
