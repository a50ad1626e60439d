"""Every measure that needs no fitted parameter, with formula, source, unit and validity."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import polars as pl

from foedus.measure.balance import balance
from foedus.measure.burden import burden, pact_share
from foedus.measure.capability import cinc, component_shares
from foedus.measure.dependence import dependence, dependence_cow, trade_to_gdp
from foedus.measure.effort import effort
from foedus.measure.foreign_policy import pair_similarity
from foedus.measure.ideal_points import distance
from foedus.measure.relevance import peace_years, relevance
from foedus.record.store import AsOf, Record

Subject = Literal["country", "pair", "directed pair", "coalitions", "arena"]


@dataclass(frozen=True)
class Measure:
    """One measure.

    Args:
        name: Name on the command line.
        title: What it is.
        subject: What it is of.
        unit: Unit of the value.
        formula: How the value follows from the tables.
        source: Whose definition it is.
        valid_for: Period and countries, and what happens outside.
        uncertainty: What the interval holds, or why there is none.
        tables: Tables it reads.
        first: First year covered.
        last: Last year covered.
        compute: Record and subject to a table with `year` or `month`, `value`, `lo90`, `hi90`,
            `unit`, `state`.
        reference: What the tests hold it against.
    """

    name: str
    title: str
    subject: Subject
    unit: str
    formula: str
    source: str
    valid_for: str
    uncertainty: str
    tables: tuple[str, ...]
    first: int
    last: int
    compute: Callable[..., pl.DataFrame]
    reference: str = ""


def _pair(function: Callable[..., pl.DataFrame]) -> Callable[..., pl.DataFrame]:
    def compute(record: Record, codes: tuple[int, ...], as_of: AsOf | None) -> pl.DataFrame:
        return function(record, codes[0], codes[1], as_of)

    return compute


def _country(function: Callable[..., pl.DataFrame]) -> Callable[..., pl.DataFrame]:
    def compute(record: Record, codes: tuple[int, ...], as_of: AsOf | None) -> pl.DataFrame:
        return function(record, codes[0], as_of)

    return compute


def _coalitions(record: Record, codes: tuple[int, ...], as_of: AsOf | None) -> pl.DataFrame:
    cut = codes.index(0)
    return balance(record, codes[:cut], codes[cut + 1 :], as_of)


_NO_INTERVAL = "The source publishes none."
_DOTS = "1980-2020, where the first state reports to the IMF (Taiwan does not); blank otherwise."

MEASURES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            "cinc",
            "Composite Index of National Capability",
            "country",
            "share of system, 0 to 1",
            "Mean of a state's shares in world military spending, personnel, iron and steel, "
            "energy, population and urban population.",
            "Singer, J. D. 1987. International Interactions 14: 115-132. "
            "doi:10.1080/03050628808434695",
            "1816-2022, states of the COW system.",
            _NO_INTERVAL,
            ("nmc",),
            1816,
            2022,
            _country(cinc),
            "Recomputed from the components, every state-year within 1e-7 of the published index; "
            "published values: Japan 1990, China and the United States 2012.",
        ),
        Measure(
            "component-shares",
            "Shares of the world's capability, by component",
            "country",
            "share of system, 0 to 1",
            "A state's value / the sum over all states of the year, for each of the six "
            "components; states without a value are not in the sum.",
            "Singer, J. D. 1987. International Interactions 14: 115-132. "
            "doi:10.1080/03050628808434695",
            "1816-2022, states of the COW system.",
            _NO_INTERVAL,
            ("nmc",),
            1816,
            2022,
            _country(component_shares),
            "The mean of the six shares is the published index.",
        ),
        Measure(
            "burden",
            "Military spending over GDP",
            "country",
            "share of GDP, 0 to 1",
            "Military spending / gross domestic product, as SIPRI states it.",
            "SIPRI Military Expenditure Database 2025.",
            "1949-2024, countries of the bundled cases unless the whole table is built.",
            "None published; SIPRI's own estimates are marked as estimated.",
            ("sipri_milex",),
            1949,
            2024,
            _country(burden),
            "Japan 2024: 1.37 % of GDP, from the same SIPRI release.",
        ),
        Measure(
            "pact-share",
            "First state's part of what both members of a pact spend",
            "directed pair",
            "share, 0 to 1",
            "Spending of the first / (first + second), constant 2023 dollars.",
            "Olson, M. and R. Zeckhauser. 1966. Review of Economics and Statistics 48(3): 266-279. "
            "doi:10.2307/1927082",
            "1949-2024, countries of the bundled cases.",
            _NO_INTERVAL,
            ("sipri_milex",),
            1949,
            2024,
            _pair(pact_share),
            "Both members' shares sum to 1; Japan 2024 from SIPRI's dollars.",
        ),
        Measure(
            "balance",
            "Balance of two coalitions by domain",
            "coalitions",
            "the first side's share of both, 0 to 1",
            "Sum over the first side / sum over both, for each domain and year; nothing where a "
            "member has no value.",
            "This project; sums as in Correlates of War practice.",
            "Each domain to its table's last year; no value where a member is missing.",
            _NO_INTERVAL,
            ("sipri_milex", "imf_weo", "nmc", "nuclear_warheads"),
            1945,
            2024,
            _coalitions,
            "Sums made by hand; swapped sides give one minus the share.",
        ),
        Measure(
            "ideal-point-distance",
            "Distance of ideal points in the UN General Assembly",
            "pair",
            "ideal-point units",
            "Absolute difference of two ideal points on foreign-policy votes.",
            "Bailey, M. A., A. Strezhnev and E. Voeten. 2017. Journal of Conflict Resolution "
            "61(2): 430-456. doi:10.1177/0022002715595700",
            "1946-2024, members of the United Nations; Taiwan to 1971.",
            "90 %, from both states' published quantiles, as independent normals.",
            ("un_ideal_points",),
            1946,
            2024,
            _pair(distance),
            "Closed form of the folded normal; difference of the published points.",
        ),
        Measure(
            "ideal-point-distance-all",
            "Distance of ideal points in the UN General Assembly, all votes",
            "pair",
            "ideal-point units of the scale of all votes",
            "As ideal-point-distance, on the scale estimated from all votes: not comparable.",
            "Bailey, M. A., A. Strezhnev and E. Voeten. 2017. Journal of Conflict Resolution "
            "61(2): 430-456. doi:10.1177/0022002715595700",
            "1946-2023, members of the United Nations; Taiwan to 1971.",
            "90 %, from both states' published quantiles, as independent normals.",
            ("un_ideal_points",),
            1946,
            2023,
            _pair(partial(distance, scale="all")),
            "Difference of the published points of this scale.",
        ),
        Measure(
            "similarity",
            "Similarity of alliance portfolios",
            "pair",
            "-1 to 1",
            "Of both states' ties to every member of the system (3 defence or offence, "
            "2 neutrality or non-aggression, 1 consultation, 0 none): S and S weighted by CINC, "
            "1 - 2 x mean absolute difference / 3; Cohen's kappa and Scott's pi, agreement beyond "
            "chance with squared differences.",
            "Signorino, C. and J. Ritter. 1999. International Studies Quarterly 43(1): 115-144. "
            "doi:10.1111/0020-8833.00113. Häge, F. 2011. Political Analysis 19(3): 287-305. "
            "doi:10.1093/pan/mpr023",
            "1816-2018, years in which both were states; weighted S only where every member has "
            "a CINC.",
            "None: computed from a coded record.",
            ("atop_dyad", "nmc"),
            1816,
            2018,
            _pair(pair_similarity),
            "Two portfolios worked out by hand.",
        ),
        Measure(
            "dependence",
            "Trade dependence of the first state on the second",
            "directed pair",
            "share of goods trade, 0 to 1",
            "(Exports to + imports from the second) / (exports to + imports from the world), "
            "as the first reports them.",
            "Barbieri, K. 1996. Journal of Peace Research 33(1): 29-49. "
            "doi:10.1177/0022343396033001003",
            _DOTS,
            _NO_INTERVAL,
            ("imf_dots_trade", "imf_dots_total"),
            1980,
            2020,
            _pair(dependence),
            "Closed form on four flows; Japan's trade with China 2020 by its own customs figures.",
        ),
        Measure(
            "dependence-cow",
            "Trade dependence of the first state on the second, COW trade data",
            "directed pair",
            "share of goods trade, 0 to 1",
            "(Imports of each from the other) / (imports + exports of the first): another source "
            "than dependence, never spliced with it.",
            "Barbieri, K., O. M. G. Keshk and B. M. Pollins. 2009. Conflict Management and Peace "
            "Science 26(5): 471-491. doi:10.1177/0738894209343887",
            "1870-2014; blank where a flow or a total is missing, so for Taiwan after 1955.",
            _NO_INTERVAL,
            ("cow_trade_dyad", "cow_trade_state"),
            1870,
            2014,
            _pair(dependence_cow),
            "Closed form on the two flows and the total.",
        ),
        Measure(
            "trade-to-gdp",
            "Trade of the first state with the second over its GDP",
            "directed pair",
            "share of GDP",
            "(Exports to + imports from the second) / GDP, current dollars.",
            "Oneal, J. R. and B. Russett. 1997. International Studies Quarterly 41(2): 267-293. "
            "doi:10.1111/1468-2478.00042",
            _DOTS,
            _NO_INTERVAL,
            ("imf_dots_trade", "imf_weo"),
            1980,
            2020,
            _pair(trade_to_gdp),
            "Against dependence: the two differ by the ratio of total trade to GDP.",
        ),
        Measure(
            "relevance",
            "Political relevance of a pair",
            "pair",
            "1 relevant, 0 not",
            "1 if contiguous by land or across at most 400 miles of water, or if one of the two "
            "is a major power.",
            "Lemke, D. and W. Reed. 2001. Journal of Conflict Resolution 45(1): 126-144. "
            "doi:10.1177/0022002701045001006",
            "1816-2016, years in which both were states; later years carry the last spells and say "
            "so.",
            "None: a rule.",
            ("cow_contiguity", "cow_majors"),
            1816,
            2026,
            _pair(relevance),
            "Known pairs: contiguous, with a major power, and neither.",
        ),
        Measure(
            "peace-years",
            "Years since a pair's last militarised dispute",
            "pair",
            "years",
            "Count of years since the last year with a dispute going on; 0 in such a year. Before "
            "the first dispute, years since both were states.",
            "Beck, N., J. N. Katz and R. Tucker. 1998. American Journal of Political Science "
            "42(4): 1260-1288. doi:10.2307/2991857",
            "1816-2014.",
            "None: a count.",
            ("dyadic_mid",),
            1816,
            2014,
            _pair(peace_years),
            "Known disputes of Japan and China, and the years between them.",
        ),
        Measure(
            "effort",
            "Effort in a pact, by indicator",
            "pair",
            "each indicator its own",
            "Obligations of defence, joint exercises, US personnel in September, arms delivered, "
            "leader visits: a profile without weights.",
            "This project.",
            "Each indicator to its table's last year; personnel and visits only with the United "
            "States.",
            "None: counts and reported figures.",
            (
                "atop_dyad",
                "exercises_mme_long",
                "us_troops",
                "sipri_arms_register",
                "us_leader_travels",
                "us_incoming_visits",
            ),
            1945,
            2025,
            _pair(effort),
            "50,786 personnel in Japan in September 2024; one defence pledge from 1951, not two.",
        ),
    )
}
