"""One of the processes that train together: `python -m torch.distributed.run ... -m loresmith.train.rank JOB`.

Not for users: `launch` starts it.
"""

import json
import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from loresmith.errors import Interrupted, LoresmithError
from loresmith.train import launch
from loresmith.train.peft_trainer import PeftTrainer

PATIENCE = timedelta(hours=2)
"""Longest wait for the other processes: the leading one also validates, holds exams and writes checkpoints."""


def main(job: Path) -> int:
    """Take part in the training that `job` describes; the exit code."""
    threading.Thread(target=_heed_launch, daemon=True).start()
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
    except Interrupted as end:  # in all processes after the same step: no failure, for which the launcher would end all
        launch.write_fault(job, dist.get_rank(), end)
    except LoresmithError as fault:
        launch.write_fault(job, dist.get_rank(), fault)
        return 1  # without a farewell to the others, who may wait for this one
    dist.destroy_process_group()
    return 0


def _say(what: str, content: Any) -> None:
    if dist.get_rank() == 0:
        sys.stdout.write(json.dumps({what: content}) + "\n")
        sys.stdout.flush()


def _heed_launch() -> None:
    """A line on the standard input is an order to end, as SIGTERM is; its end is the end at once.

    All processes read from one pipe, so a line reaches one of them; whichever it is, `Course.steps` ends all.
    """
    for _ in sys.stdin.buffer:
        os.kill(os.getpid(), signal.SIGTERM)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
