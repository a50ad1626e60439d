"""Every error the program raises on purpose, each with the same four parts."""


class FoedusError(Exception):
    """A failure said plainly: what was given, what was expected, where, and what to try.

    Args:
        given: What the user or the file supplied.
        expected: What would have been accepted; list the choices where they are few.
        where: File, table, row or option the value came from.
        hint: What to try next.
    """

    exit_code = 2

    def __init__(self, given: str, *, expected: str, where: str, hint: str) -> None:
        self.given = given
        self.expected = expected
        self.where = where
        self.hint = hint
        super().__init__(f"{given}. Expected: {expected}. Where: {where}. Try: {hint}.")

    def as_dict(self) -> dict[str, str]:
        """Give the four parts and the kind of error, for `--json`."""
        return {
            "error": type(self).__name__,
            "given": self.given,
            "expected": self.expected,
            "where": self.where,
            "try": self.hint,
        }


class UnknownCountryError(FoedusError, KeyError):
    """A name or code that belongs to no country."""

    __str__ = Exception.__str__


class AmbiguousCountryError(FoedusError, KeyError):
    """A name that could mean several countries, such as Korea."""

    __str__ = Exception.__str__


class UnknownNameError(FoedusError, KeyError):
    """A table, column, measure, case or option nobody has defined."""

    __str__ = Exception.__str__


class OutsideCoverageError(FoedusError, ValueError):
    """A question about a period or a country the source does not cover."""


class BadInputError(FoedusError, ValueError):
    """Something in a user's file or option that cannot be read as meant."""


class BadTableError(FoedusError, ValueError):
    """A table whose rows break its schema: types, keys, ranges or missing columns."""


class HindsightError(FoedusError, ValueError):
    """Later knowledge asked for under a rule that forbids it."""


class DamagedRecordError(FoedusError, OSError):
    """A file of the record that is absent, truncated or not what its digest says."""


class CannotWriteError(FoedusError, OSError):
    """An output that could not be written whole; nothing is left half-written."""
