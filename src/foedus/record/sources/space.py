"""Space: objects launched, active satellites by operator, and launches by site."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import in_year, resolve

_ORGANISATIONS = ("ESA", "Multinational")
_SPELLINGS = {"Sinapore": 830}
_SNAPSHOT = pl.date(2023, 5, 1)
_USA = (
    "CC",
    "KSC",
    "V",
    "VS",
    "VSFB",
    "VSFBS",
    "PA",
    "EAFB",
    "WI",
    "WIMB",
    "MARS",
    "KLC",
    "PSCA",
    "KMR",
    "SPFL",
    "SPFLA",
    "MHV",
)
_RUSSIA = (
    "NIIP-53",
    "NIIP-5",
    "GIK-5",
    "GIK-1",
    "GIK-2",
    "GTsP-4",
    "GTsMP-4",
    "GNIIP",
    "GNIIPV",
    "VOST",
    "YAS",
    "BLA",
)
_CHINA = ("JQ", "XSC", "TYSC", "WEN", "HHAI", "YJ")
_JAPAN = ("TNSC", "KASC", "USC")
_SITES = {
    **dict.fromkeys(_USA, 2),
    **dict.fromkeys(_RUSSIA, 365),
    **dict.fromkeys(_CHINA, 710),
    **dict.fromkeys(_JAPAN, 740),
    "CSG": 220,
    "HMG": 220,
    "SHAR": 750,
    "PALB": 666,
    "SEM": 630,
    "SHAHR": 630,
    "SOHAE": 731,
    "NARO": 732,
    "JEJU": 732,
    "MAHIA": 920,
}
_SUCCESS = ("OS", "DS")


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read the three lists and count the satellites and the launches."""
    return {
        "space_objects": _objects(raw.parquet("record/space_objects.parquet")),
        "satellites_ucs": _satellites(raw.parquet("record/satellites_ucs.parquet")),
        "space_launches": _launches(raw.parquet("record/space_launches.parquet")),
    }


def _objects(frame: pl.DataFrame) -> pl.DataFrame:
    states = frame.filter(pl.col("iso3").is_not_null() & (pl.col("iso3") != "OWID_WRL"))
    return resolve(states, "iso3", "ccode").with_columns(in_year("ccode", pl.col("year")))


def _satellites(frame: pl.DataFrame) -> pl.DataFrame:
    operators = pl.col("country_of_operator_owner").str.split("/")
    frame = frame.unique(maintain_order=True).with_columns(
        operators.alias("operator"), (operators.list.len() > 1).alias("shared")
    )
    frame = resolve(
        frame.explode("operator"), "operator", "ccode", known=_SPELLINGS, aside=_ORGANISATIONS
    )
    frame = frame.filter(pl.col("ccode").is_not_null())
    users = pl.col("users").str.strip_chars().str.split("/").list.sort().list.join("/")
    return (
        frame.group_by(
            "ccode",
            users.str.to_lowercase().alias("users"),
            pl.col("class_of_orbit").replace("LEo", "LEO"),
            "shared",
        )
        .agg(pl.len().alias("satellites"))
        .with_columns(_SNAPSHOT.alias("date"))
    )


def _launches(frame: pl.DataFrame) -> pl.DataFrame:
    success = pl.col("launch_code").is_in(_SUCCESS)
    counted = frame.group_by("launch_site", "year").agg(
        pl.len().alias("launches"), success.sum().alias("full_successes")
    )
    return counted.with_columns(
        pl.col("launch_site")
        .replace_strict(_SITES, default=None, return_dtype=pl.Int16)
        .alias("ccode")
    )
