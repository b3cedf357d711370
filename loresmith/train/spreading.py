"""A frozen base that several processes hold together, each a share of every layer (FSDP2, arXiv 2304.11277).

A layer is put together while it computes, forward and backward, and given up again; embeddings, head and adapter are
whole everywhere. So every process has to compute as often as the others, be it for nothing. Not covered: 4 bits,
full fine-tuning, exams on the way (`TrainConfig` refuses them).
"""

from typing import Any

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard


def spread(network: Any, place: torch.device) -> Any:
    """`network` with its layers spread over all processes, one after the other, and the rest at `place`."""
    mesh = init_device_mesh(place.type, (dist.get_world_size(),))
    for layer in network.get_decoder().layers:
        fully_shard(layer, mesh=mesh)
    return network.to(place)


def is_spread(network: Any) -> bool:
    """Whether processes hold the layers of `network` together."""
    return hasattr(network.get_decoder().layers[0], "unshard")
