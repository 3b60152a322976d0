"""What is in a capture, a line a conversation, or everything about each of them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from transom.errors import CaptureError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    from transom.capture.conversation import CaptureSummary
    from transom.dissect.telling import Looking

EXIT_LOST = 18
"""curl's number for a partial file."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("capture", metavar="CAPTURE", type=Path, help="a pcap or pcapng file, - for standard input")
    keys = parser.add_argument_group("keys")
    keys.add_argument("--keylog", metavar="FILE", type=Path, action="append", default=[], help="a TLS key log")
    keys.add_argument(
        "--private-key", metavar="PEM", type=Path, action="append", default=[], help="a server's RSA key: static RSA"
    )
    keys.add_argument("--without-keys", action="store_true", help="see what the path saw, whatever keys there are")
    parser.add_argument("--cacert", metavar="FILE", type=Path, help="judge chains by the certificates in FILE as well")
    shown = parser.add_argument_group("what is shown").add_mutually_exclusive_group()
    shown.add_argument("--tree", action="store_true", help="each message with every field")
    shown.add_argument("--packets", action="store_true", help="the packet list")
    shown.add_argument("--follow", metavar="N", type=int, help="what both sides of conversation N said")
    shown.add_argument("--json", action="store_true", help="one JSON object a line")
    follow = parser.add_argument_group("with --follow")
    follow.add_argument("--as", dest="form", choices=("text", "hex", "raw"), help="text is the default")
    follow.add_argument("--on-the-wire", action="store_true", help="the bytes as they crossed, not decrypted")
    parser.add_argument("--lang", metavar="LANG", help="en or ko; by the locale otherwise")


def run(options: argparse.Namespace) -> int:
    """Read the capture; 18 when bytes were lost. Raises CaptureError for a file that cannot be read."""
    from transom.capture.source import spooled
    from transom.dissect.captured import anything_lost

    _check(options)
    with spooled(options.capture) as path, _named_as_typed(path, options.capture):
        return EXIT_LOST if anything_lost(_show(options, path)) else 0


@contextmanager
def _named_as_typed(path: Path, typed: Path) -> Generator[None]:
    """An error about the copy of a pipe is told under the name that the user knows."""
    try:
        yield
    except CaptureError as error:
        name = "standard input" if str(typed) == "-" else str(typed)
        raise CaptureError(str(error).replace(str(path), name)) from error


def _check(options: argparse.Namespace) -> None:
    if options.follow is None and (options.form or options.on_the_wire):
        raise UsageError("--as and --on-the-wire belong to --follow N")
    if options.follow is not None and options.follow < 0:
        raise UsageError(f"--follow {options.follow}: conversations are counted from 0")


def _show(options: argparse.Namespace, path: Path) -> CaptureSummary:
    from transom.cli.show.terminal import Terminal
    from transom.cli.words import choose_language, words

    catalogue = words(choose_language(options.lang, os.environ))
    terminal = Terminal.on(sys.stdout, os.environ)
    looking = _looking(options, path)
    if options.packets:
        from transom.cli.read_packets import show_packets

        return show_packets(path, looking, terminal, catalogue)
    if options.json:
        from transom.cli.read_json import write_json

        return write_json(path, looking, sys.stdout)
    if options.tree:
        from transom.cli.read_tree import show_trees

        return show_trees(path, looking, terminal, catalogue)
    if options.follow is not None:
        from transom.cli.read_follow import follow

        return follow(
            path, looking, options.follow, options.form or "text", terminal, catalogue, on_the_wire=options.on_the_wire
        )
    from transom.cli.read_table import show_table

    return show_table(path, looking, terminal, catalogue)


def _looking(options: argparse.Namespace, path: Path) -> Looking:
    from transom.cli.channels import trust_store
    from transom.dissect.captured import keys_for
    from transom.dissect.telling import Looking

    seen = Looking(store=trust_store(options.cacert), hash_bodies=bool(options.json))
    if options.without_keys:
        return seen
    logs = [_key_log(log) for log in options.keylog]
    private_keys = [_private_key(file) for file in options.private_key]
    return replace(seen, keys=keys_for(path, logs), private_keys=private_keys)


def _key_log(path: Path) -> bytes:
    """An empty one is in order: nobody has shaken hands yet. One without a line of use is another file."""
    from transom.tls.keys.keylog import KeyLog

    text = _bytes_of(path)
    log = KeyLog(text)
    if log.bad_lines and not len(log):
        raise UsageError(f"{path}: no key-log line in it; expected lines of a label, a client random and a secret")
    return text


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CaptureError(f"{path}: {error.strerror}") from error


def _private_key(path: Path) -> RSAPrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(_bytes_of(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError(f"{path}: no private key in PEM that can be read without a password") from error
    if not isinstance(key, RSAPrivateKey):
        raise UsageError(f"{path}: an RSA key is expected; no other kind of key opens a recorded handshake")
    return key
