"""A recipe rehearsed: the starter instead of the named model, small sizes, the same stages."""

from typing import Any

from loresmith.recipe.document import Recipe
from loresmith.recipe.languages import AS_DOCUMENT
from loresmith.recipe.training import TrainConfig

# What the starter needs differs from what a 3B model needs: it is 600 times smaller and learns by larger steps.
TRAIN = {
    "trainer": "peft",
    "processes": 1,
    "r": 32,
    "lora_alpha": 64,
    "lora_dropout": 0.0,
    "target_modules": "all-linear",
    "learning_rate": 2e-3,
    "num_train_epochs": 8,
    "per_device_train_batch_size": 16,
    "gradient_accumulation_steps": 1,
    "warmup_steps": 30,
    "warmup_ratio": None,
    "max_length": 2048,
    "forms": ("short",),
    "open_book": 0.25,  # RAFT: an adapter that saw closed-book prompts alone forgets to read
    "save_steps": 25,
    "eval_steps": 50,
}
FULL_RATE = 5e-4
"""Full fine-tuning starts from weights that work, an adapter from zero: it bears a quarter of the step."""


def rehearsed(recipe: Recipe) -> tuple[Recipe, list[str]]:
    """`recipe` with the bundled starter and small sizes, and what was set aside for it, one line each."""
    aside = recipe.unbuilt()
    if recipe.model.base != "starter":
        aside.append(f"model.base: {recipe.model.base} (the bundled starter stands in)")
    if recipe.generate.teacher != "rules":
        aside.append(f"generate.teacher: {recipe.generate.teacher} (the rule teacher stands in)")
    served = tuple(arm for arm in recipe.evaluate.further if arm.startswith("endpoint"))
    if served:
        aside.append(f"evaluate.further: {', '.join(served)} (a rehearsal asks no server)")
    if recipe.export.push_to_hub:
        aside.append(f"export.push_to_hub: {recipe.export.push_to_hub} (a rehearsal sends nothing)")
    if recipe.train.trainer != "peft":
        aside.append(f"train.trainer: {recipe.train.trainer} (the built-in trainer stands in)")
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
            "train": _small(recipe.train),
            "evaluate": recipe.evaluate.model_copy(
                update={
                    "benchmarks": (),
                    "choice_scoring": "text",
                    "max_new_tokens": 24,
                    "further": tuple(arm for arm in recipe.evaluate.further if arm not in served),
                }
            ),
            "ask": recipe.ask.model_copy(
                update={"passages": min(recipe.ask.passages, 3), "source_tokens": min(recipe.ask.source_tokens, 400)}
            ),
            "export": recipe.export.model_copy(
                update={"push_to_hub": None, "parity_questions": min(recipe.export.parity_questions, 200)}
            ),
            "datasets": (),
            "experts": (),
            "gate": None,
            "watch": None,
        }
    )
    return small, aside


def _small(train: TrainConfig) -> TrainConfig:
    """Method, optimizer, schedule and exams stay, so that what fails here would have failed later."""
    update: dict[str, Any] = dict(TRAIN)
    if train.method == "full":
        update["learning_rate"] = FULL_RATE
    if train.exam_steps:
        update |= {"exam_steps": min(train.exam_steps, 50), "exam_questions": min(train.exam_questions, 24)}
    return train.model_copy(update=update)
