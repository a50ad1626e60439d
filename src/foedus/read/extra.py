"""The libraries that only the extra `text` installs, and what to say where they are absent."""

from foedus.world.errors import BadInputError


def without_extra(error: ImportError) -> BadInputError:
    """Say that the libraries for reading text are not installed."""
    return BadInputError(
        f"the libraries for reading text are not installed ({error.name})",
        expected="foedus with its extra `text`",
        where="this installation of foedus",
        hint='pip install "foedus[text]"',
    )
