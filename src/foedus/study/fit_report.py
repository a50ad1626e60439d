"""The report of a fit: one page on what was read, how it was drawn and what it predicts."""

import os
from pathlib import Path
from typing import Any

from foedus.world.errors import CannotWriteError

Entry = dict[str, Any]
INSIDE = (0.025, 0.975)


def report_text(report: list[Entry]) -> str:
    """Put the entries of `fit_laws` into one page of Markdown."""
    laws = [entry for entry in report if "predictive" in entry]
    measured = [entry for entry in report if "predictive" not in entry]
    blocks = ["# Fits of the laws"]
    if laws:
        blocks += [_fits(laws), "## Predictive checks", _CHECKS, _checks(laws)]
    drawn = [entry for entry in laws if "nuts" in entry]
    if drawn:
        blocks += ["## NUTS", _NUTS, _nuts(drawn)]
    if measured:
        blocks += ["## Measurement models", _chains(measured)]
    for entry in laws:
        if "refused" in entry:
            blocks += [f"## Series of {entry['law']}", *series_section(entry)]
    return "\n\n".join(blocks) + "\n"


_CHECKS = (
    "What the law expects of each statistic before and after seeing the rows (90 % ranges). "
    "`above` is the share of worlds drawn from the posterior above the observed value; shares "
    f"below {INSIDE[0]} or above {INSIDE[1]} are bold: there the law does not give what is seen."
)
_NUTS = (
    "Four chains of the No-U-Turn sampler beside nested Laplace. `means` is the largest gap "
    "between the two in standard deviations, `spreads` the range of the ratios of the two."
)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _fits(laws: list[Entry]) -> str:
    head = ["law", "rows", "units", "to", "outer nodes, of 32", "log marginal", "as of", "fit"]
    rows = [
        [
            entry["law"],
            f"{entry['row_count']:,}",
            f"{entry['unit_count']:,}",
            entry["trained_to"],
            str(entry["outer_nodes_ess"]),
            f"{entry['log_marginal']:,}",
            f"{entry['as_of']} ({entry['rule']})" if entry.get("as_of") else "all of the record",
            "kept: nothing changed" if entry["kept"] else f"{entry['seconds']} s",
        ]
        for entry in laws
    ]
    return _table(head, rows)


def _checks(laws: list[Entry]) -> str:
    rows = []
    for entry in laws:
        for name, check in entry["predictive"].items():
            before, after, above = check["prior"], check["posterior"], check["share_above"]
            share = f"{above:.2f}" if INSIDE[0] <= above <= INSIDE[1] else f"**{above:.2f}**"
            rows.append(
                [
                    entry["law"],
                    name,
                    f"{check['observed']:.4g}",
                    f"{before[0]:.4g} to {before[1]:.4g}",
                    f"{after[0]:.4g} to {after[1]:.4g}",
                    share,
                ]
            )
    return _table(["law", "statistic", "observed", "prior", "posterior", "above"], rows)


def _nuts(laws: list[Entry]) -> str:
    rows = []
    for entry in laws:
        found = entry["nuts"]
        if "left_out" in found:
            rows.append([entry["law"], f"left out: {found['left_out']}", *["–"] * 5])
            continue
        gaps = found["against_laplace"].values()
        ratios = [gap["sd_ratio"] for gap in gaps]
        rows.append(
            [
                entry["law"],
                f"{found['r_hat_max']:.3f}",
                f"{found['ess_bulk_min']:.0f}",
                f"{found['ess_tail_min']:.0f}",
                str(found["divergent"]),
                f"{max(abs(gap['mean_gap_sd']) for gap in gaps):.2f}",
                f"{min(ratios):.2f} to {max(ratios):.2f}",
            ]
        )
    head = ["law", "R-hat, most", "ESS, bulk", "ESS, tail", "divergences", "means", "spreads"]
    return _table(head, rows)


def _chains(measured: list[Entry]) -> str:
    rows = []
    for entry in measured:
        fit = "kept: nothing changed" if entry["kept"] else f"{entry['seconds']} s"
        for part, found in entry["diagnostics"].items():
            divergent = found["divergent"]
            rows.append(
                [
                    entry["law"],
                    part,
                    entry["trained_to"],
                    f"{found['r_hat_max']:.3f}",
                    f"{found['ess_bulk_min']:.0f}",
                    f"{found['ess_tail_min']:.0f}",
                    "–" if divergent is None else str(divergent),
                    fit,
                ]
            )
    head = ["model", "part", "to", "R-hat, most", "ESS, bulk", "ESS, tail", "divergences", "fit"]
    return _table(head, rows)


def series_section(entry: Entry) -> list[str]:
    """List the series a fit used, and those it refused by the test they fail."""
    refused = entry["refused"]
    rows = [
        [item["file"], item["reason"], f"{item['count']:,}", "; ".join(item["examples"])]
        for item in refused
    ]
    groups: dict[str, list[str]] = {}
    for name in entry["series"]:
        first, _, rest = name.partition(" ")
        between = ">" in first
        groups.setdefault(rest if between else "arenas", []).append(first if between else name)
    names = "\n".join(f"- {kind} ({len(of)}): {', '.join(of)}" for kind, of in groups.items())
    total = sum(item["count"] for item in refused)
    return [
        f"Used ({len(entry['series'])}):",
        names,
        f"Refused ({total:,}), by file and by the test they fail:",
        _table(["file", "reason", "series", "for example"], rows),
    ]


def write_report(report: list[Entry], path: Path) -> None:
    """Write the report of a fit as a page of Markdown, whole or not at all.

    Raises:
        CannotWriteError: The file cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        partial.write_text(report_text(report), encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise CannotWriteError(
            f"cannot write {path} ({error.strerror or error})",
            expected="a folder that exists, with space and write permission",
            where="--output",
            hint="name another place, or make the folder first",
        ) from error
    finally:
        partial.unlink(missing_ok=True)
