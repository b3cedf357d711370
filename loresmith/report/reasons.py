"""Why a hyperparameter has the value it has: a table of reasons, keyed by name and value.

Sources: LoRA (arXiv 2106.09685), QLoRA (arXiv 2305.14314), AdamW (arXiv 1711.05101), cosine decay (arXiv 1608.03983),
gradient clipping (arXiv 1211.5063). A reason says what the value does; whether it did well, the exam says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.report.wording import count, millions, value


@dataclass(frozen=True)
class Setting:
    """A recipe's training section with what is known about the run."""

    train: Mapping[str, Any]
    parameters: int | None
    """Of the base model."""
    conversations: int | None
    trained: int | None
    """Numbers in the adapter."""


Reason = Callable[[Setting], str]


def reason(name: str, setting: Setting) -> str:
    """Why `name` has its value; empty where nothing is known to say."""
    return REASONS[name](setting) if name in REASONS else ""


def _method(s: Setting) -> str:
    if s.train["method"] == "full":
        return "Every weight is trained: the most that data can change, at the price of memory and of forgetting."
    words = "The base stays as it is and small matrices beside it are trained"
    if s.trained and s.parameters:
        words += f" ({millions(s.trained)} numbers beside {millions(s.parameters)} weights)"
    words += ": little memory, and the adapter can be switched off to compare."
    if s.train["method"] == "qlora":
        words += " The frozen base is held in 4 bits, so that a larger one fits."
    return words


def _r(s: Setting) -> str:
    if s.train["r"] >= 32:
        return "High for style, right for facts: what is learned by heart needs room, which each step of rank gives."
    if s.train["r"] >= 8:
        return "The middle of the usual 8 to 64: enough for one domain, and small to store and to merge."
    return "Low: enough to change how the model answers, little room for new facts."


def _alpha(s: Setting) -> str:
    ratio = "alpha / sqrt(r)" if s.train.get("use_rslora") else "alpha / r"
    scale = s.train["lora_alpha"] / (s.train["r"] ** 0.5 if s.train.get("use_rslora") else s.train["r"])
    return f"Scales the adapter's output by {ratio} = {scale:g}; " + (
        "2 is common, and lets rank change without retuning the learning rate."
        if scale == 2
        else "kept with the learning rate that it was tuned with."
    )


def _dropout(s: Setting) -> str:
    if s.train["lora_dropout"] == 0:
        return "None: facts must be met in full each time to be learned by heart."
    return "Some inputs of the adapter are left out at random, against learning rows by heart."


def _targets(s: Setting) -> str:
    if s.train["target_modules"] == "all-linear":
        return "All linear layers of the blocks: QLoRA found that this, more than rank, reaches full fine-tuning."
    return "Only these layers are adapted: fewer numbers to train, less room for facts in the feed-forward part."


def _rate(s: Setting) -> str:
    rate = s.train["learning_rate"]
    if rate > 1e-3:
        size = f" of {millions(s.parameters)} weights" if s.parameters else ""
        return f"Large: a model{size} learns by larger steps than those of billions, for which 1e-4 to 2e-4 is usual."
    if rate >= 1e-4:
        return "Usual for adapters, which start at zero and bear ten times the step of full fine-tuning."
    return "Cautious: slow to learn facts, sparing what the model knows."


def _epochs(s: Setting) -> str:
    seen = f"Each of {count(s.conversations)} conversations is met" if s.conversations else "Each conversation is met"
    epochs = s.train["num_train_epochs"]
    words = f"{seen} {epochs} times" if epochs > 1 else f"{seen} once"
    return words + (
        "; facts need many meetings, in several wordings." if epochs > 5 else "; more is soon learned by heart."
    )


def _batch(s: Setting) -> str:
    size = s.train["per_device_train_batch_size"] * s.train["gradient_accumulation_steps"]
    return f"With accumulation, {size} conversations a step: steady gradients within the memory of the machine."


def _accumulation(s: Setting) -> str:
    steps = s.train["gradient_accumulation_steps"]
    return "Not needed at this batch size." if steps == 1 else f"{steps} small batches count as one, to save memory."


def _warmup(s: Setting) -> str:
    if s.train.get("warmup_ratio") is not None or s.train["lr_scheduler_type"] == "constant":
        return "Not used: the warm-up is a share of all steps, or there is none."
    return (
        "The rate grows from zero over these steps, while the optimizer's averages fill."
        if s.train["warmup_steps"]
        else "None."
    )


def _decay(s: Setting) -> str:
    return (
        "Pulls adapter weights towards zero, a light guard against overfitting." if s.train["weight_decay"] else "None."
    )


def _schedule(s: Setting) -> str:
    return {
        "cosine": "Falls along a half cosine to zero: large steps first, fine ones last.",
        "linear": "Falls in a straight line to zero.",
        "constant": "Stays as it is from the first step, so that training can go on at any time.",
        "constant_with_warmup": "Stays as it is after the warm-up, so that training can go on at any time.",
        "cosine_with_min_lr": "Falls along a half cosine to a rate that still learns.",
        "cosine_with_restarts": "Falls along a half cosine several times, each time from the full rate.",
        "polynomial": "Falls to nearly zero along a power of the steps that are left.",
        "inverse_sqrt": "Falls with the square root of the steps taken: fast first, then ever slower.",
        "warmup_stable_decay": "Stays at the full rate and falls over the last steps only.",
    }[s.train["lr_scheduler_type"]]


