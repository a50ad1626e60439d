"""The bond: effort, closeness, dated turning points."""

import polars as pl

from foedus.measure.effort import effort
from foedus.present import charts
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.latent_measures import closeness, single_bond_verdict
from foedus.world.cases import Case
from foedus.world.errors import FoedusError


def bond_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show effort, closeness and dated turning points of the focal pact."""
    one, two = case.focal
    profile = effort(record, one.ccode, two.ccode, as_of)
    figures = [
        Figure(
            "effort",
            "Effort: what the two governments put in",
            "Small panels, one an indicator, each with its own unit and coverage.",
            profile,
            (
                "atop_dyad",
                "exercises_mme_long",
                "us_troops",
                "sipri_arms_register",
                "us_leader_travels",
            ),
            charts.small_multiples(
                profile.rename({"indicator": "panel"}), x="year", panel="panel", bars=True
            ),
        )
    ]
    paragraphs = [
        "Effort is what governments could change: treaty terms, exercises, presence, arms, visits. "
        "It is shown indicator by indicator, because they end in different years and no weight "
        "between them is known. A gap is a year without a report, not a zero."
    ]
    try:
        near = closeness(record, (one.ccode, two.ccode), 1950, as_of.day.year, as_of)
        if near["value"].drop_nulls().len():
            figures.append(
                Figure(
                    "closeness",
                    "Closeness: how near the two are, by dimension",
                    "Small panels, one a dimension, a line with its 90 % band.",
                    near,
                    closeness_tables(record),
                    charts.small_multiples(
                        near.rename({"dimension": "panel"}), x="year", panel="panel"
                    ),
                )
            )
            verdict = single_bond_verdict()
            paragraphs.append(
                "Closeness is estimated, with 90 % intervals, from votes, opinion, trade and "
                "events. "
                ""
                f"{verdict.sentence} Votes in the UN measure agreement on the Assembly's "
                f"agenda, not "
                "loyalty to an ally."
            )
    except FoedusError as error:
        paragraphs.append(f"Closeness cannot be shown: {error.given}.")
    turning = turning_points(record, case, as_of)
    if turning.rows:
        paragraphs.append(
            "Turning points are dated facts, each with the pages it was read on; those marked "
            "unverified rest on general knowledge."
        )
    return Section(
        "bond", "The bond", tuple(paragraphs), tuple(figures), (turning,) if turning.rows else ()
    )


def closeness_tables(record: Record) -> tuple[str, ...]:
    """Name the tables behind closeness that are in this record."""
    wanted = (
        "un_ideal_points",
        "pew_favourability",
        "imf_dots_trade",
        "imf_dots_total",
        "fbic_asia_dyad",
        "icews_country_dyad_year",
        "icews_monthly",
    )
    return tuple(name for name in wanted if name in record.names())


def turning_points(record: Record, case: Case, as_of: AsOf, most_a_decade: int = 4) -> Grid:
    """List dated facts about the focal pair, the best attested of each decade."""
    facts = record.read("fact_cases", as_of=as_of).filter(pl.col("case") == case.name)
    facts = facts.select("day", "date", "title", "verified", "confidence", direction=pl.lit("–"))
    if facts.is_empty():
        both = [item.ccode for item in case.focal]
        members = record.read("fact_members").filter(pl.col("role") == "party")
        shared = (
            members.filter(pl.col("ccode").is_in(both))
            .group_by("id")
            .agg(pl.col("ccode").n_unique().alias("n"))
            .filter(pl.col("n") == len(both))["id"]
        )
        line = record.read("fact_timeline", as_of=as_of).filter(
            pl.col("id").is_in(shared.implode())
        )
        facts = line.select("day", "date", "title", "verified", "confidence", "direction")
    ranked = facts.with_columns(
        decade=pl.col("day").dt.year() // 10, firm=pl.col("confidence").str.starts_with("2")
    ).sort("verified", "firm", "day", descending=[True, True, False])
    shown = ranked.group_by("decade").head(most_a_decade).sort("day")
    rows = tuple(
        (
            row["date"],
            row["title"],
            row["direction"],
            "verified" if row["verified"] else "unverified",
        )
        for row in shown.iter_rows(named=True)
    )
    left = facts.height - shown.height
    more = f" ({left} more in the record)" if left else ""
    return Grid(f"Dated turning points{more}", ("date", "what", "toward", "standing"), rows)
