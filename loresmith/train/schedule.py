"""The learning rate of each optimizer step: a linear warm-up, then the fall that transformers knows by that name."""

import math
from collections.abc import Callable, Mapping

from loresmith.recipe import TrainConfig

Fall = Callable[["Course"], float]


class Course:
    """Where a step stands after the warm-up, and the settings of its schedule."""

    def __init__(self, after: int, warm: int, total: int, config: TrainConfig) -> None:
        self.after, self.warm = after, warm
        """Steps at or below the full rate before this one; steps of warm-up."""
        self.length = max(1, total - warm)
        self.done = after / self.length
        """0 at the first step at full rate, below 1 at the last."""
        self.settings: Mapping[str, float] = config.lr_scheduler_kwargs
        self.peak = config.learning_rate


def warm_up(total: int, config: TrainConfig) -> int:
    """Steps of warm-up: none for a constant rate, at most half of a short run, so that the full rate is reached."""
    if config.lr_scheduler_type == "constant":
        return 0
    asked = config.warmup_steps if config.warmup_ratio is None else math.ceil(config.warmup_ratio * total)
    return min(asked, total // 2)


def learning_rate(step: int, total: int, config: TrainConfig) -> float:
    """The rate of optimizer step `step`, counted from 0.

    From the first step at full rate on it is that of transformers. The warm-up is one step ahead, so that its first
    step is not wasted on a rate of zero.
    """
    warm = warm_up(total, config)
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    return config.learning_rate * FALLS[config.lr_scheduler_type](Course(step - warm, warm, total, config))


def _cosine(course: Course) -> float:
    return (1 + math.cos(math.pi * course.done)) / 2


def _cosine_with_min_lr(course: Course) -> float:
    least = course.settings.get("min_lr_rate", course.settings.get("min_lr", 0.0) / course.peak)
    return least + (1 - least) * _cosine(course)


def _cosine_with_restarts(course: Course) -> float:
    return (1 + math.cos(math.pi * ((course.settings.get("num_cycles", 1) * course.done) % 1.0))) / 2


def _polynomial(course: Course) -> float:
    least = course.settings.get("lr_end", 1e-7) / course.peak
    return float((1 - least) * (1 - course.done) ** course.settings.get("power", 1.0) + least)


def _inverse_sqrt(course: Course) -> float:
    scale = course.settings.get("timescale") or course.warm or 10_000
    return 1 / math.sqrt((course.after + scale) / scale)


def _warmup_stable_decay(course: Course) -> float:
    """Full rate, then half a cosine over the last `num_decay_steps` down to `min_lr_ratio`."""
    steps = min(course.settings["num_decay_steps"], course.length)
    done = max(0.0, course.after - (course.length - steps)) / max(1.0, steps)
    least = course.settings.get("min_lr_ratio", 0.0)
    return least + (1 - least) * (1 + math.cos(math.pi * done)) / 2


FALLS: dict[str, Fall] = {
    "cosine": _cosine,
    "linear": lambda course: 1 - course.done,
    "constant": lambda course: 1.0,
    "constant_with_warmup": lambda course: 1.0,
    "cosine_with_min_lr": _cosine_with_min_lr,
    "cosine_with_restarts": _cosine_with_restarts,
    "polynomial": _polynomial,
    "inverse_sqrt": _inverse_sqrt,
    "warmup_stable_decay": _warmup_stable_decay,
}
