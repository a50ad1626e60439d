"""In which language a text is, as far as needed to refuse what the coder was not built for."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

LOOKED_AT = 4000
FEWEST_LETTERS = 12
ENGLISH_SHARE = 0.18
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Language:
    """Language of a text.

    Args:
        code: ISO 639-1 code, or `und` where there is too little text.
        english: Whether it is read as English.
    """

    code: str
    english: bool


def language(text: str) -> Language:
    """Tell the language of a text from its first few thousand characters.

    Other scripts are told by their letters, other languages of the Latin script by a classifier;
    a text in which a usual share of the words that are no names are English function words is
    English.
    """
    start = text[:LOOKED_AT]
    letters = [c for c in start if c.isalpha()]
    if len(letters) < FEWEST_LETTERS:
        latin = all(ord(c) < 0x250 for c in letters)
        return Language("und", english=bool(letters) and latin)
    other = [c for c in letters if ord(c) >= 0x250]
    if len(other) > 0.3 * len(letters):
        return Language(_identifier().classify(start)[0], english=False)
    words = [w for w in _WORD.findall(start) if w[0].islower()]
    if sum(w in words_of("function") for w in words) >= ENGLISH_SHARE * max(len(words), 1):
        return Language("en", english=True)
    code = _identifier().classify(start)[0]
    return Language(code, english=code == "en")


@cache
def words_of(kind: str) -> frozenset[str]:
    """Give a list of words kept with the lexicon."""
    text = resources.files("foedus.read").joinpath("lexicon/words.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[kind].split())


@cache
def _identifier() -> Any:
    import py3langid

    py3langid.set_languages(sorted(words_of("languages")))
    return py3langid
