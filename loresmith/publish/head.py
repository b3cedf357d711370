"""The YAML head of a model card: what the Hub filters, links and charts by."""

from typing import Any

from loresmith.publish.base import Base
from loresmith.publish.expert import Expert, What
from loresmith.publish.languages import languages_of
from loresmith.publish.scores import TASK, eval_results

LIBRARY = {"adapter": "peft", "merged": "transformers", "gguf": "gguf"}
# A GGUF file counts as "finetune" too: its weights are not the base's own in fewer bits, which "quantized" would say.
RELATION = {"adapter": "adapter", "merged": "finetune", "gguf": "finetune"}
TAGS = {"adapter": ("lora",), "merged": ("lora",), "gguf": ("lora", "gguf", "llama.cpp", "ollama")}


def front_matter(expert: Expert, what: What, base: Base, repository: str | None) -> str:
    """The head without its lines of `---`."""
    from huggingface_hub import ModelCardData

    scores = eval_results(expert, what)
    linked: dict[str, Any] = {"base_model": base.id, "base_model_relation": RELATION[what]} if base.id else {}
    data = ModelCardData(
        **linked,
        license=base.licence.id,
        license_name=base.licence.name,
        license_link=base.licence.link,
        language=languages_of(expert) or None,
        library_name=LIBRARY[what],
        pipeline_tag=TASK,
        tags=["loresmith", *TAGS[what], *(("rehearsal",) if expert.project.rehearsed else ())],
        metrics=["accuracy"] if scores else None,
        model_name=repository.split("/")[1] if repository else expert.name,
        eval_results=scores or None,
    )
    told: dict[str, Any] = data.to_dict()  # type: ignore[no-untyped-call]
    told.pop("model_name", None)  # stays there where there are no scores
    order = ("license", "license_name", "license_link", "language", "base_model", "base_model_relation")
    return _dumped({key: told[key] for key in (*(k for k in order if k in told), *(k for k in told if k not in order))})


def _dumped(told: dict[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=110).strip()
