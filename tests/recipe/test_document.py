from pathlib import Path

import pytest

from loresmith.errors import NotBuiltYet, RecipeError
from loresmith.recipe import Recipe, TrainConfig, load, parse

RECIPES = sorted((Path(__file__).parent.parent.parent / "recipes").glob("*.yaml"))


def test_a_wrong_key_is_an_error_that_names_the_nearest_valid_one() -> None:
    with pytest.raises(RecipeError, match=r"train\.learning_rat: no such key; did you mean 'learning_rate'\?"):
        parse(Recipe, {"name": "x", "train": {"learning_rat": 1}})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(RecipeError, match="3 faults") as caught:
        parse(Recipe, {"name": "x", "chunks": {}, "train": {"r": 0, "optm": "sgd"}})
    assert all(text in caught.value.problem for text in ("'chunk'", "train.r", "got 0", "'optim'"))


def test_a_key_without_a_neighbour_lists_those_that_exist() -> None:
    with pytest.raises(RecipeError, match="known keys: embedder, store, dense_weight"):
        parse(Recipe, {"name": "x", "index": {"zzzzzz": 1}})


def test_keys_inside_a_list_of_sections_are_looked_up_in_their_own_class() -> None:
    with pytest.raises(RecipeError, match=r"datasets\.0\.hub_idd: no such key; did you mean 'hub_id'"):
        parse(Recipe, {"name": "x", "datasets": [{"hub_id": "a/b", "hub_idd": "c"}]})


@pytest.mark.parametrize("content", ["- a\n- b\n", "name: [unclosed", "\xff\xfe"])
def test_a_file_that_is_no_mapping_is_one_clear_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "r.yaml").write_text(content, encoding="latin-1")
    with pytest.raises(RecipeError, match=r"r\.yaml"):
        load(tmp_path / "r.yaml")


def test_a_missing_file_names_the_way_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="loresmith init"):
        load(tmp_path / "none.yaml")


def test_relative_documents_start_at_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: x\ndocuments: [papers, /abs]\n")
    assert load(tmp_path / "r.yaml").documents == (str(tmp_path / "papers"), "/abs")


def test_relative_benchmarks_start_at_the_recipe(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: x\nsplit:\n  decontaminate_against: [bench, /abs]\n")
    assert load(tmp_path / "r.yaml").split.decontaminate_against == (str(tmp_path / "bench"), "/abs")


def test_a_recipe_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Recipe(name="x").train.r = 3  # type: ignore[misc]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_shipped_recipe_has_the_name_of_its_file(path: Path) -> None:
    assert load(path).name == path.stem


@pytest.mark.parametrize("name", ["ai-research-qa", "domain-experts", "ml-tutor"])
def test_a_recipe_that_asks_for_more_than_there_is_is_refused_with_every_reason(name: str) -> None:
    recipe = load(RECIPES[0].parent / f"{name}.yaml")
    with pytest.raises(NotBuiltYet) as caught:
        recipe.require_built()
    assert all(line in caught.value.problem for line in recipe.unbuilt())


@pytest.mark.parametrize("name", ["deepseek-papers", "qwen-full"])
def test_a_recipe_of_which_all_is_built_is_not_refused(name: str) -> None:
    load(RECIPES[0].parent / f"{name}.yaml").require_built()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ai-research-qa", {
            "method": "lora", "learning_rate": 5e-5, "num_train_epochs": 3, "per_device_train_batch_size": 4,
            "weight_decay": 0.01, "max_length": 512, "eval_strategy": "epoch", "lr_scheduler_type": "linear",
            "warmup_steps": 0,
        }),
        ("qwen-full", {
            "learning_rate": 5e-5, "num_train_epochs": 3, "per_device_train_batch_size": 2, "logging_steps": 10,
            "save_steps": 100, "lr_scheduler_type": "linear", "warmup_steps": 0, "weight_decay": 0.0,
        }),
        ("domain-experts", {
            "method": "lora", "r": 16, "lora_alpha": 32, "lora_dropout": 0.05, "target_modules": ("q_proj", "v_proj"),
            "learning_rate": 2e-4, "num_train_epochs": 3, "per_device_train_batch_size": 4,
            "gradient_accumulation_steps": 8, "warmup_steps": 100, "logging_steps": 10, "save_steps": 500,
            "eval_steps": 500, "exam_steps": 500, "optim": "adamw_torch", "max_grad_norm": 1.0,
            "lr_scheduler_type": "linear", "weight_decay": 0.0,
        }),
        ("ml-tutor", {"method": "qlora"}),
    ],
)  # fmt: skip
def test_a_recipe_keeps_the_hyperparameters_of_its_document(name: str, said: dict[str, object]) -> None:
    train = load(RECIPES[0].parent / f"{name}.yaml").train.model_dump()
    assert {key: train[key] for key in said} == said


def test_the_contest_recipe_keeps_the_hyperparameters_of_its_document() -> None:
    train = load(RECIPES[0].parent / "deepseek-papers.yaml").train
    assert train == TrainConfig(
        method="qlora", optim="adamw_8bit", learning_rate=1e-4, num_train_epochs=4, per_device_train_batch_size=2,
        gradient_accumulation_steps=4, warmup_steps=5, weight_decay=0.01, max_length=2048, packing=False,
        logging_steps=1, eval_strategy="epoch", seed=3407,
    )  # fmt: skip


def test_a_benchmark_is_a_name_a_name_with_its_file_or_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "name: x\nevaluate:\n  benchmarks: [arc_challenge, gsm8k=data/gsm8k, {name: mmlu, limit: 500, few_shot: 0}]\n"
    )
    recipe = load(tmp_path / "r.yaml")
    recipe.require_built()
    arc, sums, mmlu = recipe.evaluate.benchmarks
    assert (arc.name, arc.data, arc.limit) == ("arc_challenge", (), None)
    assert (sums.name, sums.data) == ("gsm8k", (str(tmp_path / "data" / "gsm8k"),))
    assert (mmlu.limit, mmlu.few_shot, mmlu.chat_template) == (500, 0, False)


def test_a_benchmark_that_is_named_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text("name: x\nevaluate: {benchmarks: [mmlu, gsm8k, {name: mmlu, few_shot: 0}]}\n")
    with pytest.raises(RecipeError, match="mmlu is named twice"):
        load(tmp_path / "r.yaml")
