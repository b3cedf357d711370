"""A real server in a thread that answers like a model, and misbehaves when a test tells it to."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith import artifact, chunk
from loresmith.artifact import Artifact, Plan
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, EndpointConfig, GenerateConfig, IngestConfig
from loresmith.records import Document
from tests.stand_in import StandIn, Told, completion, prompt_of, serving

SENTENCE = re.compile(r"The ([a-z]+) valve opens at (\d+) bar\.")
NUMBERED = re.compile(r"^(\d+)\. .*?the ([a-z]+) valve", re.MULTILINE)


def asked_for(request: dict[str, Any]) -> str:
    """`facts`, `answers` or `verdicts`."""
    schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
    return str(schema.get("required", ["facts"])[0])


def honest(request: dict[str, Any]) -> dict[str, Any]:
    """What a good model would say."""
    if asked_for(request) == "facts":
        return _facts(request)
    prompt = prompt_of(request)
    pressures = {found[1]: found[2] for found in SENTENCE.finditer(prompt)}
    asked = [(int(found[1]), found[2]) for found in NUMBERED.finditer(prompt)]
    if asked_for(request) == "answers":
        rows = [{"number": number, "answer": f"at {pressures[name]} bar"} for number, name in asked]
        return {"answers": rows}
    return {"verdicts": [{"number": number, "verdict": "yes", "reason": ""} for number, _ in asked]}


def _facts(request: dict[str, Any]) -> dict[str, Any]:
    """Every sentence about a valve as a fact, with two wordings."""
    return {
        "facts": [
            {
                "quote": found[0],
                "answer": f"{found[2]} bar",
                "kind": "number",
                "subject": f"{found[1]} valve",
                "questions": [
                    f"At what pressure does the {found[1]} valve open?",
                    f"How high must the pressure be for the {found[1]} valve to open?",
                ],
                "wrong_answers": ["5.5 bar", "6.5 bar", "7.5 bar"],
            }
            for found in SENTENCE.finditer(prompt_of(request))
        ]
    }


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving(lambda request: completion(json.dumps(honest(request)))) as state:
        yield state


@pytest.fixture
def config(server: StandIn) -> Callable[..., GenerateConfig]:
    """Settings for the stand-in; keys of the endpoint section as arguments."""

    def make(**endpoint: Any) -> GenerateConfig:
        known: dict[str, Any] = {"base_url": server.url, "concurrency": 4, "timeout_seconds": 5.0, **endpoint}
        return GenerateConfig(teacher="openai:stand-in", wordings=2, endpoint=EndpointConfig(**known))

    return make


@pytest.fixture
def valves(tmp_path: Path) -> dict[str, Artifact]:
    """Three documents of one chunk each, with one fact each."""
    with artifact.create(tmp_path / "documents", Plan("ingest", IngestConfig())) as draft:
        for number, name in enumerate(("relief", "check", "gate")):
            text = f"# The {name} valve\n\nThe {name} valve opens at {number + 3} bar. Nothing more is said of it.\n"
            place = {"id": f"{number:016}", "source": f"{name}.md", "title": name, "format": "md", "pages": None}
            draft.keep(Document.model_validate({**place, "sha256": "0" * 64, "text": text}))
    documents = artifact.read(tmp_path / "documents", made_by="ingest")
    chunks = finish(chunk.run(Plan("chunk", ChunkConfig(), {"ingest": documents}), tmp_path / "chunks"))
    return {"ingest": documents, "chunk": chunks}


@pytest.fixture(name="told")
def told_fixture() -> type[Told]:
    return Told


@pytest.fixture(name="completion")
def completion_fixture() -> Callable[..., str]:
    return completion
