"""The process in which llama.cpp runs: `python -m loresmith.models.gguf_child FILE THREADS WINDOW [ADAPTERS]`.

ADAPTERS is a JSON list of [file, scale]. An adapter of scale 0 is silent until a request names it by its number: the
key `voice` of `complete` and `stream`.

Reads one JSON request a line from standard input and answers with one JSON line (`stream`: one for each piece, then
the last). A crash of llama.cpp ends this process and not the caller's; the end of standard input ends it too. It
leaves by `os._exit`: taking a server down right after it was built blocks for ever in about half of all tries.
"""

import http.client
import json
import os
import queue
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import IO, Any

# Greedy, and nothing that remembers what was said: the k = 1 best token of the model's own distribution.
GREEDY = {"samplers": ["top_k"], "top_k": 1, "temperature": 0.0, "n_probs": 1}
# Pushes a token to the top of the ranking; the log-probabilities that llama.cpp reports are taken before this.
FORCED = 1e9

Request = dict[str, Any]


class Engine:
    """llama.cpp's server with one slot, called in this process; templates and tokens through its local port."""

    def __init__(self, path: str, threads: int, window: int, adapters: Sequence[tuple[str, float]]) -> None:
        import xllamacpp

        self.key = secrets.token_hex(16)
        params = xllamacpp.CommonParams()
        params.model.path = path
        params.n_ctx, params.n_parallel, params.n_gpu_layers = window, 1, 0
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
        params.port, params.api_keys, params.verbosity = 0, [self.key], 0
        params.ui = params.endpoint_slots = params.fit_params = params.prefill_assistant = False
        params.cache_ram_mib = 0  # prompts of earlier requests must not come back from a store
        self._silent = [number for number, (_, scale) in enumerate(adapters) if scale == 0]
        if adapters:
            params.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(file, scale) for file, scale in adapters]
            params.lora_init_without_apply = bool(self._silent)
        self.server = xllamacpp.Server(params)
        address = str(self.server.listening_address).rpartition("//")[2]
        self.host, _, port = address.rpartition(":")
        self.port = int(port)

    def ask(self, path: str, body: Request) -> Request:
        """The answer of one of the server's own routes; a refusal comes back as `{"error": ...}`."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        # a connection for each question: the server closes idle ones after 5 seconds
        with closing(http.client.HTTPConnection(self.host, self.port)) as connection:
            connection.request("POST", path, json.dumps(body).encode(), headers)
            answer = json.loads(connection.getresponse().read())
        return answer if isinstance(answer, dict) else {"answer": answer}

    def complete(self, prompt: Sequence[int], most: int, voice: int | None = None, **bounds: str) -> Request:
        """The greedy answer: its token ids (with the stop token, if any) and why it ended; `grammar` may bind it."""
        body = {"prompt": list(prompt), "n_predict": most, "return_tokens": True, "cache_prompt": False, **GREEDY}
        body |= self._spoken_by(voice) | bounds
        answer = self.ask("/completion", body)
        if "tokens" not in answer:
            raise RuntimeError(str(answer.get("error", answer)))
        return {"ids": answer["tokens"], "why": answer["stop_type"]}

    def weigh(
        self, context: Sequence[int], continuations: Sequence[Sequence[int]], plain: int, size: int
    ) -> list[float]:
        """The sum of log p of each continuation; the context is computed once.

        llama.cpp's server tells no probabilities of a prompt. So every token is forced in turn and its probability
        read; what stands before it is in the slot's cache already.

        Args:
            context: Ids before each continuation.
            continuations: Ids to weigh.
            plain: A token whose text is whole characters.
            size: Tokens in the vocabulary.
        """
        found = []
        # Computed for nothing first: of a quantised file, llama.cpp's products over a whole prompt and over its last
        # token alone differ by up to 0.02 nats, which would favour one option or another.
        self._told(context, plain, cache_prompt=False)
        for continuation in continuations:
            total = 0.0
            for place, token in enumerate(continuation):
                before = [*context, *continuation[:place]]
                told = self._told(before, token, cache_prompt=True)
                # nothing is told of a token that ends within a character; the list beside a plain one has them all
                told = told or self._told(before, plain, cache_prompt=True, n_probs=size)
                total += next(each["logprob"] for each in told if each["id"] == token)
            found.append(total)
        return found

    def stream(self, prompt: Sequence[int], most: int, voice: int | None, say: Callable[[str], bool]) -> None:
        """Hand each piece of text of the greedy answer to `say`, until it returns true."""
        body = {"prompt": list(prompt), "n_predict": most, "max_tokens": most, "stream": True, **GREEDY}
        body |= self._spoken_by(voice)

        def heard(piece: Any) -> bool:
            pieces = piece if isinstance(piece, list) else [piece]
            return any([say(_text_in(part)) for part in pieces])

        self.server.handle_completions(body, heard)

    def _spoken_by(self, voice: int | None) -> Request:
        """The scales of the adapters for one request: all of the one that speaks, nothing of the others."""
        if not self._silent:
            return {}
        return {"lora": [{"id": number, "scale": 1.0 if number == voice else 0.0} for number in self._silent]}

    def _told(self, before: Sequence[int], forced: int, **more: Any) -> list[Request]:
        """The token `forced` after `before`, and the `n_probs` most likely ones, each with its log-probability."""
        body = {"prompt": before, "n_predict": 1, "max_tokens": 1, "logit_bias": [[forced, FORCED]], **GREEDY, **more}
        answer = self.server.handle_completions(body)
        if "choices" not in answer:
            raise RuntimeError(str(answer.get("error", answer)))
        told = answer["choices"][0]["logprobs"]
        return [each for token in told["content"] for each in (token, *token["top_logprobs"])] if told else []


def main(path: str, threads: int, window: int, adapters: Sequence[tuple[str, float]]) -> None:
    """Answer requests until standard input ends."""
    answers = _private_output()
    try:
        engine = Engine(path, threads, window, adapters)
    except Exception as fault:  # xllamacpp raises bare errors; whatever it is, the caller has to hear it
        _say(answers, {"error": str(fault) or type(fault).__name__})
        os._exit(1)
    _say(answers, {"ready": True})
    requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests,), daemon=True).start()
    while (request := requests.get()) is not None:
        if request["call"] == "stop":  # came after the stream had ended by itself
            continue
        try:
            _say(answers, _answer(engine, request, requests, answers))
        except Exception as fault:  # as above
            _say(answers, {"error": str(fault) or type(fault).__name__})
    os._exit(0)


def _answer(engine: Engine, request: Request, requests: "queue.SimpleQueue[Request | None]", out: IO[str]) -> Request:
    match request["call"]:
        case "ask":
            return engine.ask(request["path"], request["body"])
        case "complete":
            voice = request.get("voice")
            return {"answers": [engine.complete(prompt, request["most"], voice) for prompt in request["prompts"]]}
        case "fill":
            bound = request["bound"]
            return {"answers": [engine.complete(prompt, most, grammar=grammar) for prompt, most, grammar in bound]}
        case "weigh":
            plain, size = request["plain"], request["size"]
            return {"sums": [engine.weigh(context, rest, plain, size) for context, rest in request["groups"]]}
        case "stream":

            def say(text: str) -> bool:
                if text:
                    _say(out, {"text": text})
                return not requests.empty()  # the caller has gone, or wants no more

            engine.stream(request["prompt"], request["most"], request.get("voice"), say)
            return {"ended": True}
    raise RuntimeError(f"no such call: {request['call']}")


def _text_in(piece: Any) -> str:
    with suppress(KeyError, TypeError, IndexError):
        return str(piece["choices"][0]["text"])
    return ""


def _private_output() -> IO[str]:
    """Standard output for answers alone: whatever a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)
    return answers


def _say(out: IO[str], answer: Request) -> None:
    out.write(json.dumps(answer) + "\n")
    out.flush()


def _listen(requests: "queue.SimpleQueue[Request | None]") -> None:
    for line in sys.stdin:
        requests.put(json.loads(line))
    requests.put(None)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4]) if len(sys.argv) > 4 else [])
