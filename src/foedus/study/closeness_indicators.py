"""The record turned into the indicators of closeness, each with the error its source states.

One row is one number about one pair in one year. A pair-year without a number has no row.
"""

import hashlib
from itertools import combinations

import polars as pl

from foedus.record.store import AsOf, Record
from foedus.world.cases import case_ccodes

FIRST_YEAR = 1950
LEAST_EVENTS = 10
DESIGN_EFFECT = 2.0
QUOTED_SAMPLE = 1000
TABLES = (
    "un_ideal_points",
    "pew_favourability",
    "opinion_quoted",
    "imf_dots_trade",
    "imf_dots_total",
    "cow_trade_dyad",
    "fbic_asia_dyad",
    "icews_country_dyad_year",
    "icews_monthly",
)
_PAIR = ["ccode1", "ccode2", "year"]
_KINDS = ["verbcoop", "matlcoop", "verbconf", "matlconf"]
_COLUMNS = [*_PAIR, "slot", "value", "variance"]


def pairs() -> list[tuple[int, int]]:
    """Give every pair of countries of the bundled cases, lower COW number first."""
    return list(combinations(sorted(case_ccodes()), 2))


def indicators(record: Record, as_of: AsOf | None = None) -> pl.DataFrame:
    """Collect every indicator of every pair of case countries.

    Args:
        record: The record.
        as_of: Date and information rule; everything by default.

    A table that is not in the record gives no rows, so its indicators are missing, not zero.

    Returns:
        `dimension, ccode1, ccode2, year, slot, value, variance`, sorted. `variance` is the error
        variance the source itself states or implies (posterior width, sampling, counting).
    """
    builders = {
        "votes": ("un_ideal_points", _votes),
        "opinion": ("pew_favourability", _pew),
        "opinion, quoted": ("opinion_quoted", _opinion_quoted),
        "trade": ("imf_dots_trade", _trade),
        "trade, Asia": ("fbic_asia_dyad", _fbic),
        "events, by year": ("icews_country_dyad_year", _events_by_year),
        "events, by month": ("icews_monthly", _events_by_month),
    }
    here = record.names()
    frames = [
        build(record, as_of).select(pl.lit(name.split(",")[0]).alias("dimension"), *_COLUMNS)
        for name, (table, build) in builders.items()
        if table in here
    ]
    return (
        pl.concat(frames)
        .filter(
            pl.col("ccode1").is_in(case_ccodes())
            & pl.col("ccode2").is_in(case_ccodes())
            & (pl.col("year") >= FIRST_YEAR)
            & pl.col("value").is_finite()
        )
        .sort("dimension", *_PAIR, "slot")
    )


def digest(frame: pl.DataFrame) -> str:
    """Fingerprint the rows and columns a fit read, to seven significant figures."""
    rounded = frame.with_columns(pl.col(pl.Float64).round_sig_figs(7))
    return hashlib.sha256(rounded.write_csv().encode("utf-8")).hexdigest()


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(
        *(pl.col(name).cast(pl.Int16) for name in _PAIR),
        pl.col("slot").cast(pl.String),
        pl.col("value").cast(pl.Float64),
        pl.col("variance").cast(pl.Float64),
    )


