"""`loresmith split`."""

from loresmith.cli.stage_verb import stage_command
from loresmith.recipe import SplitConfig

command = stage_command(
    "split",
    SplitConfig,
    about="Separate training from the recall and transfer exams; a leak stops here and names the pair.",
    next_verb="index",
)
