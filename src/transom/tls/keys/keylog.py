"""The key log (RFC 9850): one secret a line, `LABEL client_random secret`, in hex.

The one exception is the old `RSA` line, which names a static-RSA session by the first eight bytes of its encrypted
pre-master secret instead of the client's random.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Literal, get_args

from transom.wire.tap import Buffer

Label = Literal[
    "CLIENT_RANDOM",
    "CLIENT_EARLY_TRAFFIC_SECRET",
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
    "EXPORTER_SECRET",
    "RSA",
]
"""The labels that say something to us. CLIENT_RANDOM carries the master secret of TLS 1.2; RSA see above."""

LONGEST_LINE = 4096
"""A line beyond this many bytes is no secret: it is counted as bad and not kept."""

MOST_SECRETS = 200_000
"""Some 170 MiB of memory: lines beyond it are counted as bad."""

_RANDOM_LENGTH = 32
_RSA_NAME_LENGTH = 8
_MASTER_SECRET_LENGTH = 48
_HASH_LENGTHS = (32, 48, 64)
_LINE_END = re.compile(rb"\r\n|\r|\n")


def format_line(label: Label, client_random: bytes, secret: bytes) -> str:
    """One line, with its LF."""
    return f"{label} {client_random.hex()} {secret.hex()}\n"


def format_rsa_line(encrypted_premaster: bytes, premaster: bytes) -> str:
    """The line that opens one static-RSA session, for Wireshark and for us."""
    return format_line("RSA", encrypted_premaster[:_RSA_NAME_LENGTH], premaster)


class KeyLog:
    """Secrets read from a key log as it grows. Lines that say nothing of use are counted in `bad_lines` and passed."""

    def __init__(self, text: Buffer | str = b"") -> None:
        self.bad_lines = 0
        self._secrets: dict[tuple[str, bytes], bytes] = {}
        self._unfinished = b""
        self._skipping = False
        if text:
            self.receive(text)
            self.finish()

    def receive(self, text: Buffer | str) -> None:
        """Read more of the log. A last line without an end waits for the rest of it, or for `finish`."""
        received = text.encode(errors="replace") if isinstance(text, str) else bytes(text)
        for line in self._whole_lines(received):
            self._read(line)

    def finish(self) -> None:
        """The log ends here: an unfinished last line is read as it is."""
        last, self._unfinished = self._unfinished, b""
        if self._skipping:
            self._skipping = False
        else:
            self._read(last)

    def add(self, label: Label, client_random: bytes, secret: bytes) -> None:
        """Take a secret that did not come from text: from the engine of a live connection."""
        self._secrets[label, client_random] = secret

    def add_rsa(self, encrypted_premaster: bytes, premaster: bytes) -> None:
        """Take the pre-master secret of a static-RSA session."""
        self.add("RSA", encrypted_premaster[:_RSA_NAME_LENGTH], premaster)

    def forget(self, client_random: bytes) -> None:
        """The session of this client random is over: nobody will ask for its secrets."""
        for label in get_args(Label):
            self._secrets.pop((label, client_random), None)

    def lookup(self, label: Label, client_random: bytes) -> bytes | None:
        """The secret with this label in the session of this client random."""
        return self._secrets.get((label, client_random))

    def rsa(self, encrypted_premaster: bytes) -> bytes | None:
        """The pre-master secret that was sent as `encrypted_premaster` (without its length)."""
        return self._secrets.get(("RSA", encrypted_premaster[:_RSA_NAME_LENGTH]))

    def lines(self) -> Iterator[str]:
        """The secrets as key-log lines, in the order they came."""
        for (label, name), secret in self._secrets.items():
            yield f"{label} {name.hex()} {secret.hex()}\n"

    @property
    def sessions(self) -> set[bytes]:
        """The client randoms of all that have a secret in it. Which session an `RSA` line is of it does not say."""
        return {name for label, name in self._secrets if label != "RSA"}

    def __len__(self) -> int:
        return len(self._secrets)

    def _whole_lines(self, received: bytes) -> list[bytes]:
        """But for comments: a trace keeps room for its secrets with thousands of them."""
        *lines, rest = _LINE_END.split(self._unfinished + received)
        if lines and self._skipping:  # the end of a line whose beginning was counted already
            self._skipping = False
            del lines[0]
        self._unfinished = b"" if self._skipping else rest
        if len(rest) > LONGEST_LINE and not self._skipping:
            self.bad_lines += 1
            self._skipping = True
            self._unfinished = b""
        return [line for line in lines if not line.startswith(b"#")]

    def _read(self, line: bytes) -> None:
        if not line.strip() or line.startswith(b"#"):
            return
        try:
            label, name, secret = _parse(line)
        except ValueError:
            self.bad_lines += 1
            return
        if len(self) < MOST_SECRETS:
            self._secrets[label, name] = secret
        else:
            self.bad_lines += 1


def _parse(line: bytes) -> tuple[str, bytes, bytes]:
    """Label, client random and secret. Raises ValueError for anything else."""
    if len(line) > LONGEST_LINE:
        raise ValueError
    first, second, third = line.split()
    label, name, secret = first.decode("ascii"), binascii.unhexlify(second), binascii.unhexlify(third)
    lengths = (_MASTER_SECRET_LENGTH,) if label in {"CLIENT_RANDOM", "RSA"} else _HASH_LENGTHS
    if len(name) != (_RSA_NAME_LENGTH if label == "RSA" else _RANDOM_LENGTH) or len(secret) not in lengths:
        raise ValueError
    return label, name, secret
