"""The encoder that codes sentences: its forward pass, its loss, its training, its file.

A transformer encoder of the BERT family starts from published weights. Two heads are trained on
it: each word piece is source, target or neither; the sentence is one of the roots, from its first
piece, its mean and the means over source and target.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from foedus.compute.keys import named_generator, named_key
from foedus.read.coder import ROOTS

HEADS = 12
FLOOR = 1e-12
DROPPED = 0.1
ENCODER_RATE = 1e-4
HEAD_RATE = 1e-3
DECAY = 0.01
TAG_WEIGHT = 2.0
Weights = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """One sentence to learn from.

    Args:
        tokens: Word pieces.
        tags: 1 for a piece of the source, 2 of the target, else 0.
        root: Index of the root; minus one where the sentence has no event.
        tagged: Whether the tags are known.
    """

    tokens: np.ndarray
    tags: np.ndarray
    root: int
    tagged: bool


def published(file: Path, longest: int, seed: int) -> Weights:
    """Read the published weights and add fresh heads.

    Args:
        file: `model.safetensors` of an encoder with six layers of width 384.
        longest: Word pieces of the longest sentence.
        seed: Seed of the heads.
    """
    from safetensors.numpy import load_file

    raw = load_file(str(file))
    layers = []
    count = 1 + max(int(name.split(".")[2]) for name in raw if name.startswith("encoder.layer."))
    for i in range(count):
        at = f"encoder.layer.{i}."
        own = [raw[f"{at}attention.self.{part}.weight"].T for part in ("query", "key", "value")]
        bias = [raw[f"{at}attention.self.{part}.bias"] for part in ("query", "key", "value")]
        layers.append(
            {
                "attend": np.concatenate(own, 1),
                "attend_bias": np.concatenate(bias),
                "mix": raw[f"{at}attention.output.dense.weight"].T,
                "mix_bias": raw[f"{at}attention.output.dense.bias"],
                "norm_1": raw[f"{at}attention.output.LayerNorm.weight"],
                "norm_1_bias": raw[f"{at}attention.output.LayerNorm.bias"],
                "wide": raw[f"{at}intermediate.dense.weight"].T,
                "wide_bias": raw[f"{at}intermediate.dense.bias"],
                "narrow": raw[f"{at}output.dense.weight"].T,
                "narrow_bias": raw[f"{at}output.dense.bias"],
                "norm_2": raw[f"{at}output.LayerNorm.weight"],
                "norm_2_bias": raw[f"{at}output.LayerNorm.bias"],
            }
        )
    words = raw["embeddings.word_embeddings.weight"]
    width = words.shape[1]
    places = raw["embeddings.position_embeddings.weight"][:longest]
    draw = named_generator(seed, "heads")
    fresh = lambda *shape: (0.02 * draw.normal(size=shape)).astype(np.float32)  # noqa: E731
    return {
        "encoder": {
            "words": words,
            "places": places + raw["embeddings.token_type_embeddings.weight"][0],
            "norm": raw["embeddings.LayerNorm.weight"],
            "norm_bias": raw["embeddings.LayerNorm.bias"],
            "layers": layers,
        },
        "heads": {
            "tag": fresh(width, 3),
            "tag_bias": np.zeros(3, np.float32),
            "join": fresh(4 * width, width),
            "join_bias": np.zeros(width, np.float32),
            "root": fresh(width, len(ROOTS)),
            "root_bias": np.zeros(len(ROOTS), np.float32),
        },
    }


def _norm(x: Any, scale: Any, bias: Any) -> Any:
    apart = x - x.mean(-1, keepdims=True)
    return apart / jnp.sqrt((apart * apart).mean(-1, keepdims=True) + FLOOR) * scale + bias


def encode(weights: Weights, tokens: Any, mask: Any, drop: Callable[[Any, int], Any]) -> Any:
    """Run the encoder.

    Args:
        weights: Weights of the encoder.
        tokens: Word pieces; (sentence, piece).
        mask: Whether there is a piece.
        drop: Drops numbers out at a named place; the identity when not training.

    Returns:
        States; (sentence, piece, width).
    """
    count, length = tokens.shape
    x = weights["words"][tokens] + weights["places"][:length]
    x = drop(_norm(x, weights["norm"], weights["norm_bias"]), 0)
    away = jnp.where(mask[:, None, None, :], 0.0, -1e9)
    for i, layer in enumerate(weights["layers"]):
        joint = (x @ layer["attend"] + layer["attend_bias"]).reshape(count, length, 3, HEADS, -1)
        query, key, value = (joint[:, :, j].transpose(0, 2, 1, 3) for j in range(3))
        score = query @ key.transpose(0, 1, 3, 2) / np.sqrt(query.shape[-1]) + away
        heard = jax.nn.softmax(score) @ value
        heard = heard.transpose(0, 2, 1, 3).reshape(count, length, -1)
        heard = drop(heard @ layer["mix"] + layer["mix_bias"], 3 * i + 1)
        x = _norm(x + heard, layer["norm_1"], layer["norm_1_bias"])
        wide = jax.nn.gelu(x @ layer["wide"] + layer["wide_bias"], approximate=True)
        narrow = drop(wide @ layer["narrow"] + layer["narrow_bias"], 3 * i + 2)
        x = _norm(x + narrow, layer["norm_2"], layer["norm_2_bias"])
    return x


def judge(
    heads: Weights, states: Any, mask: Any, shares: Any, drop: Callable[[Any, int], Any]
) -> Any:
    """Give the log odds of every root from the states and the shares of source and target."""
    held = mask[..., None]
    mean = (states * held).sum(1) / held.sum(1)

    def over(kind: int) -> Any:
        share = shares[..., kind : kind + 1]
        return (states * share).sum(1) / (share.sum(1) + 0.1)

    joined = jnp.concatenate([states[:, 0], mean, over(1), over(2)], 1)
    hidden = jnp.tanh(drop(joined, 90) @ heads["join"] + heads["join_bias"])
    return drop(hidden, 91) @ heads["root"] + heads["root_bias"]


def loss(weights: Weights, batch: Any, rarity: Any, key: Any) -> Any:
    """Give the mean loss of a batch: roots by rarity, and tags where they are known."""
    tokens, mask, tags, root, tagged = batch

    def drop(x: Any, place: int) -> Any:
        kept = jax.random.bernoulli(jax.random.fold_in(key, place), 1 - DROPPED, x.shape)
        return x * kept / (1 - DROPPED)

    states = encode(weights["encoder"], tokens, mask, drop)
    chances = jax.nn.log_softmax(states @ weights["heads"]["tag"] + weights["heads"]["tag_bias"])
    shown = jax.random.bernoulli(jax.random.fold_in(key, 99), 0.5, (tokens.shape[0], 1, 1))
    shares = jnp.where(
        shown * tagged[:, None, None] > 0,
        jax.nn.one_hot(tags, 3),
        jax.lax.stop_gradient(jnp.exp(chances)),
    )
    odds = judge(weights["heads"], states, mask, shares * mask[..., None], drop)
    named = jnp.take_along_axis(jax.nn.log_softmax(odds), jnp.maximum(root, 0)[:, None], 1)[:, 0]
    roots = -jnp.where(root >= 0, named * rarity[jnp.maximum(root, 0)], 0.0).mean()
    right = jnp.take_along_axis(chances, tags[..., None], -1)[..., 0]
    return roots + TAG_WEIGHT * (-(right * mask).sum(1) / mask.sum(1) * tagged).mean()


def batched(examples: Sequence[Example]) -> tuple[np.ndarray, ...]:
    """Pad examples to one length, a multiple of sixteen so that few lengths are compiled."""
    width = -(-max(len(e.tokens) for e in examples) // 16) * 16
    tokens = np.zeros((len(examples), width), np.int32)
    tags = np.zeros((len(examples), width), np.int32)
    mask = np.zeros((len(examples), width), bool)
    for row, example in enumerate(examples):
        n = len(example.tokens)
        tokens[row, :n], tags[row, :n], mask[row, :n] = example.tokens, example.tags, True
    root = np.array([e.root for e in examples], np.int32)
    return tokens, mask, tags, root, np.array([e.tagged for e in examples], np.float32)


def train(
    weights: Weights,
    examples: Sequence[Example],
    *,
    epochs: int,
    size: int,
    seed: int,
    evenness: float,
    encoder_rate: float = ENCODER_RATE,
    progress: Callable[[str], None] = lambda _: None,
) -> Weights:
    """Train by Adam with a rate that rises for a tenth of the steps and falls to nothing.

    Args:
        weights: Where to start.
        examples: Sentences to learn from.
        epochs: Passes over them.
        size: Sentences a step.
        seed: Seed.
        evenness: Power of a root's rarity by which its sentences weigh more.
        encoder_rate: Highest rate of the encoder; the heads' is `HEAD_RATE`.
        progress: Called after every pass.
    """
    roots = np.array([e.root for e in examples])
    counts = np.maximum(np.bincount(roots[roots >= 0], minlength=len(ROOTS)), 1)
    rarity = jnp.asarray((counts.mean() / counts) ** evenness, jnp.float32)
    steps = epochs * -(-len(examples) // size)
    key = named_key(seed, "dropout")

    @jax.jit
    def step(weights: Any, mean: Any, square: Any, number: Any, batch: Any) -> Any:
        value, slope = jax.value_and_grad(loss)(
            weights, batch, rarity, jax.random.fold_in(key, number)
        )
        size = jnp.sqrt(sum((x * x).sum() for x in jax.tree.leaves(slope)))
        slope = jax.tree.map(lambda x: x * jnp.minimum(1.0, 1.0 / (size + 1e-6)), slope)
        mean = jax.tree.map(lambda a, x: 0.9 * a + 0.1 * x, mean, slope)
        square = jax.tree.map(lambda a, x: 0.999 * a + 0.001 * x * x, square, slope)
        done = number + 1
        height = jnp.minimum(done / (0.1 * steps), (steps - number) / (0.9 * steps))

        def move(rate: float) -> Callable[[Any, Any, Any], Any]:
            def one(w: Any, m: Any, v: Any) -> Any:
                pull = m / (1 - 0.9**done) / (jnp.sqrt(v / (1 - 0.999**done)) + 1e-8)
                return w - height * rate * (pull + DECAY * w)

            return one

        moved = {
            part: jax.tree.map(move(rate), weights[part], mean[part], square[part])
            for part, rate in (("encoder", encoder_rate), ("heads", HEAD_RATE))
        }
        return moved, mean, square, value

    draw = named_generator(seed, "order")
    weights = jax.tree.map(jnp.asarray, weights)
    mean = jax.tree.map(jnp.zeros_like, weights)
    square = jax.tree.map(jnp.zeros_like, weights)
    number = 0
    for epoch in range(epochs):
        spread = np.array([len(e.tokens) for e in examples]) + draw.uniform(0, 12, len(examples))
        order = np.argsort(spread)
        chunks = [order[i : i + size] for i in range(0, len(order), size)]
        total = 0.0
        for which in draw.permutation(len(chunks)):
            chunk = chunks[which]
            filled = np.concatenate([chunk, draw.integers(len(examples), size=size - len(chunk))])
            batch = batched([examples[i] for i in filled])
            weights, mean, square, value = step(weights, mean, square, number, batch)
            total += float(value)
            number += 1
        progress(f"pass {epoch + 1} of {epochs}, loss {total / len(chunks):.3f}")
    return jax.tree.map(np.asarray, weights)


def save(weights: Weights, path: Path) -> None:
    """Write the network as an ONNX file in whole-number arithmetic."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes: list[Any] = []
    constants: list[Any] = []

    def const(value: Any) -> str:
        constants.append(numpy_helper.from_array(np.asarray(value), f"c{len(constants)}"))
        return constants[-1].name

    def op(kind: str, *inputs: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, list(inputs), [f"v{len(nodes)}"], **attributes))
        return nodes[-1].output[0]

    def linear(x: str, matrix: Any, bias: Any) -> str:
        return op("Add", op("MatMul", x, const(matrix)), const(bias))

    def norm(x: str, scale: Any, bias: Any) -> str:
        return op("LayerNormalization", x, const(scale), const(bias), axis=-1, epsilon=FLOOR)

    ints = lambda *values: const(np.array(values, np.int64))  # noqa: E731
    encoder, heads = weights["encoder"], weights["heads"]
    width = encoder["words"].shape[1]
    length = op("Gather", op("Shape", "tokens"), ints(1), axis=0)
    x = op(
        "Add",
        op("Gather", const(encoder["words"]), "tokens", axis=0),
        op("Slice", const(encoder["places"]), ints(0), length, ints(0)),
    )
    x = norm(x, encoder["norm"], encoder["norm_bias"])
    away = op("Mul", op("Sub", "mask", const(np.float32(1))), const(np.float32(1e9)))
    away = op("Unsqueeze", away, ints(1, 2))
    apart, together = ints(0, 0, HEADS, width // HEADS), ints(0, 0, width)
    for layer in encoder["layers"]:
        parts = zip(np.split(layer["attend"], 3, 1), np.split(layer["attend_bias"], 3), strict=True)
        query, key, value = (op("Reshape", linear(x, m, b), apart) for m, b in parts)
        query = op("Transpose", query, perm=[0, 2, 1, 3])
        key = op("Transpose", key, perm=[0, 2, 3, 1])
        value = op("Transpose", value, perm=[0, 2, 1, 3])
        scale = const(np.float32((width // HEADS) ** -0.5))
        score = op("Add", op("Mul", op("MatMul", query, key), scale), away)
        heard = op("MatMul", op("Softmax", score, axis=-1), value)
        heard = op("Reshape", op("Transpose", heard, perm=[0, 2, 1, 3]), together)
        heard = op("Add", x, linear(heard, layer["mix"], layer["mix_bias"]))
        x = norm(heard, layer["norm_1"], layer["norm_1_bias"])
        wide = op("Gelu", linear(x, layer["wide"], layer["wide_bias"]), approximate="tanh")
        x = op("Add", x, linear(wide, layer["narrow"], layer["narrow_bias"]))
        x = norm(x, layer["norm_2"], layer["norm_2_bias"])
    held = op("Unsqueeze", "mask", ints(2))
    tags = op("Softmax", linear(x, heads["tag"], heads["tag_bias"]), axis=-1)
    shares = op("Mul", tags, held)

    def total(value: str) -> str:
        return op("ReduceSum", value, ints(1), keepdims=0)

    def over(kind: int) -> str:
        share = op("Slice", shares, ints(kind), ints(kind + 1), ints(2))
        least = op("Add", total(share), const(np.float32(0.1)))
        return op("Div", total(op("Mul", x, share)), least)

    mean = op("Div", total(op("Mul", x, held)), total(held))
    first = op("Gather", x, const(np.int64(0)), axis=1)
    joined = op("Concat", first, mean, over(1), over(2), axis=1)
    hidden = op("Tanh", linear(joined, heads["join"], heads["join_bias"]))
    roots = op("Softmax", linear(hidden, heads["root"], heads["root_bias"]), axis=-1)
    nodes.append(helper.make_node("Identity", [tags], ["tags"]))
    nodes.append(helper.make_node("Identity", [roots], ["roots"]))
    graph = helper.make_graph(
        nodes,
        "coder",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ["n", "t"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["n", "t"]),
        ],
        [
            helper.make_tensor_value_info("tags", TensorProto.FLOAT, ["n", "t", 3]),
            helper.make_tensor_value_info("roots", TensorProto.FLOAT, ["n", len(ROOTS)]),
        ],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    onnx.checker.check_model(model)
    plain = path.with_suffix(".plain")
    onnx.save(model, plain)
    try:
        quantize_dynamic(
            plain,
            path,
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"MatMulConstBOnly": True},
        )
    finally:
        plain.unlink()
