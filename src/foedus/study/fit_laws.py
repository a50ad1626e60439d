"""Fit the laws of motion on the record and write their posteriors, with a report of the fits."""

import datetime as dt
import os
import time
from collections.abc import Callable, Iterable
from itertools import combinations
from pathlib import Path
from typing import Any

import foedus
from foedus.estimate.diagnostics import Diagnostics
from foedus.estimate.law_density import sample_law
from foedus.estimate.law_posterior import (
    DRAWS,
    as_posterior,
    fit_law,
    law_fingerprint,
    rows_digest,
)
from foedus.estimate.posterior import SHIPPED, read_posterior, write_posterior
from foedus.estimate.predictive import predictive_checks
from foedus.model.order import LAWS
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, open_record
from foedus.study.law_cases.registry import TABLES, Rows
from foedus.world.cases import case_ccodes
from foedus.world.errors import FoedusError, UnknownNameError
from foedus.world.months import add_months

SEED = 20240410
MEASUREMENT = ("closeness", "tension")


def fit_laws(
    names: Iterable[str] = (),
    *,
    record: Record | None = None,
    as_of: AsOf | None = None,
    folder: Path = SHIPPED,
    seed: int = SEED,
    draws: int = DRAWS,
    again: bool = False,
    nuts: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Fit laws and write their posteriors; a law whose rows and priors have not changed is kept.

    Because each posterior is written whole when it is done, a run that was cut goes on with the
    laws that are missing.

    Args:
        names: Laws; all by default.
        record: Record to fit on; the one that is open by default.
        as_of: Use only what may be used on a date; everything by default.
        folder: Folder to write to; the one inside the package by default.
        seed: Seed of all random numbers.
        draws: Draws kept.
        again: Fit even where nothing has changed.
        nuts: Also draw each law small enough with NUTS, and report how far the two differ.
        progress: Called with what is being done.

    Returns:
        One entry a law: what was read, how it was drawn, predictive checks, parameters.

    Raises:
        UnknownNameError: There is no such law.
    """
    chosen = list(names) or list(LAWS)
    unknown = [name for name in chosen if name not in LAWS]
    if unknown:
        raise UnknownNameError(
            f"no law is called {', '.join(unknown)}",
            expected=", ".join((*LAWS, *MEASUREMENT)),
            where="the laws to fit",
            hint="foedus fit disputes",
        )
    source = record if record is not None else open_record()
    rows = Rows(source, as_of or AsOf(dt.date(2100, 1, 1), Rule.DATED))
    report = []
    for name in chosen:
        law = LAWS[name]
        progress(f"{name}: reading")
        cases = rows.cases(name)
        kept = None if again else _kept(name, folder, rows_digest(cases))
        if kept is not None:
            report.append(kept | {"law": name, "kept": True})
            continue
        progress(f"{name}: fitting {len(cases.value):,} rows")
        began = time.monotonic()
        found = fit_law(law, cases, seed=seed, draws=draws)
        seconds = time.monotonic() - began
        checks = predictive_checks(law, cases, found, seed=seed)
        manifest: dict[str, Any] = {
            "tables": list(TABLES[name]),
            "table_digest": source.digest(TABLES[name]),
            "trained_to": dt.date(int(cases.years[-1]), 12, 31).isoformat(),
            "known_from": _known_from(source, name, int(cases.years[-1])).isoformat(),
            "version": foedus.__version__,
            "seed": seed,
            "method": "nested Laplace",
            "predictive": checks,
        }
        if name == "incidents":
            used, refused = rows.series
            manifest["series"] = [item.name for item in used]
            manifest["refused"] = refused
        if nuts:
            progress(f"{name}: NUTS")
            manifest["nuts"] = _nuts(name, cases, found, seed)
        posterior = as_posterior(law, cases, found, _case_units(), manifest)
        write_posterior(posterior, folder)
        report.append(
            posterior.manifest | {"law": name, "kept": False, "seconds": round(seconds, 1)}
        )
    return report


def _kept(name: str, folder: Path, digest: str) -> dict[str, Any] | None:
    try:
        manifest = read_posterior(name, folder).manifest
    except FoedusError:
        return None
    same = manifest.get("rows_read") == digest and manifest.get("law") == law_fingerprint(
        LAWS[name]
    )
    return manifest if same else None


def _case_units() -> frozenset[str]:
    """Name every pair, dyad and country among the countries of the bundled cases."""
    codes = case_ccodes()
    pairs = {f"{a}-{b}" for a, b in combinations(codes, 2)}
    turned = {f"{b}-{a}" for a, b in combinations(codes, 2)}
    return frozenset(pairs | turned | {str(code) for code in codes})


def _known_from(record: Record, name: str, last_year: int) -> dt.date:
    """Give the day by which the last training year was known in every table a fit read."""
    lags = [record.spec(table).lag_months for table in TABLES[name]]
    return add_months(dt.date(last_year, 12, 31), max(lags))


def _nuts(name: str, cases: Any, found: Any, seed: int) -> dict[str, Any]:
    law = LAWS[name]
    try:
        exact = sample_law(law, cases, seed=seed)
    except ValueError as error:
        return {"left_out": str(error)}
    diagnostics: Diagnostics = exact.diagnostics
    flat = exact.theta.reshape(-1, exact.theta.shape[-1])
    gaps = {}
    for k, label in enumerate(exact.names):
        ours = found.coefficients[:, k] if k < len(law.terms) else found.outer[label]
        spread = float(flat[:, k].std())
        gaps[label] = {
            "mean_gap_sd": round(float((ours.mean() - flat[:, k].mean()) / spread), 3),
            "sd_ratio": round(float(ours.std() / spread), 3),
        }
    return diagnostics.summary() | {"against_laplace": gaps}


def write_report(report: list[dict[str, Any]], path: Path) -> None:
    """Write the report of a fit as a page of plain text, whole or not at all."""
    lines = ["# Fits of the laws", ""]
    for entry in report:
        lines += [f"## {entry['law']}" + (" (kept: nothing changed)" if entry["kept"] else ""), ""]
        lines += [
            f"{entry['row_count']:,} rows of {entry['unit_count']:,} units, to "
            f"{entry['last_year']}; {entry['method']}; outer nodes worth "
            f"{entry['outer_nodes_ess']} of 32; log marginal {entry['log_marginal']}.",
            "",
            "| statistic | observed | prior [90 %] | posterior [90 %] | above |",
            "|---|---|---|---|---|",
        ]
        for name, check in entry["predictive"].items():
            before, after = check["prior"], check["posterior"]
            lines.append(
                f"| {name} | {check['observed']:.4g} | {before[0]:.4g} to {before[1]:.4g} | "
                f"{after[0]:.4g} to {after[1]:.4g} | {check['share_above']:.2f} |"
            )
        if "nuts" in entry:
            lines += ["", _nuts_line(entry["nuts"])]
        if "refused" in entry:
            lines += ["", f"Series used ({len(entry['series'])}): {'; '.join(entry['series'])}."]
            lines += ["", f"Series refused ({len(entry['refused'])}), each with its reason:", ""]
            lines += [f"- {reason}" for reason in entry["refused"]]
        lines.append("")
    partial = path.with_name(path.name + ".partial")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(partial, path)


def _nuts_line(nuts: dict[str, Any]) -> str:
    if "left_out" in nuts:
        return f"NUTS was left out: {nuts['left_out']}."
    gaps = nuts["against_laplace"].values()
    return (
        f"NUTS: R-hat at most {nuts['r_hat_max']:.3f}, effective draws at least "
        f"{nuts['ess_bulk_min']:.0f}, divergences {nuts['divergent']}. Laplace against it: means "
        f"within {max(abs(g['mean_gap_sd']) for g in gaps):.2f} standard deviations, spreads "
        f"{min(g['sd_ratio'] for g in gaps):.2f} to {max(g['sd_ratio'] for g in gaps):.2f} times."
    )
