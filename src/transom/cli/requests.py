"""From the options of `get` to what is to be downloaded: a request for each URL."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Sequence
from dataclasses import replace

from transom.cli.options.login import logins_of
from transom.cli.options.patience import max_time_of, retries_of
from transom.cli.options.whole_file import checksums_of, wants_resume
from transom.errors import Sentence, UsageError
from transom.files.sink import STDOUT
from transom.http.messages import Headers
from transom.transfer.part import parse_part
from transom.transfer.request import GetRequest
from transom.transfer.target import target_of

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
"""What the name of a field is made of (RFC 9110 §5.6.2)."""
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def requests_of(options: argparse.Namespace) -> list[GetRequest]:
    """One for each URL, in their order."""
    common = GetRequest(
        "",
        folder=options.output_dir,
        create_folders=options.create_dirs,
        sha256=options.sha256,
        resume=wants_resume(options),
        verify=options.verify,
        follow=options.location,
        max_time=max_time_of(options),
        retries=retries_of(options),
        part=None if options.range is None else parse_part(options.range),
        remote_name=options.remote_header_name,
    )
    headers = _headers(options)
    _refuse_two_ranges(options)
    rows = zip(options.urls, headers, _outputs(options), checksums_of(options), strict=True)
    return [
        replace(common, url=url, headers=fields, output=output, overwrite=output is not None, checksum=checksum)
        for url, fields, output, checksum in rows
    ]


def refuse_trace_as_target(options: argparse.Namespace, requests: Sequence[GetRequest]) -> None:
    """A trace and a file in one place would be neither. Raises UsageError."""
    if options.trace is None:
        return
    if str(options.trace) == "-":
        raise UsageError("--trace -: expected the name of a file, which can be gone back in")
    for target in map(target_of, requests):
        if target is not None and target != STDOUT and os.path.realpath(target) == os.path.realpath(options.trace):
            raise UsageError("--trace {trace}: the file of a URL is saved there; name another", trace=options.trace)


def _refuse_two_ranges(options: argparse.Namespace) -> None:
    typed = {line.partition(":")[0].strip().lower() for line in options.header}
    if options.range is not None and (both := typed & {"range", "if-range"}):
        raise UsageError("-r and -H {field}: one of the two says which bytes", field=min(both).title())


def _outputs(options: argparse.Namespace) -> list[str | None]:
    """The nth of -o and -O is for the nth URL, as in curl; None for a URL that gives its file its own name."""
    given: list[str | None] = options.outputs
    if "" in given:
        raise UsageError("-o '': expected the name of a file, or - for standard output")
    missing = len(options.urls) - len(given)
    if missing < 0:
        urls = Sentence("one URL") if len(options.urls) == 1 else Sentence("{count} URLs", count=len(options.urls))
        raise UsageError(
            "-o and -O: {count} of them for {urls}; the nth is for the nth URL", count=len(given), urls=urls
        )
    return given + [None] * missing


def _headers(options: argparse.Namespace) -> list[Headers]:
    """Those that were typed; an Authorization among them is the user's last word on who they are, as in curl."""
    typed = Headers(map(_header, options.header))
    if "Authorization" in typed:
        return [typed] * len(options.urls)
    logins = map(logins_of(options), options.urls)
    return [Headers([login.header, *typed.raw]) if login else typed for login in logins]


def _header(line: str) -> tuple[bytes, bytes]:
    """A field line as it was typed, byte for byte: in what encoding a value is, is between user and server."""
    name, colon, value = os.fsencode(line).partition(b":")
    name, value = name.strip(), value.strip()
    if not colon or not _TOKEN.fullmatch(name):
        raise UsageError("-H {line!r}: expected 'Name: value', such as 'Accept: text/html'", line=line)
    if _CONTROLS.search(value):
        raise UsageError("-H {line!r}: a value is one line, with no control characters in it", line=line)
    return name, value
