"""Multinational military exercises: exercises, and a row for each state that took part."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import in_year, resolve

_KNOWN = {"Federal Republic of Germany": 260, "st. christopher": 60}
_NO_STATE = (
    "-9",
    "Baltic States",
    "Bermuda",
    "Hong Kong SAR China",
    "NATO",
    "Netherlands Antilles",
    "New Caledonia",
)
_KINDS = (
    "cpx",
    "air",
    "land",
    "sea",
    "amphibious",
    "cyber",
    "warfighting",
    "peacekeeping",
    "humanitarian",
)
_UNKNOWN_LETTERS = "-9"
_NO_STATE_EARLIER = ("", "8 NATO MEMBERS", "BMU", "NATO")
_FORMS = {
    "FTX": "field",
    "CPX": "command post",
    "CPX/FTX": "both",
    "FTX/CPX": "both",
    "BOTH CPX & FTX": "both",
}


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the exercises of both lists and spread their participants over rows."""
    mme = _exercises(raw.parquet("record/exercises_mme.parquet"))
    parts = _participants(mme)
    counted = parts.group_by("exercise").agg(pl.len().alias("states"))
    kinds = mme.select("exercise", "ex_name", "series_name", "start", "end", *_KINDS)
    return {
        "exercises_mme": mme.join(counted, on="exercise", how="left"),
        "exercises_mme_long": parts.join(kinds, on="exercise"),
        **_earlier(raw.parquet("record/exercises_jme.parquet")),
    }


def _exercises(frame: pl.DataFrame) -> pl.DataFrame:
    repeat = pl.int_range(pl.len()).over("mmeid")
    again = pl.when(repeat > 0).then(pl.format("{}-{}", "mmeid", repeat + 1))
    start = _day("s_year", "s_month", "s_day")
    end = _day("e_year", "e_month", "e_day", last=True)
    frame = frame.with_columns(
        again.otherwise(pl.col("mmeid")).alias("exercise"),
        pl.when(pl.col("ex_name") != _UNKNOWN_LETTERS).then(pl.col("ex_name")).alias("ex_name"),
        pl.when(pl.col("location") != _UNKNOWN_LETTERS).then(pl.col("location")).alias("location"),
        pl.col("series_name").str.strip_chars(),
        pl.col("s_year").alias("year"),
        start.alias("start"),
        pl.col("s_day").eq("xx").alias("start_day_unknown"),
        pl.col("lat", "lon").round(1),
        *(pl.col(name).cast(pl.Boolean) for name in _KINDS),
    )
    return frame.with_columns(pl.when(end >= pl.col("start")).then(end).alias("end"))


def _day(year: str, month: str, day: str, *, last: bool = False) -> pl.Expr:
    first = pl.date(pl.col(year), pl.col(month), 1)
    number = pl.col(day).cast(pl.Int32, strict=False)
    whole = first.dt.month_end() if last else first
    dated = first + pl.duration(days=number.fill_null(1) - 1)
    return pl.when(number.is_not_null()).then(dated).otherwise(whole)


def _participants(frame: pl.DataFrame) -> pl.DataFrame:
    rows = frame.select("exercise", "year", pl.col("participants").str.split("; ")).explode(
        "participants"
    )
    rows = rows.with_columns(pl.col("participants").str.strip_chars())
    named = resolve(rows, "participants", "ccode", known=_KNOWN, aside=_NO_STATE)
    named = named.filter(pl.col("ccode").is_not_null())
    named = named.with_columns(in_year("ccode", pl.col("year")))
    return named.unique(["exercise", "ccode"]).select("exercise", "ccode", "year")


def _earlier(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    text = pl.col("start_date")
    found = text.str.extract(r"(\d{4})").cast(pl.Int16).fill_null(pl.col("s_year"))
    year = pl.when(found.is_between(1970, 2010)).then(found)
    month = pl.coalesce(text.str.extract(r"^\d{4}-(\d\d)"), text.str.extract(r"^(\d{1,2})[x/X]"))
    day = pl.coalesce(
        text.str.extract(r"^\d{4}-\d\d-(\d\d)"), text.str.extract(r"^\d{1,2}/(\d{1,2})/")
    )
    named = [
        pl.when(pl.col(name) != _UNKNOWN_LETTERS).then(pl.col(name)).alias(name)
        for name in ("exercise_name", "location1", "trimmed_name")
    ]
    frame = frame.with_row_index("exercise", offset=1).with_columns(
        *named,
        year.alias("year"),
        month.cast(pl.Int8).alias("start_month"),
        day.cast(pl.Int8).alias("start_day"),
        pl.col("jme_type").str.to_uppercase().replace_strict(_FORMS, default=None).alias("form"),
    )
    frame = frame.with_columns(_known_day().alias("start"))
    states = frame.select("exercise", "year", "start", pl.col("participants").str.split(";"))
    states = states.explode("participants").with_columns(
        pl.col("participants").str.strip_chars().str.to_uppercase()
    )
    states = resolve(states, "participants", "ccode", aside=_NO_STATE_EARLIER)
    states = states.filter(pl.col("ccode").is_not_null() & pl.col("year").is_not_null())
    states = states.with_columns(in_year("ccode", pl.col("year"))).unique(["exercise", "ccode"])
    counted = states.group_by("exercise").agg(pl.len().alias("states"))
    names = frame.select("exercise", "exercise_name", "form")
    return {
        "exercises_jme": frame.filter(pl.col("year").is_not_null()).join(
            counted, on="exercise", how="left"
        ),
        "exercises_jme_long": states.join(names, on="exercise"),
    }


def _known_day() -> pl.Expr:
    month = pl.col("start_month")
    return pl.when(month.is_between(1, 12) & pl.col("start_day").is_between(1, 31)).then(
        pl.date("year", "start_month", "start_day")
    )
