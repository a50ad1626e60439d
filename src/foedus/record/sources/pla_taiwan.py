"""PLA aircraft and vessels reported around Taiwan, by day and by month."""

import polars as pl

from foedus.record.raw import Raw

_COUNTS = ("pla_aircraft_sorties", "plan_vessel_sorties")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep the daily figures, and sum them by month beside the number of days reported."""
    daily = (
        raw.parquet("events/pla_taiwan_daily.parquet")
        .drop("date")
        .rename({"date_iso": "date", "osumi_as_given_dayu": "osumi"})
        .drop_nulls("date")
    )
    daily = daily.with_columns(pl.col(name).round().cast(pl.Int16) for name in _COUNTS)
    monthly = (
        daily.group_by(month=pl.col("date").dt.truncate("1mo"))
        .agg(
            aircraft=_sum("pla_aircraft_sorties"),
            vessels=_sum("plan_vessel_sorties"),
            aircraft_days=pl.col("pla_aircraft_sorties").count(),
            vessel_days=pl.col("plan_vessel_sorties").count(),
            days_in_month=pl.col("date").dt.month_end().dt.day().first(),
        )
        .sort("month")
    )
    return {"pla_taiwan_daily": daily, "pla_taiwan_monthly": monthly}


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).cast(pl.Int32).sum())
