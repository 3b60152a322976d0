"""Record protection of TLS 1.2 by an AEAD (RFC 5246 §6.2.3.3).

The associated data are the sequence number, the content type, the version and the length of the content. AES-GCM sends
eight bytes of its nonce before each ciphertext (RFC 5288 §3), for which we take the sequence number; ChaCha20-Poly1305
sends none, its nonce is the IV xor the sequence number (RFC 7905 §2).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag

from transom.tls.iana.content_types import ContentType
from transom.tls.record.header import (
    HEADER_LENGTH,
    MAX_CIPHERTEXT_12,
    MAX_PLAINTEXT,
    TLS_1_2,
    read_header,
    write_header,
)
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
from transom.wire.pieces import Pieces

_APPLICATION_DATA = ContentType.application_data.value  # a plain int: comparing with it is on the bulk road
_TAG_LENGTH = 16
_NONCE_LENGTH = 12
_MAJOR_VERSION = 0x0300  # of every record that a Deframer lets pass
_associated_data = struct.Struct(">QBHH").pack
_write_explicit = struct.Struct(">Q").pack_into


class Sealer12(ProtectedSealer):
    """Seals under the keys of one direction."""

    def __init__(self, keys: TrafficKeys) -> None:
        self._encrypt_into = keys.aead.cipher(keys.key).encrypt_into
        self.most_data_records = keys.aead.record_limit  # TLS 1.2 has no KeyUpdate: the connection ends there
        # Behind the salt of AES-GCM the sequence number goes into zeros: one xor serves both kinds of suite.
        self._iv = split_iv(keys.iv)
        self._explicit = _NONCE_LENGTH - len(keys.iv)
        self.overhead = HEADER_LENGTH + self._explicit + _TAG_LENGTH

    def room_for_data(self, rooms: SealingRooms) -> SealingRoom:
        header = write_header(_APPLICATION_DATA, self._explicit + MAX_PLAINTEXT + _TAG_LENGTH)
        return rooms.room(header + bytes(self._explicit), b"")

    def _seal_one(self, content_type: ContentType, content: memoryview, out: memoryview) -> None:
        body = self.overhead - _TAG_LENGTH
        salt, iv = self._iv
        nonce = make_nonce(salt, iv ^ self.sequence)
        out[:body] = write_header(content_type, len(out) - HEADER_LENGTH) + nonce[_NONCE_LENGTH - self._explicit :]
        associated = _associated_data(self.sequence, content_type, TLS_1_2, len(content))
        self._encrypt_into(nonce, content, associated, out[body:])
        self.sequence += 1

    def _seal_full(self, records: Sequence[Places]) -> None:
        encrypt_into, explicit, (salt, iv), number = self._encrypt_into, self._explicit, self._iv, self.sequence
        for head, content, fragment in records:
            if explicit:
                _write_explicit(head, HEADER_LENGTH, number)
            associated = _associated_data(number, _APPLICATION_DATA, TLS_1_2, MAX_PLAINTEXT)
            encrypt_into(make_nonce(salt, iv ^ number), content, associated, fragment)
            number += 1
        self.sequence = number


class Opener12(ProtectedOpener):
    """Opens under the keys of one direction: from ChangeCipherSpec on, every record is protected."""

    def __init__(self, keys: TrafficKeys) -> None:
        super().__init__()
        self._decrypt_into = keys.aead.cipher(keys.key).decrypt_into
        self._fixed = keys.iv
        self._iv = split_iv(keys.iv)
        self._explicit = _NONCE_LENGTH - len(keys.iv)
        self._explicits = Pieces()
        self.overhead = HEADER_LENGTH + self._explicit + _TAG_LENGTH

    def _open_data(self, run: Run, index: int, out: memoryview) -> Opened:
        view, starts = run.view, run.starts
        decrypt_into, explicit, fixed, (salt, iv) = self._decrypt_into, self._explicit, self._fixed, self._iv
        first = sequence = self.sequence
        filled = 0
        for place in range(index, len(run)):
            start, end = starts[place], starts[place + 1]
            body = start + HEADER_LENGTH + explicit
            length = end - body - _TAG_LENGTH
            if view[start] != _APPLICATION_DATA or not 0 <= length <= MAX_PLAINTEXT:
                break
            nonce = fixed + view[body - explicit : body] if explicit else make_nonce(salt, iv ^ sequence)
            version = _MAJOR_VERSION | view[start + 2]
            associated = _associated_data(sequence, _APPLICATION_DATA, version, length)
            try:
                decrypt_into(nonce, view[body:end], associated, out[filled : filled + length])
            except InvalidTag:
                break
            filled += length
            sequence += 1
        self.sequence = sequence
        return Opened(ContentType.application_data, out[:filled], sequence - first, protected=True)

    def _open_alike(self, run: Run, header: bytes, out: memoryview) -> Opened:
        before, length, version = HEADER_LENGTH + self._explicit, run.starts[1], read_header(header).version
        content = length - before - _TAG_LENGTH
        decrypt_into, number = self._decrypt_into, self.sequence
        if 0 < content <= MAX_PLAINTEXT:
            bodies = self._bodies.of(run.view, before, length - before, length)
            inners = self._inners.of(out, 0, content, content)
            try:
                for nonce, body, inner in zip(self._nonces(run), bodies, inners):  # noqa: B905 (out may have room for more)
                    decrypt_into(nonce, body, _associated_data(number, _APPLICATION_DATA, version, content), inner)
                    number += 1
            except InvalidTag:
                pass
        records, self.sequence = number - self.sequence, number
        return Opened(ContentType.application_data, out[: content * records], records, protected=True)

    def _nonces(self, alike: Run) -> list[bytes]:
        if self._explicit:
            explicits = self._explicits.of(alike.view, HEADER_LENGTH, self._explicit, alike.starts[1])
            return [self._fixed + explicit for explicit in explicits]
        salt, iv = self._iv
        return [make_nonce(salt, iv ^ number) for number in range(self.sequence, self.sequence + len(alike))]

    def _open_one(self, run: Run, index: int, out: memoryview) -> Opened:
        where = name_record(run, index, self.sequence)
        record = run[index]
        fragment = record.fragment
        if len(fragment) > MAX_CIPHERTEXT_12:
            raise record_overflow(len(fragment), MAX_CIPHERTEXT_12, where)
        length = len(fragment) - self._explicit - _TAG_LENGTH
        if length < 0:
            raise bad_record_mac(where)
        content = out[:length]
        salt, iv = self._iv
        sent = fragment[: self._explicit]
        nonce = self._fixed + sent if sent else make_nonce(salt, iv ^ self.sequence)
        associated = _associated_data(self.sequence, record.content_type, record.version, length)
        try:
            self._decrypt_into(nonce, fragment[self._explicit :], associated, content)
        except InvalidTag:
            raise bad_record_mac(where) from None
        check_content(record.content_type, length, where)
        self.sequence += 1
        return Opened(ContentType(record.content_type), content, 1, protected=True)
