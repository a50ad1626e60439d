"""`foedus compare`: what courses of action change, beside the baseline."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from foedus.cli.output import share_progress, show_frame, write_frame
from foedus.world.errors import BadInputError

if TYPE_CHECKING:
    import polars as pl


def compare(
    case: Annotated[str, typer.Argument(help="Name of a case, or path of a case file.")],
    courses: Annotated[
        str | None,
        typer.Option(help="Courses, by name or path, with commas; one+other joins two."),
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Last month known, of prospective courses, as 2026-10.")
    ] = None,
    horizon: Annotated[
        str, typer.Option(help="Months after the origin, with commas.")
    ] = "3,12,36,60",
    draws: Annotated[int, typer.Option(help="Draws.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 20240410,
    rule: Annotated[str, typer.Option(help="Information rule: known or dated.")] = "known",
    link: Annotated[
        str, typer.Option(help="Link from incidents to disputes: assumed, or cut.")
    ] = "assumed",
    depth: Annotated[
        str, typer.Option(help="What a deeper pact does: mixture, deters, none or emboldens.")
    ] = "mixture",
    adds: Annotated[
        str | None, typer.Option(help="Also print what each instrument of this course adds.")
    ] = None,
    answers: Annotated[
        bool,
        typer.Option(
            "--answers", help="Also let each course meet those of the rival and of partners."
        ),
    ] = False,
    fits: Annotated[
        Path | None, typer.Option(help="Folder of other posteriors than those that are used.")
    ] = None,
    on: Annotated[
        str, typer.Option("--on", help="Where to run: here, processes, ray, or ray://ADDRESS.")
    ] = "here",
    workers: Annotated[int | None, typer.Option(help="Workers; as many as cores.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Write the whole table as .csv or .parquet.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare courses of action on the same draws and the same luck, the baseline beside each.

    Differences carry intervals, what they rest on, and where an assumed size would turn them.
    """
    from foedus.study import compare_courses as study
    from foedus.study.measure_concept import read_rule
    from foedus.study.weigh_courses import (
        adds_table,
        answers_table,
        frontier_table,
        in_words,
        meetings,
        parts_of,
        ranking_table,
        tipping_table,
    )

    months = _horizons(horizon)
    there = study.load_case(case)
    named = [name.strip() for name in courses.split(",") if name.strip()] if courses else []
    given = [study.load_course(one) for one in named or study.default_courses(there)]
    whole = study.load_course(adds) if adds else None
    if whole is not None and whole.name not in [one.name for one in given]:
        given.append(whole)
    shown = [one.name for one in given]
    rival = study.answering_courses(there) if answers else []
    rival = [name for name in rival if name not in shown]
    met = meetings(given, [study.load_course(name) for name in rival]) if rival else []
    with share_progress("compare") as step:
        found = study.compare(
            there,
            [*given, *met, *(parts_of(whole) if whole else [])],
            origin=_origin(origin),
            horizons=months,
            draws=draws,
            seed=seed,
            rule=read_rule(rule),
            link="cut" if _one_of(link, ("assumed", "cut"), "--link") == "cut" else "assumed",
            view=_one_of(depth, study.VIEWS, "--depth"),  # type: ignore[arg-type]
            fits=fits,
            place=on,
            workers=workers,
            progress=step,
        )
    table = study.outcome_table(found, shown)
    last = months[-1]
    more: dict[str, pl.DataFrame] = {"frontier": frontier_table(found, last, shown)}
    for name in shown:
        more[f"tipping {name}"] = tipping_table(found, name, last)
    more["ranking"] = ranking_table(found, shown, last)
    if whole is not None:
        more[f"adds {whole.name}"] = adds_table(found, whole, last)
    if rival:
        replied = answers_table(found, shown, rival, last)
        more["answers"] = replied.table
        more["robust"] = replied.robust_table
    if output is not None:
        write_frame(table, output)
        typer.echo(str(output), err=True)
    if as_json:
        _print_json(found, shown, table, more)
        return
    typer.echo(
        f"{found.case.name}: {found.study}, origin {found.origin}, {draws:,} draws, seed {seed}"
    )
    for course in given:
        typer.echo(f"\n{course.title} ({course.name}). {course.summary}")
        for sentence in in_words(found, course.name, last):
            typer.echo(f"  {sentence}")
    typer.echo("")
    show_frame(_plain(_short(table)), rows=200)
    for name, frame in more.items():
        typer.echo(f"\n{name}")
        show_frame(_plain(frame), rows=40)
    for note in found.notes:
        typer.echo(f"- {note}")


def _short(table: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    kept = table.filter(
        pl.col("group").is_in(["deterrence", "escalation", "arenas"])
        & (pl.col("course") != "baseline")
        & pl.col("mean").is_not_null()
    )
    return kept.select(
        "outcome",
        pl.col("horizon").alias("months"),
        "course",
        "baseline",
        "mean",
        "difference",
        pl.col("difference_lo90").alias("lo90"),
        pl.col("difference_hi90").alias("hi90"),
        "verdict",
        pl.col("share_assumed").alias("assumed"),
    )


def _plain(frame: "pl.DataFrame") -> "pl.DataFrame":
    """Round numbers for the eye: three digits that count; files and JSON keep them all."""
    import polars.selectors as cs

    return frame.with_columns(cs.float().round_sig_figs(3))


def _origin(text: str | None):
    from foedus.study.forecast import read_origin

    return None if text is None else read_origin(text)


def _one_of(text: str, choices: tuple[str, ...], where: str) -> str:
    if text not in choices:
        raise BadInputError(
            f"{text!r} is not a choice",
            expected=", ".join(choices),
            where=where,
            hint=f"{where} {choices[0]}",
        )
    return text


def _horizons(text: str) -> tuple[int, ...]:
    try:
        months = tuple(sorted({int(part) for part in text.split(",")}))
        if months[0] < 1:
            raise ValueError
    except (ValueError, IndexError):
        raise BadInputError(
            f"{text!r} does not list months",
            expected="whole months after the origin, as 3,12,60",
            where="--horizon",
            hint="--horizon 12,60",
        ) from None
    return months


def _print_json(
    found, shown: list[str], table: "pl.DataFrame", more: "dict[str, pl.DataFrame]"
) -> None:
    whole = {
        "fingerprint": found.manifest,
        "case": found.case.name,
        "origin": found.origin.isoformat(),
        "study": found.study,
        "courses": ["baseline", *shown],
        "outcomes": json.loads(table.write_json()),
        **{name.replace(" ", "_"): json.loads(frame.write_json()) for name, frame in more.items()},
        "notes": list(found.notes),
    }
    typer.echo(json.dumps(whole, ensure_ascii=False))
