"""Record protection of TLS 1.3 (RFC 8446 §5.2 to §5.5).

The true content type stands behind the content, inside the encryption, with padding of zeros behind that; the header
says application_data for all, and is the associated data. The nonce is the IV xor the sequence number.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.exceptions import InvalidTag

from transom.errors import PeerMisbehaved
from transom.tls.iana.content_types import ContentType
from transom.tls.record.header import HEADER_LENGTH, MAX_PLAINTEXT, write_header
from transom.tls.record.protection import (
    Opened,
    ProtectedOpener,
    ProtectedSealer,
    bad_record_mac,
    check_content,
    make_nonce,
    name_record,
    record_overflow,
    split_iv,
)
from transom.tls.record.run import Run
from transom.tls.record.sealing_room import Places, SealingRoom, SealingRooms
from transom.tls.record.traffic_keys import TrafficKeys

_APPLICATION_DATA = ContentType.application_data.value  # a plain int: comparing with it is on the bulk road
_TAG_LENGTH = 16
_EXPANSION = 1 + _TAG_LENGTH
_MAX_FRAGMENT = MAX_PLAINTEXT + _EXPANSION
"""With these AEADs a longer one, up to the 2^14 + 256 of §5.2, could only hold more than a record may."""
_FULL_HEADER = write_header(_APPLICATION_DATA, _MAX_FRAGMENT)


class Sealer13(ProtectedSealer):
    """Seals under one traffic secret's keys."""

    overhead = HEADER_LENGTH + _EXPANSION

    def __init__(self, keys: TrafficKeys) -> None:
        self._encrypt_into = keys.aead.cipher(keys.key).encrypt_into
        self._iv = split_iv(keys.iv)
        self.most_data_records = keys.aead.record_limit
        self._update_at = keys.aead.record_limit // 2

    @property
    def needs_key_update(self) -> bool:
        """Half of what these keys may protect is used up (RFC 8446 §5.5): time to send a KeyUpdate."""
        return self.sequence >= self._update_at

    def room_for_data(self, rooms: SealingRooms) -> SealingRoom:
        return rooms.room(_FULL_HEADER, bytes((_APPLICATION_DATA,)))

    def _seal_one(self, content_type: ContentType, content: memoryview, out: memoryview) -> None:
        inner = b"".join((content, bytes((content_type,))))
        header = write_header(_APPLICATION_DATA, len(inner) + _TAG_LENGTH)
        out[:HEADER_LENGTH] = header
        salt, iv = self._iv
        self._encrypt_into(make_nonce(salt, iv ^ self.sequence), inner, header, out[HEADER_LENGTH:])
        self.sequence += 1

    def _seal_full(self, records: Sequence[Places]) -> None:
        encrypt_into, (salt, iv), number = self._encrypt_into, self._iv, self.sequence
        for _, content, fragment in records:
            encrypt_into(make_nonce(salt, iv ^ number), content, _FULL_HEADER, fragment)
            number += 1
        self.sequence = number


class Opener13(ProtectedOpener):
    """Opens under one traffic secret's keys.

    A record that says it is no application data is given as it is, not `protected`: the ChangeCipherSpec of
    middlebox compatibility, or the alert of a peer that has no keys yet. Whether it may be there is not judged here.
    """

    overhead = HEADER_LENGTH + _EXPANSION

    def __init__(self, keys: TrafficKeys) -> None:
        super().__init__()
        self._decrypt_into = keys.aead.cipher(keys.key).decrypt_into
        self._iv = split_iv(keys.iv)

    def _open_data(self, run: Run, index: int, out: memoryview) -> Opened:
        # The type behind each content is overwritten by the next record, so that the contents lie together.
        view, starts = run.view, run.starts
        decrypt_into, (salt, iv) = self._decrypt_into, self._iv
        first = sequence = self.sequence
        filled = 0
        for place in range(index, len(run)):
            start, end = starts[place], starts[place + 1]
            body = start + HEADER_LENGTH
            content_end = filled + end - body - _EXPANSION
            if view[start] != _APPLICATION_DATA or not 0 <= content_end - filled <= MAX_PLAINTEXT:
                break
            inner = out[filled : content_end + 1]
            try:
                decrypt_into(make_nonce(salt, iv ^ sequence), view[body:end], view[start:body], inner)
            except InvalidTag:
                break
            if inner[-1] != _APPLICATION_DATA:
                break
            filled = content_end
            sequence += 1
        self.sequence = sequence
        return Opened(ContentType.application_data, out[:filled], sequence - first, protected=True)

    def _open_alike(self, run: Run, header: bytes, out: memoryview) -> Opened:
        length = run.starts[1]
        content = length - HEADER_LENGTH - _EXPANSION
        decrypt_into, (salt, iv), number = self._decrypt_into, self._iv, self.sequence
        if 0 < content <= MAX_PLAINTEXT:
            bodies = self._bodies.of(run.view, HEADER_LENGTH, length - HEADER_LENGTH, length)
            inners = self._inners.of(out, 0, content + 1, content)
            try:
                for body, inner in zip(bodies, inners):  # noqa: B905 (out may have room for more)
                    decrypt_into(make_nonce(salt, iv ^ number), body, header, inner)
                    if inner[content] != _APPLICATION_DATA:
                        break
                    number += 1
            except InvalidTag:
                pass
        records, self.sequence = number - self.sequence, number
        return Opened(ContentType.application_data, out[: content * records], records, protected=True)

    def _open_one(self, run: Run, index: int, out: memoryview) -> Opened:
        record = run[index]
        header, fragment = record.raw[:HEADER_LENGTH], record.fragment
        if record.content_type != _APPLICATION_DATA:
            return Opened(ContentType(record.content_type), fragment, 1, protected=False)
        where = name_record(run, index, self.sequence)
        if len(fragment) > _MAX_FRAGMENT:
            raise record_overflow(len(fragment), _MAX_FRAGMENT, where)
        if len(fragment) < _EXPANSION:
            raise bad_record_mac(where)
        inner = out[: len(fragment) - _TAG_LENGTH]
        salt, iv = self._iv
        try:
            self._decrypt_into(make_nonce(salt, iv ^ self.sequence), fragment, header, inner)
        except InvalidTag:
            raise bad_record_mac(where) from None
        content_type, content = _strip(inner, where)
        check_content(content_type, len(content), where)
        self.sequence += 1
        return Opened(content_type, content, 1, protected=True)


def _strip(inner: memoryview, where: str) -> tuple[ContentType, memoryview]:
    """The content type behind the content, before the padding (RFC 8446 §5.4)."""
    length = len(bytes(inner).rstrip(b"\0"))
    if length == 0:
        what = "a record of padding alone, without a content type"
        raise PeerMisbehaved(what, alert="unexpected_message", rfc="8446 §5.4", where=where)
    return ContentType(inner[length - 1]), inner[: length - 1]
