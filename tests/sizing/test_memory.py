import pytest

from loresmith.recipe import TrainConfig
from loresmith.sizing import known, shape
from loresmith.sizing.activations import Row
from loresmith.sizing.memory import Peak, training_peak

QWEN_3B = shape.read(known.SHAPES["Qwen/Qwen2.5-3B"][0])
ROW = Row.of(1024)


def peak(method: str, dtype: str = "bfloat16", optim: str = "adamw_torch", row: Row = ROW) -> Peak:
    train = TrainConfig.model_validate({"method": method, "optim": optim})
    return training_peak(QWEN_3B, train, dtype, row, "cuda")


def test_the_state_of_an_adapter_is_sixteen_bytes_a_number() -> None:
    made = peak("lora")
    assert made.adapter + made.gradients + made.optimizer == 16 * 29_933_568  # 0.48 GB


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_full_training_takes_sixteen_bytes_a_weight_in_either_precision(dtype: str) -> None:
    assert peak("full", dtype).lasting == 16 * QWEN_3B.parameters


def test_qlora_saves_what_four_bits_save_and_nothing_else() -> None:
    lora, qlora = peak("lora"), peak("qlora")
    assert qlora.weights == pytest.approx(2.05e9, rel=0.01)
    assert lora.total - qlora.total == lora.weights - qlora.weights


def test_an_8_bit_optimizer_keeps_a_quarter_of_the_moments() -> None:
    assert peak("lora", optim="adamw_8bit").optimizer == pytest.approx(peak("lora").optimizer / 4, rel=0.02)


def test_logits_take_three_copies_of_the_vocabulary_for_tokens_with_loss_alone() -> None:
    assert peak("lora", row=Row(1024, 1024, 100)).logits == 3 * 4 * 151_936 * 100


def test_a_row_without_loss_still_needs_room_to_work_in() -> None:
    assert peak("lora", row=Row(1024, 1024, 1)).logits == 4 * 4 * 11_008 * 1024


def test_only_a_cpu_pays_for_the_program_and_the_holes_of_its_heap() -> None:
    on_gpu = peak("lora")
    on_cpu = training_peak(QWEN_3B, TrainConfig(), "bfloat16", ROW, "cpu")
    assert (on_gpu.program, on_gpu.allocator) == (0, 0)
    assert on_cpu.program > 100e6
    assert on_cpu.allocator > 0
    assert on_cpu.total - on_cpu.program - on_cpu.allocator == on_gpu.total
