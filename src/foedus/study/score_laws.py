"""Score every forecasting task: stored scorecards, new runs, and files a third party can score."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from foedus.score.scorecard import Scorecard, Split, read_scorecards, store_scorecards
from foedus.study.score_parts.dispute_words import check_choices, matches
from foedus.world.errors import BadInputError, DamagedRecordError, UnknownNameError

if TYPE_CHECKING:
    import polars as pl

    from foedus.record.store import Record

Progress = Callable[[str], None]
TASKS = {
    "disputes": "onset of militarised disputes",
    "escalation": "how far a dispute goes",
    "ladder": "the ladder within a dispute",
    "spending": "military spending",
    "pacts": "onset of defence pacts",
    "events": "monthly events between pairs",
    "arenas": "monthly series of the arenas",
    "ensemble": "the coupled simulation from past origins",
}
SPLITS: dict[str, tuple[Split, ...]] = {
    "choice": ("choice",),
    "test": ("test",),
    "both": ("choice", "test"),
}
LEAST_SHARE = 0.999


def checked(tasks: Iterable[str]) -> list[str]:
    """Give the tasks asked for, all by default, in the order of the registry.

    Raises:
        UnknownNameError: One of them is not a task.
    """
    asked = list(tasks) or list(TASKS)
    unknown = [name for name in asked if name not in TASKS]
    if unknown:
        raise UnknownNameError(
            f"no forecasting task is called {', '.join(unknown)}",
            expected=", ".join(TASKS),
            where="the tasks to score",
            hint="foedus score disputes",
        )
    return [name for name in TASKS if name in asked]


def stored(
    tasks: Iterable[str] = (), *, options: Mapping[str, str] | None = None
) -> dict[str, tuple[list[Scorecard], dict[str, Any]]]:
    """Read stored scorecards with their fingerprints, by task.

    Args:
        tasks: Tasks; all by default.
        options: For `disputes` alone: `population`, `target` and `source`, to give only the cards
            of such questions; none if none is stored.

    Raises:
        UnknownNameError: One of the names is not a task, or a word not a choice.
        BadInputError: A task has no such option.
        DamagedRecordError: A task's stored scorecards are absent or cannot be read.
    """
    chosen, asked = checked(tasks), dict(options or {})
    _check_options(chosen, asked)
    found = {}
    for name in chosen:
        try:
            cards, given = read_scorecards(name)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DamagedRecordError(
                f"the stored scores of {name} cannot be read ({type(error).__name__})",
                expected="the scorecards that ship with the package",
                where=f"{name}_scores.json",
                hint=f"foedus score {name} --again",
            ) from error
        found[name] = [card for card in cards if matches(card.question, asked)], given
    return found


def _check_options(tasks: list[str], options: Mapping[str, str]) -> None:
    if options and tasks != ["disputes"]:
        raise BadInputError(
            f"--{', --'.join(options)} was given with {', '.join(tasks)}",
            expected="the task disputes alone",
            where="foedus score",
            hint="foedus score disputes --target hostile",
        )
    check_choices(options)


def splits(name: str) -> tuple[Split, ...]:
    """Give the splits a word stands for: `choice`, `test` or `both`.

    Raises:
        UnknownNameError: It is none of them.
    """
    if name not in SPLITS:
        raise UnknownNameError(
            f"no split is called {name!r}",
            expected=", ".join(SPLITS),
            where="--split",
            hint="foedus score disputes --split choice",
        )
    return SPLITS[name]


def score(
    tasks: Iterable[str] = (),
    record: "Record | None" = None,
    *,
    split: str = "both",
    store: bool = False,
    options: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, tuple[list[Scorecard], dict[str, Any]]]:
    """Score tasks anew: every forecaster refitted on what lay before each target.

    Gives scorecards and fingerprint by task, as `stored` does; without `store` the count of looks
    in the fingerprint is what it would be had this one been stored.

    Args:
        tasks: Tasks; all by default.
        record: The record; the one that is open by default.
        split: `choice`, `test` or `both`.
        store: Write the cards that ship, and count a look at the test set. Only for `both`.
        options: For `disputes` alone: `population`, `target` and `source`, to score only such
            questions. Stored cards of other questions stay as they are.
        progress: Called with what is being done.

    Raises:
        UnknownNameError: There is no such task or split.
        BadInputError: One split alone was to be stored, a task has no such option, or cards that
            were to stay were earned on another record.
    """
    from foedus.record.store import open_record

    chosen = checked(tasks)
    parts = splits(split)
    if store and split != "both":
        raise BadInputError(
            f"the split {split!r} alone was to be stored",
            expected="both, so that choice and test stay one run",
            where="--store",
            hint="leave out --split or --store",
        )
    source = record if record is not None else open_record()
    asked = dict(options or {})
    _check_options(chosen, asked)
    found = {}
    for name in chosen:
        module = _module(name)
        given = _fingerprint(source, module)
        kept = _kept(name, source) if store and asked else []
        cards: list[Scorecard] = []
        for part in parts:
            progress(f"{name}: {part}")
            cards += _call(module.scorecards, progress, source, part, **asked)
        cards = with_choice(cards)
        if store:
            store_scorecards(name, joined(kept, cards), given)
            found[name] = stored([name], options=asked)[name]
        else:
            found[name] = _as_if_stored(name, cards, given)
    return found


def _kept(name: str, record: "Record") -> list[Scorecard]:
    """Give the stored cards of a task, whose tables must be those of the record in use."""
    try:
        cards, before = read_scorecards(name)
    except FileNotFoundError:
        return []
    if not _earned_on(record, before):
        raise BadInputError(
            f"the stored scores of {name} were earned on another record",
            expected="the same record for all questions of one file",
            where="--store",
            hint=f"foedus score {name} --again --store scores them all",
        )
    return cards


def joined(kept: Iterable[Scorecard], new: Iterable[Scorecard]) -> list[Scorecard]:
    """Put new cards in the place of stored ones of their question and split; others stay.

    A question that was not stored follows the stored ones, its choice card before its test card.
    """
    fresh = {(card.question, card.split): card for card in new}
    found = [fresh.pop((card.question, card.split), card) for card in kept]
    return found + list(fresh.values())


def _as_if_stored(
    name: str, cards: list[Scorecard], given: dict[str, Any]
) -> tuple[list[Scorecard], dict[str, Any]]:
    """Count the looks as they would stand had these cards been stored."""
    try:
        before, old = read_scorecards(name)
        looks = int(old["test_evaluations"])
    except FileNotFoundError:
        before, looks = [], 0
    seen = {card.question: card.looks for card in before if card.split == "test"}
    counted = [
        replace(card, looks=seen.get(card.question, 0) + 1) if card.split == "test" else card
        for card in cards
    ]
    return counted, given | {"test_evaluations": looks + any(c.looks for c in counted)}


def with_choice(cards: Iterable[Scorecard]) -> list[Scorecard]:
    """Let a test card that names no forecaster take the one chosen on the same question."""
    held = list(cards)
    chosen = {card.question: card.chosen for card in held if card.split == "choice"}
    return [
        replace(card, chosen=card.chosen or chosen.get(card.question, ""))
        if card.split == "test"
        else card
        for card in held
    ]


def export(
    task: str,
    record: "Record | None" = None,
    *,
    options: Mapping[str, str] | None = None,
    progress: Progress = lambda _: None,
) -> "pl.DataFrame":
    """Give a task's prediction file on its test set, by the forecaster chosen before.

    Args:
        task: The task.
        record: The record; the one that is open by default.
        options: What the task lets one ask, such as `population`, `target` and `source`.
        progress: Called with what is being done.

    Raises:
        UnknownNameError: There is no such task.
        BadInputError: The task knows no such option, or the file would not cover the task.
    """
    from foedus.record.store import open_record

    (name,) = checked([task])
    source = record if record is not None else open_record()
    module = _module(name)
    if not hasattr(module, "export"):
        raise BadInputError(
            f"{name} has no prediction file",
            expected=", ".join(task for task in TASKS if task != name),
            where="foedus score export",
            hint="foedus forecast CASE --output ensemble.nc saves the ensemble itself",
        )
    taken = [key for key in inspect.signature(module.export).parameters if key != "record"]
    asked = options or {}
    unknown = [key for key in asked if key not in taken]
    if unknown:
        allowed = [f"--{key}" for key in taken if key != "progress"]
        raise BadInputError(
            f"{name} has no option --{', --'.join(unknown)}",
            expected=", ".join(allowed) or "no options besides --output",
            where="foedus score export",
            hint=f"foedus score export {name} --output {name}.csv",
        )
    frame = _call(module.export, progress, source, **asked)
    return whole(name, frame)


def whole(task: str, frame: "pl.DataFrame") -> "pl.DataFrame":
    """Refuse a prediction file in which too many forecasts are missing.

    Raises:
        BadInputError: Fewer than 99.9 % of its rows are complete.
    """
    complete = frame.drop_nulls()
    numbers = [c for c, kind in frame.schema.items() if kind.is_float()]
    for column in numbers:
        complete = complete.filter(complete[column].is_finite())
    if not frame.height or complete.height < LEAST_SHARE * frame.height:
        raise BadInputError(
            f"{complete.height} of {frame.height} forecasts of {task} are complete",
            expected="at least 99.9 %",
            where="the prediction file",
            hint="foedus record verify",
        )
    return complete


def other_record(fingerprint: dict[str, Any]) -> bool:
    """Say whether the record in use differs from the one stored scorecards were earned on."""
    from foedus.record.store import open_record

    return not _earned_on(open_record(), fingerprint)


def _earned_on(record: "Record", fingerprint: dict[str, Any]) -> bool:
    """Say whether the tables scorecards were earned on are those of a record."""
    tables = fingerprint["tables"]
    return all(t in record.names() for t in tables) and (
        record.digest(tables) == fingerprint["record"]
    )


def as_data(cards: Iterable[Scorecard]) -> list[dict[str, Any]]:
    """Give scorecards as plain data."""
    return [asdict(card) for card in cards]


def _module(name: str) -> ModuleType:
    return import_module(f"foedus.study.score_parts.{name}")


def _call(function: Callable[..., Any], progress: Progress, *given: Any, **options: Any) -> Any:
    if "progress" in inspect.signature(function).parameters:
        options["progress"] = progress
    return function(*given, **options)


def _fingerprint(record: "Record", module: ModuleType) -> dict[str, Any]:
    import foedus
    from foedus.score.scorecard import BOOTSTRAP_SEED
    from foedus.study.score_parts.rolling import SEED

    tables = list(getattr(module, "TABLES", record.names()))
    return {
        "record": record.digest(tables),
        "tables": tables,
        "version": foedus.__version__,
        "seed": SEED,
        "bootstrap_seed": BOOTSTRAP_SEED,
    }
