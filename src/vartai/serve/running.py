"""A port on this machine's own address, and the server that listens there until Ctrl-C."""

from __future__ import annotations

import errno
import socket

import uvicorn
from fastapi import FastAPI

from vartai.errors import OptionError, require_range

LOOPBACK = "127.0.0.1"


def listen(port: int) -> socket.socket:
    """Take a port of the loopback address, which no other machine can reach.

    Args:
        port: 0 for any that is free.

    Raises:
        OptionError: the port is in use, may not be used, or is no port.
    """
    require_range("port", port, at_least=0, below=65536)
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((LOOPBACK, port))
        taken.listen(64)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            raise OptionError(
                f"port {port} is in use, perhaps by another vartai; --port 0 takes a free one"
            ) from error
        if error.errno == errno.EACCES:
            raise OptionError(f"port {port} may not be used: try one above 1023") from error
        raise
    return taken


def port_of(listening: socket.socket) -> int:
    """The port that was taken."""
    port: int = listening.getsockname()[1]
    return port


def serve(app: FastAPI, listening: socket.socket) -> None:
    """Answer requests until Ctrl-C.

    Raises:
        KeyboardInterrupt: Ctrl-C; requests in progress were given two seconds.
    """
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        http="h11",
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=64,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listening])
