"""The teacher that a recipe names, found among the plug-ins."""

from loresmith.plugins import TEACHERS, Teacher, load
from loresmith.recipe import GenerateConfig


def hired(config: GenerateConfig) -> Teacher:
    """The teacher named in `config.teacher`; what follows a colon there, such as a file, is handed to it.

    Raises:
        UserError: no such plug-in is installed, or it refuses its argument.
    """
    name, _, argument = config.teacher.partition(":")
    teacher: Teacher = load(TEACHERS, name)(config, argument)
    return teacher