def _unordered(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `low`, `high` and whether the row runs from the lower to the higher number."""
    return frame.with_columns(
        low=pl.min_horizontal("ccode1", "ccode2"),
        high=pl.max_horizontal("ccode1", "ccode2"),
        forward=pl.col("ccode1") < pl.col("ccode2"),
    )


def _votes(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    columns = ["ccode", "year", "idealpointfp", "q5fp", "q95fp"]
    points = (
        record.read("un_ideal_points", columns=columns, as_of=as_of)
        .filter(pl.col("ccode").is_in(case_ccodes()))
        .drop_nulls()
        .select(
            "year",
            "ccode",
            place=pl.col("idealpointfp").cast(pl.Float64),
            variance=((pl.col("q95fp") - pl.col("q5fp")) / (2 * 1.6448536)).cast(pl.Float64) ** 2,
        )
    )
    both = points.join(points, on="year", suffix="2").filter(pl.col("ccode") < pl.col("ccode2"))
    return _typed(
        both.select(
            "year",
            "ccode2",
            ccode1="ccode",
            slot=pl.lit("un_ideal_points"),
            value=-(pl.col("place") - pl.col("place2")).abs(),
            variance=pl.col("variance") + pl.col("variance2"),
        )
    )


def _log_odds(share: pl.Expr) -> pl.Expr:
    return (share / (1 - share)).log()


def _pew(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    columns = [*_PAIR, "fav", "unfav", "n_respondents"]
    said = pl.col("fav") + pl.col("unfav")
    pew = record.read("pew_favourability", columns=columns, as_of=as_of)
    return _answers(
        pew.select(
            *_PAIR,
            survey=pl.lit("pew"),
            share=pl.col("fav").cast(pl.Float64) / said,
            size=pl.col("n_respondents") * said,
        )
    )


def _opinion_quoted(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    return _answers(_quoted(record.read("opinion_quoted", as_of=as_of)))


def _answers(answers: pl.DataFrame) -> pl.DataFrame:
    """Turn shares of favourable answers into log odds with their sampling error."""
    share = pl.col("share").cast(pl.Float64)
    way = pl.when("forward").then(pl.lit("_first_on_second")).otherwise(pl.lit("_second_on_first"))
    kept = answers.filter(
        (pl.col("ccode1") != pl.col("ccode2")) & pl.col("share").is_between(0.01, 0.99)
    )
    return _typed(
        _unordered(kept).select(
            "year",
            ccode1="low",
            ccode2="high",
            slot=pl.col("survey") + way,
            value=_log_odds(share),
            variance=DESIGN_EFFECT / (pl.col("size") * share * (1 - share)),
        )
    )


def _quoted(frame: pl.DataFrame) -> pl.DataFrame:
    """Take the quoted surveys of favourable views, as a share of those who took a side.

    Where only one of the two answers is quoted, it is used as the share, or as one minus it.
    """
    names = {
        "Cabinet Office diplomacy survey (Japan)": "cabinet_office",
        "Genron NPO Japan-China poll": "genron",
    }
    liked = frame.filter(
        pl.col("survey").is_in(list(names))
        & pl.col("item").is_in(["favourable", "unfavourable", "feel_affinity", "no_affinity"])
    ).with_columns(
        pl.col("survey").replace_strict(names),
        yes=pl.col("item").is_in(["favourable", "feel_affinity"]),
        share=pl.col("percent") / 100,
    )
    wide = liked.group_by([*_PAIR, "survey"]).agg(
        good=pl.col("share").filter(pl.col("yes")).mean(),
        bad=pl.col("share").filter(~pl.col("yes")).mean(),
    )
    good, bad = pl.col("good"), pl.col("bad")
    return wide.with_columns(
        share=pl.coalesce(good / (good + bad), good, 1 - bad),
        size=pl.lit(float(QUOTED_SAMPLE)),
    )


def _trade(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    """Collect shares of trade by source.

    Where one side does not report to the IMF, its total is its partners' reports among the
    countries of the cases: another accounting, so another slot. COW stands where the IMF has no
    share.
    """
    flows = _imf_flows(record, as_of)
    total = record.read("imf_dots_total", as_of=as_of).select(
        "year", "ccode", total=pl.col("export_fob") + pl.col("import_cif")
    )
    reported = _shares(flows, "imf_dots", total.drop_nulls())
    mirror = _shares(flows, "imf_dots_mirror", _totals(flows))
    mirror = mirror.join(reported.select("ccode1", "ccode2").unique(), on=_PAIR[:2], how="anti")
    cow = record.read("cow_trade_dyad", columns=[*_PAIR, "flow1", "flow2"], as_of=as_of).filter(
        pl.col("year") >= FIRST_YEAR
    )
    cow_flows = pl.concat(
        [
            cow.select("year", ccode1="ccode2", ccode2="ccode1", flow="flow1"),
            cow.select(*_PAIR, flow="flow2"),
        ],
        how="diagonal_relaxed",
    ).drop_nulls()
    cow_shares = _shares(cow_flows, "cow_trade", _totals(cow_flows))
    cow_shares = cow_shares.join(reported.select(_PAIR), on=_PAIR, how="anti")
    return pl.concat([reported, mirror, cow_shares])


def _fbic(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    column = "exportsallgoodatob_alldata"
    flows = record.read("fbic_asia_dyad", columns=[*_PAIR, column], as_of=as_of)
    flows = flows.rename({column: "flow"})
    return _shares(flows, "fbic", _totals(flows))


def _imf_flows(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    """Give directed flows among the countries of the cases, both sides' reports averaged."""
    dots = record.read(
        "imf_dots_trade", columns=[*_PAIR, "export_fob", "import_cif"], as_of=as_of
    ).filter(pl.col("ccode1").is_in(case_ccodes()) & pl.col("ccode2").is_in(case_ccodes()))
    sent = dots.select(*_PAIR, flow="export_fob")
    got = dots.select("year", ccode1="ccode2", ccode2="ccode1", flow="import_cif")
    both = pl.concat([sent, got], how="diagonal_relaxed").drop_nulls()
    return both.group_by(_PAIR).agg(pl.col("flow").mean())


def _totals(flows: pl.DataFrame) -> pl.DataFrame:
    """Add up each country's flows in both directions."""
    ends = [flows.select("year", "flow", ccode=side) for side in ("ccode1", "ccode2")]
    flow = pl.col("flow").cast(pl.Float64)
    return pl.concat(ends).group_by("year", "ccode").agg(total=flow.sum())


def _shares(flows: pl.DataFrame, slot: str, total: pl.DataFrame) -> pl.DataFrame:
    """Turn directed flows into the log of the pair's share of each side's trade, averaged."""
    both = (
        _unordered(flows.with_columns(pl.col("flow").cast(pl.Float64)))
        .group_by("year", "low", "high")
        .agg(pl.col("flow").sum())
    )
    joined = both.join(total.rename({"ccode": "low", "total": "total1"}), on=["year", "low"]).join(
        total.rename({"ccode": "high", "total": "total2"}), on=["year", "high"]
    )
    share = (pl.col("flow") / pl.col("total1")).log() + (pl.col("flow") / pl.col("total2")).log()
    return _typed(
        joined.filter(pl.col("flow") > 0).select(
            "year",
            ccode1="low",
            ccode2="high",
            slot=pl.lit(slot),
            value=share / 2,
            variance=pl.lit(0.0),
        )
    )


def _events_by_year(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    columns = [*_PAIR, *_KINDS]
    return _balances(record.read("icews_country_dyad_year", columns=columns, as_of=as_of), "icews")


def _events_by_month(record: Record, as_of: AsOf | None) -> pl.DataFrame:
    """Add up later files by year, leaving out those that lack whole states or repeat records."""
    months = record.read("icews_monthly", as_of=as_of).filter(
        ~pl.col("file").is_in(["icews_2005_2015", "icews_2014"])
        & ~pl.col("part").str.contains("ICEWS22-zero")
    )
    return _balances(months.with_columns(year=pl.col("month").dt.year()), "icews_file")


def _balances(events: pl.DataFrame, prefix: str) -> pl.DataFrame:
    counts = (
        _unordered(events.filter(pl.col("ccode1") != pl.col("ccode2")))
        .group_by("year", "low", "high")
        .agg(pl.col(_KINDS).sum())
        .rename({"low": "ccode1", "high": "ccode2"})
    )
    return pl.concat(
        [
            _balance(counts, "verbcoop", "verbconf", f"{prefix}_verbal"),
            _balance(counts, "matlcoop", "matlconf", f"{prefix}_material"),
        ]
    )


def _balance(counts: pl.DataFrame, good: str, bad: str, slot: str) -> pl.DataFrame:
    """Take the log odds of co-operation among a pair's events, with its counting error.

    Source: Haldane, J. B. S. 1956. Annals of Human Genetics 20(4): 309-311, for the half added.
    """
    yes, no = pl.col(good) + 0.5, pl.col(bad) + 0.5
    return _typed(
        counts.filter(pl.col(good) + pl.col(bad) >= LEAST_EVENTS).select(
            *_PAIR, slot=pl.lit(slot), value=(yes / no).log(), variance=1 / yes + 1 / no
        )
    )