def _optim(s: Setting) -> str:
    if s.train["optim"] == "adamw_8bit":
        return "Adam with decoupled decay; its two averages in 8 bits, to save memory."
    if s.train["method"] == "full":
        return "Adam with decoupled decay, in full precision: 16 bytes for each weight."
    return "Adam with decoupled decay, in full precision: the adapter is small enough."


def _length(s: Setting) -> str:
    return "Longest conversation, in tokens. A longer one is dropped with its reason; none is cut."


def _processes(s: Setting) -> str:
    if s.train["processes"] == 1:
        return "One process computes each step by itself."
    return (
        "Several share the conversations of each step and sum their gradients: the time changes, the result does not."
    )


def _spread(s: Setting) -> str:
    if s.train["spread_base"] and s.train["processes"] != 1:
        return "The base is too large for one: each process holds a share of every layer."
    return "Each process holds the whole base, which is fastest."


def _packing(s: Setting) -> str:
    if s.train["packing"]:
        return "Several conversations share a row, each blind to the others: no padding is computed."
    return "One conversation a row: the same result, and short ones take longer than together."


def _forms(s: Setting) -> str:
    if not {"short", "choice", "long"} - set(s.train["forms"]):
        return "Every form of question that the exam asks is trained."
    return f"Only {value(s.train['forms'])} questions are trained; other forms in the exam test what carries over."


def _open_book(s: Setting) -> str:
    if not s.train["open_book"]:
        return "Questions are trained closed book only; with sources the adapter has to do what the base model can."
    return "This share is asked once more with its passage, so that the adapter does not forget to read (RAFT)."


def _mix(s: Setting) -> str:
    if not s.train["mix"]:
        return "Nothing is mixed in: the project's own questions are all there is to learn."
    return "Other rows learned in the same steps, by these weights: what is trained in turns is forgotten in turns."


def _own_weight(s: Setting) -> str:
    if not s.train["mix"]:
        return "Counts beside the weights of `mix`, of which there are none."
    return "What the weights of `mix` are measured by; the project's own questions are all met in each epoch."


def _replay(s: Setting) -> str:
    if not s.train["replay"]:
        return "No general rows are trained; whether that costs general ability, the exams on the way would tell."
    return "This share of the examples is general, so that what the base model can do stays in use."


def _curriculum(s: Setting) -> str:
    if s.train["curriculum"]:
        return "Common words, short answers and given sources come first, what must be known by heart last."
    return "Easy and hard are met side by side, so that no step learns from one kind alone."


def _adapters(s: Setting) -> str:
    if not s.train["adapters"]:
        return "One adapter learns everything."
    return "Each of these learns its own part beside the one that learns everything, and can be taken by name."


def _exam_steps(s: Setting) -> str:
    if not s.train["exam_steps"]:
        return "No exams on the way: the last step is kept."
    return "How often validation questions and general ability are asked, so that forgetting is seen while it happens."


def _patience(s: Setting) -> str:
    if s.train["early_stopping_patience"] is None:
        return "Training goes to its end."
    return "Exams without a better one that are waited for."


def _best(s: Setting) -> str:
    if not s.train["exam_steps"] or not s.train["load_best_model_at_end"]:
        return "What came last is kept."
    return "What answered best is kept, which need not have the lowest loss."


REASONS: dict[str, Reason] = {
    "method": _method,
    "r": _r,
    "lora_alpha": _alpha,
    "lora_dropout": _dropout,
    "target_modules": _targets,
    "learning_rate": _rate,
    "num_train_epochs": _epochs,
    "per_device_train_batch_size": _batch,
    "gradient_accumulation_steps": _accumulation,
    "warmup_steps": _warmup,
    "warmup_ratio": lambda s: "A share of all steps suits long and short runs alike; none counts steps instead.",
    "use_rslora": lambda s: "Keeps the size of a step the same at any rank." if s.train["use_rslora"] else "Not used.",
    "use_dora": lambda s: (
        "Length and direction of each weight row are learned apart, as in full fine-tuning."
        if s.train["use_dora"]
        else "Not used."
    ),
    "weight_decay": _decay,
    "lr_scheduler_type": _schedule,
    "lr_scheduler_kwargs": lambda s: "Settings of the schedule." if s.train["lr_scheduler_kwargs"] else "It has none.",
    "optim": _optim,
    "max_grad_norm": lambda s: "A longer gradient is cut to this length, so that one odd batch cannot undo the rest.",
    "max_length": _length,
    "packing": _packing,
    "processes": _processes,
    "spread_base": _spread,
    "forms": _forms,
    "open_book": _open_book,
    "mix": _mix,
    "own_weight": _own_weight,
    "replay": _replay,
    "curriculum": _curriculum,
    "adapters": _adapters,
    "logging_steps": lambda s: "Often enough to see a fault early.",
    "save_steps": lambda s: "A killed run loses at most these steps.",
    "exam_steps": _exam_steps,
    "exam_questions": lambda s: "More show smaller differences and take longer.",
    "on_forgetting": lambda s: "Whether a fall in general ability ends the training or is only written down.",
    "early_stopping_patience": _patience,
    "load_best_model_at_end": _best,
    "report_to": lambda s: "Other programs that show the same log." if s.train["report_to"] else "The log is enough.",
    "eval_strategy": lambda s: "When the validation loss is measured.",
    "eval_steps": lambda s: (
        "How often the validation loss is measured."
        if s.train.get("eval_strategy") != "epoch"
        else "Not used: it is measured after each epoch."
    ),
    "seed": lambda s: "Fixed, so that the same inputs give the same adapter.",
}
