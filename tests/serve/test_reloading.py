"""Experts come and go under a running server."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from loresmith.recipe.experts import load_roster
from loresmith.serve.access import Access, Gate, House
from loresmith.serve.api import create_api
from loresmith.serve.desk import Desk
from loresmith.serve.reloading import Reloader, reload_routes
from loresmith.serve.roster_opening import open_roster
from tests.serve.librarian import served

KEY = "0123456789abcdef"
UNUSABLE = {
    "experts: [": "is no YAML file",
    "experts: [{name: kitchen, project: kitchen}]": "adapter",
    "experts: [{name: cellar, project: cellar, adapter: adapters/kitchen}]": "cellar",
    "experts: [{name: kitchen, project: kitchen, adapter: kitchen}]": "holds no adapter",
    "base: other.gguf\nexperts: [{name: kitchen, project: kitchen}]": "another base",
}
OVEN = "How long does the soup stay in the oven?"


@dataclass
class Running:
    client: httpx.Client
    file: Path

    def ask(self, model: str) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": OVEN}], "max_tokens": 3}
        return self.client.post("/v1/chat/completions", json=body)

    def models(self) -> list[str]:
        return [row["id"] for row in self.client.get("/v1/models").json()["data"]]

    def reload(self) -> httpx.Response:
        return self.client.post("/experts/reload")

    def write(self, *names: str, more: str = "") -> None:
        """The file with these experts alone."""
        entries = [f"{{name: {name}, project: {name}, adapter: adapters/{name}}}" for name in names]
        self.file.write_text(f"name: town\nexperts: [{', '.join(entries)}]\n{more}", encoding="utf-8")


@pytest.fixture
def running(town: Path, tmp_path: Path) -> Iterator[Running]:
    shutil.copytree(town.parent, tmp_path / "town")
    file = tmp_path / "town" / town.name
    opened = open_roster(load_roster(file), file.parent)
    desk, access = Desk(opened), Access(api_key=KEY)
    app = create_api(desk, "town", menu=opened)
    app.include_router(reload_routes(Reloader(opened, desk, file), opened, access))
    app.add_middleware(Gate, house=House(key=access.key))
    headers = {"authorization": f"Bearer {KEY}"}
    with served(app) as site, httpx.Client(base_url=site.url, timeout=60, headers=headers) as client:
        yield Running(client, file)


def test_an_expert_that_left_the_file_is_gone_and_comes_again_with_it(running: Running) -> None:
    first = running.ask("harbour").json()["choices"][0]["message"]["content"]
    running.write("kitchen")
    assert running.reload().json() == {"loaded": [], "unloaded": ["harbour"], "kept": ["kitchen"], "router": True}
    assert running.models() == ["auto", "kitchen", "base", "minilm"]
    assert running.ask("harbour").json()["error"]["code"] == "model_not_found"
    assert running.ask("kitchen").status_code == 200
    running.write("harbour", "kitchen")
    assert running.reload().json()["loaded"] == ["harbour"]
    assert list(running.client.get("/experts").json()["experts"]) == ["harbour", "kitchen"]
    assert running.ask("harbour").json()["choices"][0]["message"]["content"] == first


def test_where_the_router_chooses_one_that_is_not_loaded_the_base_answers(running: Running) -> None:
    running.write("harbour")
    running.reload()
    route = running.ask("auto").json()["loresmith"]["route"]
    assert (route["expert"], route["why"], route["likeliest"]) == ("base", "not loaded", "kitchen")


def test_no_request_is_dropped_while_experts_come_and_go(running: Running) -> None:
    seen: dict[str, set[int]] = {"kitchen": set(), "harbour": set(), "auto": set()}
    is_over = threading.Event()

    def keep_asking(model: str) -> None:
        while not is_over.is_set():
            seen[model].add(running.ask(model).status_code)

    askers = [threading.Thread(target=keep_asking, args=(model,)) for model in seen]
    for asker in askers:
        asker.start()
    for names in (("kitchen",), ("kitchen", "harbour"), ("kitchen",)):
        running.write(*names)
        assert running.reload().status_code == 200
    is_over.set()
    for asker in askers:
        asker.join()
    assert seen == {"kitchen": {200}, "auto": {200}, "harbour": {200, 404}}


def test_a_file_that_cannot_be_used_changes_nothing(running: Running) -> None:
    for text, told in UNUSABLE.items():
        running.file.write_text(text, encoding="utf-8")
        answer = running.reload()
        assert (answer.status_code, told in answer.text) == (400, True), answer.text
    assert running.models() == ["auto", "kitchen", "harbour", "base", "minilm"]
    assert running.ask("harbour").status_code == 200


def test_the_api_reloads_for_who_shows_the_servers_own_key_alone(running: Running, town: Path) -> None:
    bare: dict[str, Any] = {"authorization": ""}
    assert running.client.post("/experts/reload", headers=bare).status_code == 401
    cookie = Access(api_key=KEY).key
    assert cookie is not None
    as_page = {**bare, "cookie": f"loresmith={cookie.enter(KEY)}"}
    assert running.client.get("/experts", headers=as_page).status_code == 200
    assert running.client.post("/experts/reload", headers=as_page).json()["error"]["code"] == "not_allowed"


def test_without_a_key_the_api_reloads_for_nobody(town: Path) -> None:
    opened = open_roster(load_roster(town), town.parent, "none")
    desk = Desk(opened)
    app = create_api(desk, "town", menu=opened)
    app.include_router(reload_routes(Reloader(opened, desk, town), opened, Access()))
    with served(app) as site:
        answer = httpx.post(f"{site.url}/experts/reload")
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "no_api_key")
