"""Many clients against `loresmith serve`: errors by kind, time to the first token, memory at the start and at the end.

    python benchmarks/serve_load.py --project FOLDER --clients 64 --minutes 10 --peer

FOLDER is a project whose export is finished. Each client streams one answer after another; a 429 is waited out as its
Retry-After says, for at most `--longest-wait` seconds, and is no error. With `--peer` the same number of clients then
asks llama.cpp's own server, out of the xllamacpp wheel, with the same file and as many slots as `--slots`: it gets the
question alone, finds no passages and checks no citations. Prints JSON; exits 1 if anything but a 429 went wrong, or if
the memory of the server and its children grew by 5% or more between the end of the first fifth and the end.
"""

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from loresmith.pipeline import open_project
from loresmith.records import Question
from loresmith.serve.expert import finished

WARM_SHARE = 0.2
LARGEST_GROWTH = 0.05
PEER = """
import os, sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, slots, params.port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
params.n_ctx, params.n_parallel, params.n_gpu_layers = 4096 * slots, slots, 0
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = int(sys.argv[4])
params.verbosity, params.ui, params.endpoint_slots, params.fit_params, params.cache_ram_mib = 0, False, False, False, 0
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
os._exit(0)
"""


@dataclass
class Crowd:
    """Clients, and what they saw."""

    url: str
    questions: list[str]
    longest_wait: float
    firsts: list[float] = field(default_factory=list)
    """Seconds from a question that was taken in to its answer's first words."""
    wholes: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    is_over: threading.Event = field(default_factory=threading.Event)

    def ask(self, seed: int) -> None:
        """Ask until it is over."""
        rng = random.Random(seed)
        with httpx.Client(base_url=self.url, timeout=120) as client:
            while not self.is_over.is_set():
                try:
                    wait = self._once(client, rng.choice(self.questions))
                except httpx.HTTPError as fault:
                    self.outcomes[type(fault).__name__] += 1
                    wait = 0.1
                self.is_over.wait(min(wait, self.longest_wait) * rng.uniform(0.5, 1.5))

    def _once(self, client: httpx.Client, question: str) -> float:
        """One answer; returns seconds to wait before the next."""
        messages = [{"role": "user", "content": question}]
        body = {"model": "loresmith", "messages": messages, "stream": True, "max_tokens": 128, "temperature": 0}
        began, first = time.monotonic(), None
        with client.stream("POST", "/v1/chat/completions", json=body) as answer:
            if answer.status_code != 200:
                answer.read()
                self.outcomes[str(answer.status_code)] += 1
                return float(answer.headers.get("retry-after", 0.1))
            last = ""
            for line in answer.iter_lines():
                if first is None and '"content"' in line and '"content": ""' not in line and ':""' not in line:
                    first = time.monotonic() - began
                last = line or last
        ended = last == "data: [DONE]"
        self.outcomes["whole" if ended else "broken off"] += 1
        if ended:
            self.wholes.append(time.monotonic() - began)
            self.firsts.extend([first] if first is not None else [])
        return 0.0


def memory_mb(process: int) -> float:
    """Resident memory of `process` and its children, in MB."""
    ids, total = [process], 0
    for one in ids:
        try:
            ids.extend(map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split()))
            status = Path(f"/proc/{one}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return total / 1024


def measured(url: str, process: int, questions: list[str], given: argparse.Namespace) -> dict[str, Any]:
    """What `given.clients` see within `given.minutes`."""
    crowd = Crowd(url, questions, given.longest_wait)
    clients = [threading.Thread(target=crowd.ask, args=(seed,), daemon=True) for seed in range(given.clients)]
    seconds, began, memory = given.minutes * 60, time.monotonic(), [(0.0, memory_mb(process))]
    for client in clients:
        client.start()
    while time.monotonic() - began < seconds:
        time.sleep(min(5.0, seconds / 20))
        memory.append((time.monotonic() - began, memory_mb(process)))
    crowd.is_over.set()
    for client in clients:
        client.join(130)
    warm = next(mb for at, mb in memory if at >= WARM_SHARE * seconds)
    return {
        "outcomes": dict(crowd.outcomes),
        "answers_per_second": round(crowd.outcomes["whole"] / seconds, 2),
        "first_token_seconds": quantiles(crowd.firsts),
        "whole_answer_seconds": quantiles(crowd.wholes),
        "memory_mb": {"start": round(memory[0][1]), "warm": round(warm), "end": round(memory[-1][1])},
        "growth": round(memory[-1][1] / warm - 1, 4),
    }


def quantiles(seconds: list[float]) -> dict[str, float | int]:
    """n, p50, p99 and the largest."""
    if len(seconds) < 2:
        return {"n": len(seconds)}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"n": len(seconds), "p50": round(cuts[49], 3), "p99": round(cuts[98], 3), "max": round(max(seconds), 3)}


def ours(given: argparse.Namespace, questions: list[str]) -> dict[str, Any]:
    """The project behind `loresmith serve`."""
    command = [sys.executable, "-m", "loresmith.cli", "serve", str(given.project), "--port", "0", "--with", "gguf"]
    process = subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = ""
    while not told.rstrip().endswith("}"):
        told += process.stdout.readline() or sys.exit("the server did not start")
    url = json.loads(told)["page"].rstrip("/")
    first = {"model": "loresmith", "messages": [{"role": "user", "content": questions[0]}]}
    httpx.post(f"{url}/v1/chat/completions", json=first, timeout=120)  # models load at the first question
    try:
        return measured(url, process.pid, questions, given)
    finally:
        process.terminate()
        process.wait(30)


def peer(given: argparse.Namespace, questions: list[str]) -> dict[str, Any]:
    """llama.cpp's own server with the same file."""
    file = str(given.project / "export" / "model.gguf")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-c", PEER, file, str(given.slots), port, "1"]
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        return measured(process.stdout.readline().strip(), process.pid, questions, given)
    finally:
        process.kill()
        process.wait(30)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--longest-wait", type=float, default=5.0, help="seconds; what Retry-After may ask for at most")
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--slots", type=int, default=1, help="of llama.cpp's own server")
    given = parser.parse_args()
    made = finished(open_project(given.project), "generate")
    questions = [row.question for row in made.rows(Question)][:200] if made else []
    if not questions:
        sys.exit(f"{given.project} has no questions")
    told: dict[str, Any] = {"clients": given.clients, "minutes": given.minutes, "load_before": os.getloadavg()[0]}
    told["loresmith"] = ours(given, questions)
    if given.peer:
        told["llama.cpp"] = {"slots": given.slots, **peer(given, questions)}
    print(json.dumps(told, indent=1))
    bad = set(told["loresmith"]["outcomes"]) - {"whole", "429"}
    return int(bool(bad) or told["loresmith"]["growth"] >= LARGEST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
