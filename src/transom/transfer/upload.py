"""Files that are sent to the server: PUT, into a folder that is there, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from transom.errors import HttpError, TransferError, UsageError, reason_of
from transom.files.opened import OpenFile, OpenFolder
from transom.files.request_path import path_components
from transom.files.sink import Sink, open_sink_in
from transom.files.source import Share
from transom.http.conditional import Validators, precondition
from transom.http.framing import NO_BODY, Length, request_framing
from transom.http.messages import Request
from transom.http.target import resource
from transom.transfer.upload_digests import UploadDigests
from transom.wire.tap import Buffer


class Upload:
    """One file on its way in; `replaces` when one of its name was there before.

    What goes wrong is an HttpError that names no path of the server's disk.
    """

    def __init__(self, sink: Sink, name: str, digests: UploadDigests, *, replaces: bool, most: int | None) -> None:
        self._sink = sink
        self._name = name
        self.digests = digests
        self._most = most
        self.replaces = replaces

    def write(self, data: Buffer) -> None:
        if self._most is not None and self._sink.written + len(data) > self._most:
            raise _too_large(self._most)
        try:
            self._sink.write(data)
        except TransferError:
            raise HttpError("the file could not be written", status=507) from None

    def finish(self) -> None:
        """It has all come, and no digest is behind: let it appear, if it is what its sender says."""
        self.digests.check(self._name)
        try:
            self._sink.finish()
        except TransferError:
            raise HttpError("the file could not be kept", status=409) from None

    def abandon(self) -> None:
        """Leave no trace of it, unless it is finished."""
        self._sink.abandon()


class Uploads:
    """Where uploads go: beneath `root`, the folder that `shared` shares. Raises UsageError when it is none.

    A file of more than `most` bytes is not taken.
    """

    def __init__(self, root: Path, shared: Share, *, overwrite: bool, most: int | None) -> None:
        if not root.is_dir():
            raise UsageError("{path} is no folder: nothing can be uploaded into it", path=root)
        self._share = shared
        self._overwrite = overwrite
        self._most = most

    def begin(self, request: Request) -> Upload:
        """Open what a PUT names. Raises HttpError: 404 without a folder for it, 409 or 412 if it must not be replaced.

        A part of a file cannot be told from the whole of one by a server that ignores Content-Range: it is a 400
        (RFC 9110 §14.5). A body that is not announced at all is a 411, one that is too large a 413.
        """
        self._check_announced(request)
        if "Content-Range" in request.headers:
            raise HttpError("a part of a file is not taken", status=400)
        path = resource(request).path
        names = path_components(path)
        if not names or path.endswith("/"):
            raise HttpError("the path names a folder, not a file", status=409)
        with self._folder(path.rpartition("/")[0] + "/") as folder:
            name = os.fsdecode(names[-1])
            current = self._current(path, folder, name)
            if precondition("PUT", request.headers, current):
                raise HttpError("the file is not what the request was made for", status=412)
            if current and not self._overwrite:
                raise HttpError("there is a file of that name", status=409)
            sink = self._sink(folder, name)
            digests = UploadDigests(request.headers, sink)
            return Upload(sink, name, digests, replaces=current is not None, most=self._most)

    def _check_announced(self, request: Request) -> None:
        framing = request_framing(request)
        if framing == NO_BODY and "Content-Length" not in request.headers:
            raise HttpError("neither Content-Length nor chunks: where would the file end?", status=411)
        if self._most is not None and isinstance(framing, Length) and framing.count > self._most:
            raise _too_large(self._most)

    def _folder(self, path: str) -> OpenFolder:
        opened = self._share.open(path)
        if isinstance(opened, OpenFolder):
            return opened
        opened.close()
        raise HttpError("the path leads through a file", status=409)

    def _current(self, path: str, folder: OpenFolder, name: str) -> Validators | None:
        """What tells the state of the file that is there. Anything else of that name is not to be touched."""
        try:
            os.stat(name, dir_fd=folder.fd, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise HttpError("no file can have that name: {reason}", reason=reason_of(error), status=409) from None
        with self._share.open(path) as there:
            if not isinstance(there, OpenFile):
                raise HttpError("there is a folder of that name", status=409)
            return Validators(there.etag, there.modified // 10**9)

    def _sink(self, folder: OpenFolder, name: str) -> Sink:
        try:
            return open_sink_in(folder, name, overwrite=self._overwrite)
        except TransferError:
            raise HttpError("the file cannot be written now", status=409) from None


def _too_large(most: int) -> HttpError:
    return HttpError("a file of more than {most:,} bytes is not taken", most=most, status=413)
