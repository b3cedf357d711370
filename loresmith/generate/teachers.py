"""The teacher that a recipe names, found among the plug-ins."""

from loresmith.errors import UserError
from loresmith.plugins import TEACHERS, DoubtingTeacher, Teacher, load
from loresmith.recipe import GenerateConfig
from loresmith.recipe.languages import ANY, AS_DOCUMENT


def hired(config: GenerateConfig) -> Teacher:
    """The teacher named in `config.teacher`; what follows a colon there, such as a file, is handed to it.

    Raises:
        UserError: no such plug-in is installed, it refuses its argument, or it cannot do a check that is asked for.
    """
    name, _, argument = config.teacher.partition(":")
    teacher: Teacher = load(TEACHERS, name)(config, argument)
    wanted = [key for key in ("round_trip", "judge", "styles", "lengths", "personas") if getattr(config, key)]
    if wanted and not isinstance(teacher, DoubtingTeacher):
        raise UserError(
            f"The teacher {name} asks no model, which `generate.{wanted[0]}` needs.",
            next_step=f"Choose `openai:MODEL` or `local:PATH`, or leave out `generate.{wanted[0]}`.",
        )
    if name == "rules" and config.language not in (AS_DOCUMENT, ANY, "en"):
        raise UserError(
            f"The teacher rules asks in English, and `generate.language` is {config.language}.",
            next_step="Choose `openai:MODEL` or `local:PATH`, or leave out `generate.language`.",
        )
    return teacher
