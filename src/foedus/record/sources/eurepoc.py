"""Cyber incidents with a political side, as a public repository collects them."""

import polars as pl

from foedus.record.raw import Raw
from foedus.record.sources.names import resolve

_SPELLINGS = {
    "Congo, the Democratic Republic of the": 490,
    "Iran, Islamic Republic of": 630,
    "Korea, Democratic People's Republic of": 731,
    "Korea, Republic of": 732,
    "Moldova, Republic of": 359,
}
_NO_STATE = (
    "Africa",
    "Anguilla",
    "Asia (region)",
    "Balkans (region)",
    "Bermuda",
    "Caucasus",
    "Central America (region)",
    "Central Asia (region)",
    "EU (institutions)",
    "EU (region)",
    "Eastern Asia (region)",
    "Eastern Europe",
    "Europe (region)",
    "French Guiana",
    "Global (region)",
    "Guam",
    "Guernsey",
    "Gulf Countries (region)",
    "Holy See (Vatican City State)",
    "Hong Kong",
    "ISIS",
    "International Association of Athletics Federations",
    "Interpol",
    "Macao",
    "Martinique",
    "Mena Region (region)",
    "Middle East (region)",
    "NATO (institutions)",
    "NATO (region)",
    "North Africa (region)",
    "North America",
    "Northeast Asia (region)",
    "Northern Europe",
    "Not available",
    "Oceania (region)",
    "Organization for Security and Cooperation in Europe",
    "Palestine",
    "Puerto Rico",
    "South America",
    "South Asia (region)",
    "South China Sea (region)",
    "Southeast Asia (region)",
    "UNICEF",
    "United Nations",
    "United Nations Economic and Social Council",
    "United Nations Environment Programme",
    "United Nations Organization",
    "Unknown",
    "Western Europe",
    "World Anti-Doping Agency",
)
_KINDS = {
    "data_theft": "Data theft",
    "disruption": "Disruption",
    "hijacking": "Hijacking",
    "ransomware": "Ransomware",
}
_STATE_LINKED = "state-affiliation|^State$|'State'"
_NAMES_IN_A_LIST = r"""(?:'([^']*)'|"([^"]*)")"""


def build(raw: Raw) -> dict[str, pl.DataFrame]:
    """Read incidents, and pairs of initiator and receiver from the larger dashboard file."""
    return {
        "eurepoc_incidents_v11": _incidents(raw.parquet("events/eurepoc_incidents_v11.parquet")),
        "eurepoc_dyads_2024": _dyads(raw.parquet("events/eurepoc_dyads_2024.parquet")),
    }


def _kinds() -> list[pl.Expr]:
    text = pl.col("incident_type")
    return [text.str.contains(word).fill_null(False).alias(name) for name, word in _KINDS.items()]


def _incidents(frame: pl.DataFrame) -> pl.DataFrame:
    frame = frame.rename({"ID": "id"}).with_columns(
        pl.col("start_date").str.to_date().alias("start"),
        pl.col("end_date").str.to_date().alias("end"),
        pl.col("initiator_category").str.contains(_STATE_LINKED).alias("state_linked"),
        *_kinds(),
    )
    in_order = pl.col("end") >= pl.col("start")
    frame = frame.with_columns(pl.when(in_order).then(pl.col("end")).alias("end"))
    for side in ("initiator", "receiver"):
        frame = frame.join(_only_state(frame, f"{side}_country", side), on="id", how="left")
    return frame


def _only_state(frame: pl.DataFrame, column: str, side: str) -> pl.DataFrame:
    """Name the state where an incident has one, and count the states where it has several."""
    names = pl.col(column).str.extract_all(_NAMES_IN_A_LIST)
    rows = frame.select("id", name=names).explode("name", empty_as_null=True)
    rows = rows.drop_nulls().with_columns(pl.col("name").str.slice(1).str.head(-1))
    rows = resolve(rows, "name", "ccode", known=_SPELLINGS, aside=_NO_STATE)
    found = pl.col("ccode").drop_nulls().unique()
    return rows.group_by("id").agg(
        found.len().alias(f"{side}_states"),
        pl.when(found.len() == 1).then(found.first()).alias(f"{side}_ccode"),
    )


def _dyads(frame: pl.DataFrame) -> pl.DataFrame:
    frame = resolve(frame, "initiator_country", "ccode1", known=_SPELLINGS, aside=_NO_STATE)
    frame = resolve(frame, "receiver_country", "ccode2", known=_SPELLINGS, aside=_NO_STATE)
    linked = pl.col("initiator_category").str.contains(_STATE_LINKED).fill_null(False)
    frame = frame.rename({"ID": "id"}).with_columns(
        pl.col("start_date").str.to_date().alias("date"), linked.alias("state_linked"), *_kinds()
    )
    pairs = frame.group_by("id", "ccode1", "ccode2", maintain_order=True).agg(
        pl.col("date").first(),
        pl.col(*_KINDS, "state_linked").any(),
        pl.col("weighted_cyber_intensity").max(),
    )
    return pairs.with_row_index("row", offset=1)
