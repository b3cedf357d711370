"""The files `template`, `system` and `params` with which `ollama run hf.co/OWNER/NAME` serves a GGUF file of the Hub.

Made from the Modelfile of the export, whose Go template was checked against the tokenizer's own: one source, two forms
(https://huggingface.co/docs/hub/ollama). No line is added at their ends, since `template` and `system` are taken as
they are. Without a template Ollama picks one by that inside the GGUF file.
"""

import json
import re
from typing import Any

QUOTED = re.compile(r'^(TEMPLATE|SYSTEM) """(.*?)"""$', re.MULTILINE | re.DOTALL)
PARAMETER = re.compile(r"^PARAMETER (\w+) (.+)$", re.MULTILINE)
FROM = re.compile(r"^FROM .*$", re.MULTILINE)


def hub_files(modelfile: str) -> dict[str, str]:
    """File to content; a file that the Modelfile has nothing for is left out."""
    texts = {name.lower(): text for name, text in QUOTED.findall(modelfile)}
    rest = QUOTED.sub("", modelfile)  # a system prompt may hold a line that looks like a parameter
    params: dict[str, Any] = {}
    for name, told in PARAMETER.findall(rest):
        if name == "stop":
            params.setdefault("stop", []).append(told[1:-1])  # between quotation marks
        else:
            params[name] = json.loads(told)
    files = {name: texts[name] for name in ("template", "system") if name in texts}
    return {**files, "params": json.dumps(params, ensure_ascii=False)} if params else files


def pointed_at(modelfile: str, weights: str) -> str:
    """The same Modelfile for a file of weights of another name."""
    return FROM.sub(lambda _: f"FROM ./{weights}", modelfile, count=1)
