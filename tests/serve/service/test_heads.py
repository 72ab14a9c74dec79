"""Clients that begin a request and never come to its end."""

from __future__ import annotations

import asyncio
import socket
import time

import uvicorn
from starlette.types import Receive, Scope, Send

from vartai.serve.service.heads import PromptHeads

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    await asyncio.sleep(1.5)  # longer than an idle connection is kept
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_a_head_that_trickles_is_not_waited_for_and_a_slow_answer_is() -> None:
    async def run() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            address = listening.getsockname()
            config = uvicorn.Config(
                app, http=PromptHeads, lifespan="off", log_level="critical", timeout_keep_alive=1
            )
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            try:
                async with asyncio.timeout(30):
                    trickled, answered = await asyncio.gather(trickle(address), ask(address))
            finally:
                server.should_exit = True
                await serving
        assert trickled < 15
        assert answered.startswith(b"HTTP/1.1 204")

    asyncio.run(run())


async def trickle(address: tuple[str, int]) -> float:
    """A byte at a time; the seconds until nobody listened any more."""
    begun = time.monotonic()
    reader, writer = await asyncio.open_connection(*address)
    for byte in REQUEST[:-2]:
        writer.write(bytes([byte]))
        try:
            async with asyncio.timeout(0.1):
                if not await reader.read(1):
                    break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    writer.close()
    return time.monotonic() - begun


async def ask(address: tuple[str, int]) -> bytes:
    """Two requests at their own pace; the second answer."""
    reader, writer = await asyncio.open_connection(*address)
    for _ in range(2):
        await asyncio.sleep(0.4)
        writer.write(REQUEST)
        answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer
