"""Train the network that codes sentences, whole and on each four fifths of the sentences.

Run as `python -m foedus.study.train_coder RAW WEIGHTS`, with the folder of raw tables and that of
the published encoder all-MiniLM-L6-v2 (`model.safetensors`, `tokenizer.json`). What was
trained is kept in `build/coder`, so that a run that was cut goes on.
"""

import pickle
import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from foedus.compute.keys import named_generator
from foedus.read.coder import ROOTS
from foedus.read.sentence_network import LONGEST
from foedus.study.coder_network import Example, published, save, train

SEED = 20240412
FOLDS = 5
PASSES = 7
ALIKE = 0.45
WRITTEN = 6000
EACH = 4
NEWER = {"CONCEDE": "YIELD", "RETREAT": "YIELD"}
_MARK = re.compile(r"(</?[st]>)")


@dataclass(frozen=True)
class Coded:
    """A sentence coded by hand.

    Args:
        sentence_id: Its number in the set.
        text: The sentence.
        source: First and last character of the source, where marked.
        target: The same of the target.
        root: PLOVER root.
    """

    sentence_id: int
    text: str
    source: tuple[int, int] | None
    target: tuple[int, int] | None
    root: str


def coded_sentences(raw: Path) -> list[Coded]:
    """Read the sentences coded by hand, actors marked."""
    names = ("zsp_plover_plv_train", "zsp_plover_plv_train_dev")
    tables = [pl.read_parquet(raw / "text" / f"{name}.parquet") for name in names]
    rows = pl.concat(tables, how="diagonal_relaxed").select(
        "sentence_id", "marked_sentence", "gold_root"
    )
    found = []
    for number, marked, root in rows.iter_rows():
        text, open_at, spans = "", {}, {}
        for part in _MARK.split(marked):
            if part in ("<s>", "<t>"):
                open_at[part[1]] = len(text)
            elif part in ("</s>", "</t>"):
                spans.setdefault(part[2], (open_at[part[2]], len(text)))
            else:
                text += part
        found.append(Coded(int(number), text, spans.get("s"), spans.get("t"), root))
    return found


def folds(sentences: list[str]) -> np.ndarray:
    """Part sentences in fifths, those that share most of their words always together."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True).fit_transform(sentences)
    alike = (words @ words.T).toarray() > ALIKE
    count, group = connected_components(alike)
    order = named_generator(SEED, "folds").permutation(np.arange(count) % FOLDS)
    return order[group]


def without_events() -> list[str]:
    """Give sentences written for training that report no event."""
    folder = resources.files("foedus.study").joinpath("coder_labels")
    return folder.joinpath("without_events.txt").read_text("utf-8").splitlines()


def in_other_orders() -> list[Coded]:
    """Give sentences written for training in orders of words the coded ones lack."""
    folder = resources.files("foedus.study").joinpath("coder_labels")
    given = tomllib.loads(folder.joinpath("orders.toml").read_text("utf-8"))
    draw = named_generator(SEED, "orders")
    found = []
    for root, templates in given["templates"].items():
        for template in templates:
            for _ in range(EACH):
                one, two = draw.choice(given["countries"], 2, replace=False)
                text, spans = "", {}
                for part in re.split(r"([{][AB][}])", template):
                    if part in ("{A}", "{B}"):
                        name = str(one if part == "{A}" else two)
                        spans[part] = (len(text), len(text) + len(name))
                        part = name
                    text += part
                found.append(
                    Coded(-1, text[0].upper() + text[1:], spans["{A}"], spans["{B}"], root)
                )
    return found


def _written(raw: Path) -> list[tuple[str, str]]:
    """Give titles and first sentences of the stories that were written for training."""
    rows = pl.read_parquet(raw / "text" / "ngec_synthetic_event_stories.parquet")
    found = []
    for prompt, text, label in rows.select("prompt", "text", "label").iter_rows():
        root = NEWER.get(label, label)
        found.append((prompt.split("\n")[0], root))
        found.append((re.split(r"(?<=[.!?])\s", text.strip())[0][:400], root))
    order = named_generator(SEED, "written").permutation(len(found))
    return [found[i] for i in order[:WRITTEN]]


def _examples(tokens: Any, coded: list[Coded]) -> list[Example]:
    found = []
    for item in coded:
        pieces = tokens.encode(item.text)
        tags = np.zeros(len(pieces.ids), np.int32)
        for i, (start, end) in enumerate(pieces.offsets):
            for kind, span in ((1, item.source), (2, item.target)):
                if span is not None and start < end and span[0] <= start and end <= span[1]:
                    tags[i] = kind
        root = ROOTS.index(item.root) if item.root else -1
        tagged = item.source is not None or not item.root
        found.append(Example(np.array(pieces.ids), tags, root, tagged))
    return found


def train_coder(raw: Path, weights: Path, folder: Path = Path("build/coder")) -> None:
    """Train the network of each fold and the one that ships.

    Args:
        raw: Folder of raw tables.
        weights: Folder of the published encoder.
        folder: Where the networks of the folds are kept.
    """
    from tokenizers import Tokenizer

    folder.mkdir(parents=True, exist_ok=True)
    network = Path(str(resources.files("foedus.read").joinpath("network")))
    tokens = Tokenizer.from_file(str(weights / "tokenizer.json"))
    tokens.no_padding()
    tokens.enable_truncation(LONGEST)
    coded = coded_sentences(raw)
    ordered = in_other_orders()
    none = [Coded(-1, text, None, None, "") for text in without_events()]
    parts = folds([item.text for item in coded])
    turns = np.arange(len(none)) % FOLDS
    start_file = folder / "start.pickle"
    if start_file.is_file():
        start = pickle.loads(start_file.read_bytes())
    else:
        written = [Coded(-1, text, None, None, root) for text, root in _written(raw)]
        start = train(
            published(weights / "model.safetensors", LONGEST, SEED),
            _examples(tokens, written),
            epochs=1,
            size=16,
            seed=SEED,
            evenness=0.5,
            encoder_rate=5e-5,
            progress=_say("written stories"),
        )
        start_file.write_bytes(pickle.dumps(start))
    for part in (*range(FOLDS), None):
        path = folder / f"fold{part}.onnx" if part is not None else folder / "coder.onnx"
        if path.is_file():
            continue
        chosen = [item for item, fold in zip(coded, parts, strict=True) if fold != part]
        chosen += [item for item, turn in zip(none, turns, strict=True) if turn != part]
        chosen += ordered
        trained = train(
            start,
            _examples(tokens, chosen),
            epochs=PASSES,
            size=16,
            seed=SEED + (part if part is not None else FOLDS),
            evenness=0.4,
            progress=_say(path.stem),
        )
        save(trained, path)
    network.mkdir(exist_ok=True)
    shutil.copyfile(folder / "coder.onnx", network / "coder.onnx")
    shutil.copyfile(weights / "tokenizer.json", network / "tokenizer.json")


def _say(what: str) -> Any:
    return lambda text: print(f"{what}: {text}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    train_coder(Path(sys.argv[1]), Path(sys.argv[2]))
