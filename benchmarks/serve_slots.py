"""Would several answers at once make more tokens? llama.cpp with 1, 2, 4 and 8 slots, as many clients, one thread.

    python benchmarks/serve_slots.py --file my-expert/export/model.gguf --slots 1,2,4,8

Each slot count answers the same prompts of 400 tokens with 64 tokens each. Printed per row: tokens in all, seconds, and
tokens per second of the processor, which other programs on the machine disturb least.
"""

import argparse
import http.client
import json
import os
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

PROMPT_TOKENS, ANSWER_TOKENS = 400, 64
SLOT_TOKENS = 1024


def row(file: Path, slots: int, threads: int, requests: int) -> dict[str, Any]:
    """Tokens and seconds of `requests` answers by as many clients as `slots`."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx, params.n_parallel, params.n_gpu_layers = SLOT_TOKENS * slots, slots, 0
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    params.port, params.verbosity, params.cache_ram_mib = 0, 0, 0
    params.ui = params.endpoint_slots = params.fit_params = False
    server = xllamacpp.Server(params)  # lives as long as it has a name
    host, _, port = str(server.listening_address).rpartition("//")[2].rpartition(":")
    waiting, written = deque(range(requests)), []

    def work() -> None:
        while waiting:
            number = waiting.pop()
            prompt = [300 + (7 * place + number) % 400 for place in range(PROMPT_TOKENS)]
            body = {"prompt": prompt, "n_predict": ANSWER_TOKENS, "ignore_eos": True, "temperature": 0.0}
            body |= {"cache_prompt": False, "return_tokens": True}
            connection = http.client.HTTPConnection(host, int(port))
            connection.request("POST", "/completion", json.dumps(body).encode(), {"Content-Type": "application/json"})
            written.append(len(json.loads(connection.getresponse().read())["tokens"]))
            connection.close()

    began, processor = time.monotonic(), time.process_time()
    clients = [threading.Thread(target=work) for _ in range(slots)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds, processor = time.monotonic() - began, time.process_time() - processor
    return {
        "slots": slots,
        "threads": threads,
        "tokens": sum(written),
        "seconds": round(seconds, 2),
        "per_processor_second": round(sum(written) / processor, 1),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    """Print a row for each number of slots."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--slots", default="1,2,4,8")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--requests", type=int, default=16)
    given = parser.parse_args()
    for slots in map(int, given.slots.split(",")):
        print(json.dumps(row(given.file, slots, given.threads, given.requests)), flush=True)
    sys.stdout.flush()
    os._exit(0)  # taking llama.cpp's server down in good order may block for ever


if __name__ == "__main__":
    main()
