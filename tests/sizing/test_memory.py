from dataclasses import replace

import pytest

from loresmith.recipe import TrainConfig
from loresmith.sizing import known, shape
from loresmith.sizing.memory import PRODUCT_CODE, PRODUCTS, Peak, training_peak
from loresmith.sizing.rows import Row, packed
from loresmith.sizing.working import LOGIT_ROWS
from loresmith.train import fused

QWEN_3B = shape.read(known.SHAPES["Qwen/Qwen2.5-3B"])
ROW = packed(1024, "stretches")


def peak(method: str, dtype: str = "bfloat16", optim: str = "adamw_torch", row: Row = ROW) -> Peak:
    train = TrainConfig.model_validate({"method": method, "optim": optim})
    return training_peak(QWEN_3B, train, dtype, row, "cuda")


def test_the_state_of_an_adapter_is_sixteen_bytes_a_number() -> None:
    made = peak("lora")
    assert made.adapter + made.gradients + made.optimizer == 16 * 29_933_568  # 0.48 GB


def test_full_training_takes_sixteen_bytes_a_weight_and_two_where_products_are_in_16_bits() -> None:
    assert peak("full", "float32").lasting == 16 * QWEN_3B.parameters
    assert peak("full").lasting == pytest.approx(18 * QWEN_3B.parameters, rel=1e-3)  # norms and biases have no copy


def test_qlora_holds_the_base_in_four_bits_and_keeps_more_of_a_row() -> None:
    lora, qlora = peak("lora"), peak("qlora")
    assert qlora.weights == pytest.approx(2.05e9, rel=0.01)
    assert qlora.activations > 1.4 * lora.activations  # PEFT's layers copy each input into 32 bits
    assert (qlora.adapter, qlora.gradients, qlora.optimizer) == (lora.adapter, lora.gradients, lora.optimizer)


def test_an_8_bit_optimizer_keeps_a_quarter_of_the_moments() -> None:
    assert peak("lora", optim="adamw_8bit").optimizer == pytest.approx(peak("lora").optimizer / 4, rel=0.02)


def of(tokens: int, told: int) -> Row:
    return Row(tokens, told, queries=tokens, keys=tokens)


def test_logits_are_there_for_tokens_with_loss_alone() -> None:
    made = peak("lora", row=of(1024, 100))
    assert made.work == "logits"
    assert made.working == (2 + 4 + 4) * 151_936 * 100 + 2 * 2048 * 100  # and the hidden states that they come from


def test_the_shares_of_one_part_are_still_there_when_the_next_is_made() -> None:
    rows = LOGIT_ROWS["cuda"]
    assert peak("lora", row=of(4096, 2 * rows)).working == (4 + 2 + 4 + 4) * 151_936 * rows + 2 * 2048 * 2 * rows


def test_no_more_logits_are_there_at_once_than_the_fused_head_makes() -> None:
    assert LOGIT_ROWS == fused.CHUNK_ROWS
    few, many = (peak("lora", "float32", row=of(4096, told)).working for told in (3000, 4000))
    assert many - few == 4 * 2048 * 1000


def test_a_row_without_loss_still_needs_room_to_work_in() -> None:
    made = peak("lora", row=of(8192, 1))
    assert made.work == "gradients of a block"  # of the layer before the last
    assert 0 < made.working < 2 * 2 * 11_008 * 8192


def test_where_all_tokens_carry_loss_the_last_block_decides_before_a_small_vocabulary() -> None:
    small = replace(QWEN_3B, vocabulary=256)
    made = training_peak(small, TrainConfig(), "bfloat16", of(8192, 8192), "cuda")
    assert (made.work, made.working) == ("gradients of a block", 2 * 2 * 11_008 * 8192)


def test_plain_adamw_works_with_more_than_a_short_row_of_full_training() -> None:
    plain, kernel = (
        peak("full", optim=optim, row=packed(64, "groups")) for optim in ("adamw_torch", "adamw_torch_fused")
    )
    assert plain.work == "update of the weights"
    assert plain.total > kernel.total


def test_only_a_cpu_pays_for_the_program_and_the_holes_of_its_heap() -> None:
    on_gpu = peak("lora")
    exact, half = (training_peak(QWEN_3B, TrainConfig(), dtype, ROW, "cpu") for dtype in ("float32", "bfloat16"))
    assert (on_gpu.program, on_gpu.allocator, on_gpu.compiled) == (0, 0, 0)
    assert exact.program == half.program > 100e6
    assert exact.allocator > half.allocator > 0
    assert (exact.compiled, half.compiled) == (0, PRODUCT_CODE * PRODUCTS)
    assert half.total == half.lasting + half.activations + half.working + half.program + half.allocator + half.compiled
