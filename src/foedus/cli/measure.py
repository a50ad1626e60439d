"""`foedus measure`."""


def measure() -> None:
    """Replace me."""
