"""Read a TOML file into a checked object, with errors that name file, line and field."""

import re
import tomllib
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from foedus.world.errors import BadInputError

MOST_CHARACTERS = 1_000_000
MOST_OTHERS = 5
_TABLE = re.compile(r"^\s*\[\[?\s*([\w.-]+)\s*\]\]?")


class Written(BaseModel):
    """Something a person writes in a file: unknown fields are refused, nothing is changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=Written)


def read_written(model: type[Model], text: str, where: str, *, hint: str, **fixed: object) -> Model:
    """Read a file's text.

    Args:
        model: What the file describes.
        text: Text of the file.
        where: File, for the error.
        hint: What to try, for the error.
        fixed: Fields that do not come from the file.

    Raises:
        BadInputError: The text is not TOML, or a field is missing, unknown or out of range. The
            error gives the line.
    """
    if len(text) > MOST_CHARACTERS:
        raise BadInputError(
            f"the file has {len(text):,} characters",
            expected=f"at most {MOST_CHARACTERS:,}",
            where=where,
            hint=hint,
        )
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInputError(
            f"this is not TOML: {error}",
            expected="a TOML file",
            where=f"{where}{_line_told(str(error))}",
            hint='strings stand in quotes, dates as in_force = "2025-03", tables in brackets',
        ) from None
    try:
        return model.model_validate({**given, **fixed})
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        path = tuple(first["loc"])
        more = [f"line {line_of(text, loc)}: {_place(loc)}" for loc in _places(others)]
        also = f" (also {'; '.join(more[:MOST_OTHERS])})" if more else ""
        raise BadInputError(
            f"{_place(path)}{_shown(first)}{also}",
            expected=_expected(first, model),
            where=f"{where}, line {line_of(text, path)}",
            hint=hint,
        ) from None


def _line_told(message: str) -> str:
    """Take the line out of what the TOML reader says."""
    found = re.search(r"at line (\d+)", message)
    return f", line {found[1]}" if found else ""


def _places(errors: list[ErrorDetails]) -> list[tuple[int | str, ...]]:
    return [tuple(one["loc"]) for one in errors]


def _place(path: tuple[int | str, ...]) -> str:
    """Name a field as a reader counts: the first step is step 1."""
    parts = [f" {part + 1}" if isinstance(part, int) else f".{part}" for part in path]
    return "".join(parts).removeprefix(".") or "the file"


def _shown(error) -> str:
    """Show what was given, a table by its plain fields."""
    value = error.get("input")
    if error["type"] == "missing":
        return ""
    if isinstance(value, dict):
        plain = [f"{k} = {v!r}" for k, v in value.items() if isinstance(v, str | int | float)]
        return f" ({', '.join(plain)})"[:120]
    return f" = {value!r}"[:80]


def _expected(error, model: type[Written]) -> str:
    if error["type"] == "extra_forbidden":
        return f"only fields that exist: {', '.join(_names(model, error['loc'][:-1]))}"
    if error["type"] == "missing":
        return "this field, which is missing"
    return error["msg"].removeprefix("Value error, ")


def _names(model: type[BaseModel], path) -> list[str]:
    """Name the fields of the part of a model that a path leads to, as a file spells them."""
    here: type[BaseModel] = model
    for part in path:
        for name, field in here.model_fields.items():
            if part in (name, field.alias):
                inner = [field.annotation, *getattr(field.annotation, "__args__", ())]
                models = [one for one in inner if isinstance(one, type) and _is_model(one)]
                here = models[0] if models else here
    return sorted(field.alias or name for name, field in here.model_fields.items())


def _is_model(kind: type) -> bool:
    return not hasattr(kind, "__origin__") and issubclass(kind, BaseModel)


def line_of(text: str, path: tuple[int | str, ...]) -> int:
    """Find the line of a field: the n-th table of an array, then its key; else the last above."""
    wanted = [part for part in path if isinstance(part, str)]
    number = next((part for part in path if isinstance(part, int)), None)
    found, seen, inside = 1, -1, number is None
    for line, content in enumerate(text.splitlines(), start=1):
        table = _TABLE.match(content)
        if table:
            if number is not None and table[1] == wanted[0]:
                seen += 1
                inside = seen == number
                found = line if inside else found
            elif number is None and table[1] == ".".join(wanted[: table[1].count(".") + 1]):
                found = line
        elif inside and wanted and re.match(rf"\s*{re.escape(wanted[-1])}\s*=", content):
            return line
    return found
