"""Record protection of TLS 1.2 by an AEAD (RFC 5246 §6.2.3.3).

The associated data are the sequence number, the content type, the version and the length of the content. AES-GCM sends
eight bytes of its nonce before each ciphertext (RFC 5288 §3), for which we take the sequence number; ChaCha20-Poly1305
sends none, its nonce is the IV xor the sequence number (RFC 7905 §2).
"""

from __future__ import annotations

import struct
from contextlib import suppress

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
    Opener,
    ProtectedSealer,
    bad_record_mac,
    check_content,
    check_run,
    make_nonce,
    name_record,
    record_overflow,
    split_iv,
)
from transom.tls.record.run import Run
from transom.tls.record.sealing_room import SealingRoom, SealingRooms
from transom.tls.record.traffic_keys import TrafficKeys

_APPLICATION_DATA = ContentType.application_data.value  # a plain int: comparing with it is on the bulk road
_TAG_LENGTH = 16
_NONCE_LENGTH = 12
_MAJOR_VERSION = 0x0300  # of every record that a Deframer lets pass
_associated_data = struct.Struct(">QBHH").pack


class Sealer12(ProtectedSealer):
    """Seals under the keys of one direction."""

    def __init__(self, keys: TrafficKeys) -> None:
        self._encrypt_into = keys.aead.cipher(keys.key).encrypt_into
        self.most_data_records = keys.aead.record_limit  # TLS 1.2 has no KeyUpdate: the connection ends there
        self._fixed = len(keys.iv)
        # Behind the salt of AES-GCM the sequence number goes into zeros: one xor serves both kinds of suite.
        self._iv = split_iv(keys.iv)
        self.overhead = HEADER_LENGTH + _NONCE_LENGTH - self._fixed + _TAG_LENGTH

    def room_for_data(self, rooms: SealingRooms) -> SealingRoom:
        explicit = _NONCE_LENGTH - self._fixed
        header = write_header(_APPLICATION_DATA, explicit + MAX_PLAINTEXT + _TAG_LENGTH)
        return rooms.room(header + bytes(explicit), b"")

    def _seal_one(self, content_type: ContentType, content: memoryview, out: memoryview) -> None:
        body = self.overhead - _TAG_LENGTH
        salt, iv = self._iv
        nonce = make_nonce(salt, iv ^ self.sequence)
        out[:body] = write_header(content_type, len(out) - HEADER_LENGTH) + nonce[self._fixed :]
        associated = _associated_data(self.sequence, content_type, TLS_1_2, len(content))
        self._encrypt_into(nonce, content, associated, out[body:])
        self.sequence += 1

    def _seal_slots(self, room: SealingRoom, at: int, count: int) -> None:
        encrypt_into, fixed, (salt, iv), first = self._encrypt_into, self._fixed, self._iv, self.sequence
        numbers = range(first, first + count)
        records = zip(numbers, room.heads[at : at + count], room.contents, room.fragments[at : at + count])  # noqa: B905
        for number, head, content, fragment in records:
            nonce = make_nonce(salt, iv ^ number)
            head[HEADER_LENGTH:] = nonce[fixed:]
            associated = _associated_data(number, _APPLICATION_DATA, TLS_1_2, MAX_PLAINTEXT)
            encrypt_into(nonce, content, associated, fragment)
        self.sequence = first + count


class Opener12(Opener):
    """Opens under the keys of one direction: from ChangeCipherSpec on, every record is protected."""

    def __init__(self, keys: TrafficKeys) -> None:
        self._decrypt_into = keys.aead.cipher(keys.key).decrypt_into
        self._fixed = keys.iv
        self._iv = split_iv(keys.iv)
        self._explicit = _NONCE_LENGTH - len(keys.iv)
        self.overhead = HEADER_LENGTH + self._explicit + _TAG_LENGTH

    def open(self, run: Run, index: int, out: memoryview) -> Opened:
        check_run(run, index, self.sequence, out)
        if run.header is not None and not index:
            data = self._open_alike(run, run.header, out)
        else:
            data = self._open_data(run, index, out)
        return data if data.records else self._open_one(run, index, out)

    def _open_data(self, run: Run, index: int, out: memoryview) -> Opened:
        """Open records as long as they are application data that decrypts; what the next is, `_open_one` will say."""
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
        """The same from the first of records that are alike: what is the same in all of them is looked at once."""
        view, length = run.view, run.starts[1]
        before, version = HEADER_LENGTH + self._explicit, read_header(header).version
        content = length - before - _TAG_LENGTH
        decrypt_into, explicit, fixed, (salt, iv) = self._decrypt_into, self._explicit, self._fixed, self._iv
        first = sequence = self.sequence
        filled = 0
        if 0 < content <= MAX_PLAINTEXT:
            with suppress(InvalidTag):
                for body in range(before, len(view), length):
                    nonce = fixed + view[body - explicit : body] if explicit else make_nonce(salt, iv ^ sequence)
                    associated = _associated_data(sequence, _APPLICATION_DATA, version, content)
                    inner = out[filled : filled + content]
                    decrypt_into(nonce, view[body : body - before + length], associated, inner)
                    filled += content
                    sequence += 1
        self.sequence = sequence
        return Opened(ContentType.application_data, out[:filled], sequence - first, protected=True)

    def _open_one(self, run: Run, index: int, out: memoryview) -> Opened:
        """Open one record of any type, or say why not."""
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
