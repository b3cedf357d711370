"""A served expert: a real uvicorn in a thread, and a small expert that can be made to wait or to fail."""

import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from string import ascii_lowercase

import numpy as np
import uvicorn
from fastapi import FastAPI
from numpy.typing import NDArray

from loresmith.errors import LoresmithError
from loresmith.records import Answer, Citation, Passage
from loresmith.retrieval.vectors import EmbedderCard
from loresmith.serve import server

QUOTE = "LoRA freezes the weights & trains <two> small matrices."


def passage(number: int) -> Passage:
    return Passage(
        chunk=f"c{number}",
        document="d1",
        source="notes/lora.pdf",
        title="LoRA",
        page=number,
        text=f"{QUOTE} Passage {number}.",
        score=0.5 / number,
        dense_rank=number,
        lexical_rank=None if number == 2 else number,
    )


class Librarian:
    """Answers every question from two passages, a word at a time; `pause` holds each word back until it is set."""

    def __init__(self) -> None:
        self.pause = threading.Event()
        self.embedding = threading.Event()
        self.reset()

    def reset(self) -> None:
        """As new."""
        self.pause.set()
        self.embedding.set()
        self.embedded: list[int] = []
        self.words_written = 0
        self.streams_closed = 0
        self.most_at_once = 0
        self.asked: list[tuple[str, int | None]] = []
        self.is_closed = False
        self.fails_with: LoresmithError | None = None
        self._at_once = 0

    def stream(self, question: str, max_new_tokens: int | None = None) -> Generator[str | Answer, None, None]:
        self.asked.append((question, max_new_tokens))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            words = ["Two ", "small ", "matrices ", "[1]."][:max_new_tokens]
            for word in words:
                assert self.pause.wait(20)
                self.words_written += 1
                yield word
            if self.fails_with is not None:
                raise self.fails_with
            cited = Citation(number=1, document="d1", source="notes/lora.pdf", page=1, quote=QUOTE)
            yield Answer(
                question=question,
                text="".join(words).strip(),
                citations=(cited,),
                passages=(passage(1), passage(2)),
                generator="librarian",
            )
        finally:
            self._at_once -= 1
            self.streams_closed += 1

    def search(self, query: str, k: int) -> Sequence[Passage]:
        return [passage(number) for number in range(1, k + 1)]

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def passages(self) -> int:
        return 2

    def embedder_name(self) -> str:
        return "letters"

    def embedder(self) -> EmbedderCard:
        return EmbedderCard("letters", len(ascii_lowercase), window_tokens=20)

    def count_embedded(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How often each letter occurs, as a row of length 1."""
        assert self.embedding.wait(20)
        self.embedded.append(len(texts))
        counts = np.array([[text.lower().count(letter) for letter in ascii_lowercase] for text in texts], np.float32)
        rows: NDArray[np.float32] = counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)
        return rows

    def close(self) -> None:
        self.is_closed = True


@dataclass
class Site:
    """A running server."""

    url: str
    stop: Callable[[], None]


@contextmanager
def served(app: FastAPI) -> Iterator[Site]:
    """`app` behind a real uvicorn on a free port of this machine."""
    listening = server.bind("127.0.0.1", 0)
    running = uvicorn.Server(server.settings(app, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()

    def stop() -> None:
        running.should_exit = True
        thread.join(20)
        listening.close()

    wait_until(lambda: running.started)
    try:
        yield Site(server.address_of(listening).rstrip("/"), stop)
    finally:
        stop()


def wait_until(is_true: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def speak(site: Site, said: bytes) -> socket.socket:
    host, _, port = site.url.rpartition("//")[2].partition(":")
    opened = socket.create_connection((host, int(port)), timeout=10)
    opened.sendall(said)
    return opened


def heard(opened: socket.socket) -> bytes:
    """Everything until the other side ends; a connection that is cut off counts as an end."""
    told = b""
    try:
        while piece := opened.recv(65536):
            told += piece
    except ConnectionResetError:
        pass
    return told
