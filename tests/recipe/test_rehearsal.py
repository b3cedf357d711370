from pathlib import Path

import pytest

from loresmith.recipe import Recipe, load, rehearsed

RECIPES = sorted((Path(__file__).parent.parent.parent / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_shipped_recipe_can_be_rehearsed_and_says_what_it_goes_without(path: Path) -> None:
    recipe = load(path)
    small, aside = rehearsed(recipe)
    assert small.unbuilt() == []
    assert small.model.base == "starter"
    assert set(recipe.unbuilt()) < set(aside)
    assert (small.train.method, small.train.optim) == (recipe.train.method, recipe.train.optim)
    assert small.train.lr_scheduler_type == recipe.train.lr_scheduler_type
    assert bool(small.train.exam_steps) == bool(recipe.train.exam_steps)


def test_a_rehearsal_keeps_what_the_user_set_about_documents_and_cutting() -> None:
    recipe = Recipe(name="x", documents=("a",), chunk={"size": 500})  # type: ignore[arg-type]
    small, _ = rehearsed(recipe)
    assert (small.documents, small.chunk) == (recipe.documents, recipe.chunk)


def test_a_rehearsal_calls_no_server_and_says_so() -> None:
    recipe = Recipe(name="x", generate={"teacher": "openai:m"})  # type: ignore[arg-type]
    small, aside = rehearsed(recipe)
    assert small.generate.teacher == "rules"
    assert "generate.teacher: openai:m (the rule teacher stands in)" in aside


def test_a_rehearsal_sends_nothing_to_the_hub_and_says_so() -> None:
    recipe = Recipe(name="x", export={"push_to_hub": "me/x"})  # type: ignore[arg-type]
    small, aside = rehearsed(recipe)
    assert recipe.unbuilt() == []
    assert small.export.push_to_hub is None
    assert "export.push_to_hub: me/x (a rehearsal sends nothing)" in aside


def test_a_rehearsal_trains_with_the_built_in_trainer_in_one_process_and_says_so() -> None:
    recipe = Recipe(name="x", train={"trainer": "unsloth", "processes": 4})  # type: ignore[arg-type]
    small, aside = rehearsed(recipe)
    assert (small.train.trainer, small.train.processes) == ("peft", 1)
    assert "train.trainer: unsloth (the built-in trainer stands in)" in aside


def test_a_rehearsal_keeps_layers_dropout_and_accumulation_and_says_which_sizes_it_changes() -> None:
    asked = {
        "target_modules": ["q_proj", "v_proj"], "lora_dropout": 0.1, "gradient_accumulation_steps": 8,
        "learning_rate": 1e-5, "r": 32, "lora_alpha": 64, "num_train_epochs": 8, "warmup_steps": 30, "max_length": 2048,
        "per_device_train_batch_size": 2,
    }  # fmt: skip
    small, aside = rehearsed(Recipe(name="x", train=asked))  # type: ignore[arg-type]
    assert small.train.target_modules == ("q_proj", "v_proj")
    assert (small.train.lora_dropout, small.train.gradient_accumulation_steps) == (0.1, 8)
    assert small.train.per_device_train_batch_size == 2  # 16 conversations a step, as without accumulation
    assert aside == ["train: learning_rate 1e-05 (the starter learns by larger steps)"]


def test_layers_that_the_starter_lacks_are_named_and_replaced() -> None:
    small, aside = rehearsed(Recipe(name="x", train={"target_modules": ["c_attn"]}))  # type: ignore[arg-type]
    assert small.train.target_modules == "all-linear"
    assert "train.target_modules: c_attn (the starter has other layers)" in aside


def test_a_rehearsal_asks_no_server_and_says_so() -> None:
    asked = Recipe.model_validate({"name": "x", "evaluate": {"further": ["gguf", "endpoint+rag"]}})
    small, aside = rehearsed(asked)
    assert small.evaluate.further == ("gguf",)
    assert "evaluate.further: endpoint+rag (a rehearsal asks no server)" in aside


def test_a_rehearsal_asks_the_benchmarks_whose_files_are_there_and_names_the_others() -> None:
    asked = Recipe.model_validate({"name": "x", "evaluate": {"benchmarks": ["mmlu", "gsm8k=sums", "sciq"]}})
    small, aside = rehearsed(asked)
    assert [(one.name, one.data, one.limit) for one in small.evaluate.benchmarks] == [("gsm8k", ("sums",), 40)]
    assert "evaluate.benchmarks: mmlu, sciq (a rehearsal fetches nothing; give their files)" in aside
