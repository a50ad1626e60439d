"""`foedus panel`."""


def panel() -> None:
    """Replace me."""
