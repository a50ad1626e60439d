"""The registry of sources: one module and one TOML file each, named here in build order.

A source module has one function, `build(raw)`, that reads raw files and returns its tables by
name; its TOML file states what each table and column is.
"""

import tomllib
from functools import cache
from importlib import resources

from foedus.record.schema import Table

SOURCES: tuple[str, ...] = (
    "nmc",
    "cow_system",
    "gw_system",
    "cow_majors",
    "cow_contiguity",
    "capitals",
    "mindist",
    "atop",
    "cow_mid",
    "gml_mid",
    "rivalry",
    "icb",
    "cow_alliances",
    "latent_depth",
    "cow_wars",
    "peace_scale",
    "territorial_threat",
    "arms_races",
    "ucdp",
    "leaders",
    "igo",
    "sipri_milex",
    "sipri_arms",
    "us_troops",
    "us_bases",
    "exercises",
    "us_visits",
    "nuclear",
    "un_voting",
    "democracy",
    "gdp_pop",
    "cow_trade",
    "imf_dots",
    "imf_weo",
    "pew",
    "opinion_quoted",
    "vdem",
    "polity",
    "world_bank",
    "itpde",
    "fbic",
    "imf_fdi",
    "china_ties",
    "tariffs",
    "arms_sales_taiwan",
    "sanctions",
    "prc_countermeasures",
    "pla_taiwan",
    "north_korea",
    "senkaku",
    "scs_incidents",
    "taiwan_transits",
    "quoted_official",
    "gpr",
    "icews",
    "gdelt",
    "event_codes",
    "facts",
    "natural_earth",
    "dca",
    "space",
    "ai",
    "rdmc",
    "power_projection",
    "cyber",
    "eurepoc",
    "major_power_ties",
    "excess_articles",
    "own_texts",
)


@cache
def tables() -> dict[str, Table]:
    """Give the specification of every table, by name, in the order of the registry."""
    found: dict[str, Table] = {}
    for source in SOURCES:
        text = (
            resources.files("foedus.record.sources").joinpath(f"{source}.toml").read_text("utf-8")
        )
        shared = tomllib.loads(text)
        entries = shared.pop("table")
        for entry in entries:
            table = Table.model_validate({**shared, **entry})
            if table.name in found:
                raise AssertionError(f"two sources define the table {table.name}")
            found[table.name] = table
    return found


@cache
def source_of(name: str) -> str:
    """Give the source module that builds a table."""
    for source in SOURCES:
        text = (
            resources.files("foedus.record.sources").joinpath(f"{source}.toml").read_text("utf-8")
        )
        if any(entry["name"] == name for entry in tomllib.loads(text)["table"]):
            return source
    raise KeyError(name)
