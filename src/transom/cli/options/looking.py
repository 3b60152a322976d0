"""What it takes to look into a capture: its file, the keys that open it, and what chains are judged by."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from transom.cli.compare_targets import is_url
from transom.cli.options.file_name import file_name
from transom.errors import CaptureError, UsageError, reason_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from transom.dissect.telling import Looking


def capture_path(text: str) -> Path:
    """For argparse: a path, or - for standard input."""
    if is_url(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is a URL, not a capture: transom get --explain and compare take URLs"
        )
    return Path(text)


def add_key_options(parser: argparse.ArgumentParser) -> None:
    """`--keylog`, `--private-key`, `--without-keys`, `--cacert`."""
    keys = parser.add_argument_group("keys")
    keys.add_argument("--keylog", metavar="FILE", type=file_name, action="append", default=[], help="a TLS key log")
    keys.add_argument(
        "--private-key",
        metavar="PEM",
        type=file_name,
        action="append",
        default=[],
        help="a server's RSA key: static RSA",
    )
    keys.add_argument("--without-keys", action="store_true", help="see what the path saw, whatever keys there are")
    parser.add_argument(
        "--cacert", metavar="FILE", type=file_name, help="judge chains by the certificates in FILE as well"
    )


@contextmanager
def named_as_typed(path: Path, typed: Path) -> Generator[None]:
    """An error about the copy of a pipe is told under the name that the user knows."""
    try:
        yield
    except CaptureError as error:
        name = "standard input" if str(typed) == "-" else str(typed)
        values = {key: name if value == str(path) else value for key, value in error.sentence.values.items()}
        raise type(error)(error.sentence.template, **values) from error


def looking_of(options: argparse.Namespace, path: Path, *, hash_bodies: bool = False) -> Looking:
    """As the options of a command say. Raises UsageError, CaptureError."""
    from transom.dissect.captured import keys_for

    seen = looking_from_outside(options, hash_bodies=hash_bodies)
    return seen if options.without_keys else replace(seen, keys=keys_for(path, _logs(options)))


def looking_from_outside(options: argparse.Namespace, *, hash_bodies: bool = False) -> Looking:
    """The same without the secrets inside the capture, for somebody who reads them later."""
    from transom.cli.roots import trust_store
    from transom.dissect.telling import Looking
    from transom.tls.keys.keylog import KeyLog

    seen = Looking(store=trust_store(options.cacert), hash_bodies=hash_bodies)
    if options.without_keys:
        return seen
    private_keys = [_private_key(file) for file in options.private_key]
    keys = KeyLog(b"\n".join(_logs(options)))
    return replace(seen, keys=keys, private_keys=private_keys)


def _logs(options: argparse.Namespace) -> list[bytes]:
    return [_key_log(log) for log in options.keylog]


def _key_log(path: Path) -> bytes:
    """An empty one is in order: nobody has shaken hands yet. One without a line of use is another file."""
    from transom.tls.keys.keylog import KeyLog

    text = _bytes_of(path)
    log = KeyLog(text)
    if log.bad_lines and not len(log):
        raise UsageError(
            "{path}: no key-log line in it; expected lines of a label, a client random and a secret", path=path
        )
    return text


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaptureError("{path}: {reason}", path=path, reason=reason_of(error)) from error


def _private_key(path: Path) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_bytes_of(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError("{path}: no private key in PEM that can be read without a password", path=path) from error
    if not isinstance(key, RSAPrivateKey):
        raise UsageError("{path}: an RSA key is expected; no other kind of key opens a recorded handshake", path=path)
    return key
