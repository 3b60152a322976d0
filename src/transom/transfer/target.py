"""The files that downloads become: which one each is, and that no two are the same."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from transom.errors import UsageError
from transom.files.names import name_from_url
from transom.files.sink import STDOUT
from transom.transfer.request import GetRequest
from transom.wire.escape import escape


def target_of(request: GetRequest) -> str | None:
    """The path of the file, "-" for standard output; None when the server is to be asked for its name.

    Raises UsageError for a URL without a name in it, when it is to have that.
    """
    if request.output is not None:
        return str(request.output) if request.output == STDOUT else in_folder(request, request.output)
    return None if request.remote_name else in_folder(request, name_from_url(request.url))


def in_folder(request: GetRequest, name: Path | str) -> str:
    """`name` in the folder that the request's file is to be in; an absolute path is where it says."""
    return str(name if request.folder is None else request.folder / name)


def refuse_shared_targets(requests: Sequence[GetRequest], *, at_once: bool) -> None:
    """Raise UsageError when two of the downloads would be one file, or one of them has no name.

    One after the other several may go into the same pipe or device, and at once into the null device. What names a
    server will give (`remote_name`) nobody knows yet; of two that are the same the second file stays out.
    """
    taken: dict[str, GetRequest] = {}
    for request in requests:
        target = target_of(request)
        if target is None or _may_be_shared(target, at_once=at_once):
            continue
        # A link in the target's place is replaced, one on the way there is followed.
        place = target if target == STDOUT else str(Path(os.path.realpath(Path(target).parent), Path(target).name))
        other = taken.setdefault(place, request)
        if other is not request:
            raise UsageError(
                "{url} and {other} would both be saved as {target}; -o names them, one for each URL",
                url=escape(other.url),
                other=escape(request.url),
                target=escape(target),
            )


def _may_be_shared(target: str, *, at_once: bool) -> bool:
    if at_once:
        return target != STDOUT and os.path.realpath(target) == os.devnull
    return target == STDOUT or _is_in_place(Path(target))


def _is_in_place(path: Path) -> bool:
    """Whether it is there and no regular file: what is written goes into it, and nothing is renamed."""
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
