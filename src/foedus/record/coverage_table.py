"""How far each table reaches, in all and for one country."""

import polars as pl

from foedus.record.store import Record
from foedus.world.countries import find_country


def coverage_table(record: Record, country: str | None = None) -> pl.DataFrame:
    """Give each table's coverage, one row a table.

    Args:
        record: The record.
        country: Count only rows about this country, and give its first and last period.

    Returns:
        table, years, last_day, lag_months, absent_means, rows, first_period, last_period.
    """
    chosen = find_country(country, where="--country").ccode if country else None
    rows = []
    for name in record.names():
        spec = record.spec(name)
        codes = [c for c in ("ccode", "ccode1", "ccode2") if c in spec.columns]
        if chosen is not None and not codes:
            continue
        scan = record.scan(name)
        if chosen is not None:
            scan = scan.filter(pl.any_horizontal(pl.col(code) == chosen for code in codes))
        when = pl.col(spec.when) if spec.when else pl.lit(None)
        found = scan.select(
            rows=pl.len(),
            first_period=when.min().cast(pl.String),
            last_period=when.max().cast(pl.String),
        ).collect()
        rows.append(
            {
                "table": name,
                "years": f"{spec.first}-{spec.last}",
                "last_day": None if spec.last_date is None else str(spec.last_date),
                "lag_months": spec.lag_months,
                "absent_means": spec.absent,
                **found.row(0, named=True),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)
