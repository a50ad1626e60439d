"""`foedus brief`."""


def brief() -> None:
    """Replace me."""
