"""`loresmith train`."""

from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import TrainConfig

command = stage_command(
    "train",
    TrainConfig,
    about="Fit a LoRA adapter; a killed run goes on from its last checkpoint.",
    next_verb="evaluate",
)
