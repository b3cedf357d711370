"""A GGUF file that answers greedily and weighs given answers, by llama.cpp in a process of its own. Light to import.

The words are the file's own: its chat template is rendered and its text tokenised by llama.cpp, as in any program that
runs the file. One slot and no sampling: the same calls give the same answers, with any number of threads.

Not covered: switching off an adapter that was added at the start, GPUs, several conversations at once (callers wait in
line).
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2.exceptions import TemplateError

from loresmith.errors import MachineError, UserError
from loresmith.models import chat, gguf_header
from loresmith.models.forms import Form, gbnf, grammar, together
from loresmith.models.prompts import Message
from loresmith.models.room import require_room, require_weighable
from loresmith.models.speaker import Completion
from loresmith.models.threads import usable_cores

# 4,096 tokens: the cache of a 3B model takes 0.5 GB; at the 131,072 that Llama 3.2 names it would take 15 GB.
WINDOW = 4096
# Below this a second thread costs more in waiting than it computes (2.3 times slower on a busy machine).
SMALL_BYTES = 64 << 20
# llama.cpp's threads wait by spinning and lose half their speed when told not to; torch wants the opposite.
NOT_FOR_LLAMA = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
LLGUIDANCE = "%llguidance {}\n"
"""By which llama.cpp knows that a grammar is llguidance's."""
SECONDS_TO_END = 5.0
SECONDS_IN_LINE = 600.0


