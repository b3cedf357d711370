"""Random adapters that clearly change what a small model says."""

from pathlib import Path


def random_adapter(base: Path, folder: Path, seed: int) -> Path:
    """A PEFT adapter of rank 4 for the model in `base`, its weights drawn from `seed`."""
    import torch
    from peft import LoraConfig, get_peft_model

    from loresmith.models.language import open_model
    from loresmith.models.locate import find
    from loresmith.models.weights import quiet

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = get_peft_model(open_model(find(str(base))).model, LoraConfig(r=4, target_modules="all-linear"))
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(weights, std=0.5)
    model.save_pretrained(folder)
    return folder
