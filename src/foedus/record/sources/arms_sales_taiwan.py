"""Arms sales of the United States to Taiwan: notified, authorised and delivered."""

import polars as pl

from foedus.record.raw import Raw

_UNITED_STATES, _TAIWAN = 2, 713
_FIRST_NOTIFICATIONS = 2010
_LAST_AUTHORIZATIONS = 2019
_LAST_DELIVERIES = 2018


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Blank the zeros of years in which the source had no data yet, or no longer."""
    frame = raw.parquet("events/us_arms_sales_taiwan_fy.parquet")
    year = pl.col("Fiscal Year").cast(pl.Int16)
    frame = frame.select(
        pl.lit(_UNITED_STATES, pl.Int16).alias("ccode1"),
        pl.lit(_TAIWAN, pl.Int16).alias("ccode2"),
        year.alias("year"),
        pl.when(year >= _FIRST_NOTIFICATIONS).then("Notifications_usd").alias("notifications_usd"),
        pl.when(year <= _LAST_AUTHORIZATIONS)
        .then("Authorizations_usd")
        .alias("authorizations_usd"),
        pl.when(year <= _LAST_DELIVERIES).then("Deliveries_usd").alias("deliveries_usd"),
    )
    return {"us_arms_sales_taiwan_fy": frame}
