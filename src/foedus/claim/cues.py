"""Words by which a text speaks of a proposition: they make up for a network that is half sure."""

import re
import tomllib
from collections.abc import Collection
from functools import cache
from importlib import resources

from foedus.claim.proposition import Proposition
from foedus.read.actors import Mention

_BOTH = re.compile(
    r"\b(?:both (?:countries|nations|sides|states|governments)|the two (?:countries|nations|allies|"
    r"sides|states)|their (?:alliance|partnership|relationship|ties)|this (?:alliance|partnership|"
    r"relationship))\b",
    re.I,
)


def worded(
    item: Proposition, text: str, mentions: Collection[Mention], allies: Collection[str], rival: str
) -> bool:
    """Say whether a sentence holds the words of a proposition.

    A cue is a list of which the sentence must meet every part: a theme of `themes.toml`, a pattern
    of its own, or who is named: `partners` (both allies, or words for them), `rival`, or
    `names:CODE`.

    Args:
        item: The proposition.
        text: The sentence.
        mentions: Names in it.
        allies: ISO3 codes of the allies the text is about.
        rival: ISO3 code of the rival.
    """
    codes = {mention.code for mention in mentions}

    def met(part: str) -> bool:
        if part == "rival":
            return bool(rival) and rival in codes
        if part == "partners":
            return len(allies) == 2 and (codes >= set(allies) or bool(_BOTH.search(text)))
        if part.startswith("names:"):
            return part.removeprefix("names:") in codes
        return bool(_pattern(part).search(text))

    if any(met(part) for part in item.without):
        return False
    return any(all(met(part) for part in cue) for cue in item.cues)


@cache
def _themes() -> dict[str, list[str]]:
    text = resources.files("foedus.claim").joinpath("themes.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def _pattern(part: str) -> re.Pattern[str]:
    words = _themes().get(part, [part])
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.NOFLAG if part == "AI" else re.I)
