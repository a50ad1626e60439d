"""Formats of event files that others publish: columns, and how each becomes one of our rows.

Expressions are in DuckDB's SQL over the columns of the file; a column no expression names is never
parsed. Codes of countries and of acts are looked up when the file is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Codes = Literal["iso3", "name", "gw"]
_ACTOR = (
    "Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code",
    "Religion2Code", "Type1Code", "Type2Code", "Type3Code",
)  # fmt: skip
_ACT = (
    "IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale",
    "NumMentions", "NumSources", "NumArticles", "AvgTone",
)  # fmt: skip
_PLACE = ("Type", "FullName", "CountryCode", "ADM1Code", "Lat", "Long", "FeatureID")
_PLACE_2 = ("Type", "FullName", "CountryCode", "ADM1Code", "ADM2Code", "Lat", "Long", "FeatureID")


def _gdelt(place: tuple[str, ...]) -> tuple[str, ...]:
    return (
        "GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate",
        *(f"Actor{n}{part}" for n in (1, 2) for part in _ACTOR),
        *_ACT,
        *(f"{whose}Geo_{part}" for whose in ("Actor1", "Actor2", "Action") for part in place),
        "DATEADDED", "SOURCEURL",
    )  # fmt: skip


@dataclass(frozen=True)
class Format:
    """One format of event files.

    Args:
        name: Name.
        title: In words.
        delimiter: Between fields.
        quote: Around fields that hold a delimiter; none if empty.
        header: Whether the first line names the columns.
        columns: Columns in order; without a header all of them, with one those that are read.
        types: Types other than text, of columns that are read.
        date_format: How dates are written.
        event_id: Expression of the event's identifier.
        date: Expression of the day.
        source: Expression of who acts, as the file names it.
        target: Expression of toward whom.
        source_code: Expression of the code or name a country is looked up by.
        target_code: The same of the target.
        codes: What those are.
        cameo: Expression of the CAMEO code; none where the file has another scheme.
        event: Expression of the PLOVER event, where there is no CAMEO code.
        quad: Expression of the quad class, 1 to 4; looked up by the CAMEO code where empty.
        goldstein: Expression of the Goldstein value; looked up likewise.
        latitude: Expression.
        longitude: Expression.
        mentions: Expression of how often it was reported.
    """

    name: str
    title: str
    delimiter: str
    quote: str
    header: bool
    columns: tuple[str, ...]
    event_id: str
    date: str
    source: str
    target: str
    source_code: str
    target_code: str
    codes: Codes
    latitude: str
    longitude: str
    types: Mapping[str, str] = field(default_factory=dict)
    date_format: str = "%Y-%m-%d"
    cameo: str = ""
    event: str = ""
    quad: str = ""
    goldstein: str = ""
    mentions: str = "NULL"


def _of_gdelt(name: str, title: str, columns: tuple[str, ...]) -> Format:
    return Format(
        name=name,
        title=title,
        delimiter="\t",
        quote="",
        header=False,
        columns=columns,
        types={
            "GLOBALEVENTID": "BIGINT",
            "SQLDATE": "DATE",
            "QuadClass": "TINYINT",
            "GoldsteinScale": "FLOAT",
            "NumMentions": "INTEGER",
            "ActionGeo_Lat": "FLOAT",
            "ActionGeo_Long": "FLOAT",
        },
        date_format="%Y%m%d",
        event_id="GLOBALEVENTID::VARCHAR",
        date="SQLDATE",
        source="Actor1Code",
        target="Actor2Code",
        source_code="Actor1CountryCode",
        target_code="Actor2CountryCode",
        codes="iso3",
        cameo="EventCode",
        quad="QuadClass",
        goldstein="GoldsteinScale",
        latitude="ActionGeo_Lat",
        longitude="ActionGeo_Long",
        mentions="NumMentions",
    )


def _of_country(actor: str) -> str:
    """Give the country in an actor's name, as in `Military Forces of China (2012-)`."""
    return f"nullif(regexp_extract({actor}, ' of (?:the )?(.+?) [(]', 1), '')"


