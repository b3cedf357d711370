"""The learning rate of each optimizer step: a linear warm-up, then the chosen fall."""

import math

from loresmith.recipe import TrainConfig


def learning_rate(step: int, total: int, config: TrainConfig) -> float:
    """The rate of optimizer step `step`, counted from 0.

    The warm-up takes at most half of a short run, so that the full rate is reached. Its first step is not wasted on a
    rate of zero, nor is the last step of the fall.
    """
    warm = min(config.warmup_steps, total // 2)
    if step < warm:
        return config.learning_rate * (step + 1) / warm
    done = (step - warm) / max(1, total - warm)  # 0 at the first step at full rate, below 1 at the last
    if config.lr_scheduler_type == "cosine":
        return config.learning_rate * (1 + math.cos(math.pi * done)) / 2
    if config.lr_scheduler_type == "linear":
        return config.learning_rate * (1 - done)
    return config.learning_rate
