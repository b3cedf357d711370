"""One of the processes that train together: `python -m torch.distributed.run ... -m loresmith.train.rank JOB`.

Not for users: `launch` starts it.
"""

import json
import os
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from loresmith.errors import LoresmithError
from loresmith.train import launch
from loresmith.train.peft_trainer import PeftTrainer

PATIENCE = timedelta(hours=2)
"""Longest wait for the other processes: the leading one also measures the validation loss and writes checkpoints."""


def main(job: Path) -> int:
    """Take part in the training that `job` describes; the exit code."""
    threading.Thread(target=_end_with_launch, daemon=True).start()
    has_gpu = torch.cuda.is_available()
    if has_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if has_gpu else "gloo", timeout=PATIENCE)
    try:
        work = PeftTrainer().fit(*launch.work_of(job))
        while True:
            try:
                _say("progress", next(work).model_dump(mode="json"))
            except StopIteration as end:
                _say("figures", end.value)
                break
    except LoresmithError as fault:
        launch.write_fault(job, dist.get_rank(), fault)
        return 1  # without a farewell to the others, who may wait for this one
    dist.destroy_process_group()
    return 0


def _say(what: str, content: Any) -> None:
    if dist.get_rank() == 0:
        sys.stdout.write(json.dumps({what: content}) + "\n")
        sys.stdout.flush()


def _end_with_launch() -> None:
    """End this process when the one that launched it is gone, whatever it waits for."""
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
