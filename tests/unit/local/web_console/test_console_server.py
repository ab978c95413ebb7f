"""What the console's server answers, asked over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from local.partner.account import free_port
from local.web_console.server import ConsoleServer
from local.web_console.settings import ConsoleSettings, write_settings


class Api(BaseHTTPRequestHandler):
    """Tells what it was asked."""

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(412)
        self.send_header("ETag", '"2"')
        self.send_header("X-Asked", f"{self.path} {self.headers['authorization']} {self.headers['if-match']}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None: ...


@pytest.fixture
def api() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_port}/_aws/execute-api/id"
        server.shutdown()


@pytest.fixture
def console(tmp_path: Path, api: str) -> Iterator[httpx.Client]:
    pages = tmp_path / "dist"
    (pages / "assets").mkdir(parents=True)
    (pages / "index.html").write_text("<!doctype html>")
    (pages / "assets/index-1a.js").write_text("start();" * 1000)
    (tmp_path / "secret").write_text("not a page")
    settings = ConsoleSettings(free_port(), str(pages), api, "https://issuer", "http://localhost:1", "client")
    write_settings(tmp_path, settings)
    with ConsoleServer(tmp_path, settings) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        with httpx.Client(base_url=f"http://127.0.0.1:{settings.port}") as client:
            yield client
        server.shutdown()


def test_every_address_of_a_view_is_answered_with_the_index(console: httpx.Client) -> None:
    answer = console.get("/t/acme/jobs/01abc.show")
    assert (answer.status_code, answer.text) == (200, "<!doctype html>")
    assert answer.headers["cache-control"] == "no-cache"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "connect-src 'self' http://localhost:1 http://127.0.0.1:1;" in answer.headers["content-security-policy"]


def test_parts_are_compressed_and_kept(console: httpx.Client) -> None:
    answer = console.get("/assets/index-1a.js")
    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.text == "start();" * 1000


@pytest.mark.parametrize("path", ["/assets/gone.js", "/gone.png", "/../secret.txt", "/%2e%2e/secret.txt"])
def test_a_file_that_is_not_there_is_not_found(console: httpx.Client, path: str) -> None:
    assert console.get(path).status_code == 404


def test_nothing_outside_of_the_pages_is_served(console: httpx.Client) -> None:
    assert "not a page" not in console.get("/%2e%2e/secret").text


def test_the_pages_learn_who_signs_people_in(console: httpx.Client) -> None:
    config = console.get("/config.json").json()
    assert (config["issuer"], config["clientId"], config["apiUrl"]) == ("https://issuer", "client", "")
    assert config["endpoints"]["authorization"] == "http://localhost:1/oauth2/authorize"


def test_the_api_is_asked_as_the_browser_asked_and_its_answer_comes_back(console: httpx.Client) -> None:
    headers = {"authorization": "Bearer token", "if-match": '"1"'}
    answer = console.put("/v1/tenants/acme?a=b%20c", content=b'{"name": "Acme"}', headers=headers)
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (412, b'{"name": "Acme"}', '"2"')
    assert answer.headers["x-asked"] == '/_aws/execute-api/id/v1/tenants/acme?a=b%20c Bearer token "1"'


def test_an_api_that_is_away_is_a_problem_in_words(tmp_path: Path, console: httpx.Client) -> None:
    settings = ConsoleSettings(1, str(tmp_path / "dist"), f"http://127.0.0.1:{free_port()}", "i", "l", "c")
    write_settings(tmp_path, settings)
    answer = console.get("/v1/tenants")
    assert answer.status_code == 502
    assert "does not answer" in answer.json()["detail"]


def test_pages_are_only_read(console: httpx.Client) -> None:
    assert console.post("/t/acme/jobs").status_code == 405
