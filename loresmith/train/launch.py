"""Training by several processes of this machine, started by torch's own launcher and heard from here.

The launcher (`torch.distributed.run`) starts them, and ends all when one fails. They get their work as a file beside
the checkpoints; the leading one says on its standard output how far it is. All look at their standard input: a line
tells them to end after a checkpoint, and it ends with this process, and they with it. Not covered: several machines.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import torch

from loresmith.errors import Interrupted, LoresmithError, MachineError, UserError
from loresmith.models.threads import usable_cores
from loresmith.plugins import Conversation, TrainingSet
from loresmith.progress import Work
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.records import Progress
from loresmith.train import team, trouble
from loresmith.train.checkpoint import FOLDER

JOB, WORK, ERRORS = "processes", "work.json", "errors.txt"
ATTEMPTS = 2
"""A launch that fails before its first word is tried once more: on a loaded machine processes may miss each other."""
PATIENCE_SECONDS = 40
"""For the end of all processes; the launcher itself gives them 30."""


def processes(config: TrainConfig) -> int:
    """How many processes `config` asks for on this machine; 1 within such a process.

    Raises:
        UserError: there are GPUs, but fewer.
    """
    if team.present().size > 1:
        return 1
    gpus = torch.cuda.device_count()
    if config.processes == "auto":
        return max(1, gpus)
    if 0 < gpus < config.processes:
        raise UserError(
            f"train.processes asks for {config.processes}, but this machine has {gpus} GPU{'s' * (gpus > 1)}.",
            next_step=f"Set train.processes to {gpus}, or to auto.",
        )
    return config.processes


def fitted(model: ModelConfig, examples: TrainingSet, target: Path, config: TrainConfig) -> Work[dict[str, Any]]:
    """What `Trainer.fit` of the built-in trainer leaves and returns, by the processes that `config` asks for.

    Raises:
        LoresmithError: whatever one of them raised.
        MachineError: one of them was ended, or they did not start.
        Interrupted: SIGTERM came, to this process or to one of them.
    """
    count = processes(config)
    job = target / FOLDER / JOB
    for attempt in range(1, ATTEMPTS + 1):
        hand_over(job, model, examples, target, config)
        last: Progress | None = None
        with _started(job, count) as launcher, trouble.termination(lambda: _order_the_end(launcher)) as order:
            try:
                for line in _told(launcher):
                    if "figures" in line:
                        launcher.wait()
                        figures: dict[str, Any] = line["figures"]
                        return figures | {"processes": count} | ({"launches": attempt} if attempt > 1 else {})
                    last = Progress.model_validate(line["progress"])
                    yield last
                launcher.wait()
            finally:
                _end(launcher)
        _raise_fault(job)
        if order.given:
            raise Interrupted(
                f"Told to end {_where(last)}, before the processes could write a checkpoint.",
                next_step="Run the same command again to go on from the last one.",
            )
        if last is not None or attempt == ATTEMPTS:
            break
        note = f"the {count} processes did not start ({_why(job)}); once more"
        yield Progress(stage="train", done=0, total=None, note=note)
    where = _where(last) + ("" if last is not None else ", twice")
    raise MachineError(
        f"Training by {count} processes ended {where}: {_why(job)}.",
        next_step=f"Run the same command again: it goes on from the last checkpoint. Details: {job / ERRORS}",
    )


def work_of(job: Path) -> tuple[ModelConfig, TrainingSet, Path, TrainConfig]:
    """What `hand_over` left in the folder `job`."""
    given = json.loads((job / WORK).read_text(encoding="utf-8"))
    read = {
        name: tuple(Conversation(**{**row, "ids": tuple(row["ids"])}) for row in given["examples"][name])
        for name in ("train", "validation")
    }
    examples = TrainingSet(read["train"], read["validation"], tuple(map(tuple, given["examples"]["epochs"])))
    settings = ModelConfig.model_validate(given["model"]), TrainConfig.model_validate(given["train"])
    return settings[0], examples, Path(given["target"]), settings[1]


def write_fault(job: Path, rank: int, fault: LoresmithError) -> None:
    """Leave an expected error of process `rank` where `fitted` finds it."""
    told = {"code": fault.exit_code, "problem": fault.problem, "next_step": fault.next_step}
    (job / f"fault-{rank}.json").write_text(json.dumps(told), encoding="utf-8")


def hand_over(job: Path, model: ModelConfig, examples: TrainingSet, target: Path, config: TrainConfig) -> None:
    """Leave in the folder `job` what the processes are to do."""
    shutil.rmtree(job, ignore_errors=True)
    job.mkdir(parents=True)
    given = {
        "model": model.model_dump(mode="json"),
        "examples": asdict(examples),
        "target": str(target.absolute()),
        "train": config.model_dump(mode="json"),
    }
    (job / WORK).write_text(json.dumps(given), encoding="utf-8")


def _started(job: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
    command += ["--local-addr=127.0.0.1", "--module", "loresmith.train.rank", str(job)]
    settings = {"OMP_NUM_THREADS": str(max(1, usable_cores() // count))}
    if sys.platform == "linux":
        settings["GLOO_SOCKET_IFNAME"] = "lo"  # else gloo looks up the name of this host
    with (job / ERRORS).open("w", encoding="utf-8") as errors:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env={**settings, **os.environ},
            start_new_session=True,  # Ctrl-C reaches this process alone, which ends the others in order
        )


def _where(last: Progress | None) -> str:
    return f"at step {last.done + 1}" if last is not None else "before the first step"


def _order_the_end(launcher: subprocess.Popen[str]) -> None:
    if launcher.stdin is not None:
        with suppress(OSError):  # they have ended already
            os.write(launcher.stdin.fileno(), b"\n")


def _told(launcher: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """The lines that are ours; gloo and others may print as well."""
    output: IO[str] | None = launcher.stdout
    for line in output or ():
        if line.startswith("{"):
            told = json.loads(line)
            if isinstance(told, dict) and told.keys() & {"progress", "figures"}:
                yield told


def _end(launcher: subprocess.Popen[str]) -> None:
    """After this neither the launcher nor a process of it is left."""
    if launcher.poll() is None:
        launcher.terminate()
    try:
        launcher.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        launcher.kill()  # the processes end with their standard input


def _raise_fault(job: Path) -> None:
    for path in sorted(job.glob("fault-*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        kind = {2: UserError, 3: MachineError, 75: Interrupted}.get(told["code"], LoresmithError)
        raise kind(told["problem"], next_step=told["next_step"])


def _why(job: Path) -> str:
    """One line on what ended the processes, from the launcher's account of the first one that failed."""
    text = (job / ERRORS).read_text(encoding="utf-8", errors="replace")
    account = text.rpartition("Root Cause")[2]
    rank, code = re.search(r"rank\s*:\s*(\d+)", account), re.search(r"exitcode\s*:\s*(-?\d+)", account)
    raised = re.findall(r"^(?:\[rank\d+\]: ?)?(\w+(?:\.\w+)*(?:Error|Exception)\b.*)$", text, flags=re.MULTILINE)
    if rank is None or code is None:
        return (raised or text.strip().splitlines() or ["the launcher ended"])[-1]
    if int(code[1]) < 0:
        return f"process {rank[1]} was ended by signal {-int(code[1])}"
    return f"process {rank[1]} failed" + (f" ({raised[0]})" if raised else f" with exit code {code[1]}")
