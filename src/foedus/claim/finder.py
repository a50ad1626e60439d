"""The network that tells which propositions a sentence states or denies, and of what sort it is.

It has the form of the event coder's network and was trained on sentences written for the purpose.
How, and how well it does on essays it has not seen, is in the documentation.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal, get_args

from foedus.read.sentence_network import Network

Sort = Literal["causal", "association", "trend", "description", "forecast", "normative",
               "unfalsifiable", "announcement", "other"]  # fmt: skip
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True)
class Heard:
    """What the network hears in one sentence.

    Args:
        stated: Chance of each proposition to be stated or denied.
        denied: Chance of each to be denied, if it is spoken of.
        sort: Likeliest sort of sentence.
    """

    stated: dict[str, float]
    denied: dict[str, float]
    sort: Sort


class Finder:
    """The trained network.

    Args:
        folder: Folder of `finder.onnx` and `finder.json`; the one that ships by default.

    Its `least` is the chance from which a proposition counts, `least_worded` that from which it
    counts if the sentence holds words for it.
    """

    def __init__(self, folder: Path | None = None) -> None:
        place = folder or resources.files("foedus.claim").joinpath("network")
        self._network = Network(place.joinpath("finder.onnx").read_bytes())
        told = json.loads(place.joinpath("finder.json").read_text("utf-8"))
        self.propositions: tuple[str, ...] = tuple(told["propositions"])
        self.least: float = told["least"]
        self.least_worded: float = told["least_worded"]

    def hear(self, sentences: Sequence[str]) -> list[Heard]:
        """Listen to sentences, one by one in order."""
        heard = []
        for _, (stated, denied, sorts) in self._network.run(
            sentences, ["stated", "denied", "sorts"]
        ):
            heard.append(
                Heard(
                    dict(zip(self.propositions, map(float, stated), strict=True)),
                    dict(zip(self.propositions, map(float, denied), strict=True)),
                    SORTS[int(sorts.argmax())],
                )
            )
        return heard
