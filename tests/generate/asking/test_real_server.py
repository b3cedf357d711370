"""llama.cpp's own server on the bundled starter. The starter is no teacher: only the plumbing is asked about."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loresmith.generate.asking.endpoint import EndpointTeacher
from loresmith.generate.asking.local import LocalTeacher
from loresmith.generate.asking.reading import read
from loresmith.progress import finish
from loresmith.recipe import EndpointConfig, ExportConfig, GenerateConfig, ModelConfig
from loresmith.records import Chunk

# A process of its own: taking llama.cpp down in this one can block for ever.
SERVE = """
import os, sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx, params.n_parallel, params.n_gpu_layers, params.port, params.verbosity = 2048, 1, 0, 0, 0
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.ui = params.fit_params = params.prefill_assistant = False
answers = os.dup(1)
os.dup2(2, 1)  # whatever llama.cpp prints goes elsewhere
server = xllamacpp.Server(params)
os.write(answers, (server.listening_address + "\\n").encode())
sys.stdin.read()
os._exit(0)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from loresmith.export import shipping
    from loresmith.models.lora_weights import NO_UPDATE
    from loresmith.recipe.settings import ExportSettings

    path = tmp_path_factory.mktemp("gguf") / "starter.gguf"
    settings = ExportSettings(model=ModelConfig(base="starter"), export=ExportConfig(quantization="q8_0"))
    for _ in shipping.write(shipping.prepare(settings, NO_UPDATE, path.parent), path):
        pass
    return path


@pytest.fixture(scope="module")
def address(file: Path) -> Iterator[str]:
    command = [sys.executable, "-c", SERVE, str(file)]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True) as child:
        assert child.stdout is not None
        yield child.stdout.readline().strip()


def test_constrained_answers_of_a_real_server_are_kept_and_read(
    address: str, tmp_path: Path, chunk_of: Callable[..., Chunk]
) -> None:
    endpoint = EndpointConfig(base_url=f"{address}/v1", concurrency=2, asked_again=0, retries=1)
    config = GenerateConfig(wordings=2, facts_per_chunk=1, endpoint=endpoint)
    chunks = [chunk_of("The relief valve opens at 4 bar.", id="a"), chunk_of("The gate valve opens at 9 bar.", id="b")]
    teacher = EndpointTeacher(config, "starter")
    finish(teacher.prepare(chunks, tmp_path))
    told = teacher.account(pairs=1)
    assert (told["calls"], told["retries"], told["answers_with_guessed_tokens"]) == (2, 0, 0)
    assert told["prompt_tokens"] > 200
    bodies = [json.loads(line)["body"] for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    contents = [json.loads(body)["choices"][0]["message"]["content"] for body in bodies]
    assert all(content.lstrip().startswith("{") for content in contents)  # the schema was in force
    assert {read(body).fault for body in bodies} <= {None, "truncated JSON"}
    again = EndpointTeacher(config, "starter")
    finish(again.prepare(chunks, tmp_path))
    assert again.account(1)["replayed"] == 2


@pytest.mark.parametrize("which", ["folder", "gguf"])
def test_a_local_model_goes_through_the_same_prompt_journal_and_parser(
    which: str, file: Path, tmp_path: Path, chunk_of: Callable[..., Chunk]
) -> None:
    config = GenerateConfig(wordings=2, facts_per_chunk=1)
    chunks = [chunk_of("The relief valve opens at 4 bar.", id="a"), chunk_of("word " * 3000 + ".", id="b")]
    teacher = LocalTeacher(config, "starter" if which == "folder" else str(file))
    finish(teacher.prepare(chunks, tmp_path))
    told = teacher.account(0)
    assert (told["calls"], told["replayed"], told["calls_per_pair"]) == (1, 0, None)
    assert told["failures"]["prompt is too long for the model"] == 1
    assert told["completion_tokens"] > 0
    again = LocalTeacher(config, "starter" if which == "folder" else str(file))
    finish(again.prepare(chunks[:1], tmp_path))
    assert again.account(0)["replayed"] == 1
