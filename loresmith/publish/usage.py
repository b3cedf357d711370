"""How to run what is published: commands and code that work as they stand once the names are those of the Hub."""

from loresmith.models.prompts import SYSTEM
from loresmith.publish.base import Base
from loresmith.publish.expert import Expert, What
from loresmith.publish.writing import block

PLACEHOLDER = "OWNER/NAME"
LOADED = {
    "adapter": """tokenizer = AutoTokenizer.from_pretrained("{base}")
model = AutoModelForCausalLM.from_pretrained("{base}", dtype="auto", device_map="auto")
model = PeftModel.from_pretrained(model, "{repository}")""",
    "merged": """tokenizer = AutoTokenizer.from_pretrained("{repository}")
model = AutoModelForCausalLM.from_pretrained("{repository}", dtype="auto", device_map="auto")""",
}
IMPORTS = {"adapter": "from peft import PeftModel\n", "merged": ""}
PYTHON = """{imports}from transformers import AutoModelForCausalLM, AutoTokenizer

{loaded}
messages = [
    {{"role": "system", "content": "{system}"}},
    {{"role": "user", "content": "Your question"}},
]
inputs = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
written = model.generate(**inputs.to(model.device), max_new_tokens=64, do_sample=False)
print(tokenizer.decode(written[0, inputs["input_ids"].shape[1] :], skip_special_tokens=True))"""


def gguf_name(expert: Expert, repository: str | None) -> str:
    """How the GGUF file is called on the Hub: its quantisation stands in its name, by which Ollama chooses."""
    name = repository.split("/")[1] if repository else expert.name
    return f"{name}-{quantization(expert)}.gguf"


def quantization(expert: Expert) -> str:
    """Of the exported file, as the Hub writes it: `Q4_K_M`."""
    return str(expert.settings("export").get("export", {}).get("quantization", "f16")).upper()


def usage(expert: Expert, what: What, base: Base, repository: str | None) -> list[str]:
    """The chapter on running it."""
    place = repository or PLACEHOLDER
    if what == "gguf":
        return _gguf(expert, place)
    loaded = LOADED[what].format(base=base.id or base.name, repository=place)
    code = PYTHON.format(imports=IMPORTS[what], loaded=loaded, system=SYSTEM)
    needed = (
        "`pip install transformers accelerate peft`" if what == "adapter" else "`pip install transformers accelerate`"
    )
    lines = [f"With transformers{' and PEFT' if what == 'adapter' else ''} ({needed}):", "", *block("python", code)]
    return [*lines, *_prompt()]


def _gguf(expert: Expert, place: str) -> list[str]:
    tag = quantization(expert)
    lines = ["With llama.cpp:", "", *block("sh", f"llama-server -hf {place}:{tag}")]
    lines += ["With Ollama:", "", *block("sh", f"ollama run hf.co/{place}:{tag}")]
    lines += [
        "The files `template`, `system` and `params` give Ollama the chat template, the system prompt, the window and "
        "the stop token with which the model was examined. From a private repository Ollama needs its key in your "
        "account's settings on the Hub. With a downloaded copy: `ollama create NAME -f Modelfile`.",
        "",
    ]
    return [*lines, *_prompt()]


def _prompt() -> list[str]:
    return [f"It was trained and examined with the system prompt “{SYSTEM}” and greedy decoding.", ""]
