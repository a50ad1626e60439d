"""Fit the laws of motion and the measurement models, and keep what has not changed."""

import datetime as dt
import importlib.util
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import foedus
from foedus.estimate.diagnostics import Diagnostics
from foedus.estimate.law_density import sample_law
from foedus.estimate.law_posterior import (
    DRAWS,
    METHOD,
    as_posterior,
    fit_law,
    law_fingerprint,
    rows_digest,
)
from foedus.estimate.posterior import SHIPPED, local_folder, read_posterior, write_posterior
from foedus.estimate.predictive import predictive_checks
from foedus.model.order import FITS
from foedus.record.schema import Rule
from foedus.record.store import AsOf, Record, open_record
from foedus.study import fit_measurement, latent_measures
from foedus.study.law_cases.incidents import refused_counts
from foedus.study.law_cases.registry import Rows, tables_read
from foedus.world.cases import case_ccodes
from foedus.world.errors import BadInputError, FoedusError, UnknownNameError
from foedus.world.months import add_months, month_end

SEED = 20240410
MEASUREMENT = ("closeness", "tension")


def fit_laws(
    names: Iterable[str] = (),
    *,
    record: Record | None = None,
    as_of: AsOf | None = None,
    folder: Path | None = None,
    seed: int | None = None,
    draws: int = DRAWS,
    again: bool = False,
    nuts: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Fit laws and measurement models and write their posteriors; keep what has not changed.

    Because each posterior is written whole when it is done, a run that was cut goes on with the
    laws that are missing.

    Args:
        names: Laws and measurement models; all by default.
        record: Record to fit on; the one that is open by default.
        as_of: Use only what may be used on a date; everything by default.
        folder: Folder to write to; by default the user's own, where what ships is kept too.
        seed: Seed of all random numbers; each model's own by default.
        draws: Draws of a law kept.
        again: Fit even where nothing has changed.
        nuts: Also draw each law small enough with NUTS, and report how far the two differ.
        progress: Called with what is being done.

    Returns:
        One entry a law: what was read, how it was drawn, predictive checks or held-out scores,
        `kept` and the folder it lies in.

    Raises:
        UnknownNameError: There is no such law.
        BadInputError: The packages that draw with NUTS are not installed.
    """
    chosen = list(dict.fromkeys(names)) or [*FITS, *MEASUREMENT]
    unknown = [name for name in chosen if name not in FITS and name not in MEASUREMENT]
    if unknown:
        raise UnknownNameError(
            f"no law is called {', '.join(unknown)}",
            expected=", ".join((*FITS, *MEASUREMENT)),
            where="the laws to fit",
            hint="foedus fit disputes",
        )
    if nuts or set(chosen) & set(MEASUREMENT):
        _need_samplers()
    source = record if record is not None else open_record()
    run = _Run(source, as_of, folder, seed, draws, again, nuts)
    report = []
    for number, name in enumerate(chosen, start=1):

        def tell(text: str, number: int = number, name: str = name) -> None:
            progress(f"{number}/{len(chosen)} {name}: {text}")

        fit = run.law if name in FITS else run.measurement
        report.append(fit(name, tell))
    return report


class _Run:
    """What the fits of one call share: record, date, folder, options, and the panels of rows."""

    def __init__(
        self,
        record: Record,
        as_of: AsOf | None,
        folder: Path | None,
        seed: int | None,
        draws: int,
        again: bool,
        nuts: bool,
    ) -> None:
        self.record, self.as_of, self.draws, self.again, self.nuts = (
            record,
            as_of,
            draws,
            again,
            nuts,
        )
        self.seed = seed
        self.folder = folder or local_folder()
        self.kept_in = (folder,) if folder else (self.folder, SHIPPED)
        self.rows = Rows(record, as_of or AsOf(dt.date(2100, 1, 1), Rule.DATED))

    def law(self, name: str, tell: Callable[[str], None]) -> dict[str, Any]:
        law, seed = FITS[name], SEED if self.seed is None else self.seed
        tell("reading")
        cases = self.rows.cases(name)
        wanted = {
            "law": law_fingerprint(law),
            "rows_read": rows_digest(cases),
            "seed": seed,
            "method": METHOD,
        }
        kept = self._kept(name, wanted)
        if kept is not None:
            return kept
        tell(f"fitting {len(cases.value):,} rows")
        began = time.monotonic()
        found = fit_law(law, cases, seed=seed, draws=self.draws)
        seconds = time.monotonic() - began
        tell("checking")
        manifest: dict[str, Any] = {
            "tables": list(tables_read(name, self.record)),
            "table_digest": self.record.digest(tables_read(name, self.record)),
            **self._dates(name, int(cases.years[-1])),
            "version": foedus.__version__,
            "seed": seed,
            "method": METHOD,
            "predictive": predictive_checks(law, cases, found, seed=seed),
        }
        if name == "incidents":
            used, refused = self.rows.series
            manifest["series"] = [item.name for item in used]
            manifest["refused"] = refused_counts(refused)
        if self.nuts:
            tell("NUTS")
            manifest["nuts"] = _nuts(name, cases, found, seed)
        posterior = as_posterior(law, cases, found, _case_units(), manifest)
        write_posterior(replace(posterior, name=name), self.folder)
        return self._entry(name, posterior.manifest, self.folder, seconds)

    def measurement(self, name: str, tell: Callable[[str], None]) -> dict[str, Any]:
        seed = fit_measurement.SEED if self.seed is None else self.seed
        tell("reading")
        rows = latent_measures.rows_digest(self.record, name, self.as_of)
        kept = self._kept(name, {"rows": rows, "seed": seed})
        if kept is not None:
            return kept
        began = time.monotonic()
        fit_measurement.fit_measurement(
            [name],
            record=self.record,
            as_of=self.as_of,
            folder=self.folder,
            seed=seed,
            progress=lambda text: tell(text.removeprefix(f"{name}: ")),
        )
        manifest = read_posterior(name, self.folder).manifest
        return self._entry(name, manifest, self.folder, time.monotonic() - began)

    def _kept(self, name: str, wanted: dict[str, Any]) -> dict[str, Any] | None:
        """Give the entry of an earlier fit of the same rows, law and seed; None where none is."""
        if self.again:
            return None
        for folder in self.kept_in:
            if not (folder / name / "manifest.json").is_file():
                continue
            try:
                manifest = read_posterior(name, folder, model=_model(name)).manifest
            except FoedusError:
                return None
            same = all(manifest.get(key) == value for key, value in wanted.items())
            checked = not self.nuts or name in MEASUREMENT or "nuts" in manifest
            return self._entry(name, manifest, folder, None) if same and checked else None
        return None

    def _entry(
        self, name: str, manifest: dict[str, Any], folder: Path, seconds: float | None
    ) -> dict[str, Any]:
        """Join a manifest with how it came about."""
        taken = None if seconds is None else round(seconds, 1)
        return manifest | {
            "law": name,
            "kept": seconds is None,
            "seconds": taken,
            "folder": str(folder / name),
        }

    def _dates(self, name: str, last_year: int) -> dict[str, str | None]:
        """Give the last day of training, and the day by which each table read had reached it.

        A table that ends before that day was known in full by its own end and lag.
        """
        to = dt.date(last_year, 12, 31)
        known = to
        for table in tables_read(name, self.record):
            spec = self.record.spec(table)
            end = min(to, spec.last_date or month_end(spec.last, 12))
            known = max(known, add_months(end, spec.lag_months))
        if self.as_of is not None:
            to, known = min(to, self.as_of.day), min(known, self.as_of.day)
        return {
            "trained_to": to.isoformat(),
            "known_from": known.isoformat(),
            "as_of": self.as_of.day.isoformat() if self.as_of else None,
            "rule": self.as_of.rule.value if self.as_of else None,
        }


def _model(name: str) -> str:
    return FITS[name].name if name in FITS else name


def _need_samplers() -> None:
    absent = [name for name in ("numpyro", "arviz") if importlib.util.find_spec(name) is None]
    if absent:
        raise BadInputError(
            f"{' and '.join(absent)} are not installed",
            expected="the packages that draw and judge chains, for NUTS, closeness and tension",
            where="the Python environment of foedus",
            hint="pip install 'foedus[fit]'",
        )


def _case_units() -> frozenset[str]:
    """Name every pair, dyad and country among the countries of the bundled cases."""
    codes = case_ccodes()
    pairs = {f"{a}-{b}" for a, b in combinations(codes, 2)}
    turned = {f"{b}-{a}" for a, b in combinations(codes, 2)}
    return frozenset(pairs | turned | {str(code) for code in codes})


def _nuts(name: str, cases: Any, found: Any, seed: int) -> dict[str, Any]:
    law = FITS[name]
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
