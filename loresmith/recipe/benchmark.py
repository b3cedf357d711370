"""How public benchmarks are asked: the flags of `loresmith benchmark` derive from this."""

from typing import Literal

from pydantic import Field

from loresmith.recipe.sections import Section


class BenchmarkConfig(Section):
    """Which benchmarks, in which arms, and how."""

    tasks: tuple[str, ...] = ()
    """arc_challenge, arc_easy, mmlu, mmlu:SUBJECT, mmlu:stem (humanities, social_sciences, other), gsm8k, sciq,
    openbookqa, hellaswag, truthfulqa, pubmedqa, squad, cybermetric; several with commas between them."""
    data: tuple[str, ...] = ()
    """File or folder with the benchmarks' rows, or TASK=PATH for those of one task; what is not named is taken from the
    Hub."""
    arms: tuple[Literal["base", "lora"], ...] = ()
    """The base model, the trained one, or both, which are then compared question by question; none means all there
    are."""
    limit: int | None = Field(default=None, ge=1)
    """Most questions of a task, spread over its subjects; always marked in the result."""
    few_shot: int | None = Field(default=None, ge=0, le=64)
    """Worked examples before each question; none means as many as lm-evaluation-harness shows (MMLU and GSM8K 5,
    the others 0)."""
    chat_template: bool = False
    """Ask in the model's chat template, the examples as earlier turns; scores differ a lot from those without."""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] | None = None
    """Precision of the weights; none means the recipe's, or `auto` without a project."""
    batch_size: int = Field(default=16, ge=1)
    """Prompts read at once; changes the speed, not the scores."""
    bootstrap_samples: int = Field(default=10000, ge=1000)
    seed: int = 17
    """Of the limit's choice of questions and of the bootstrap; worked examples have the harness's own seed."""
