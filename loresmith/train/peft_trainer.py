"""Fine-tuning by a compact loop of our own: packed, completion tokens only, resumable to the same bytes.

What is trained, and of which base, is for `methods` to say; the loop is in `course`, and several processes share its
steps as `team` says. Not covered: several machines.
"""

from pathlib import Path
from typing import Any

from loresmith.models import locate
from loresmith.models.language import LanguageModel
from loresmith.models.locate import ModelSource
from loresmith.models.weights import load_tokenizer
from loresmith.plugins import TrainingSet
from loresmith.progress import Work
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.records import Progress
from loresmith.train import checkpoint, heap, launch, methods, plot, precision, trouble
from loresmith.train.course import Course
from loresmith.train.log import NAME, lines
from loresmith.train.watching import Watch


class PeftTrainer:
    """The built-in trainer. What it has loaded it keeps for the next course on the same base."""

    def __init__(self) -> None:
        self._base: tuple[object, Any] | None = None

    def fit(self, model: ModelConfig, examples: TrainingSet, target: Path, config: TrainConfig) -> Work[dict[str, Any]]:
        """Leave what was learned, `log.jsonl` and `loss.svg` in `target`, going on from a checkpoint found there.

        On a CPU a run that was killed and goes on ends with the same bytes as an undisturbed one.

        Raises:
            UserError: the loss is not a number, or nothing is learned; names the step and the conversations.
            MachineError: memory does not suffice.
            Interrupted: SIGTERM came; the checkpoint is written.
        """
        source = locate.find(model.base, model.revision)
        sizes = locate.configuration(source)
        way = precision.settled(
            target / checkpoint.FOLDER, model.dtype, sizes.get("hidden_size", 0), sizes.get("intermediate_size", 0)
        )
        if launch.processes(config) > 1:
            return (yield from launch.fitted(model, examples, target, config))
        course = Course(self._opened(source, way.dtype, config), source.name, examples, config, target)
        leads = course.team.leads
        if config.exam_steps and leads:
            speaker = LanguageModel(course.network, load_tokenizer(source), source.name)
            course.watch = Watch(speaker, examples.validation, config, target)
        yield Progress(stage="train", done=course.place.step, total=course.total, note="model loaded")
        with precision.applied(way), heap.kept(), trouble.termination() as order:
            yield from course.steps(order)
        if not leads:
            return {}
        course.finish()
        logged = lines(target / NAME)
        (target / "loss.svg").write_text(plot.drawn(logged), encoding="utf-8")
        checkpoint.clear(target)
        if (base := course.adapter.base()) is not None:
            self._base = (source.path, way.dtype, config.method), base
        return course.figures(logged) | ({"matmul": way.matmul} if way.matmul != "highest" else {})

    def _opened(self, source: ModelSource, dtype: str, config: TrainConfig) -> Any:
        """The base without an adapter, loaded at the first course and wherever it was asked for otherwise."""
        key = (source.path, dtype, config.method)
        kept, self._base = self._base, None
        if kept is not None and kept[0] == key:
            return kept[1]
        return methods.opened(source, dtype, config)
