"""Time and calls of a teacher behind an endpoint: 500 pairs from a stand-in that takes a second for each answer.

    python benchmarks/endpoint.py --pairs 500 --latency 1 --slots 16

The stand-in is a real HTTP server in a process of its own that knows the facts of the invented documents; it says how
fast the calls are driven and how many a pair needs, nothing about how good a model is. Exits 1 when the wall time is
more than 1.3 times the ideal one: the calls divided by the slots, rounded up, times the latency.
"""

import argparse
import json
import math
import re
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from loresmith import artifact, chunk, generate
from loresmith.artifact import Artifact, Plan
from loresmith.progress import finish
from loresmith.recipe import ChunkConfig, EndpointConfig, GenerateConfig, IngestConfig
from loresmith.records import Document, Progress

WORDINGS = 2
FACTS_PER_DOCUMENT = 10
MOST_RATIO = 1.3
# For each pair, from the time when this project chose its parts; not measured by this file.
RAGAS_CALLS, RAGAS_PROMPT_TOKENS = 16, 13_000
FILLER = (
    "It stands in the northern hall beside the older units, and the crew inspects it once in every season before the "
    "heating begins, after which a short note goes into the book that lies open next to the door of the hall."
)
FACT = re.compile(r"Tank (\w+) holds (\d+) litres of coolant\.")


def documents(pairs: int) -> list[str]:
    """Texts that state enough facts for `pairs` short-answer questions."""
    facts = [f"Tank T{number} holds {1000 + 7 * number} litres of coolant." for number in range(pairs // WORDINGS)]
    groups = [facts[start : start + FACTS_PER_DOCUMENT] for start in range(0, len(facts), FACTS_PER_DOCUMENT)]
    return [
        f"# Hall {number}\n\n" + "\n\n".join(f"{fact} {FILLER}" for fact in group)
        for number, group in enumerate(groups)
    ]


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """A chat completion with every fact of the prompt."""
    prompt = "".join(message["content"] for message in request["messages"])
    facts = [
        {
            "quote": found[0],
            "answer": f"{found[2]} litres",
            "kind": "number",
            "subject": f"tank {found[1]}",
            "questions": [
                f"How much coolant does tank {found[1]} hold?",
                f"What amount of coolant is in tank {found[1]} when it is full?",
            ],
            "wrong_answers": [f"{int(found[2]) + step} litres" for step in (11, 23, 37)],
        }
        for found in FACT.finditer(prompt)
    ]
    content = json.dumps({"facts": facts})
    usage = {"prompt_tokens": len(prompt.encode()) // 4, "completion_tokens": len(content) // 4}
    return {"choices": [{"message": {"content": content}, "finish_reason": "stop"}], "usage": usage}


def serve(latency_seconds: float) -> None:
    """Answer until killed; the first line on stdout is the port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(latency_seconds)
            body = json.dumps(answer(request)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def parents(folder: Path, texts: list[str]) -> dict[str, Artifact]:
    """The artifacts on which `generate` rests."""
    with artifact.create(folder / "documents", Plan("ingest", IngestConfig())) as draft:
        for number, text in enumerate(texts):
            name = f"hall-{number}"
            draft.keep(
                Document(
                    id=f"{number:016}", source=f"{name}.md", title=name, format="md", pages=None,
                    sha256="0" * 64, text=text,
                )
            )  # fmt: skip
    read = artifact.read(folder / "documents", made_by="ingest")
    chunks = finish(chunk.run(Plan("chunk", ChunkConfig(), {"ingest": read}), folder / "chunks"))
    return {"ingest": read, "chunk": chunks}


def measure(port: int, pairs: int, slots: int, folder: Path) -> tuple[dict[str, float], dict[str, Any], int]:
    """Seconds of the stage, its account, and the pairs that it kept."""
    seconds: dict[str, float] = {}

    def note(step: Progress) -> None:
        if "answers" in step.note:
            seconds["asking"] = time.monotonic() - began

    endpoint = EndpointConfig(base_url=f"http://127.0.0.1:{port}/v1", concurrency=slots)
    config = GenerateConfig(teacher="openai:stand-in", wordings=WORDINGS, endpoint=endpoint)
    plan = Plan("generate", config, parents(folder, documents(pairs)))
    began, processor_began = time.monotonic(), time.process_time()
    made = finish(generate.run(plan, folder / "questions"), note)
    seconds["wall"], seconds["processor"] = time.monotonic() - began, time.process_time() - processor_began
    return seconds, made.manifest.notes["teacher"], made.manifest.notes["forms"]["short"]


def main() -> int:
    """Print the figures; the exit status says whether the wall time is near enough to the ideal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--latency", type=float, default=1.0, help="seconds for each answer")
    parser.add_argument("--slots", type=int, default=16, help="calls under way at once")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.latency)
        return 0
    command = [sys.executable, __file__, "--serve", "--latency", str(given.latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child, tempfile.TemporaryDirectory() as folder:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        seconds, told, kept = measure(port, given.pairs, given.slots, Path(folder))
        child.terminate()
    ideal = math.ceil(told["calls"] / given.slots) * given.latency
    print(f"{kept} pairs kept from {told['calls']} calls, {given.slots} slots, {given.latency:g} s for each answer")
    ratio = seconds["wall"] / ideal
    print(f"wall time {seconds['wall']:.2f} s, ideal {ideal:.2f} s, ratio {ratio:.2f} (at most {MOST_RATIO})")
    print(f"of these {seconds['asking']:.2f} s until the last answer; processor time {seconds['processor']:.2f} s")
    print(f"calls per kept pair {told['calls_per_pair']:.2f} (ragas: {RAGAS_CALLS})")
    print(f"prompt tokens per kept pair {told['prompt_tokens_per_pair']:.0f} (ragas: {RAGAS_PROMPT_TOKENS:,})")
    return int(kept < given.pairs or ratio > MOST_RATIO)


if __name__ == "__main__":
    sys.exit(main())
