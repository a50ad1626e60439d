"""The questions of task one in words: how a card names one, and which cards a choice asks for."""

from collections.abc import Mapping

from foedus.world.errors import UnknownNameError

SOURCES = {"gml": "GML", "cow": "COW MID 5"}
POPULATIONS = {"relevant": "politically relevant pairs", "all": "all pairs"}
TARGETS = {
    "onset": "any onset next year",
    "hostile": "an onset that reaches use of force, next year",
    "fatal": "an onset with deaths, next year",
}
CHOICES = {"source": SOURCES, "population": POPULATIONS, "target": TARGETS}
QUIET = " quiet for ten years"


def in_words(source: str, population: str, target: str, *, quiet: bool = False) -> str:
    """Name a question as its scorecard does."""
    still = QUIET if quiet else ""
    return f"{SOURCES[source]}, {POPULATIONS[population]}{still}: {TARGETS[target]}"


def check_choices(options: Mapping[str, str]) -> None:
    """Refuse a word that is not a choice of its option.

    Raises:
        UnknownNameError: One of them is not.
    """
    for name, given in options.items():
        if given not in CHOICES[name]:
            raise UnknownNameError(
                f"{given!r} is not a choice of --{name}",
                expected=", ".join(CHOICES[name]),
                where=f"--{name}",
                hint="--source gml --population relevant --target onset",
            )


def matches(question: str, options: Mapping[str, str]) -> bool:
    """Say whether a card's question is among those chosen; an option left out chooses all.

    The check of the level against crises answers to no choice.
    """
    asked = {
        name: (options[name],) if name in options else tuple(CHOICES[name]) for name in CHOICES
    }
    return not options or any(
        question == in_words(source, population, target, quiet=quiet)
        for source in asked["source"]
        for population in asked["population"]
        for target in asked["target"]
        for quiet in (False, True)
    )
