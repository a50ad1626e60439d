"""The network that finds propositions in sentences: its heads, its loss, its training, its file.

From the first piece and the mean of a sentence, one head gives for every proposition the chance
that it is spoken of, one the chance that it is then denied, and one the sort of sentence.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from foedus.claim.finder import SORTS
from foedus.compute.keys import named_generator
from foedus.study import encoder
from foedus.study.encoder import (
    Drop,
    Graph,
    Weights,
    descend,
    dropping,
    encode,
    of_like_length,
    padded,
)

SORT_WEIGHT = 0.5


@dataclass(frozen=True)
class Lesson:
    """One sentence to learn from.

    Args:
        tokens: Word pieces.
        stated: Numbers of the propositions stated or denied.
        denied: Numbers of those denied.
        sort: Number of the sort; minus one where it is not told.
    """

    tokens: np.ndarray
    stated: tuple[int, ...]
    denied: tuple[int, ...]
    sort: int


def published(file: Path, longest: int, propositions: int, seed: int) -> Weights:
    """Read the published weights of the encoder and add fresh heads.

    Args:
        file: `model.safetensors`.
        longest: Word pieces of the longest sentence.
        propositions: How many propositions there are.
        seed: Seed of the heads.
    """
    start = encoder.published(file, longest)
    width = start["words"].shape[1]
    draw = named_generator(seed, "finder heads")
    sizes = {"stated": propositions, "denied": propositions, "sort": len(SORTS)}
    heads = {"join": (0.02 * draw.normal(size=(2 * width, width))).astype(np.float32),
             "join_bias": np.zeros(width, np.float32)}  # fmt: skip
    for name, size in sizes.items():
        heads[name] = (0.02 * draw.normal(size=(width, size))).astype(np.float32)
        heads[f"{name}_bias"] = np.zeros(size, np.float32)
    heads["stated_bias"] -= 4.0
    heads["denied_bias"] -= 1.0
    return {"encoder": start, "heads": heads}


def judge(heads: Weights, states: Any, mask: Any, drop: Drop) -> tuple[Any, Any, Any]:
    """Give the log odds of being stated, of being denied if so, and of every sort."""
    held = mask[..., None]
    mean = (states * held).sum(1) / held.sum(1)
    joined = drop(jnp.concatenate([states[:, 0], mean], 1), 90)
    hidden = drop(jnp.tanh(joined @ heads["join"] + heads["join_bias"]), 91)
    stated, denied, sort = (
        hidden @ heads[name] + heads[f"{name}_bias"] for name in ("stated", "denied", "sort")
    )
    return stated, denied, sort


def loss(weights: Weights, batch: Any, key: Any) -> Any:
    """Give the mean loss of a batch."""
    tokens, mask, stated, denied, sort = batch
    drop = dropping(key)
    states = encode(weights["encoder"], tokens, mask, drop)
    said, against, kind = judge(weights["heads"], states, mask, drop)

    def missed(odds: Any, true: Any) -> Any:
        return jnp.maximum(odds, 0) - odds * true + jnp.log1p(jnp.exp(-jnp.abs(odds)))

    told = jnp.take_along_axis(jax.nn.log_softmax(kind), jnp.maximum(sort, 0)[:, None], 1)[:, 0]
    whole = missed(said, stated).sum(1) + (missed(against, denied) * stated).sum(1)
    return (whole - SORT_WEIGHT * jnp.where(sort >= 0, told, 0.0)).mean()


def batched(lessons: Sequence[Lesson], propositions: int) -> tuple[np.ndarray, ...]:
    """Pad lessons to one length."""
    tokens, mask = padded([lesson.tokens for lesson in lessons])
    stated = np.zeros((len(lessons), propositions), np.float32)
    denied = np.zeros_like(stated)
    for row, lesson in enumerate(lessons):
        stated[row, list(lesson.stated)] = 1
        denied[row, list(lesson.denied)] = 1
    sort = np.array([lesson.sort for lesson in lessons], np.int32)
    return tokens, mask, stated, denied, sort


def train(
    weights: Weights,
    lessons: Callable[[np.random.Generator], Sequence[Lesson]],
    *,
    epochs: int,
    size: int,
    seed: int,
    encoder_rate: float,
    progress: Callable[[str], None] = lambda _: None,
) -> Weights:
    """Train on sentences.

    Args:
        weights: Where to start.
        lessons: Gives the lessons of one pass, always as many.
        epochs: Passes.
        size: Sentences a step.
        seed: Seed.
        encoder_rate: Highest rate of the encoder.
        progress: Called after every pass.
    """
    propositions = len(weights["heads"]["stated_bias"])
    count = len(lessons(named_generator(seed, "count")))

    def batches(draw: np.random.Generator) -> Iterator[Any]:
        chosen = lessons(draw)
        for rows in of_like_length([len(item.tokens) for item in chosen], size, draw):
            yield batched([chosen[i] for i in rows], propositions)

    return descend(
        weights,
        loss,
        batches,
        epochs=epochs,
        steps=epochs * -(-count // size),
        seed=seed,
        encoder_rate=encoder_rate,
        fixed=("words",),
        progress=progress,
    )


def save(weights: Weights, path: Path) -> None:
    """Write the network as an ONNX file in whole-number arithmetic."""
    graph, heads = Graph(), weights["heads"]
    x = graph.encoder(weights["encoder"])
    held = graph.op("Unsqueeze", "mask", graph.ints(2))
    mean = graph.op("Div", graph.total(graph.op("Mul", x, held)), graph.total(held))
    first = graph.op("Gather", x, graph.const(np.int64(0)), axis=1)
    joined = graph.op("Concat", first, mean, axis=1)
    hidden = graph.op("Tanh", graph.linear(joined, heads["join"], heads["join_bias"]))
    for name, kind in (("stated", "Sigmoid"), ("denied", "Sigmoid"), ("sort", "Softmax")):
        odds = graph.linear(hidden, heads[name], heads[f"{name}_bias"])
        output = "sorts" if name == "sort" else name
        graph.output(output, graph.op(kind, odds), "n", len(heads[f"{name}_bias"]))
    graph.write(path)
