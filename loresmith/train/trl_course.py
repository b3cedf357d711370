"""A course in the hands of TRL's `SFTTrainer`: its loop, loss, optimizer and checkpoints; our order, rates and log.

Steps hold the same conversations at the same rates as those of the built-in trainer, so that the two can be compared.
With `packing` the conversations of a batch stand in one row without padding (TRL's `padding_free`). TRL's own `packing`
is not used: it would count rows where `per_device_train_batch_size` counts conversations, and fix for all epochs which
of them stand together. Rows come as ids and labels, so nothing is cut or dropped on the way. Not covered: several
processes, trackers.
"""

import json
import math
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor
from torch.utils.data import Sampler
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from loresmith.artifact import write_whole
from loresmith.errors import UserError
from loresmith.plugins import Conversation, TrainingSet
from loresmith.recipe import TrainConfig
from loresmith.records import Progress
from loresmith.train import packing
from loresmith.train.called_back import Report
from loresmith.train.checkpoint import FOLDER, Place
from loresmith.train.log import Log
from loresmith.train.objective import loss_tokens
from loresmith.train.schedule import learning_rate

MARK = "place.json"
"""Written last into a checkpoint of TRL: one without it is not whole."""
IGNORED = -100


class Order(Sampler[int]):
    """Conversations by index in the order of `packing.chosen`, another one each epoch."""

    def __init__(self, count: int, seed: int) -> None:
        self.count, self.seed, self.epoch = count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the training loop."""
        self.epoch = epoch

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        return iter(packing.chosen(self.count, self.count, 0, seed=self.seed, epoch=self.epoch))


class Record(TrainerCallback):  # type: ignore[misc]
    """What TRL's loop tells: kept in the log and in checkpoints, and handed on as progress."""

    def __init__(self, place: Place, per_epoch: int, config: TrainConfig, target: Path) -> None:
        self.place, self.per_epoch, self.config = place, per_epoch, config
        self.total = per_epoch * config.num_train_epochs
        self.log = Log(target)
        self.log.cut(place.log_bytes)
        self.report: Report = lambda progress: None
        self.is_over = threading.Event()

    def learned(self, loss: float, completion: int, tokens: int) -> None:
        """A part of a step: its summed loss in nats, tokens with loss, tokens in all."""
        pending = self.place.pending
        self.place = replace(
            self.place,
            pending=(pending[0] + loss, pending[1] + completion, pending[2]),
            tokens=self.place.tokens + tokens,
        )

    def on_step_end(self, _: Any, state: Any, control: Any, **__: Any) -> None:
        """Validate after the last step too; keep no checkpoint of it, since the adapter itself follows."""
        if state.global_step == self.total:
            control.should_evaluate, control.should_save = state.eval_steps is not None, False
        control.should_training_stop = control.should_training_stop or self.is_over.is_set()

    def on_log(self, _: Any, state: Any, __: Any, logs: dict[str, Any] | None = None, **___: Any) -> None:
        """Write the line of every `logging_steps`; TRL is asked for its figures after each step.

        Raises:
            UserError: the loss or the gradient is not a number.
        """
        if not logs or "grad_norm" not in logs:
            return
        step, norm, now = state.global_step, float(logs["grad_norm"]), float(logs["loss"])
        if not (math.isfinite(now) and math.isfinite(norm)):
            raise UserError(
                f"Training broke at step {step}: the loss is {now}, the gradient norm {norm}.",
                next_step="Lower train.learning_rate, raise train.warmup_steps, or set model.dtype to float32.",
            )
        loss, completion, steps = self.place.pending
        self.place = replace(self.place, step=step, pending=(loss, completion, steps + 1))
        if step % self.config.logging_steps == 0 or step == self.total:
            figures = {
                "epoch": step / self.per_epoch,
                "loss": loss / completion,
                "learning_rate": learning_rate(step - 1, self.total, self.config),
                "grad_norm": norm,
                "tokens": self.place.tokens,
            }
            self.log.add(step, figures)
            self.place = replace(self.place, pending=(0.0, 0, 0))
        self.report(Progress(stage="train", done=step, total=self.total, note=f"loss {now:.3f}, TRL"))

    def on_save(self, arguments: Any, state: Any, _: Any, **__: Any) -> None:
        """Mark the checkpoint as whole, and how far the log was."""
        self.place = replace(self.place, log_bytes=self.log.length())
        folder = Path(arguments.output_dir) / f"checkpoint-{state.global_step}"
        write_whole(folder / MARK, json.dumps(asdict(self.place)))


