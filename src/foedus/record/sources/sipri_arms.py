"""Deliveries of major arms by deal and year, and yearly volumes by supplier and recipient."""

import polars as pl

from foedus.record.raw import Raw

_YES = {"Yes": True, "No": False}
_MARKS = ("order_date_is_estimate", "numbers_delivered_is_estimate", "delivery_year_is_estimate")
_SERBIA = 345


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Keep transfers between two states of the COW system; other actors are counted in the TOML."""
    register = raw.parquet("record/sipri_arms_register.parquet")
    register = register.rename(
        {"supplier_ccode": "ccode1", "recipient_ccode": "ccode2", "delivery_year": "year"}
    )
    register = register.with_columns(
        pl.col(name).replace_strict(_YES, default=None, return_dtype=pl.Boolean) for name in _MARKS
    ).with_columns((pl.col("local_production") == "Yes").alias("local_production"))
    dyad = raw.parquet("record/sipri_tiv_dyad.parquet")
    dyad = dyad.with_columns(
        _state("supplier", "supplier_cown", "ccode1"),
        _state("recipient", "recipient_cown", "ccode2"),
    )
    return {
        "sipri_arms_register": _between_states(register),
        "sipri_tiv_dyad": _between_states(dyad),
    }


def _state(name: str, number: str, into: str) -> pl.Expr:
    """Take the number only for states: the file gives rebels the number of the state they fight."""
    side = pl.col(name).str.ends_with("*") | pl.col(name).is_in(["Northern Cyprus", "Libya GNC"])
    serbia = pl.col(name) == "Serbia"
    code = pl.when(serbia).then(pl.lit(_SERBIA, pl.Int16)).otherwise(pl.col(number))
    return pl.when(~side).then(code).alias(into)


def _between_states(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("ccode1").is_not_null() & pl.col("ccode2").is_not_null())
