"""`foedus fit`: fit laws of motion and measurement models on the record in use."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from foedus.cli.output import QUIET_SECONDS, show_frame
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    from foedus.record.store import AsOf


def fit(
    laws: Annotated[
        list[str] | None, typer.Argument(metavar="[LAW]...", help="Laws to fit; all by default.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Use only what is allowed on this date.")
    ] = None,
    rule: Annotated[str, typer.Option(help="Information rule: known or dated.")] = "known",
    again: Annotated[
        bool, typer.Option("--again", help="Fit even where nothing has changed.")
    ] = False,
    nuts: Annotated[
        bool, typer.Option("--nuts", help="Also draw laws small enough with NUTS, as a check.")
    ] = False,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the random draws.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write the report of the fits to this .md file.")
    ] = None,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="Renew the fits that ship inside the package.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Fit laws and measurement models into your own folder; rerun to go on where it stopped.

    Other commands read your own fit before the one that ships. A fit is kept where rows, law,
    priors and seed have not changed.
    """
    tell = _progress()
    if output is not None and not output.parent.is_dir():
        raise BadInputError(
            f"{output.parent} is not a folder",
            expected="a folder that exists",
            where="--output",
            hint="name another place, or make the folder first",
        )
    when = _as_of(as_of, rule)

    from foedus.estimate.posterior import SHIPPED, local_folder
    from foedus.study.fit_laws import fit_laws
    from foedus.study.fit_report import write_report

    report = fit_laws(
        laws or (),
        as_of=when,
        folder=SHIPPED if bundle else None,
        seed=seed,
        again=again,
        nuts=nuts,
        progress=tell,
    )
    if output is not None:
        write_report(report, output)
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
        return
    _print(report)
    fitted = sum(not entry["kept"] for entry in report)
    place = SHIPPED if bundle else local_folder()
    typer.echo(f"{fitted} fitted, {len(report) - fitted} kept" + (f"; {place}" if fitted else ""))
    if fitted and not bundle:
        typer.echo("Other commands now read these before the fits that ship; remove to go back.")


def _progress() -> Callable[[str], None]:
    """Say on standard error what is being done, from two seconds on."""
    began = time.monotonic()

    def tell(text: str) -> None:
        if time.monotonic() - began > QUIET_SECONDS:
            typer.echo(f"fit {text}", err=True)

    return tell


def _as_of(text: str | None, rule: str) -> "AsOf | None":
    from foedus.study.measure_concept import read_as_of

    return read_as_of(text, rule)


def _print(report: list[dict[str, Any]]) -> None:
    import polars as pl

    rows = [
        {
            "law": entry["law"],
            "rows": entry.get("row_count", entry.get("indicators")),
            "units": entry.get("unit_count"),
            "to": entry["trained_to"],
            "fit": "kept" if entry["kept"] else f"{entry['seconds']} s",
            "judged by": _verdict(entry),
        }
        for entry in report
    ]
    show_frame(pl.DataFrame(rows, infer_schema_length=None), rows=len(rows))


def _verdict(entry: dict[str, Any]) -> str:
    """Say in a few words how a fit did on its own checks."""
    if "diagnostics" in entry:
        parts = entry["diagnostics"].values()
        return f"{sum(part['passed'] for part in parts)} of {len(parts)} chains mixed"
    checks = entry["predictive"]
    off = [name for name, check in checks.items() if not 0.025 <= check["share_above"] <= 0.975]
    text = f"{len(checks) - len(off)} of {len(checks)} predictive checks"
    return text + (f" (off: {', '.join(off)})" if off else "")
