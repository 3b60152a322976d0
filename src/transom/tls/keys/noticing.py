"""Secrets whose owner hears that one of them was found."""

from __future__ import annotations

from transom.tls.keys.keylog import KeyLog, Label


class NoticingKeys(KeyLog):
    """Those of another key log, which may grow. `found` is set as soon as one is asked for that is there."""

    def __init__(self, keys: KeyLog) -> None:
        super().__init__()
        self.found = False
        self._keys = keys

    def lookup(self, label: Label, client_random: bytes) -> bytes | None:
        return self._noticed(self._keys.lookup(label, client_random))

    def rsa(self, encrypted_premaster: bytes) -> bytes | None:
        return self._noticed(self._keys.rsa(encrypted_premaster))

    def __len__(self) -> int:
        return len(self._keys)

    def _noticed(self, secret: bytes | None) -> bytes | None:
        self.found |= secret is not None
        return secret
