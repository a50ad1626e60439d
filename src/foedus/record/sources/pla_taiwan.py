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
    return {
        "pla_taiwan_daily": daily,
        "pla_taiwan_monthly": monthly,
        "pla_taiwan_daily_context": _context(raw),
    }


def _context(raw: Raw) -> pl.DataFrame:
    noted = {
        "us_visit_noted": "US_Taiwan_interaction",
        "statement_noted": "Political_statement",
        "foreign_ship_noted": "Foreign_battleship",
    }
    return (
        raw.parquet("events/pla_taiwan_daily_context.parquet")
        .select(
            pl.col("date_iso").alias("date"),
            pl.int_range(1, pl.len() + 1).over("date_iso").alias("row_of_day"),
            pl.col("china_carrier_present").cast(pl.Boolean).alias("carrier_present"),
            *(
                pl.when(pl.col(text).is_not_null()).then(pl.lit(value=True)).alias(name)
                for name, text in noted.items()
            ),
        )
        .filter(pl.any_horizontal(pl.col("carrier_present", *noted).is_not_null()))
    )


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).cast(pl.Int32).sum())
