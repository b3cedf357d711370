"""The trainer `unsloth`: Unsloth's patched model and kernels under TRL's loop, on one CUDA GPU.

Written against Unsloth's documented interface (`FastLanguageModel.from_pretrained`, `get_peft_model`) and never run by
this project, which had no GPU for it: nothing is claimed about its speed or its equality. The training set, settings
and artifact are those of the other trainers. Not covered: what `trl` does not cover, DoRA.
"""

from pathlib import Path
from typing import Any

import torch

from loresmith.errors import MachineError
from loresmith.models import locate
from loresmith.models.locate import ModelSource
from loresmith.models.weights import precision, quiet
from loresmith.plugins import TrainingSet
from loresmith.progress import Work
from loresmith.recipe import ModelConfig, TrainConfig
from loresmith.train.trl_trainer import require_packages, require_plain, taken

LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""What Unsloth's documentation names for `all-linear`."""


class UnslothTrainer:
    """Unsloth under TRL's loop."""

    def fit(self, model: ModelConfig, examples: TrainingSet, target: Path, config: TrainConfig) -> Work[dict[str, Any]]:
        """Leave a PEFT adapter, `log.jsonl` and `loss.svg` in `target`, going on from a checkpoint found there.

        Raises:
            MachineError: there is no CUDA GPU, or its memory does not suffice.
            PackageMissing: Unsloth is not installed.
            NotBuiltYet: the recipe asks for what this trainer does not have.
            UserError: the loss is not a number; names the step.
        """
        require_plain("unsloth", config)
        if not torch.cuda.is_available():
            raise MachineError(
                "`train.trainer: unsloth` needs a CUDA GPU, and this machine has none.",
                next_step="Set train.trainer to peft, which needs none.",
            )
        require_packages("unsloth", ("unsloth",))
        source = locate.find(model.base, model.revision)
        with quiet():
            network, tokenizer = _opened(source, model, config)
        from loresmith.train import lora

        return (yield from taken(lora.Adapter(network, source.name), tokenizer, source.name, examples, target, config))


def _opened(source: ModelSource, model: ModelConfig, config: TrainConfig) -> tuple[Any, Any]:
    """The base in 16 bits with an adapter on it, and its tokenizer."""
    from unsloth import FastLanguageModel  # patches TRL, so it has to come before `trl_course`

    base, tokenizer = FastLanguageModel.from_pretrained(
        model_name=str(source.path),
        max_seq_length=config.max_length,
        dtype=precision(model.dtype),
        load_in_4bit=False,
    )
    is_all = config.target_modules == "all-linear"
    network = FastLanguageModel.get_peft_model(
        base,
        r=config.r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        use_rslora=config.use_rslora,
        target_modules=list(LINEARS if is_all else config.target_modules),
        bias="none",
        use_gradient_checkpointing="unsloth",
        random_state=config.seed,
        max_seq_length=config.max_length,
    )
    return network, tokenizer
