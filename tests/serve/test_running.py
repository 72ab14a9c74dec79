"""Taking a port."""

from __future__ import annotations

import pytest

from vartai.errors import OptionError
from vartai.serve.running import LOOPBACK, listen, port_of


def test_any_free_port_is_taken_on_the_loopback_address_only() -> None:
    with listen(0) as taken:
        assert taken.getsockname()[0] == LOOPBACK == "127.0.0.1"
        assert port_of(taken) > 0


def test_a_port_in_use_is_named_with_the_way_out() -> None:
    with listen(0) as taken:
        port = port_of(taken)
        with pytest.raises(OptionError, match=f"port {port} is in use, .*--port 0 takes a free"):
            listen(port)


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(OptionError, match="port must be at least 0 and below 65536, was"):
        listen(port)
