"""States that leave the service, and come back: signed, dated, of one model.

    8 bytes   b"VARTAISG"
    4 bytes   version, little-endian
    8 bytes   second (Unix) after which it is not taken back
    …         the state, as `vartai.stream.state` writes it: it names its model's digest
    32 bytes  HMAC-SHA256 of all before it

Without the key no such bytes can be made or changed. They are not encrypted: they hold the end of a
text that was not read yet.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Any

from vartai.errors import BundleError, OptionError
from vartai.serve.service.refusals import Refusal, too_much
from vartai.stream.live import LiveModel
from vartai.stream.state import StreamState, longest_state

MAGIC = b"VARTAISG"
VERSION = 1
_HEAD = len(MAGIC) + 4 + 8
_MAC = 32
SHORTEST_KEY = 16


def new_key() -> str:
    """A key for one run: states signed with it are read as long as the service runs."""
    return secrets.token_hex(32)


class Signer:
    """Signs states, and reads what it signed.

    Args:
        key: the secret that all replicas share.
        ttl: seconds for which a state is taken back.
        clock: seconds since 1970.

    Raises:
        OptionError: the key is too short to be one.
    """

    def __init__(self, key: str, *, ttl: float, clock: Callable[[], float] = time.time) -> None:
        if len(key.encode()) < SHORTEST_KEY:
            raise OptionError(
                f"expected a key of at least {SHORTEST_KEY} bytes for states, found one of "
                f"{len(key.encode())}"
            )
        # A key of its own for this use, whatever else the secret is used for.
        self._key = hmac.digest(key.encode(), b"vartai session state", hashlib.sha256)
        self._ttl = ttl
        self._clock = clock

    def sign(self, state: StreamState) -> tuple[str, int]:
        """A state as base64, and the second after which it is not taken back."""
        until = int(self._clock() + self._ttl)
        head = MAGIC + VERSION.to_bytes(4, "little") + until.to_bytes(8, "little")
        body = head + state.to_bytes()
        return base64.b64encode(body + self._mac(body)).decode(), until

    def read(self, text: str, model: LiveModel[Any], *, name: str) -> StreamState:
        """The state of base64 text.

        Args:
            text: as a client sent it.
            model: whose state it must be.
            name: of the model, for messages.

        Raises:
            Refusal: it is too long, no state, not signed by this key, over its time, or another
                model's.
        """
        longest = _HEAD + longest_state(model) + _MAC
        if len(text) > (longest + 2) // 3 * 4:
            raise too_much(f"state: expected at most {longest:,} bytes in base64, found more")
        try:
            raw = base64.b64decode(text.encode("ascii"), validate=True)
        except (ValueError, binascii.Error):
            raise Refusal(400, "state: expected base64, found other characters") from None
        if len(raw) < _HEAD + _MAC or raw[:8] != MAGIC:
            raise Refusal(400, "state: expected one that this service handed out, found none")
        if not hmac.compare_digest(self._mac(raw[:-_MAC]), raw[-_MAC:]):
            raise Refusal(
                403,
                "state: its signature is not of this service's key: it was changed or damaged, or "
                "handed out with another key",
                reason="forged",
            )
        return self._checked(raw[:-_MAC], model, name)

    def _checked(self, body: bytes, model: LiveModel[Any], name: str) -> StreamState:
        version = int.from_bytes(body[8:12], "little")
        if version != VERSION:
            raise Refusal(400, f"state: expected version {VERSION}, found {version}")
        until = int.from_bytes(body[12:_HEAD], "little")
        if self._clock() > until:
            stamp = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(until))
            raise Refusal(410, f"state: it was good until {stamp}", reason="expired")
        try:
            return StreamState.from_bytes(body[_HEAD:], of=model)
        except BundleError as error:
            raise Refusal(409, f"state: not one of {name}: {error}", reason="foreign") from None

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)
