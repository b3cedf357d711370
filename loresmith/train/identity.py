"""Which course a checkpoint belongs to."""

import hashlib

from loresmith.plugins import TrainingSet
from loresmith.recipe import TrainConfig


def course_of(name: str, examples: TrainingSet, config: TrainConfig) -> str:
    """sha256 of the base's name, the settings and the conversations: all that decides the result."""
    digest = hashlib.sha256(f"{name}\0{config.model_dump_json()}".encode())
    for conversation in (*examples.train, None, *examples.validation):
        digest.update(repr(conversation and (conversation.completion, conversation.ids)).encode())
    return digest.hexdigest()
