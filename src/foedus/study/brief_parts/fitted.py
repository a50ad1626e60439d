"""What the forecasts rest on: parameters with their sources, fits against data, quoted theories."""

import json

import polars as pl

from foedus.estimate.posterior import folder_of
from foedus.model.order import FITS
from foedus.present import charts
from foedus.study.brief_parts.sections import Figure, Grid, Section
from foedus.study.forecast import SIMULATED
from foedus.study.law_cases.link import read_link
from foedus.study.theory_tests import theory_tests


def parameter_section() -> Section:
    """List every parameter of the laws that are run, with interval, unit and where it is from."""
    rows = []
    for name in SIMULATED:
        place = folder_of(name) / name
        summary = pl.read_parquet(place / "summary.parquet")
        manifest = json.loads((place / "manifest.json").read_text("utf-8"))
        where = (
            f"estimated, {manifest['row_count']:,} rows of {', '.join(manifest['tables'][:3])}"
            f"{' and others' if len(manifest['tables']) > 3 else ''}, to {manifest['last_year']}"
        )
        for row in summary.iter_rows(named=True):
            rows.append(
                (
                    name,
                    row["parameter"],
                    f"{row['mean']:.3g}",
                    f"{row['lo90']:.3g} to {row['hi90']:.3g}",
                    row["unit"],
                    where,
                    row["prior"],
                )
            )
    link = read_link()
    rows.append(
        (
            "disputes",
            "link from incidents",
            f"{max(link.hi90, 0) / 2:.3g}",
            f"0 to {max(link.hi90, 0):.3g}",
            "log rate per unit of turn",
            f"assumed; pooled association {link.estimate:+.2f} [{link.lo90:+.2f}, "
            f"{link.hi90:+.2f}], {link.onsets} onsets",
            "even over the range",
        )
    )
    text = (
        "Every number the ensemble runs on. Coefficients are of forecasting laws: none is the "
        "effect of a lever. A share, a spread or a size is positive by its form."
    )
    grid = Grid(
        "Parameters of the laws that are run",
        ("law", "parameter", "mean", "90 % interval", "unit", "where from", "prior"),
        tuple(rows),
    )
    return Section("parameters", "The parameters", (text,), (), (grid,))


def predictive_section() -> Section:
    """Hold each fitted law against the data it was fitted on."""
    rows = []
    for name in SIMULATED:
        manifest = json.loads((folder_of(name) / name / "manifest.json").read_text("utf-8"))
        for statistic, check in manifest["predictive"].items():
            low, high = check["posterior"]
            middle, half = (low + high) / 2, (high - low) / 2
            if half == 0:
                continue
            rows.append(
                {
                    "check": f"{name}: {statistic}",
                    "law": FITS[name].name,
                    "statistic": statistic,
                    "observed": check["observed"],
                    "posterior_lo90": low,
                    "posterior_hi90": high,
                    "value": (check["observed"] - middle) / half,
                    "lo90": -1.0,
                    "hi90": 1.0,
                }
            )
    frame = pl.DataFrame(rows)
    outside = frame.filter((pl.col("value") < pl.col("lo90")) | (pl.col("value") > pl.col("hi90")))[
        "check"
    ].to_list()
    said = (
        f"Outside their interval: {'; '.join(outside)}: there the law does not fit, and what it "
        "says should be trusted less."
        if outside
        else "All lie inside."
    )
    figure = Figure(
        "predictive",
        "Does a fitted law give back its data?",
        "For each law and statistic, a cross for the data over a bar for the 90 % interval of data "
        "drawn from the fitted law, measured in half-widths of that interval.",
        frame,
        (),
        charts.held_against(frame, subject="check"),
    )
    text = (
        "Data drawn from each fitted law, with its own parameters' uncertainty, against the data "
        f"it was fitted on: mean, spread, zeros and tail. {said}"
    )
    return Section("predictive", "How well the laws fit", (text,), (figure,))


def theory_section() -> Section:
    """Report the theories people quote, with estimate, interval and power."""
    tests = theory_tests()
    grid = Grid(
        "Theories held against the record",
        (
            "question",
            "estimate [90 %]",
            "unit",
            "smallest effect that matters",
            "power",
            "rows",
            "verdict",
        ),
        tuple(
            (
                test.question,
                f"{test.estimate:+.2f} [{test.lo90:+.2f}, {test.hi90:+.2f}]",
                test.unit,
                f"{test.smallest_effect:.2g}",
                f"{test.power:.0%}",
                f"{test.rows:,}",
                test.verdict,
            )
            for test in tests
        ),
    )
    text = (
        "Effects that are often quoted, estimated with the size that would matter fixed "
        "beforehand. Power is the chance that the record would show an effect of that size; below "
        "80 % a null says little. None of them is built into the forecasts."
    )
    return Section(
        "theories",
        "What is often said, held against the record",
        (text, *(test.sentence for test in tests)),
        (),
        (grid,),
    )
