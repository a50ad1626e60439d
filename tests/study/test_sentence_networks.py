"""The networks as trained and as written to their files are the same function."""

from pathlib import Path

import numpy as np
import pytest

from foedus.read.coder import ROOTS
from foedus.study import coder_network, finder_network
from foedus.study.encoder import HEADS, Weights, encode, of_like_length, padded

runtime = pytest.importorskip("onnxruntime")
WIDTH, WORDS, PIECES = 2 * HEADS, 40, 32


def encoder_weights(seed: int) -> Weights:
    draw = np.random.default_rng(seed)
    near = lambda *shape: (0.2 * draw.normal(size=shape)).astype(np.float32)  # noqa: E731
    layer = lambda: {  # noqa: E731
        "attend": near(WIDTH, 3 * WIDTH), "attend_bias": near(3 * WIDTH),
        "mix": near(WIDTH, WIDTH), "mix_bias": near(WIDTH),
        "norm_1": 1 + near(WIDTH), "norm_1_bias": near(WIDTH),
        "wide": near(WIDTH, 4 * WIDTH), "wide_bias": near(4 * WIDTH),
        "narrow": near(4 * WIDTH, WIDTH), "narrow_bias": near(WIDTH),
        "norm_2": 1 + near(WIDTH), "norm_2_bias": near(WIDTH),
    }  # fmt: skip
    return {
        "words": near(WORDS, WIDTH), "places": near(PIECES, WIDTH), "norm": 1 + near(WIDTH),
        "norm_bias": near(WIDTH), "layers": [layer(), layer()],
    }  # fmt: skip


def given(path: Path, outputs: list[str], tokens: np.ndarray, mask: np.ndarray) -> list[np.ndarray]:
    session = runtime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    return session.run(
        outputs, {"tokens": tokens.astype(np.int64), "mask": mask.astype(np.float32)}
    )


def test_the_finder_in_its_file_gives_what_the_trained_one_gives(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    heads = {"join": draw.normal(size=(2 * WIDTH, WIDTH)), "join_bias": draw.normal(size=WIDTH)}
    for name, size in (("stated", 5), ("denied", 5), ("sort", 9)):
        heads[name] = draw.normal(size=(WIDTH, size)) / WIDTH**0.5
        heads[f"{name}_bias"] = draw.normal(size=size)
    heads = {name: value.astype(np.float32) for name, value in heads.items()}
    weights = {"encoder": encoder_weights(2), "heads": heads}
    tokens, mask = padded([draw.integers(WORDS, size=n) for n in (5, 9, 16)])
    states = encode(weights["encoder"], tokens, mask, lambda x, _: x)
    stated, denied, sort = finder_network.judge(heads, states, mask, lambda x, _: x)
    finder_network.save(weights, tmp_path / "f.onnx")
    file = given(tmp_path / "f.onnx", ["stated", "denied", "sorts"], tokens, mask)
    odds = np.asarray(sort)
    sorts = np.exp(odds) / np.exp(odds).sum(1, keepdims=True)
    chances = [1 / (1 + np.exp(-np.asarray(odds))) for odds in (stated, denied)]
    for ours, theirs in zip([*chances, sorts], file, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=0.08)
        assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.995


def test_the_coder_in_its_file_gives_what_the_trained_one_gives(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    near = lambda *shape: (draw.normal(size=shape) / WIDTH**0.5).astype(np.float32)  # noqa: E731
    heads = {
        "tag": near(WIDTH, 3), "tag_bias": near(3), "join": near(4 * WIDTH, WIDTH),
        "join_bias": near(WIDTH), "root": near(WIDTH, len(ROOTS)), "root_bias": near(len(ROOTS)),
    }  # fmt: skip
    weights = {"encoder": encoder_weights(4), "heads": heads}
    tokens, mask = padded([draw.integers(WORDS, size=n) for n in (7, 12)])
    states = encode(weights["encoder"], tokens, mask, lambda x, _: x)
    odds = np.asarray(states @ heads["tag"] + heads["tag_bias"])
    tags = np.exp(odds) / np.exp(odds).sum(-1, keepdims=True)
    roots = np.asarray(
        coder_network.judge(heads, states, mask, tags * mask[..., None], lambda x, _: x)
    )
    roots = np.exp(roots) / np.exp(roots).sum(1, keepdims=True)
    coder_network.save(weights, tmp_path / "c.onnx")
    file_tags, file_roots = given(tmp_path / "c.onnx", ["tags", "roots"], tokens, mask)
    np.testing.assert_allclose(tags[mask], file_tags[mask], atol=0.08)
    np.testing.assert_allclose(roots, file_roots, atol=0.08)


def test_the_finder_learns_what_it_is_told() -> None:
    draw = np.random.default_rng(5)
    heads = {"join": 0.2 * draw.normal(size=(2 * WIDTH, WIDTH)), "join_bias": np.zeros(WIDTH)}
    for name, size in (("stated", 2), ("denied", 2), ("sort", 9)):
        heads[name] = 0.2 * draw.normal(size=(WIDTH, size))
        heads[f"{name}_bias"] = np.zeros(size)
    heads = {name: value.astype(np.float32) for name, value in heads.items()}
    lessons = [
        finder_network.Lesson(np.array([1, word, 3]), (word - 10,), (word - 10,) * (word == 11), 0)
        for word in (10, 11)
        for _ in range(16)
    ]
    trained = finder_network.train(
        {"encoder": encoder_weights(6), "heads": heads}, lambda _: lessons,
        epochs=60, size=8, seed=7, encoder_rate=3e-3,
    )  # fmt: skip
    tokens, mask = padded([np.array([1, 10, 3]), np.array([1, 11, 3])])
    states = encode(trained["encoder"], tokens, mask, lambda x, _: x)
    stated, denied, _ = finder_network.judge(trained["heads"], states, mask, lambda x, _: x)
    assert (np.asarray(stated).argmax(1) == [0, 1]).all()
    assert np.asarray(denied)[0, 0] < 0 < np.asarray(denied)[1, 1]


def test_every_sentence_is_in_a_pass() -> None:
    draw = np.random.default_rng(8)
    lengths = draw.integers(3, 60, 37).tolist()
    rows = list(of_like_length(lengths, 8, draw))
    assert {int(i) for chunk in rows for i in chunk} == set(range(37))
    assert all(len(chunk) == 8 for chunk in rows)
