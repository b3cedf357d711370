"""A recipe rehearsed: the starter instead of the named model, small sizes, the same stages."""

from typing import Any

from loresmith.recipe.document import Recipe
from loresmith.recipe.languages import AS_DOCUMENT
from loresmith.recipe.sections import EvaluateConfig, JudgeConfig
from loresmith.recipe.training import TrainConfig

# What the starter needs differs from what a 3B model needs: it is 600 times smaller and learns by larger steps.
SIZES = {
    "r": 32,
    "lora_alpha": 64,
    "learning_rate": 2e-3,
    "num_train_epochs": 8,
    "warmup_steps": 30,
    "warmup_ratio": None,
    "max_length": 2048,
}
STEP = ("per_device_train_batch_size", "gradient_accumulation_steps")
OURS = {
    "trainer": "peft",
    "processes": 1,
    "forms": ("short", "long"),
    "open_book": 0.25,  # RAFT: an adapter that saw closed-book prompts alone forgets to read
    "save_steps": 25,
    "eval_steps": 50,
}
CONVERSATIONS = 16
"""In one optimizer step."""
LINEARS = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
"""Layers of the starter that an adapter can be put on."""
SERVED = "endpoint"
"""Begins the arms on servers."""
MOST_ASKED = 40
"""Questions of one public benchmark."""
FULL_RATE = 5e-4
"""Full fine-tuning starts from weights that work, an adapter from zero: it bears a quarter of the step."""


def rehearsed(recipe: Recipe) -> tuple[Recipe, list[str]]:
    """`recipe` with the bundled starter and small sizes, and what was set aside for it, one line each."""
    aside = recipe.unbuilt()
    if recipe.model.base != "starter":
        aside.append(f"model.base: {recipe.model.base} (the bundled starter stands in)")
    if recipe.generate.teacher != "rules":
        aside.append(f"generate.teacher: {recipe.generate.teacher} (the rule teacher stands in)")
    asked = recipe.evaluate.benchmarks
    if fetched := [one.name for one in asked if not one.data]:
        aside.append(f"evaluate.benchmarks: {', '.join(fetched)} (a rehearsal fetches nothing; give their files)")
    served = tuple(arm for arm in recipe.evaluate.further if arm.startswith(SERVED))
    if served:
        aside.append(f"evaluate.further: {', '.join(served)} (a rehearsal asks no server)")
    if recipe.evaluate.judge.model:
        aside.append(f"evaluate.judge: {recipe.evaluate.judge.model} (a rehearsal asks no server)")
    if recipe.export.push_to_hub:
        aside.append(f"export.push_to_hub: {recipe.export.push_to_hub} (a rehearsal sends nothing)")
    if recipe.train.trainer != "peft":
        aside.append(f"train.trainer: {recipe.train.trainer} (the built-in trainer stands in)")
    train = _small(recipe.train)
    aside += _told(recipe.train, train)
    small = recipe.model_copy(
        update={
            "model": recipe.model.model_copy(update={"base": "starter", "revision": None, "dtype": "auto"}),
            "generate": recipe.generate.model_copy(
                update={
                    "teacher": "rules",
                    "round_trip": False,  # the rule teacher has no model to ask
                    "judge": False,
                    **{"styles": (), "lengths": (), "personas": ()},
                    "language": AS_DOCUMENT,
                    "max_facts": min(recipe.generate.max_facts or 220, 220),
                }
            ),
            "split": recipe.split.model_copy(update={"max_exam": min(recipe.split.max_exam, 150)}),
            "train": train,
            "evaluate": _quick(recipe.evaluate),
            "ask": recipe.ask.model_copy(
                update={"passages": min(recipe.ask.passages, 3), "source_tokens": min(recipe.ask.source_tokens, 400)}
            ),
            "export": recipe.export.model_copy(
                update={"push_to_hub": None, "parity_questions": min(recipe.export.parity_questions, 200)}
            ),
            "datasets": (),
            "experts": (),
        }
    )
    return small, aside


def _quick(evaluate: EvaluateConfig) -> EvaluateConfig:
    """`evaluate` with short answers, few questions of a benchmark, and no server."""
    return evaluate.model_copy(
        update={
            "benchmarks": tuple(
                one.model_copy(update={"limit": min(one.limit or MOST_ASKED, MOST_ASKED)})
                for one in evaluate.benchmarks
                if one.data
            ),
            "choice_scoring": "text",
            "judge": JudgeConfig(),
            "max_new_tokens": 24,
            "long_max_new_tokens": min(evaluate.long_max_new_tokens, 64),
            "further": tuple(arm for arm in evaluate.further if not arm.startswith(SERVED)),
        }
    )


def _small(train: TrainConfig) -> TrainConfig:
    """`train` in the starter's sizes.

    What decides which code runs stays (method, layers, dropout, accumulation, optimizer, schedule, exams), so that what
    fails here would have failed later.
    """
    accumulated = min(train.gradient_accumulation_steps, CONVERSATIONS)
    update: dict[str, Any] = {
        **SIZES,
        **OURS,
        "gradient_accumulation_steps": accumulated,
        "per_device_train_batch_size": CONVERSATIONS // accumulated,
    }
    if train.target_modules != "all-linear" and not set(train.target_modules) <= LINEARS:
        update["target_modules"] = "all-linear"
    if train.method == "full":
        update["learning_rate"] = FULL_RATE
    if train.exam_steps:
        update |= {"exam_steps": min(train.exam_steps, 50), "exam_questions": min(train.exam_questions, 24)}
    return train.model_copy(update=update)


def _told(asked: TrainConfig, small: TrainConfig) -> list[str]:
    """The hyperparameters that a rehearsal changes, with the values that the recipe asks for."""
    told = []
    if small.target_modules != asked.target_modules:
        told.append(f"train.target_modules: {', '.join(asked.target_modules)} (the starter has other layers)")
    sizes = [key for key in (*SIZES, *STEP) if getattr(small, key) != getattr(asked, key)]
    if asked.method == "full":
        sizes = [key for key in sizes if key not in ("r", "lora_alpha")]
    if sizes:
        words = ", ".join(f"{key} {getattr(asked, key)}" for key in sizes)
        told.append(f"train: {words} (the starter learns by larger steps)")
    return told
