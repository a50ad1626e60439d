"""Visits: of presidents, secretaries of state and defence officials abroad, and of leaders in."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import on_day, resolve

_SPELLINGS = {
    "Afghanistan (Interim Authority)": 700,
    "Antigua and Barbuda": 58,
    "Bosnia": 346,
    "Bosnia-Herzegovina": 346,
    "Bosnian Federation": 346,
    "Brunei Darussalam": 835,
    "Burma (Myanmar)": 775,
    "Byelorussia": 370,
    "Cabo Verde": 402,
    "Ceylon": 780,
    "Ceylon (Sri Lanka)": 780,
    "China, People’s Republic of": 710,
    "China, Republic of": 713,
    "Congo, Democratic Republic of": 490,
    "Congo, Republic of": 484,
    "Cuba (Provisional Government)": 40,
    "Czechoslovakia (government-in-exile)": 315,
    "Dahomey (Benin)": 434,
    "Democratic Republic of the Congo (Zaire)": 490,
    "France (Provisional Government)": 220,
    "Germany, Federal Republic of": 260,
    "Israel (Provisional Government)": 666,
    "Khmer Republic (Cambodia)": 811,
    "Kirghizia": 703,
    "Korea": 732,
    "Korea, North": 731,
    "Korea, Republic of": 732,
    "Korea, South": 732,
    "Kyrgyz Republic": 703,
    "Macedonia, Former Yugoslav Republic of": 343,
    "Malaya": 820,
    "Micronesia": 987,
    "Micronesia, Federated States of": 987,
    "Muscat & Oman": 698,
    "Poland (government-in-exile)": 290,
    "Saint Lucia": 56,
    "Serbia-Montenegro (Kosovo)": 345,
    "Siam (Thailand)": 800,
    "Slovak Republic": 317,
    "Somali Republic": 520,
    "Somoa": 990,
    "Southern Rhodesia (Zimbabwe)": 552,
    "St. Christopher and Nevis": 60,
    "Tanganyika": 510,
    "The Gambia": 420,
    "Timor Leste": 860,
    "U.S.S.R.": 365,
    "Union of South Africa": 560,
    "United Kingdom (Northern Ireland)": 200,
    "United Kingdom (Wales)": 200,
    "Upper Volta": 439,
    "Upper Volta (Burkina Faso)": 439,
    "Western Samoa": 990,
    "Yugoslavia (Kosovo)": 345,
    "Zimbabwe Rhodesia": 552,
}
_NO_STATE = (
    "Antarctica",
    "Cook Islands",
    "Denmark (Greenland)",
    "French Polynesia",
    "Hawaii",
    "Holy See",
    "Vatican City",
    "Netherlands Antilles",
    "New Caledonia",
    "Niue",
    "Palestinian Authority",
    "West Bank",
)
_NO_STATE_CODES = ("Antarctica", "GNL", "GUF", "GUM", "HKG", "Saint Thomas", "VIR", "Wake Island")
_TITLES = {"Commandant US Marine Corps": "Commandant of the Marine Corps"}
_TALKS = r"(?i)security consultative committee|\b2\s?\+\s?2\b|foreign and defense minist"
_GATHERING = (
    r"(?i)\b(nato|apec|asean|oecd|osce|oas|g-?\s?7|g-?\s?8|g-?\s?20|united nations|u\.n\.|quad)\b"
    r"|summit|conference|council|inaugurat|funeral|coronation"
)
_FIRST_DAY_IN_TAIWAN = pl.date(1949, 12, 8)
_KINDS = (
    ("state", r"(?i)\bstate visit"),
    ("working", r"(?i)working visit"),
    ("official", r"(?i)\bofficial visit"),
    ("informal", r"(?i)^informal|^unofficial"),
    ("private", r"(?i)private visit"),
)


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the three lists; each row is one person in one country."""
    return {
        "us_leader_travels": _travels(raw.parquet("events/us_leader_travels.parquet")),
        "us_incoming_visits": _incoming(raw.parquet("events/us_incoming_visits.parquet")),
        "us_official_visits": _officials(raw.parquet("record/us_official_visits.parquet")),
    }


def _travels(frame: pl.DataFrame) -> pl.DataFrame:
    twice = ["person_id", "start_date", "country_id", "locale"]
    frame = frame.sort("id").unique(twice, keep="first", maintain_order=True)
    frame = resolve(frame, "country", "ccode", known=_SPELLINGS, aside=_NO_STATE)
    return _dated(frame).with_columns(
        pl.col("remarks").str.contains(_TALKS).alias("two_plus_two"),
        pl.col("remarks").str.contains(_GATHERING).alias("gathering"),
    )


def _incoming(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.rename({"from_country": "country"})
    frame = resolve(frame, "country", "ccode", known=_SPELLINGS, aside=_NO_STATE)
    kind = pl.lit("other")
    for name, pattern in reversed(_KINDS):
        found = pl.col("description").str.contains(pattern)
        kind = pl.when(found).then(pl.lit(name)).otherwise(kind)
    frame = _dated(frame).with_columns(
        kind.alias("kind"), pl.col("description").str.contains(_GATHERING).alias("gathering")
    )
    before_taiwan = (pl.col("ccode") == 713) & (pl.col("date") < _FIRST_DAY_IN_TAIWAN)
    return frame.with_columns(
        pl.when(before_taiwan).then(pl.lit(710, pl.Int16)).otherwise("ccode").alias("ccode")
    )


def _dated(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.with_columns(
        pl.col("start_date").str.to_date().alias("date"),
        pl.col("end_date").str.to_date().alias("last_day"),
    )
    return frame.with_columns(on_day("ccode", pl.col("date")))


def _officials(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.unique(maintain_order=True).with_row_index("visit", offset=1)
    known = {"Nassau": 31}
    frame = resolve(frame, "state_visit", "ccode", known=known, aside=_NO_STATE_CODES)
    return frame.with_columns(
        pl.col("title").replace(_TITLES),
        pl.date("start_year", "start_month", "start_day").alias("date"),
        pl.date("end_year", "end_month", "end_day").alias("last_day"),
    )