class Engine(SFTTrainer):  # type: ignore[misc]
    """TRL's trainer with the order, the rates and the validation of the built-in one."""

    record: Record
    control: Any
    watched_tokens: int

    def _get_train_sampler(self, train_dataset: Any = None) -> Order:
        return Order(len(train_dataset or self.train_dataset), self.args.seed)

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """The rate of each step as `schedule` has it."""
        config = self.record.config
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            optimizer or self.optimizer,
            lambda step: learning_rate(step, num_training_steps, config) / config.learning_rate,
        )
        return self.lr_scheduler

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Tensor:
        """TRL's step on one batch, its share of the loss written down."""
        tokens = inputs["attention_mask"].sum() if "attention_mask" in inputs else inputs["input_ids"].numel()
        completion = int((inputs["labels"][:, 1:] != IGNORED).sum())
        loss: Tensor = super().training_step(model, inputs, num_items_in_batch)
        self.record.learned(float(loss) * int(num_items_in_batch), completion, int(tokens))
        return loss

    @torch.no_grad()
    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """The validation loss over completion tokens; TRL's own weighs batches alike, whatever they hold."""
        self.model.eval()
        total = 0.0
        for inputs in self.get_eval_dataloader():
            total += float(self.compute_loss(self.model, self._prepare_inputs(inputs), num_items_in_batch=1))
        loss = total / self.watched_tokens
        self.record.log.add(self.state.global_step, {"validation_loss": loss})
        figures = {"eval_loss": loss}
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, figures)
        return figures

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """None: the export writes the card."""


def engine(network: Any, tokenizer: Any, examples: TrainingSet, record: Record, target: Path) -> Engine:
    """TRL's trainer over `network`, a PEFT model, ready to `train`."""
    config = record.config
    has_gpu = torch.cuda.is_available()
    settings = SFTConfig(
        str(target / FOLDER / "trl"),
        per_device_train_batch_size=config.per_device_train_batch_size,
        per_device_eval_batch_size=config.per_device_train_batch_size,
        gradient_accumulation_steps=config.gradient_accumulation_steps,
        num_train_epochs=config.num_train_epochs,
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        max_grad_norm=config.max_grad_norm,
        optim=config.optim,
        seed=config.seed,
        padding_free=config.packing,
        max_length=None,  # nothing is to be cut: `loresmith train` has set aside what is too long
        dataset_kwargs={"skip_prepare_dataset": True},
        bf16=False,  # no autocast: the base has the precision of the recipe, the adapter is float32
        gradient_checkpointing=has_gpu,  # TRL's default, which without a GPU only costs time
        use_cpu=not has_gpu,
        dataloader_pin_memory=has_gpu,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_steps=config.save_steps,
        save_total_limit=2,  # the older one stays until the newer one is whole
        eval_strategy="steps" if examples.validation else "no",
        eval_steps=config.eval_steps if examples.validation else None,
        eval_on_start=bool(examples.validation) and record.place.step == 0,
        report_to=[],
        disable_tqdm=True,
    )
    made = Engine(
        network,
        settings,
        train_dataset=_dataset(examples.train),
        eval_dataset=_dataset(examples.validation) if examples.validation else None,
        processing_class=tokenizer,
        callbacks=[record],
    )
    made.remove_callback(PrinterCallback)
    made.record, made.watched_tokens = record, loss_tokens(examples.validation)
    return made


def newest(target: Path, course: str) -> tuple[Place, Path] | None:
    """The newest whole checkpoint that TRL left below `target` in the course `course`, or `None`."""
    found = []
    for mark in (target / FOLDER / "trl").glob(f"checkpoint-*/{MARK}"):
        try:
            state = json.loads(mark.read_text(encoding="utf-8"))
            total, tokens, steps = state.pop("pending")
            found.append((Place(**state, pending=(total, tokens, steps)), mark.parent))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    fitting = [entry for entry in found if entry[0].course == course]
    return max(fitting, key=lambda entry: entry[0].step, default=None)


def _dataset(conversations: Sequence[Conversation]) -> Dataset:
    ids = [list(one.ids) for one in conversations]
    labels = [[IGNORED] * one.completion + list(one.ids[one.completion :]) for one in conversations]
    return Dataset.from_dict({"input_ids": ids, "labels": labels})
