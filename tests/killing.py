"""A stage killed for real, again and again: who asked the model what, and what lies on the disk in the end.

Run as a program it holds one examination in a process of its own and lets it die by SIGKILL before a chosen change to
the file system (an audit event of the interpreter), or when its parent says so. The attempts are forks of one process
that has loaded the libraries but started no thread, so that an attempt costs the opening of a tiny model and not the
loading of torch.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")


@dataclass(frozen=True)
class Attempt:
    """One process that worked until it was done or killed."""

    calls: list[str]
    """What the model was asked, call by call, each as a hash of the arm's state and the tokens."""
    changes: int
    """Changes to the file system that were begun, the one that it died before included."""
    was_killed: bool


class Nursery:
    """The process that the attempts are forks of; a job is `{"stage", "settings", "parents", "target", ...}`."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "attempt.log"
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent.parent)}
        command = [sys.executable, "-W", "ignore", "-m", "tests.killing", str(self._log)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def attempt(self, job: dict[str, Any], *, change: int | None = None, seconds: float | None = None) -> Attempt:
        """Let `job` work, and die before its `change`-th change (from 1), or after `seconds`, or not at all."""
        assert self._child.stdin is not None and self._child.stdout is not None
        self._log.write_text("", encoding="utf-8")
        self._child.stdin.write(json.dumps({**job, "change": change, "seconds": seconds}) + "\n")
        self._child.stdin.flush()
        status = int(self._child.stdout.readline())
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"the attempt failed: {status}"
        told = self._log.read_text(encoding="utf-8").split()
        return Attempt([line for line in told if line != "change"], told.count("change"), os.WIFSIGNALED(status))

    def close(self) -> None:
        """End the process."""
        self._child.communicate()


def repeated(calls: Sequence[str], attempts: Sequence[Attempt]) -> int:
    """How many calls the attempts made beyond `calls`, those of an undisturbed run.

    Raises:
        AssertionError: they are not the same calls in the same order, but for the one in flight when a process died.
    """
    places = {0: 0}  # calls that lie behind, and how many of them were made twice, least first
    for attempt in attempts:
        size, next_places = len(attempt.calls), dict[int, int]()
        for done, more in places.items():
            for begin, again in ((done, more), (done - 1, more + 1)) if done and size else ((done, more),):
                if list(calls[begin : begin + size]) == attempt.calls:
                    next_places[begin + size] = min(again, next_places.get(begin + size, again))
        places = next_places
    assert len(calls) in places, "other calls than those of an undisturbed run"
    return places[len(calls)]


def files(folder: Path) -> dict[str, str]:
    """sha256 of each file, but for the manifest's, which tells seconds and memory."""
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json"]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def _work(job: dict[str, Any]) -> None:
    from loresmith import artifact, benchmark, evaluate
    from loresmith.artifact import Plan
    from loresmith.evaluate import further
    from loresmith.models.locate import find
    from loresmith.progress import finish
    from loresmith.recipe.benchmark import BenchmarkConfig
    from loresmith.recipe.settings import EvaluateSettings, FurtherSettings

    parents = {name: artifact.read(Path(path), made_by=name) for name, path in job["parents"].items()}
    target = Path(job["target"])
    if job["stage"] == "benchmark":
        examinee = benchmark.Examinee(find(job["model"]), "float32", parents["train"])
        finish(benchmark.run(examinee, BenchmarkConfig.model_validate(job["settings"]), target))
    elif job["stage"] == "evaluate":
        finish(evaluate.run(Plan("evaluate", EvaluateSettings.model_validate(job["settings"]), parents), target))
    else:
        settings = FurtherSettings.model_validate(job["settings"])
        finish(further.run(Plan(job["stage"], settings, parents), target))


def _watched(log: int, last: int | None) -> None:
    """Write each call of a model and each change to the file system to `log`, and die before the `last` change."""
    from loresmith.models.gguf import GgufModel
    from loresmith.models.language import LanguageModel

    begun = 0

    def heard(event: str, given: tuple[Any, ...]) -> None:
        nonlocal begun
        is_written = event == "open" and isinstance(given[0], str | bytes) and str(given[1] or "r")[0] in "wax"
        if not is_written and event not in CHANGES:
            return
        begun += 1
        os.write(log, b"change\n")
        if begun == last:
            os.kill(os.getpid(), signal.SIGKILL)

    def told(method: Callable[..., Any]) -> Callable[..., Any]:
        def asked(self: Any, given: Any, *more: Any) -> Any:
            layers = self.model.modules() if hasattr(self, "model") else ()
            is_bare = any(getattr(layer, "disable_adapters", False) for layer in layers)
            said = json.dumps([method.__name__, is_bare, [str(each) for each in given]])
            os.write(log, hashlib.sha256(said.encode()).hexdigest()[:16].encode() + b"\n")
            return method(self, given, *more)

        return asked

    for kind in (LanguageModel, GgufModel):
        for name in ("complete", "loglikelihood", "continue_text"):
            if hasattr(kind, name):
                setattr(kind, name, told(getattr(kind, name)))
    sys.addaudithook(heard)


def _nursery(log: Path) -> None:
    import faiss  # noqa: F401
    import peft  # noqa: F401
    import torch
    from transformers.models.qwen2 import modeling_qwen2  # noqa: F401

    from loresmith.benchmark import sitting  # noqa: F401
    from loresmith.evaluate import examination, further, quality, specialists, tally  # noqa: F401

    torch.set_num_threads(1)
    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setsid()
            sink = os.open(log, os.O_WRONLY | os.O_APPEND)
            os.dup2(2, 1)
            _watched(sink, job["change"])
            _work(job)
            os._exit(0)
        if job["seconds"] is not None:
            time.sleep(job["seconds"])
            os.kill(child, signal.SIGKILL)
        sys.stdout.write(f"{os.waitpid(child, 0)[1]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _nursery(Path(sys.argv[1]))
