"""Fine-tuning in a recipe.

Keys carry the names of `transformers.TrainingArguments` and `peft.LoraConfig`, so that a published recipe can be copied
as it is; what has no name there (the exams on the way) is ours.
"""

from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from loresmith.recipe.mixing import AdapterConfig, MixSource, ReplayConfig, require_named
from loresmith.recipe.sections import Section

Schedule = Literal[
    "cosine",
    "linear",
    "constant",
    "constant_with_warmup",
    "cosine_with_min_lr",
    "cosine_with_restarts",
    "polynomial",
    "inverse_sqrt",
    "warmup_stable_decay",
]
SCHEDULE_SETTINGS: dict[str, tuple[str, ...]] = {
    "cosine_with_min_lr": ("min_lr", "min_lr_rate"),
    "cosine_with_restarts": ("num_cycles",),
    "polynomial": ("lr_end", "power"),
    "inverse_sqrt": ("timescale",),
    "warmup_stable_decay": ("num_decay_steps", "min_lr_ratio"),
}
"""What `lr_scheduler_kwargs` may hold for each schedule; the others take none."""


class TrainConfig(Section):
    """Fine-tuning. Names and meanings are those of `transformers.TrainingArguments` and `peft.LoraConfig`."""

    trainer: str = "peft"
    """Name of the trainer plug-in: `peft` is the built-in one, `trl` and `unsloth` need the packages of that name."""
    method: Literal["lora", "qlora", "full"] = "lora"
    """`lora` trains small matrices beside the frozen base, `qlora` the same beside a base held in 4 bits (NF4), `full`
    every weight."""
    r: int = Field(default=16, ge=1)
    """LoRA rank (arXiv 2106.09685)."""
    lora_alpha: int = Field(default=32, ge=1)
    lora_dropout: float = Field(default=0.0, ge=0.0, lt=1.0)
    use_rslora: bool = False
    """Scale by alpha / sqrt(r) instead of alpha / r, so that a high rank learns as fast (arXiv 2312.03732)."""
    use_dora: bool = False
    """Train the length of each weight row apart from its direction (arXiv 2402.09353); slower."""
    target_modules: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    learning_rate: float = Field(default=2e-4, gt=0)
    num_train_epochs: int = Field(default=3, ge=1)
    per_device_train_batch_size: int = Field(default=8, ge=1)
    """Conversations per step, packed into rows of `max_length` tokens."""
    gradient_accumulation_steps: int = Field(default=1, ge=1)
    warmup_steps: int = Field(default=10, ge=0)
    warmup_ratio: float | None = Field(default=None, ge=0.0, lt=1.0)
    """Share of all steps that warm up; counts instead of `warmup_steps` where it is given."""
    weight_decay: float = Field(default=0.01, ge=0.0)
    lr_scheduler_type: Schedule = "cosine"
    """How the rate falls after the warm-up; `constant` has no warm-up."""
    lr_scheduler_kwargs: dict[str, float] = Field(default={})
    """Settings of the schedule, such as `min_lr_rate` of `cosine_with_min_lr`. As a flag: `min_lr_rate=0.1`."""
    max_grad_norm: float = Field(default=1.0, gt=0)
    optim: Literal["adamw_torch", "adamw_torch_fused", "adamw_8bit"] = "adamw_torch"
    """`adamw_8bit` holds both averages in 8 bits (arXiv 2110.02861): a quarter of their memory."""
    max_length: int = Field(default=1024, ge=32)
    """Longest conversation in tokens; a longer one is dropped with a reason, never cut."""
    packing: bool = True
    """Several conversations in one row, each blind to the others."""
    processes: int | Literal["auto"] = 1
    """Processes that share each step on this machine, one to a GPU where there are GPUs; `auto` takes all GPUs. A step
    has the same conversations however many there are."""
    spread_base: bool = False
    """Several processes hold the layers of the frozen base together, each a share (FSDP2), instead of each the whole:
    slower, for a base that one GPU does not hold. With `method: lora` and without `exam_steps` only."""
    forms: tuple[Literal["short", "choice", "long"], ...] = ("short", "choice", "long")
    """Which forms of question are trained."""
    open_book: float = Field(default=0.25, ge=0.0, le=1.0)
    """Share of the training questions that are asked once more with their passage as a source."""
    mix: tuple[MixSource, ...] = ()
    """Rows that are trained together with the project's own questions, each source with its weight. As a flag:
    `PATH=WEIGHT`."""
    own_weight: float = Field(default=1.0, gt=0)
    """Weight of the project's own questions, which are all met once in each epoch: a source of twice the weight gives
    twice as many examples."""
    replay: ReplayConfig | None = None
    """General rows that are trained as well, against forgetting. As a flag: `PATH=SHARE`."""
    curriculum: bool = False
    """Within each epoch from easy to hard, replay spread evenly; otherwise in an order that the seed decides."""
    adapters: tuple[AdapterConfig, ...] = ()
    """Adapters for single domains or tasks, each trained on its part alone, on the base that is loaded once; they lie
    in folders of their own below the adapter that learns everything. As a flag: `NAME=PATTERN` of its documents."""
    logging_steps: int = Field(default=10, ge=1)
    save_steps: int = Field(default=50, ge=1)
    """Optimizer steps between checkpoints; a killed run goes on from the last one."""
    eval_strategy: Literal["steps", "epoch"] = "steps"
    """When the validation loss is measured: every `eval_steps`, or after each epoch, whatever `eval_steps` says."""
    eval_steps: int = Field(default=50, ge=1)
    """Optimizer steps between measurements of the validation loss."""
    exam_steps: int = Field(default=0, ge=0)
    """Optimizer steps between short exams on the validation questions and on general ability; 0 holds none."""
    exam_questions: int = Field(default=48, ge=4)
    """Validation questions in a short exam; those on general ability come on top."""
    on_forgetting: Literal["warn", "stop"] = "warn"
    """What follows when general ability falls by more than chance explains."""
    early_stopping_patience: int | None = Field(default=None, ge=1)
    """Exams in a row without a better one after which training ends; none trains to the end."""
    load_best_model_at_end: bool = True
    """With exams: leave what stood best in them, not what came last."""
    report_to: tuple[Literal["tensorboard", "wandb", "trackio", "mlflow"], ...] = ()
    """Trackers that also get the log, each through its own package; all of them write to this machine alone unless
    their own environment variables say otherwise."""
    seed: int = 17

    @property
    def beside(self) -> tuple[MixSource | ReplayConfig, ...]:
        """All rows that are no questions of the project."""
        return (*self.mix, *((self.replay,) if self.replay else ()))

    @field_validator("processes")
    @classmethod
    def _require_one(cls, given: int | str) -> int | str:
        if isinstance(given, int) and given < 1:
            raise ValueError("at least 1, or `auto`")
        return given

    @field_validator("report_to", mode="before")
    @classmethod
    def _read_names(cls, given: object) -> object:
        """A name alone, and `none`, as transformers takes them."""
        names = (given,) if isinstance(given, str) else given
        return () if names in (("none",), ["none"]) else names

    @field_validator("lr_scheduler_kwargs", mode="before")
    @classmethod
    def _read_pairs(cls, given: object) -> object:
        """`NAME=VALUE,NAME=VALUE`, as a flag gives it."""
        if not isinstance(given, str):
            return given
        pairs = [pair.partition("=") for pair in given.split(",") if pair]
        return {name.strip(): value.strip() for name, _, value in pairs}

    @model_validator(mode="after")
    def _require_fitting(self) -> Self:
        known = SCHEDULE_SETTINGS.get(self.lr_scheduler_type, ())
        if unknown := sorted(set(self.lr_scheduler_kwargs) - set(known)):
            words = f"knows {', '.join(known)}" if known else "takes no settings"
            raise ValueError(f"lr_scheduler_kwargs: {', '.join(unknown)}; {self.lr_scheduler_type} {words}")
        if self.lr_scheduler_type == "cosine_with_min_lr" and len(self.lr_scheduler_kwargs) != 1:
            raise ValueError("cosine_with_min_lr needs lr_scheduler_kwargs with either min_lr or min_lr_rate")
        if self.lr_scheduler_type == "warmup_stable_decay" and "num_decay_steps" not in self.lr_scheduler_kwargs:
            raise ValueError("warmup_stable_decay needs num_decay_steps in lr_scheduler_kwargs")
        if self.method == "full" and (self.use_dora or self.use_rslora):
            raise ValueError("use_dora and use_rslora belong to lora and qlora; method full has no adapter")
        if self.spread_base and (self.method != "lora" or self.exam_steps):
            raise ValueError("spread_base goes with method lora and without exam_steps")
        if self.early_stopping_patience is not None and not self.exam_steps:
            raise ValueError("early_stopping_patience counts exams: it needs exam_steps")
        if self.adapters and self.method == "full":
            raise ValueError("adapters: method full has no adapter; use lora or qlora")
        require_named(self.mix, self.adapters)
        return self
