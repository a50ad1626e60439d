"""Official yearly figures quoted from pages: scrambles, patrol days, arms notified."""

import datetime as dt
import re

import polars as pl

from foedus.record.raw import Raw
from foedus.world.months import month_end, parse_date

_UNITS = {
    "asdf_scrambles": "scrambles",
    "ccg_patrol_days": "days",
    "ccg_ship_days": "ship-days",
    "senkaku_contiguous_zone_days": "days",
    "senkaku_contiguous_zone_ships": "ship-days",
    "senkaku_territorial_sea_ships": "ship-days",
    "senkaku_territorial_sea_cases": "cases",
    "senkaku_territorial_sea_intrusions": "cases",
    "taiwan_fms_notified": "billion USD, current",
}
_FISCAL = re.compile(r"FY(\d{4})(?:-Q([1-4]))?")
_DATE = re.compile(r"\d{4}(?:-\d{2})?(?:-\d{2})?")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Join the two collections; where both give a figure the second, which settles it, is kept."""
    first = raw.parquet("events/quoted_official_series.parquet").with_columns(part=pl.lit(1))
    second = raw.parquet("events/quoted_official_series_2.parquet").with_columns(part=pl.lit(2))
    frame = pl.concat([first, second], how="vertical_relaxed").sort("part")
    frame = frame.unique(["series", "period"], keep="last")
    spans = [_span(period) for period in frame["period"]]
    return {
        "quoted_official_series": frame.with_columns(
            pl.Series("start", [span[0] for span in spans]),
            pl.Series("end", [span[1] for span in spans]),
            pl.Series("unit", [_unit(series) for series in frame["series"]]),
            year=pl.col("period").str.extract_all(r"\d{4}").list.last().cast(pl.Int16),
        )
    }


def _span(period: str) -> tuple[dt.date, dt.date]:
    """Give the first and last day of a period; Japan's fiscal years begin in April."""
    fiscal = _FISCAL.fullmatch(period)
    if fiscal is None:
        dates = _DATE.findall(period)
        return parse_date(dates[0], end=False), parse_date(dates[-1])
    year = int(fiscal[1])
    if fiscal[2] is None:
        return dt.date(year, 4, 1), dt.date(year + 1, 3, 31)
    quarter = int(fiscal[2])
    first = dt.date(year, 3 * quarter + 1, 1) if quarter <= 3 else dt.date(year + 1, 1, 1)
    return first, month_end(first.year, first.month + 2)


def _unit(series: str) -> str:
    return next(unit for start, unit in _UNITS.items() if series.startswith(start))
