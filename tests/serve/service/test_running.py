"""The service as a process: over a real socket, until it is told to stop."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cli.commands import finish, start
from tests.images.pictures import encoded, quarters
from tests.serve.service.models import alone, saved

from vartai.bundle.trained import save_task
from vartai.errors import OptionError
from vartai.serve.service.running import listen


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models on disk."""
    folder = tmp_path_factory.mktemp("served")
    for name in ("reviews", "book", "pictures"):
        model = saved(name)
        save_task(folder / name, model.name, model.task, metrics={}, card=model.card)
    return folder


@contextmanager
def _serving(*arguments: Any, **options: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service of its own, and its address; gone at the end, whatever happens."""
    process = start("serve", *arguments, "--port", "0", **options)
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), process.communicate()
        yield process, address
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


@pytest.fixture(scope="module")
def address(folders: Path) -> Iterator[str]:
    """A service of all of them; SIGTERM must end it well."""
    models = [folders / name for name in ("reviews", "book", "pictures")]
    with _serving(*models) as (process, found):
        yield found
        process.send_signal(signal.SIGTERM)
        _, talk = process.communicate(timeout=60)
    assert process.returncode == 0, talk
    lines = [line for line in talk.splitlines() if line.startswith("{")]
    assert all(json.loads(line)["event"] == "request" for line in lines)
    assert "Traceback" not in talk


def test_sessions_over_the_wire_are_bit_equal_to_streams_in_python(address: str) -> None:
    fragments = ["Not ba", "d at al", "l, ", "ėjo "]
    expected = alone("reviews", fragments)

    def talk(_: int) -> list[Any]:
        with httpx.Client(base_url=address, timeout=60) as client:
            opened = client.post("/v1/sessions", json={"model": "reviews"}).json()["session"]
            said = []
            for fragment in fragments:
                answer = client.post(f"/v1/sessions/{opened}/step", json={"input": fragment})
                said.append(
                    {key: value for key, value in answer.json().items() if key != "session"}
                )
            assert client.delete(f"/v1/sessions/{opened}").status_code == 204
            return said

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(talk, range(16))) == [expected] * 16


def test_every_command_of_the_page_is_answered(address: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("needs curl")
    page = (Path(__file__).parents[3] / "docs" / "serve.md").read_text(encoding="utf-8")
    commands = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(commands) == 5
    (tmp_path / "picture.jpg").write_bytes(encoded(quarters(), "JPEG"))
    for command in commands:
        said = subprocess.run(
            ["bash", "-euc", command],
            cwd=tmp_path,
            env={**os.environ, "URL": address.rstrip("/")},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert said.returncode == 0, said.stderr
        assert said.stdout.startswith("{"), said.stdout
        assert '"error"' not in said.stdout


def test_fifty_megabytes_are_refused_while_they_come(address: str) -> None:
    host, port = address.removeprefix("http://").strip("/").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as raw:
        raw.sendall(
            b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        sent = 0
        with contextlib.suppress(OSError):  # it hangs up
            while sent < 50_000_000:
                raw.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
                sent += 0x10000
        assert sent < 50_000_000
    assert httpx.get(f"{address}ready", timeout=60).status_code == 200


def test_clients_that_hang_up_leave_the_service_well(address: str) -> None:
    host, port = address.removeprefix("http://").strip("/").split(":")
    body = json.dumps({"model": "book", "length": 1000, "stream": True}).encode()
    head = (
        b"POST /v1/generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    for cut in (0, 10, len(head), len(head) + 5, len(head) + len(body)):
        with socket.create_connection((host, int(port)), timeout=60) as raw:
            raw.sendall((head + body)[:cut])
            if cut == len(head) + len(body):
                assert raw.recv(100).startswith(b"HTTP/1.1 200")
    answer = httpx.post(f"{address}v1/predict", json={"input": "not bad"}, timeout=60)
    assert answer.status_code == 200


def test_what_was_accepted_is_finished_after_sigterm(folders: Path) -> None:
    asked = {"prompt": "No", "length": 1000, "stream": True, "seed": 2}
    with _serving(folders / "book") as (process, address):
        with httpx.stream("POST", f"{address}v1/generate", json=asked, timeout=60) as answer:
            lines = answer.iter_lines()
            first = next(lines)
            assert first.startswith("data: ")
            process.send_signal(signal.SIGTERM)
            rest = [line for line in lines if line]
        assert json.loads(rest[-1].removeprefix("data: "))["ended"] in ("length", "end")
        process.communicate(timeout=60)
        assert process.returncode == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address}ready")


def test_after_a_sudden_end_in_the_middle_of_a_request_a_state_is_gone_on_from(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARTAI_STATE_KEY", "a key that both of them have")
    fragments = ["Not ba", "d at al", "l, "]
    expected = alone("book", fragments)
    # What waits this long for company is in the middle of being answered.
    with _serving(folders / "book", "--delay", "500") as (process, address):
        opened = httpx.post(f"{address}v1/sessions", json={}, timeout=60).json()["session"]
        path = f"{address}v1/sessions/{opened}"
        for fragment in fragments[:2]:
            httpx.post(f"{path}/step", json={"input": fragment}, timeout=60)
        state = httpx.get(f"{path}/state", timeout=60).json()["state"]
        with ThreadPoolExecutor(1) as pool:
            step = {"input": fragments[2]}
            late = pool.submit(httpx.post, f"{path}/step", json=step, timeout=60)
            with pytest.raises(TimeoutError):
                late.result(0.2)
            process.kill()
            with pytest.raises(httpx.TransportError):
                late.result(60)
    # A disk on which no line of the log has room is not its clients' trouble.
    with (
        Path("/dev/full").open("w") as full,
        _serving(folders / "book", stderr=full) as (_, address),
    ):
        gone = httpx.get(f"{address}v1/sessions/{opened}", timeout=60)
        assert gone.status_code == 404
        again = httpx.post(f"{address}v1/sessions", json={"state": state}, timeout=60)
        path = f"{address}v1/sessions/{again.json()['session']}"
        answer = httpx.post(f"{path}/step", json={"input": fragments[2]}, timeout=60).json()
        assert {key: answer[key] for key in expected[2]} == expected[2]


def test_several_workers_answer_alike_and_keep_no_session(folders: Path) -> None:
    fragments = ["Not ba", "d at al", "l, "]
    state, told = None, []
    with _serving(folders / "reviews", "--workers", "2") as (process, address):
        # The address is taken before the workers have loaded what they need.
        refused = httpx.post(f"{address}v1/sessions", json={}, timeout=240)
        assert refused.status_code == 501
        assert refused.json()["error"].startswith("this service runs several workers")
        for fragment in fragments:
            body = {"input": fragment} | ({} if state is None else {"state": state})
            # A connection each, so that both workers are met.
            answer = httpx.post(f"{address}v1/step", json=body, timeout=240).json()
            state = answer["state"]
            told.append({key: answer[key] for key in ("label", "probabilities", "tokens")})
        process.send_signal(signal.SIGTERM)
        _, talk = process.communicate(timeout=60)
    expected = alone("reviews", fragments)
    assert told == [{key: each[key] for key in told[0]} for each in expected]
    assert "2 workers keep no sessions: clients carry their states (POST /v1/step)." in talk


def test_what_cannot_be_served_is_said_at_once(folders: Path, tmp_path: Path) -> None:
    assert finish(start("serve")).error == "expected the folder of at least one model"
    missing = finish(start("serve", tmp_path / "nothing"))
    assert missing.code == 2
    assert "nothing" in missing.error
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for file in (folders / "reviews").iterdir():
        (damaged / file.name).write_bytes(file.read_bytes()[:-40])
    assert finish(start("serve", damaged)).code == 2


def test_secrets_that_could_be_guessed_are_refused(
    folders: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VARTAI_TOKEN", "short")
    said = finish(start("serve", folders / "reviews"))
    assert (said.code, said.error) == (2, "VARTAI_TOKEN: expected at least 16 characters, found 5")


def test_a_port_in_use_and_a_host_of_another_machine_are_named() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OptionError, match=f"127.0.0.1 port {port}: .*--port 0 takes a free"):
            listen("127.0.0.1", port)
    with pytest.raises(OptionError, match="port must be at least 0 and below 65536, was 70000"):
        listen("127.0.0.1", 70000)
    assert os.environ.get("VARTAI_STATE_KEY") is None
