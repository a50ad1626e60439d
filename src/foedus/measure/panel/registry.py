"""The groups of columns a panel can take, by name."""

from foedus.measure.panel.disputes import Disputes
from foedus.measure.panel.groups import AbstractGroup, StateColumns
from foedus.measure.panel.onsets import MonthlyOnsets
from foedus.measure.panel.pairs import (
    Alliances,
    CapitalDistance,
    Contiguity,
    Majors,
    PairColumns,
    Rivalry,
)
from foedus.measure.panel.peace_years import PeaceYears
from foedus.measure.panel.portfolios import Portfolios

UNITS = ("state-year", "dyad-year", "directed-dyad-year", "dyad-month", "dispute")


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_ALL: tuple[AbstractGroup, ...] = (
    StateColumns(
        "nmc",
        "National Material Capabilities",
        "nmc",
        _same("milex", "milper", "irst", "pec", "tpop", "upop", "cinc"),
    ),
    Alliances(),
    Contiguity(),
    Majors(),
    Disputes(),
    PeaceYears(),
    StateColumns(
        "democracy",
        "democracy scores",
        "democracy_cow",
        _same("euds", "aeuds", "polity2", "v2x_polyarchy"),
    ),
    StateColumns(
        "gdp",
        "estimated GDP and population",
        "gdp_pop_cow",
        _same("mrgdppc", "sd_mrgdppc", "pwtrgdp", "sd_pwtrgdp", "pwtpop", "sd_pwtpop"),
    ),
    CapitalDistance(),
    PairColumns("minimum_distance", "distance (km)", "cow_mindist", ("mindist",)),
    PairColumns(
        "trade",
        "trade flows (million USD)",
        "cow_trade_dyad",
        ("flow1", "flow2", "smoothflow1", "smoothflow2"),
        (("flow1", "flow2"), ("smoothflow1", "smoothflow2")),
    ),
    StateColumns(
        "trade_total",
        "imports and exports (million USD)",
        "cow_trade_state",
        _same("imports", "exports"),
    ),
    Rivalry(),
    Portfolios(),
    MonthlyOnsets(),
    StateColumns(
        "territorial_threat",
        "estimated threat to territory",
        "territorial_threat",
        _same("lterrthreat", "m_lterrthreat"),
    ),
    StateColumns(
        "ideal_points",
        "ideal points from votes in the UN General Assembly",
        "un_ideal_points",
        _same("idealpointall", "q5all", "q95all"),
    ),
    StateColumns(
        "igo",
        "memberships of international organisations",
        "igo_state",
        _same("sum_igo_full", "sum_igo_associate", "sum_igo_observer", "sum_igo_anytype"),
    ),
    PairColumns("igo_shared", "organisations both belong to", "igo_dyad", ("dyadigos",)),
)
GROUPS = {group.name: group for group in _ALL}
ALIASES = {
    "cinc": "nmc",
    "alliances": "atop",
    "gml": "disputes",
    "mid": "disputes",
    "capdist": "capital_distance",
    "mindist": "minimum_distance",
    "rivalries": "rivalry",
    "polity": "democracy",
    "peace-years": "peace_years",
}
