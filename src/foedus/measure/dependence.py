"""Trade dependence of one state on another, from the reporter's own books."""

import polars as pl

from foedus.measure.capability import as_measure
from foedus.record.store import AsOf, Record


def dependence(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give the share of state one's goods trade that is with state two, by year.

    Exports and imports of one with two over its exports and imports with the world, as one
    reports them to the IMF; blank where any of the four is missing. Dependence is directed: the
    other way is another question.

    Returns:
        `ccode1, ccode2, year, value, lo90, hi90, unit, state`, share 0 to 1.

    Valid for:
        1980-2020; reporters only, so not for Taiwan as state one.
    """
    pair = record.read("imf_dots_trade", as_of=as_of).filter(
        (pl.col("ccode1") == one) & (pl.col("ccode2") == two)
    )
    total = record.read("imf_dots_total", as_of=as_of).filter(pl.col("ccode") == one)
    joined = pair.join(total, on="year", suffix="_total").with_columns(
        share=(pl.col("export_fob") + pl.col("import_cif"))
        / (pl.col("export_fob_total") + pl.col("import_cif_total"))
    )
    marks = ("export_estimated", "import_estimated")
    estimated = pl.any_horizontal(pl.col(name).fill_null(False) for name in marks)
    return as_measure(joined, "share", "share of goods trade", estimated)


def dependence_cow(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give the share of state one's trade that is with state two, 1870-2014.

    The same quantity as `dependence` from the Correlates of War books, which take each flow from
    the importer: another source, never spliced with the first. Smoothed flows are not used.
    For Taiwan the source has no total imports after 1955, hence no value.

    Source:
        Barbieri, K., O. Keshk and B. Pollins. 2009. Conflict Management and Peace Science 26(5):
        471-491.
    """
    low, high = sorted((one, two))
    pair = record.read("cow_trade_dyad", as_of=as_of).filter(
        (pl.col("ccode1") == low) & (pl.col("ccode2") == high)
    )
    total = record.read("cow_trade_state", as_of=as_of).filter(pl.col("ccode") == one)
    whole = pl.col("imports") + pl.col("exports")
    joined = pair.join(total, on="year").select(
        "year",
        ccode1=pl.lit(one, dtype=pl.Int16),
        ccode2=pl.lit(two, dtype=pl.Int16),
        share=pl.when(whole > 0).then((pl.col("flow1") + pl.col("flow2")) / whole),
    )
    return as_measure(joined, "share", "share of goods trade")


def trade_to_gdp(record: Record, one: int, two: int, as_of: AsOf | None = None) -> pl.DataFrame:
    """Give state one's goods trade with state two over its own GDP, by year.

    Both in current US dollars: trade as one reports it, GDP from the World Economic Outlook.

    Source:
        Oneal, J. R. and B. Russett. 1997. International Studies Quarterly 41(2): 267-293.
    """
    pair = record.read("imf_dots_trade", as_of=as_of).filter(
        (pl.col("ccode1") == one) & (pl.col("ccode2") == two)
    )
    gdp = record.read("imf_weo", as_of=as_of).filter(
        (pl.col("ccode") == one) & (pl.col("concept") == "NGDPD") & ~pl.col("forecast")
    )
    joined = pair.join(gdp, on="year", suffix="_gdp").with_columns(
        share=(pl.col("export_fob") + pl.col("import_cif")) / (1000 * pl.col("value"))
    )
    marks = ("export_estimated", "import_estimated")
    estimated = pl.any_horizontal(pl.col(name).fill_null(False) for name in marks)
    return as_measure(joined, "share", "share of GDP", estimated)
