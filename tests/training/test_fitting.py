import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import Qwen2ForCausalLM

from training.starter import copying, fitting, guiding, packing
from training.starter.shape import Shape, configuration


@pytest.fixture(scope="module")
def stream() -> packing.Packed:
    """A text with a pattern, so that there is something to learn; every third run is marked as an answer."""
    tokens = (np.arange(20_001) * 7 % 90).astype(np.uint16)
    return np.where(np.arange(20_001) // 50 % 3 == 0, tokens | packing.ANSWER, tokens)


def trained(shape: Shape, setting: fitting.Fitting, stream: packing.Packed, folder: Path) -> fitting.Run:
    torch.manual_seed(setting.seed)
    model = Qwen2ForCausalLM(configuration(shape, {"pad": 397, "end": 399}))
    circuit = copying.install(model, shape, torch.Generator().manual_seed(setting.seed))
    run = fitting.Run(model, shape, setting, folder, circuit)
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


def test_what_was_logged_after_the_checkpoint_is_told_once(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    trained(tiny_shape, replace(tiny_fitting, steps=20), stream, tmp_path)
    log = tmp_path / "log.jsonl"
    whole = log.read_text()
    assert '"step": 20' in whole
    log.write_text(whole + '{"step": 21, "seconds": 0.1, "loss": 9.0}\n')
    trained(tiny_shape, replace(tiny_fitting, steps=20), stream, tmp_path)
    assert log.read_text() == whole


def test_only_one_checkpoint_is_kept(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    trained(tiny_shape, tiny_fitting, stream, tmp_path)
    assert [file.name for file in tmp_path.glob("state-*")] == ["state-000012.safetensors"]


def test_short_rows_come_first_and_long_ones_go_round() -> None:
    setting = fitting.Fitting(steps=4, rows=2, long_from=0.5)
    words = np.arange(2 * 2 * 256 + 3 * 512 + 1).astype(np.uint16)  # two short steps, then three long rows for four
    starts = [fitting.batch(words, step, setting)[:, 0].tolist() for step in range(4)]
    assert starts == [[0, 256], [512, 768], [1024, 1536], [2048, 1024]]
    assert [fitting.batch(words, step, setting).shape for step in (0, 2)] == [(2, 257), (2, 513)]


def test_the_written_heads_stand_still_until_they_are_let_go(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    held = trained(tiny_shape, replace(tiny_fitting, hold_until=1.0), stream, tmp_path / "held")
    free = trained(tiny_shape, replace(tiny_fitting, hold_until=0.5), stream, tmp_path / "free")
    assert held.circuit.pieces
    assert all(torch.equal(_now(held, piece), piece.value) for piece in held.circuit.pieces)
    assert not any(
        torch.equal(_now(free, piece), piece.value) for piece in free.circuit.pieces if "weight" in piece.name
    )


def _now(run: fitting.Run, piece: copying.Piece) -> Tensor:
    return run.weights[piece.name].detach().narrow(piece.axis, piece.start, piece.size)


def test_a_guided_head_learns_to_look_where_it_is_told(
    tiny_shape: Shape, tiny_fitting: fitting.Fitting, stream: packing.Packed, tmp_path: Path
) -> None:
    class TwoBack(guiding.Guide):
        """Wants the head of layer 2 to look two places back, from every tenth place."""

        def __init__(self) -> None:
            pass

        def aims(self, words: packing.Packed) -> dict[str, guiding.Aims]:
            places = range(10, words.shape[1] - 1, 10)
            return {"question": guiding.Aims([(row, i, (i - 2,)) for row in range(len(words)) for i in places])}

    setting = replace(tiny_fitting, steps=60, guidance=3.0)
    torch.manual_seed(0)
    model = Qwen2ForCausalLM(configuration(tiny_shape, {"pad": 397, "end": 399}))
    circuit = copying.install(model, tiny_shape, torch.Generator().manual_seed(0))
    fitting.Run(model, tiny_shape, setting, tmp_path, circuit, TwoBack()).fit(stream)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    missed = [row["missed_2_1"] for row in rows if "missed_2_1" in row]
    assert missed[-1] < 0.7 * missed[0]
