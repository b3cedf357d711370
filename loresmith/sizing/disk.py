"""Bytes on the disk, from the download to the shipped file."""

from dataclasses import dataclass

from loresmith.recipe import TrainConfig
from loresmith.recipe.export import Quantization
from loresmith.sizing.shape import Shape
from loresmith.sizing.weights import adapter_parameters, gguf_bytes

PUBLISHED = 2
"""Bytes per weight of published models: 16 bits."""


@dataclass(frozen=True)
class Disk:
    """Bytes by what is stored."""

    download: int
    adapter: int
    """The adapter; for full training the whole model."""
    checkpoints: int
    """Two at once: the older one goes when the newer one is whole."""
    gguf: int

    @property
    def total(self) -> int:
        """All together."""
        return self.download + self.adapter + self.checkpoints + self.gguf


def needed(shape: Shape, train: TrainConfig, quantization: Quantization, *, is_local: bool) -> Disk:
    """What a training and an export leave; the merged model is never stored whole. A model that is here comes free."""
    trained = shape.parameters if train.method == "full" else adapter_parameters(shape, train)
    return Disk(
        download=0 if is_local else PUBLISHED * shape.parameters,
        adapter=(PUBLISHED if train.method == "full" else 4) * trained,
        checkpoints=2 * 3 * 4 * trained,  # the numbers and both moments in 32 bits
        gguf=gguf_bytes(shape, quantization),
    )
