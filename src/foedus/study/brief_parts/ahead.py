"""The first outlook: simple rules beside their baselines and track record."""

import polars as pl

from foedus.present import charts
from foedus.present.words import number
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.outlook import Outlook
from foedus.world.cases import Case


def outlook_section(case: Case, outlook: Outlook) -> Section:
    """Show the simple rivals' forecasts with intervals, baselines and track record."""
    risk = outlook.rows.filter(
        (pl.col("unit") == "probability")
        & (pl.col("horizon_months") == 12)
        & (pl.col("question") == "any dispute")
    )
    chosen = risk.filter(pl.col("chosen")).sort("value", descending=True).head(12)
    order = chosen["subject"].to_list()
    shown = risk.filter(pl.col("subject").is_in(order))
    methods = {"base rate": 0, "own history": 1, "peace-years logit": 2}
    shown = shown.sort(pl.col("method").replace_strict(methods))
    figure = Figure(
        "outlook-disputes",
        "A new militarised dispute within 12 months, by pair",
        "Dots with 90 % intervals for each pair: base rate in grey, the pair's own history, "
        "and the "
        "logit on peace years.",
        shown,
        ("dyadic_mid", "cow_contiguity", "cow_majors", "cow_capitals", "nmc", "democracy_cow"),
        charts.interval_dots(
            shown.select("subject", "method", "value", "lo90", "hi90"),
            subject="subject",
            group="method",
            x_title="probability",
            order=order,
        ),
    )
    track = outlook.rows.filter(
        (pl.col("unit") == "probability")
        & (pl.col("subject") == (order[0] if order else ""))
        & pl.col("score").is_not_null()
    ).sort("question", "horizon_months", "score")
    grid = Grid(
        "Track record of the rules, at the distance of today's forecast; log loss, lower is better",
        (
            "question",
            "months",
            "rule",
            "cases",
            "events",
            "expected",
            "log loss",
            "against base rate [90 %]",
            "AUC",
            "chosen on 1990-99",
        ),
        tuple(
            (
                r["question"],
                str(r["horizon_months"]),
                r["method"],
                f"{r['cases']:,}",
                f"{r['events']:,}",
                f"{r['expected']:,.0f}",
                f"{r['score']:.4f}",
                f"{r['difference']:+.4f} [{r['difference_lo90']:+.4f}, "
                f"{r['difference_hi90']:+.4f}]",
                f"{r['auc']:.2f}",
                "yes" if r["chosen"] else "",
            )
            for r in track.iter_rows(named=True)
        ),
    )
    other = outlook.rows.filter(pl.col("unit") != "probability")
    counts = Grid(
        "Arena series and spending: forecasts by simple rules, with their own track record",
        (
            "what",
            "of",
            "horizon",
            "rule",
            "median [90 %]",
            "unit",
            "cases",
            "CRPS",
            "coverage of the 90 % interval",
        ),
        tuple(
            (
                r["question"],
                r["subject"],
                f"{r['horizon_months']} months",
                r["method"],
                f"{number(r['value'])} [{number(r['lo90'])} to {number(r['hi90'])}]",
                r["unit"],
                f"{r['cases']:,}",
                number(r["score"]),
                f"{r['coverage']:.0%} [{r['coverage_lo90']:.0%} to {r['coverage_hi90']:.0%}]",
            )
            for r in other.sort("question", "subject", "horizon_months", "method").iter_rows(
                named=True
            )
        ),
    )
    text = (
        "These forecasts come from rules as simple as can be, so that later models have something "
        "to beat. A militarised dispute is a threat, display or use of force between states, most "
        "of them short and without deaths. Intervals hold the uncertainty of the rule's own "
        "numbers, not that of the rule; compare expected with events in the track record for its "
        "bias."
    )
    grids = tuple(shown_grid for shown_grid in (grid, counts) if shown_grid.rows)
    return Section("outlook", "A first outlook", (text, *outlook.notes), (figure,), grids)
