from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import Qwen2ForCausalLM

from training.starter import copying, fitting, packing
from training.starter.shape import Shape, configuration


@pytest.fixture(scope="module")
def stream() -> packing.Packed:
    """A text with a pattern, so that there is something to learn; every third run is marked as an answer."""
    tokens = (np.arange(4_000) * 7 % 90).astype(np.uint16)
    return np.where(np.arange(4_000) // 50 % 3 == 0, tokens | packing.ANSWER, tokens)


def trained(shape: Shape, setting: fitting.Fitting, stream: packing.Packed, folder: Path) -> fitting.Run:
    torch.manual_seed(setting.seed)
    model = Qwen2ForCausalLM(configuration(shape, {"pad": 397, "end": 399}))
    copying.install(model, shape, torch.Generator().manual_seed(setting.seed))
    run = fitting.Run(model, shape, setting, folder)
    run.resume()
    run.fit(stream)
    return run


def same(left: dict[str, Tensor], right: dict[str, Tensor]) -> bool:
    return all(torch.equal(left[name], right[name]) for name in left)


def test_the_loss_falls(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    trained(tiny_shape, replace(tiny_fitting, steps=60), stream, tmp_path)
    rows = [line for line in (tmp_path / "log.jsonl").read_text().splitlines() if '"loss"' in line]
    losses = [float(line.split('"loss": ')[1].split(",")[0]) for line in rows]
    assert losses[-1] < losses[0] - 1


def test_two_runs_of_one_seed_give_the_same_weights_and_another_seed_others(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    first, again = (trained(tiny_shape, tiny_fitting, stream, tmp_path / name).weights for name in ("a", "b"))
    other = trained(tiny_shape, replace(tiny_fitting, seed=1), stream, tmp_path / "c").weights
    assert same(first, again)
    assert not same(first, other)


def test_a_run_stopped_by_the_clock_goes_on_to_the_same_weights(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    whole = trained(tiny_shape, tiny_fitting, stream, tmp_path / "whole").weights
    stops = 0
    for _ in range(tiny_fitting.steps):
        try:
            pieces = trained(tiny_shape, replace(tiny_fitting, wall_seconds=0.0), stream, tmp_path / "pieces").weights
            break
        except fitting.Interrupted:
            stops += 1
    assert stops == tiny_fitting.steps - 1
    assert same(whole, pieces)


def test_only_one_checkpoint_is_kept(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    trained(tiny_shape, tiny_fitting, stream, tmp_path)
    assert [file.name for file in tmp_path.glob("state-*")] == ["state-000012.safetensors"]


def test_rows_follow_each_other_and_overlap_by_one_word() -> None:
    words = np.arange(100, dtype=np.uint16)
    rows = fitting.batch(words, step=1, tokens=20, length=10)
    assert rows[0].tolist() == list(range(20, 31))
    assert rows[1].tolist() == list(range(30, 41))