class GgufModel:
    """A `Speaker` over llama.cpp."""

    has_adapter = False

    def __init__(
        self,
        path: Path,
        *,
        window: int = WINDOW,
        threads: int | None = None,
        adapter: Path | None = None,
        silent: Sequence[Path] = (),
    ) -> None:
        """Start llama.cpp with the file.

        Args:
            path: The GGUF file.
            window: Most tokens of prompt and answer together; less where the model was made for less.
            threads: Of llama.cpp; `None` chooses by the machine and the size of the file.
            adapter: A GGUF file with a LoRA adapter, added to the weights in full.
            silent: Such files that a call can choose one of, by its number here, as `voice`; not beside `adapter`.

        Raises:
            UserError: the file cannot be run.
        """
        header = gguf_header.read(path)
        self.name = path.name
        self.window = min(window, header.context_length or window)
        self._controls, self._bos = header.control_tokens, header.bos
        self._size, self._plain = len(header.tokens), header.plain_token
        self._is_byte_level = header.is_byte_level
        adapters = [(adapter, 1.0)] if adapter is not None else [(file, 0.0) for file in silent]
        self._child = _Child(path, threads or _threads(path), self.window, adapters)
        self._words = _Words(self._child, header)
        self.turn = chat.turn(self._words) if header.chat_template else None

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """Ids of the rendered messages, up to and with the opening of the answer."""
        start = [] if self._bos is None else [self._bos]
        return start + chat.render(self._words, messages)

    def encode_reply(self, text: str) -> list[int]:
        """Ids of an answer as the model would write it, with the token that ends its turn."""
        return chat.reply(self._words, text, self.turn or chat.turn(self._words))

    def count_tokens(self, text: str) -> int:
        """Tokens of plain text."""
        return len(self._words(text)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`, without special tokens."""
        plain = [int(token) for token in ids if token not in self._controls]
        return str(self._child.ask("/detokenize", {"tokens": plain}).get("content", "")) if plain else ""

    def complete(
        self, prompts: Sequence[Sequence[int]], max_new_tokens: int, voice: int | None = None
    ) -> list[Completion]:
        """The greedy answer to each prompt, in the order of the prompts.

        Raises:
            UserError: a prompt with its answer is longer than the model's window, or empty.
        """
        require_room(self, prompts, max_new_tokens)
        plain = [list(prompt) for prompt in prompts]
        request = {"call": "complete", "prompts": plain, "most": max_new_tokens, "voice": voice}
        return [self._completion(answer) for answer in self._child.call(request)["answers"]]

    def fill(self, prompts: Sequence[Sequence[int]], forms: Sequence[Form]) -> list[Completion]:
        """After each prompt the likeliest reply that its form allows, token by token; always whole.

        Raises:
            UserError: a prompt with the longest reply is longer than the model's window.
        """
        for prompt, form in zip(prompts, forms, strict=True):
            require_room(self, [prompt], together([form]))
        bound = [
            [list(prompt), together([form]), self._grammar(form)] for prompt, form in zip(prompts, forms, strict=True)
        ]
        request = {"call": "fill", "bound": bound}
        return [self._completion(answer) for answer in self._child.call(request)["answers"]]

    def loglikelihood(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[float]:
        """For each (context, continuation): the sum of log p over the continuation, in nats.

        Raises:
            UserError: a pair is longer than the model's window, or a context is empty.
        """
        require_weighable(self, pairs, spare=1)  # llama.cpp refuses a request that fills the window
        by_context: dict[tuple[int, ...], list[int]] = {}
        for index, (context, _) in enumerate(pairs):
            by_context.setdefault(tuple(context), []).append(index)
        groups = [[list(context), [list(pairs[i][1]) for i in members]] for context, members in by_context.items()]
        request = {"call": "weigh", "groups": groups, "plain": self._plain, "size": self._size}
        sums = self._child.call(request)["sums"]
        found = [0.0] * len(pairs)
        for members, group in zip(by_context.values(), sums, strict=True):
            for index, value in zip(members, group, strict=True):
                found[index] = float(value)
        return found

    def stream(self, prompt: Sequence[int], max_new_tokens: int, voice: int | None = None) -> Iterator[str]:
        """The greedy answer in pieces of text, as they come; a character is held back until its last byte is there.

        Other callers wait until it is exhausted or closed; closing it early stops llama.cpp at the next token.
        """
        require_room(self, [prompt], max_new_tokens)
        yield from self._child.stream(prompt, max_new_tokens, voice)

    def without_adapter(self) -> AbstractContextManager[None]:
        """Refused: the adapter is part of the weights."""
        raise UserError(
            f"{self.name} has its adapter merged; the base cannot answer alone.", next_step="Open the base model."
        )

    def close(self) -> None:
        """End llama.cpp; the model cannot be used after. May be called twice."""
        self._child.close()

    def __enter__(self) -> "GgufModel":
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def _grammar(self, form: Form) -> str:
        return f"{LLGUIDANCE}{grammar(form)}" if self._is_byte_level else gbnf(form)

    def _completion(self, answer: dict[str, Any]) -> Completion:
        stopped = answer["why"] == "eos"
        ids = [int(token) for token in answer["ids"]]
        if stopped and ids and ids[-1] in self._controls:
            ids.pop()
        return Completion(tuple(ids), self.decode(ids), stopped)


@dataclass(frozen=True)
class _Token:
    content: str
    special: bool = True


class _Words:
    """The file's own template and tokens under the names by which `chat` knows a tokenizer."""

    def __init__(self, child: "_Child", header: gguf_header.GgufHeader) -> None:
        self._child = child
        self.chat_template = header.chat_template
        self.added_tokens_decoder = {number: _Token(word) for number, word in header.control_tokens.items()}
        self.eos_token_id = header.eos

    def apply_chat_template(
        self, messages: Sequence[Message], *, tokenize: bool, add_generation_prompt: bool, **values: Any
    ) -> str:
        """The text of the messages; the first token of a text is left to `GgufModel.encode`."""
        body = {
            "messages": list(messages),
            "add_generation_prompt": add_generation_prompt,
            "chat_template_kwargs": values,
        }
        answer = self._child.ask("/apply-template", body, may_refuse=True)
        if "prompt" not in answer:
            raise TemplateError(str(answer.get("error", answer)))
        return str(answer["prompt"])

    def __call__(self, text: str, *, add_special_tokens: bool = False) -> dict[str, list[int]]:
        body = {"content": text, "add_special": add_special_tokens, "parse_special": True}
        return {"input_ids": [int(token) for token in self._child.ask("/tokenize", body)["tokens"]]}


class _Child:
    """The process with llama.cpp, one question at a time."""

    def __init__(self, path: Path, threads: int, window: int, adapters: Sequence[tuple[Path, float]]) -> None:
        command = [
            sys.executable,
            "-P",
            "-m",
            "loresmith.models.gguf_child",
            str(path.resolve()),
            str(threads),
            str(window),
            json.dumps([(str(file.resolve()), scale) for file, scale in adapters]),
        ]
        environment = {name: value for name, value in os.environ.items() if name not in NOT_FOR_LLAMA}
        package = str(Path(__file__).parents[2])  # the caller may run from a checkout that is not installed
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [package, environment.get("PYTHONPATH", "")]))
        self._name, self._line = path.name, threading.Lock()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
            encoding="utf-8",
        )  # fmt: skip
        try:
            self._hear()
        except BaseException:
            self.close()
            raise

    def ask(self, path: str, body: dict[str, Any], *, may_refuse: bool = False) -> dict[str, Any]:
        """The answer of one of llama.cpp's routes; with `may_refuse` a refusal comes back as `{"error": ...}`."""
        return self.call({"call": "ask", "path": path, "body": body}, may_refuse=may_refuse)

    def call(self, request: dict[str, Any], *, may_refuse: bool = False) -> dict[str, Any]:
        """The answer to one request."""
        with self._turn():
            self._tell(request)
            return self._hear(may_refuse=may_refuse)

    def stream(self, prompt: Sequence[int], most: int, voice: int | None) -> Iterator[str]:
        """The pieces of an answer; what comes after the caller has gone is thrown away."""
        with self._turn():
            self._tell({"call": "stream", "prompt": list(prompt), "most": most, "voice": voice})
            ended = False
            try:
                while not ended:
                    answer = self._hear()
                    ended = "ended" in answer
                    if answer.get("text"):
                        yield answer["text"]
            except GeneratorExit:
                self._tell({"call": "stop"})
                while "ended" not in self._hear():
                    pass
                raise

    def close(self) -> None:
        """The process has ended, by itself or by force."""
        with suppress(OSError, ValueError):
            if self._process.stdin:
                self._process.stdin.close()
        try:
            self._process.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One caller at a time. A plain lock: a stream may be begun in one thread and closed in another."""
        if not self._line.acquire(timeout=SECONDS_IN_LINE):
            raise MachineError(f"{self._name} is busy with another answer.", next_step="Try again later.")
        try:
            yield
        finally:
            self._line.release()

    def _tell(self, request: dict[str, Any]) -> None:
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except (OSError, ValueError) as fault:
            raise self._gone() from fault

    def _hear(self, *, may_refuse: bool = False) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            line = self._process.stdout.readline()
        except ValueError as fault:
            raise self._gone() from fault
        if not line:
            raise self._gone()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer and not may_refuse:
            raise UserError(
                f"llama.cpp cannot run {self._name}: {answer['error']}.", next_step="Export or fetch the file again."
            )
        return answer

    def _gone(self) -> MachineError:
        return MachineError(
            f"The process that runs {self._name} has ended (code {self._process.poll()}).",
            next_step="Free some memory and start again.",
        )


def _threads(path: Path) -> int:
    """One for a small file; else the processors that are idle now, for a waiting thread holds up all the others."""
    if path.stat().st_size < SMALL_BYTES:
        return 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows tells no load
    return max(1, usable_cores() - int(busy))
