"""What is known of a partial file, kept beside it: of which file it is a part, and how much of it is on the disk.

The bytes of a partial are durable before a sidecar counts them. The sidecar itself need not be: one that is older than
its partial claims less than there is, and one that is torn claims nothing.
"""

from __future__ import annotations

import json
import os
import stat
from contextlib import suppress
from dataclasses import asdict
from typing import Any, cast

from transom.value import value

_LARGEST = 64 * 1024  # a URL and two header fields: whatever is larger is not ours

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


@value
class Origin:
    """A file elsewhere, in one state of it: its URL, its validators as they were sent, its length if known.

    `etag` and `last_modified` are strong, and one of them is there. A `weak_etag` beside the date names no state; but
    where it is another one now, so is the file. `coding` is what the bytes are compressed by, None for nothing; `at` is
    the URL that gave them, where redirects had led to another one.
    """

    url: str
    etag: str | None
    last_modified: str | None
    length: int | None
    weak_etag: str | None = None
    coding: str | None = None
    at: str | None = None

    @property
    def if_range(self) -> str:
        """What names this state in `If-Range` (RFC 9110 §13.1.5)."""
        return self.etag or self.last_modified or ""


@value
class Sidecar:
    """The first `durable` bytes of the partial are those of `origin`, and are on the disk."""

    origin: Origin
    durable: int


def read_sidecar(name: str, folder: int) -> Sidecar | None:
    """The sidecar `name` in the folder open as `folder`; None for none, or one that is not whole or not our own."""
    try:
        fd = os.open(name, _READ, dir_fd=folder)
    except OSError:
        return None
    try:
        facts = os.fstat(fd)
        if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_size > _LARGEST:
            return None
        return _parsed(os.read(fd, _LARGEST))
    except OSError:
        return None
    finally:
        os.close(fd)


def write_sidecar(name: str, spare: str, folder: int, sidecar: Sidecar) -> None:
    """Put `sidecar` in the place of the one before, in one step: it is written as `spare` first. Raises OSError.

    It is for its owner alone: a URL can be a secret.
    """
    with suppress(FileNotFoundError):
        os.unlink(spare, dir_fd=folder)
    text = json.dumps({**asdict(sidecar.origin), "durable": sidecar.durable}).encode()
    fd = os.open(spare, _WRITE, 0o600, dir_fd=folder)
    try:
        while text:
            text = text[os.write(fd, text) :]
        os.replace(spare, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(spare, dir_fd=folder)
        raise
    finally:
        os.close(fd)


def _parsed(text: bytes) -> Sidecar | None:
    try:
        fields: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    return _checked(cast(dict[str, Any], fields))


def _is_sendable(condition: str | None) -> bool:
    """Whether it can stand in a header field: what a server sent there can."""
    return bool(condition) and all(" " <= character <= "\xff" for character in condition or "")


def _checked(fields: dict[str, Any]) -> Sidecar | None:
    match {"weak_etag": None, "coding": None, "at": None, **fields}:
        case {
            "url": str(url),
            "etag": str() | None as etag,
            "last_modified": str() | None as last_modified,
            "length": int() | None as length,
            "durable": int(durable),
            "weak_etag": str() | None as weak_etag,
            "coding": str() | None as coding,
            "at": str() | None as at,
        } if _is_sendable(etag or last_modified) and 0 < durable <= (durable if length is None else length):
            return Sidecar(Origin(url, etag, last_modified, length, weak_etag, coding, at), durable)
        case _:
            return None