_VIOLENCE = (
    "CASE event_type WHEN 'Battles' THEN 'ASSAULT' WHEN 'Explosions/Remote violence' "
    "THEN 'ASSAULT' WHEN 'Violence against civilians' THEN 'ASSAULT' WHEN 'Protests' "
    "THEN 'PROTEST' WHEN 'Riots' THEN 'PROTEST' END"
)
_QUAD_WORDS = (
    "CASE \"Quad Code\" WHEN 'VERBAL COOPERATION' THEN 1 WHEN 'MATERIAL COOPERATION' THEN 2 "
    "WHEN 'VERBAL CONFLICT' THEN 3 WHEN 'MATERIAL CONFLICT' THEN 4 END"
)

FORMATS = (
    _of_gdelt("gdelt1", "GDELT 1.0 daily export", _gdelt(_PLACE)),
    _of_gdelt("gdelt1-old", "GDELT 1.0 export before April 2013", _gdelt(_PLACE)[:-1]),
    _of_gdelt("gdelt2", "GDELT 2.0 export", _gdelt(_PLACE_2)),
    Format(
        name="icews",
        title="ICEWS events",
        delimiter="\t",
        quote="",
        header=True,
        columns=("Event ID", "Event Date", "Source Name", "Source Country", "CAMEO Code",
                 "Intensity", "Target Name", "Target Country", "Latitude", "Longitude"),
        types={"Event Date": "DATE", "Intensity": "FLOAT", "Latitude": "FLOAT",
               "Longitude": "FLOAT"},
        event_id='"Event ID"',
        date='"Event Date"',
        source='"Source Name"',
        target='"Target Name"',
        source_code='"Source Country"',
        target_code='"Target Country"',
        codes="name",
        cameo='"CAMEO Code"',
        goldstein='"Intensity"',
        latitude='"Latitude"',
        longitude='"Longitude"',
    ),
    Format(
        name="polecat",
        title="POLECAT events",
        delimiter="\t",
        quote="",
        header=True,
        columns=("Event ID", "Event Date", "Event Type", "Intensity", "Quad Code", "Actor Name",
                 "Actor Country", "Recipient Name", "Recipient Country", "Latitude", "Longitude"),
        types={"Event Date": "DATE", "Intensity": "FLOAT", "Latitude": "FLOAT",
               "Longitude": "FLOAT"},
        event_id='"Event ID"',
        date='"Event Date"',
        source='"Actor Name"',
        target='"Recipient Name"',
        source_code='"Actor Country"',
        target_code='"Recipient Country"',
        codes="iso3",
        event='upper("Event Type")',
        quad=_QUAD_WORDS,
        goldstein='"Intensity"',
        latitude='"Latitude"',
        longitude='"Longitude"',
    ),
    Format(
        name="acled",
        title="ACLED export",
        delimiter=",",
        quote='"',
        header=True,
        columns=("event_id_cnty", "event_date", "event_type", "actor1", "actor2", "latitude",
                 "longitude"),
        types={"event_date": "DATE", "latitude": "FLOAT", "longitude": "FLOAT"},
        event_id="event_id_cnty",
        date="event_date",
        source="actor1",
        target="actor2",
        source_code=_of_country("actor1"),
        target_code=_of_country("actor2"),
        codes="name",
        event=_VIOLENCE,
        quad=f"CASE WHEN ({_VIOLENCE}) IS NOT NULL THEN 4 END",
        goldstein="NULL",
        latitude="latitude",
        longitude="longitude",
    ),
    Format(
        name="ucdp",
        title="UCDP georeferenced events",
        delimiter=",",
        quote='"',
        header=True,
        columns=("id", "date_start", "side_a", "side_b", "gwnoa", "gwnob", "latitude",
                 "longitude"),
        types={"latitude": "FLOAT", "longitude": "FLOAT"},
        event_id="id",
        date="try_cast(left(date_start, 10) AS DATE)",
        source="side_a",
        target="side_b",
        source_code="gwnoa",
        target_code="gwnob",
        codes="gw",
        event="'ASSAULT'",
        quad="4",
        goldstein="NULL",
        latitude="latitude",
        longitude="longitude",
    ),
)  # fmt: skip
