"""A client of the service, and a process of clients that is there to be killed.

    python -m benchmarks.service_client PORT SEED     asks without end, over eight connections

Nothing but the standard library, so that such a process begins at once.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from typing import Any

TOGETHER = 8
WORDS = [f"word{place}" for place in range(2000)]


class Connection:
    """One client: requests of JSON over a connection that is kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, body: Any = None, *, leave: bool = False) -> Any:
        """The answer's JSON with its status; with `leave`, none: the connection is cut at once."""
        # A service hangs up on who was silent for long.
        if self._writer is None or self._reader.at_eof():
            self.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        raw = b"" if body is None else json.dumps(body).encode()
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(raw)}\r\n\r\n".encode()
            + raw
        )
        if leave:
            await self._writer.drain()
            self.close()
            return None
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0)
        answer = await self._reader.readexactly(length)
        return int(head.split()[1]), json.loads(answer) if answer else None

    def close(self) -> None:
        """Hang up, whatever is under way."""
        if self._writer is not None:
            self._writer.transport.abort()
            self._writer = None


async def ask_without_end(port: int, seed: int) -> None:
    """Predictions, and sessions that are begun and never ended."""
    drawn = random.Random(seed)

    async def client() -> None:
        connection = Connection(port)
        while True:
            text = " ".join(drawn.choices(WORDS, k=drawn.randint(5, 200)))
            if drawn.random() < 0.1:
                opened = await connection.ask("POST", "/v1/sessions", {})
                path = f"/v1/sessions/{opened[1]['session']}/step"
                await connection.ask("POST", path, {"input": text})
            else:
                await connection.ask("POST", "/v1/predict", {"input": text})

    await asyncio.gather(*[client() for _ in range(TOGETHER)])


if __name__ == "__main__":
    asyncio.run(ask_without_end(int(sys.argv[1]), int(sys.argv[2])))
