"""In which language a text is, as far as needed to refuse what the coder was not built for."""

import json
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from foedus.read.extra import without_extra

LOOKED_AT = 4000
FEWEST_LETTERS = 12
ENGLISH_SHARE = 0.18
KNOWN_SHARE = 0.6
_WORD = re.compile(r"[^\W\d_]+")
_ENDING = re.compile(r"(?:ed|ing|s|es|ly)$")


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

    Other scripts are told by their letters, other languages of the Latin script by a classifier.
    A text in which a usual share of the words that are no names are English function words is
    English, and so is a headline without any if its words are English ones.
    """
    start = text[:LOOKED_AT]
    letters = [c for c in start if c.isalpha()]
    if len(letters) < FEWEST_LETTERS:
        latin = all(ord(c) < 0x250 for c in letters)
        return Language("und", english=bool(letters) and latin)
    other = [c for c in letters if ord(c) >= 0x250]
    if len(other) > 0.3 * len(letters):
        return Language(_identifier().classify(start)[0], english=False)
    words = _WORD.findall(start)
    plain = [w for w in words if w[0].islower()]
    told = [w for w in plain if w in words_of("function")]
    enough = len(told) >= ENGLISH_SHARE * max(len(plain), 1)
    if (enough and not set(told) <= words_of("shared")) or _english_words(words):
        return Language("en", english=True)
    code = _identifier().classify(start)[0]
    return Language(code, english=code == "en")


def _english_words(words: list[str]) -> bool:
    """Tell whether most words are English, and none is a function word of another language.

    Words that begin small tell it; where there are none, as in a headline in capitals, all do.
    """
    plain = [w for w in words if w[0].islower()]
    if any(w in words_of("foreign") for w in plain or map(str.lower, words)):
        return False
    asked = [w for w in plain if len(w) > 2] or [w.lower() for w in words if len(w) > 2]
    return bool(asked) and sum(map(_known, asked)) >= KNOWN_SHARE * len(asked)


def _known(word: str) -> bool:
    """Tell whether a word, or what it is formed from, is in the vocabulary."""
    stem = _ENDING.sub("", word)
    return word in _vocabulary() or (
        len(stem) > 3 and (stem in _vocabulary() or stem + "e" in _vocabulary())
    )


@cache
def _vocabulary() -> frozenset[str]:
    """Give the words the network knows whole, and verbs of news beside them."""
    text = resources.files("foedus.read").joinpath("network/tokenizer.json").read_text("utf-8")
    return frozenset(json.loads(text)["model"]["vocab"]) | words_of("news")


@cache
def words_of(kind: str) -> frozenset[str]:
    """Give a list of words kept with the lexicon."""
    text = resources.files("foedus.read").joinpath("lexicon/words.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[kind].split())


@cache
def _identifier() -> Any:
    try:
        import py3langid
    except ImportError as error:
        raise without_extra(error) from error
    py3langid.set_languages(sorted(words_of("languages")))
    return py3langid
