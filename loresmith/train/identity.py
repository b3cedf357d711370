"""Which course a checkpoint belongs to."""

import hashlib

from loresmith.plugins import TrainingSet
from loresmith.recipe import TrainConfig


def course_of(name: str, examples: TrainingSet, config: TrainConfig) -> str:
    """sha256 of the base, the settings and the ordered conversations, without what only says who else is told."""
    deciding = config.model_dump_json(exclude={"report_to"})
    digest = hashlib.sha256(f"{name}\0{deciding}".encode())
    for conversation in (*examples.train, None, *examples.validation):
        digest.update(repr(conversation and (conversation.completion, conversation.ids)).encode())
    if examples.epochs:
        digest.update(repr(examples.epochs).encode())
    return digest.hexdigest()
