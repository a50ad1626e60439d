"""The order around the pact: partners, dependence, opinion."""

import polars as pl

from foedus.measure.dependence import dependence
from foedus.present import charts
from foedus.present.words import percent
from foedus.record.store import AsOf, Record
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.outlook import Outlook
from foedus.world.cases import Case
from foedus.world.countries import Country, country


def partner_section(record: Record, case: Case, as_of: AsOf, outlook: Outlook) -> Section:
    """List each other country with its ties and its own risk with the rival."""
    pledges = record.read("atop_dyad", as_of=as_of)
    year = pledges["year"].max()
    owed = pledges.filter((pl.col("year") == year) & (pl.col("atop_defense") == 1))
    risk = outlook.rows.filter(
        pl.col("chosen") & (pl.col("question") == "any dispute") & (pl.col("horizon_months") == 12)
    )
    rows = tuple(_partner_row(record, case, item, owed, risk, as_of) for item in case.others())
    grid = Grid(
        f"Partners and others (pledges as of {year})",
        (
            "country",
            "why it is here",
            "owed defence by",
            f"goods trade with {case.rival.name}",
            "spending, ten years' change",
            f"new dispute with {case.rival.name}, 12 months",
        ),
        rows,
    )
    text = (
        "What the case's other countries have at stake. Pledges of defence are treaty terms, trade "
        "is each one's own report, the dispute risk is that of the method shown on page one, at "
        "the age of the record. A dash is a cell the record does not fill."
    )
    return Section("partners", "Partners and the ripple", (text,), (), (grid,))


def _partner_row(
    record: Record, case: Case, item: Country, owed: pl.DataFrame, risk: pl.DataFrame, as_of: AsOf
) -> tuple[str, ...]:
    guarantors = owed.filter(
        (pl.col("ccode2") == item.ccode)
        & pl.col("ccode1").is_in([c.ccode for c in (*case.focal, case.rival)])
    )["ccode1"].to_list()
    trade = dependence(record, item.ccode, case.rival.ccode, as_of).drop_nulls("value")
    spent = (
        record.read("sipri_milex", columns=["ccode", "year", "constant_2023_musd"], as_of=as_of)
        .filter(pl.col("ccode") == item.ccode)
        .drop_nulls()
        .sort("year")
    )
    growth = "–"
    if spent.height:
        last = spent.row(-1)
        old = spent.filter(pl.col("year") == last[1] - 10)
        if old.height:
            growth = f"{last[2] / old['constant_2023_musd'][0] - 1:+.0%} to {last[1]}"
    low, high = sorted((item.ccode, case.rival.ccode))
    chance = risk.filter((pl.col("ccode1") == low) & (pl.col("ccode2") == high))
    said = "–"
    if chance.height:
        row = chance.row(0, named=True)
        said = f"{percent(row['value'])} [{percent(row['lo90'])} to {percent(row['hi90'])}]"
    share = f"{trade['value'][-1]:.0%} in {trade['year'][-1]}" if trade.height else "–"
    return (
        item.name,
        case.countries[item.ccode],
        ", ".join(country(code).name for code in guarantors) or "none of the three",
        share,
        growth,
        said,
    )


def ties_section(record: Record, case: Case, as_of: AsOf) -> Section:
    """Show dependence both ways and what the publics think of each other."""
    frames = []
    for ally in case.focal:
        for one, two in ((ally, case.rival), (case.rival, ally)):
            frame = dependence(record, one.ccode, two.ccode, as_of)
            frames.append(frame.with_columns(series=pl.lit(f"{one.name} on {two.name}")))
    frame = pl.concat(frames).drop_nulls("value")
    figures = []
    if frame.height:
        figures.append(
            Figure(
                "dependence",
                "Trade dependence, both ways",
                "Share of each country's goods trade that is with the other, by the "
                "reporter's books.",
                frame,
                ("imf_dots_trade", "imf_dots_total"),
                charts.lines(
                    frame, x="year", series="series", y_title="share of goods trade", percent=True
                ),
            )
        )
    trio = [*case.focal, case.rival]
    views = record.read("pew_favourability", as_of=as_of).filter(
        pl.col("ccode1").is_in([c.ccode for c in trio])
        & pl.col("ccode2").is_in([c.ccode for c in trio])
        & (pl.col("ccode1") != pl.col("ccode2"))
    )
    views = views.select(
        "year",
        value=pl.col("fav").cast(pl.Float64),
        series=pl.col("ccode1").map_elements(lambda c: country(c).name, return_dtype=pl.String)
        + pl.lit(" of ")
        + pl.col("ccode2").map_elements(lambda c: country(c).name, return_dtype=pl.String),
        n="n_respondents",
    ).sort("series", "year")
    if views.height:
        spread = 1.645 * (pl.col("value") * (1 - pl.col("value")) / pl.col("n")).sqrt()
        views = views.with_columns(lo90=pl.col("value") - spread, hi90=pl.col("value") + spread)
        figures.append(
            Figure(
                "opinion",
                "Favourable views of each other",
                "Share of all answers that are very or somewhat favourable, with the 90 % sampling "
                "interval of a simple random sample.",
                views,
                ("pew_favourability",),
                charts.lines(views, x="year", series="series", y_title="favourable", percent=True),
            )
        )
    parts = [
        f"{name}: {values['value'][-1]:.0%} in {values['year'][-1]}, {values['value'][0]:.0%} in "
        f"{values['year'][0]}"
        for (name,), values in frame.group_by("series", maintain_order=True)
    ]
    text = (
        "Share of goods trade with the other: " + "; ".join(parts) + "."
        if parts
        else ("The record holds no trade of these pairs as reported by either side.")
    )
    more = (
        "Opinion is what publics said in surveys. The intervals hold sampling error alone, not the "
        "change from one survey mode to another."
    )
    return Section("ties", "Interdependence and domestic support", (text, more), tuple(figures))
