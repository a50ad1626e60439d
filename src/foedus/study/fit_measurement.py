"""Fit the measurement models and write their posteriors, with fingerprint and held-out scores."""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.stats import rankdata

from foedus.compute.keys import named_generator
from foedus.estimate import closeness, heldout, tension
from foedus.estimate.fit import Draws
from foedus.estimate.panel import Panel, panel
from foedus.estimate.posterior import SHIPPED, Posterior, write_posterior
from foedus.model.measurement.closeness import DIMENSIONS, SLOTS
from foedus.model.parameters import fingerprint
from foedus.record.store import AsOf, Record, open_record
from foedus.study import closeness_indicators as indicators
from foedus.study import tension_series
from foedus.world.errors import UnknownNameError
from foedus.world.months import add_months, month_end

SEED = 20240331
KEPT_DRAWS = 400
HELDOUT_FIRST, HELDOUT_ORIGINS, HELDOUT_WINDOW = 2000, (2007, 2010, 2013, 2016), 3


def fit_measurement(
    names: Iterable[str] = ("closeness", "tension"),
    *,
    record: Record | None = None,
    as_of: AsOf | None = None,
    folder: Path = SHIPPED,
    seed: int = SEED,
    progress: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Fit measurement models on the record and write their posteriors.

    Args:
        names: `closeness`, `tension` or both.
        record: Record to fit on; the one that is open by default.
        as_of: Use only what may be used on a date; everything by default.
        folder: Folder to write to; the one inside the package by default.
        seed: Seed of all random numbers.
        progress: Called with what is being done.

    Returns:
        Folders written.

    Raises:
        UnknownNameError: There is no such measurement model.
    """
    fits = {"closeness": fit_closeness, "tension": fit_tension}
    chosen = list(names)
    unknown = [name for name in chosen if name not in fits]
    if unknown:
        raise UnknownNameError(
            f"no measurement model is called {', '.join(unknown)}",
            expected=", ".join(fits),
            where="the models to fit",
            hint="foedus fit closeness",
        )
    source = record if record is not None else open_record()
    written = []
    for name in chosen:
        write_posterior(fits[name](source, as_of, seed, progress), folder)
        written.append(folder / name)
    return written


def natural_unit(dimension: str, value: np.ndarray) -> np.ndarray:
    """Turn a dimension's closeness into the unit it is shown in."""
    if dimension == "votes":
        return value
    if dimension == "trade":
        return 100 * np.exp(value)
    return 100 / (1 + np.exp(-value))


def closeness_panel(frame: pl.DataFrame, slots: list[str]) -> Panel:
    """Lay out indicators as arrays, by pair, year and slot."""
    chosen = frame.filter(pl.col("slot").is_in(slots))
    first, last = int(chosen["year"].min()), int(chosen["year"].max())  # pyright: ignore[reportArgumentType]
    pairs = chosen.select("ccode1", "ccode2").unique().sort("ccode1", "ccode2")
    columns = ["ccode1", "ccode2", "year", "slot", "value", "variance"]
    rows = [
        (f"{a}-{b}", year, slot, value, variance)
        for a, b, year, slot, value, variance in chosen.select(columns).iter_rows()
    ]
    units = [f"{a}-{b}" for a, b in pairs.iter_rows()]
    return panel(units, slots, range(first, last + 1), rows)


def fit_closeness(
    record: Record, as_of: AsOf | None, seed: int, progress: Callable[[str], None]
) -> Posterior:
    """Fit each dimension of closeness, and hold a common bond against independent dimensions."""
    frame = indicators.indicators(record, as_of)
    summaries, draws, diagnostics = [], {}, {}
    dimensions = [name for name in DIMENSIONS if name in frame["dimension"]]
    for dimension in dimensions:
        progress(f"closeness: {dimension}")
        slots = [slot.name for slot in SLOTS if slot.dimension == dimension]
        laid = closeness_panel(frame, slots)
        target = closeness.target(laid, [dimension])
        found = closeness.fit(target, seed=seed, name=f"closeness.{dimension}")
        diagnostics[dimension] = found.diagnostics.summary()
        kept = found.pooled(KEPT_DRAWS)
        draws |= {name: kept[:, i] for i, name in enumerate(found.names)}
        levels = closeness.level_draws(target, kept, dimension, seed=seed)
        summaries.append(_summary(dimension, laid, natural_unit(dimension, levels)))
    progress("closeness: held-out years")
    tables = [name for name in indicators.TABLES if name in record.names()]
    return Posterior(
        "closeness",
        pl.concat(summaries),
        pl.DataFrame(draws).cast(pl.Float32),
        {
            **_fingerprint("closeness", record, tables, indicators.digest(frame), as_of, seed),
            **_training(record, tables, as_of),
            "diagnostics": diagnostics,
            "indicators": frame.height,
            "absent_tables": [name for name in indicators.TABLES if name not in tables],
            "heldout": _heldout(frame, dimensions, seed),
        },
    )


def _summary(dimension: str, laid: Panel, levels: np.ndarray) -> pl.DataFrame:
    """Give mean and interval of every pair-year that has an indicator."""
    count = laid.seen.sum(axis=2)
    unit, step = np.nonzero(count)
    chosen = levels[:, unit, step]
    low, high = np.quantile(chosen, [0.05, 0.95], axis=0)
    pairs = [laid.units[i].split("-") for i in unit]
    return pl.DataFrame(
        {
            "dimension": [dimension] * len(unit),
            "ccode1": pl.Series([int(a) for a, _ in pairs], dtype=pl.Int16),
            "ccode2": pl.Series([int(b) for _, b in pairs], dtype=pl.Int16),
            "year": pl.Series(np.asarray(laid.steps)[step], dtype=pl.Int16),
            "value": pl.Series(chosen.mean(axis=0), dtype=pl.Float32),
            "lo90": pl.Series(low, dtype=pl.Float32),
            "hi90": pl.Series(high, dtype=pl.Float32),
            "indicators": pl.Series(count[unit, step], dtype=pl.Int8),
        }
    )


def _heldout(frame: pl.DataFrame, dimensions: list[str], seed: int) -> dict[str, Any]:
    """Score a common bond and simple rivals against independent dimensions."""
    last = HELDOUT_ORIGINS[-1] + HELDOUT_WINDOW
    slots = [slot.name for slot in SLOTS if slot.yearly is None and slot.dimension in dimensions]
    years = frame.filter(pl.col("year").is_between(HELDOUT_FIRST, last))
    laid = closeness_panel(years, slots)
    held = heldout.hold_out(laid, dimensions, HELDOUT_ORIGINS, HELDOUT_WINDOW)
    base = heldout.MODELS[0]
    found: dict[str, Any] = {
        "origins": list(HELDOUT_ORIGINS),
        "window": HELDOUT_WINDOW,
        "against": base,
        "log_loss_difference": {},
        "crps": {},
        "coverage": {},
    }
    for scope in (None, *dimensions):
        found["log_loss_difference"][scope or "all dimensions"] = {
            model: vars(heldout.compare(held, model, base, seed=seed, dimension=scope))
            for model in heldout.MODELS
            if model != base
        }
    for dimension in dimensions:
        own = held.dimension == dimension
        found["crps"][dimension] = {
            model: float(
                heldout.normal_crps(
                    held.mean[model][own], held.sd[model][own], held.outcome[own]
                ).mean()
            )
            for model in heldout.MODELS
        }
        found["coverage"][dimension] = {
            model: heldout.coverage(held, model, dimension)[1] for model in heldout.MODELS
        }
    return found


def fit_tension(
    record: Record, as_of: AsOf | None, seed: int, progress: Callable[[str], None]
) -> Posterior:
    """Fit the level of every arena's series, and a factor where the series allow one."""
    summaries, draws, diagnostics = [], {}, {}
    scores, factors, checks = {}, {}, {}
    collected = tension_series.collected(record, as_of)
    for arena, found_series in collected.items():
        progress(f"tension: {arena}")
        frames = {series.name: months for series, months in found_series}
        for series, months in found_series:
            counts, segment = months["count"].to_numpy(), months["segment"].to_numpy()
            target = tension.level_target(counts, segment)
            found = tension.fit(target, seed=seed, name=f"tension.{series.name}")
            diagnostics[series.name] = found.diagnostics.summary()
            kept = found.pooled(KEPT_DRAWS)
            draws |= {f"{series.name}.{name}": kept[:, i] for i, name in enumerate(found.names)}
            levels = tension.level_draws(target, kept, seed=seed, name=series.name)
            summaries.append(_level_summary(arena, series.name, months, levels))
            train = max(24, round(0.6 * len(counts)))
            scores[series.name] = vars(tension.score_ahead(counts, segment, train))
            risk = tension_series.newspaper_risk(record, arena, as_of)
            checks[series.name] = _against_risk(months, levels, risk, seed)
        factors[arena], summary, found = _factor(arena, frames, seed)
        if summary is not None and found is not None:
            summaries.append(summary)
            diagnostics[f"{arena}: factor"] = found.diagnostics.summary()
    tables = list(dict.fromkeys(series.table for series in tension_series.SERIES))
    return Posterior(
        "tension",
        pl.concat(summaries),
        pl.DataFrame(draws).cast(pl.Float32),
        {
            **_fingerprint(
                "tension",
                record,
                tables,
                indicators.digest(tension_series.rows(collected)),
                as_of,
                seed,
            ),
            **_training(record, tables, as_of),
            "diagnostics": diagnostics,
            "one_month_ahead": scores,
            "factors": factors,
            "rank_correlation_with_newspaper_risk": checks,
        },
    )


def _level_summary(arena: str, name: str, months: pl.DataFrame, levels: np.ndarray) -> pl.DataFrame:
    low, high = np.quantile(levels, [0.05, 0.95], axis=0)
    return months.select(
        pl.lit(arena).alias("arena"),
        pl.lit(name).alias("series"),
        "month",
        pl.Series("observed", months["count"], dtype=pl.Float32),
        pl.Series("value", levels.mean(axis=0), dtype=pl.Float32),
        pl.Series("lo90", low, dtype=pl.Float32),
        pl.Series("hi90", high, dtype=pl.Float32),
        pl.col("segment").cast(pl.Int8),
    )


def _against_risk(
    months: pl.DataFrame, levels: np.ndarray, risk: pl.DataFrame, seed: int
) -> dict[str, dict[str, float | int]]:
    """Correlate a series' level with the newspaper index by rank, segment by segment.

    The 90 % interval draws blocks of twelve months with replacement.
    """
    joined = months.with_columns(level=pl.Series(levels.mean(axis=0))).join(risk, on="month")
    found: dict[str, dict[str, float | int]] = {}
    for (segment,), rows in joined.group_by("segment", maintain_order=True):
        x, y = rows["level"].to_numpy(), rows["share_pct"].to_numpy()
        rng = named_generator(seed, "risk", str(segment))
        starts = rng.integers(0, max(len(x) - 11, 1), size=(1000, -(-len(x) // 12)))
        place = (starts[:, :, None] + np.arange(12)).reshape(1000, -1)[:, : len(x)]
        place = np.minimum(place, len(x) - 1)
        drawn = [_rank_correlation(x[at], y[at]) for at in place]
        low, high = np.nanquantile(drawn, [0.05, 0.95])
        found[f"segment {segment}"] = {
            "months": len(x),
            "correlation": _rank_correlation(x, y),
            "lo90": float(low),
            "hi90": float(high),
        }
    return found


def _rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])


def _factor(
    arena: str, frames: dict[str, pl.DataFrame], seed: int
) -> tuple[str, pl.DataFrame | None, Draws | None]:
    """Fit an arena's factor where three series overlap for 24 months; say why not otherwise."""
    if len(frames) < tension.LEAST_SERIES:
        return f"no factor: {len(frames)} monthly series, {tension.LEAST_SERIES} needed", None, None
    months = pl.concat([f.select("month") for f in frames.values()]).unique().sort("month")
    counts, segments = [], []
    for frame in frames.values():
        joined = months.join(frame, on="month", how="left", maintain_order="left")
        counts.append(joined["count"].cast(pl.Float64).fill_null(float("nan")).to_numpy())
        segments.append(joined["segment"].fill_null(strategy="forward").fill_null(0).to_numpy())
    laid, segment = np.stack(counts, axis=1), np.stack(segments, axis=1)
    together = tension.overlap(~np.isnan(laid))
    if not tension.factor_allowed(~np.isnan(laid)):
        return f"no factor: three series overlap for {together} months, 24 needed", None, None
    target = tension.factor_target(laid, segment)
    found = tension.fit(target, seed=seed, name=f"tension.{arena}.factor")
    levels = tension.factor_draws(target, found.pooled(KEPT_DRAWS), seed=seed, name=arena)
    low, high = np.quantile(levels, [0.05, 0.95], axis=0)
    summary = months.select(
        pl.lit(arena).alias("arena"),
        pl.lit("factor").alias("series"),
        "month",
        pl.lit(None, dtype=pl.Float32).alias("observed"),
        pl.Series("value", levels.mean(axis=0), dtype=pl.Float32),
        pl.Series("lo90", low, dtype=pl.Float32),
        pl.Series("hi90", high, dtype=pl.Float32),
        pl.lit(0, dtype=pl.Int8).alias("segment"),
    )
    return f"factor of {', '.join(frames)}", summary, found


def _fingerprint(
    name: str, record: Record, tables: list[str], rows: str, as_of: AsOf | None, seed: int
) -> dict[str, Any]:
    return {
        "model": fingerprint(name),
        "rows": rows,
        "tables": tables,
        "table_digest": record.digest(tables),
        "as_of": as_of.day.isoformat() if as_of else None,
        "rule": as_of.rule.value if as_of else None,
        "seed": seed,
    }


def _training(record: Record, tables: list[str], as_of: AsOf | None) -> dict[str, str]:
    """Give the last day any table of the fit speaks of, and when the last of it was known."""
    ends = {}
    for name in tables:
        spec = record.spec(name)
        end = spec.last_date or month_end(spec.last, 12)
        ends[name] = (end, add_months(end, spec.lag_months))
    to, known = max(end for end, _ in ends.values()), max(day for _, day in ends.values())
    if as_of is not None:
        to, known = min(to, as_of.day), min(known, as_of.day)
    return {"trained_to": _iso(to), "known_from": _iso(known)}


def _iso(day: dt.date) -> str:
    return day.isoformat()


def describe(folder: Path) -> str:
    """Give the diagnostics of a fit as text, for a log."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return json.dumps(manifest["diagnostics"], indent=1)
