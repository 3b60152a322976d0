"""The receiving end of a download: what an answer brings goes into a sink, if it is what was asked for."""

from __future__ import annotations

from collections.abc import Callable

from transom.errors import TransferError
from transom.files.sink import Sink
from transom.http.framing import Framing, Length
from transom.http.messages import Headers, Response
from transom.http.ranges import parse_content_range
from transom.net.clock import Stopwatch
from transom.transfer.failure import PARTIAL_FILE, WEIRD_REPLY, require_success
from transom.transfer.resume import GoesOn, Notice, Rest, StartsOver, origin_of
from transom.transfer.url import Url
from transom.transfer.verify import Verification
from transom.wire.tap import Buffer

Progress = Callable[[int, int | None], None]
"""Told the bytes so far and the bytes in all, None when the server did not say."""

CHECKPOINT = 0.5
"""Seconds of transfer that a crash may cost. More often would keep the disk busy with nothing but that."""


class Download:
    """Takes one answer: to a request for a file or, with `rest`, for the rest of it. A `Receiver`.

    `resumed_from` is the byte it went on from, None when it came from the beginning. `total` is the file's length, None
    until it is known.
    """

    def __init__(
        self,
        url: Url,
        sink: Sink,
        rest: Rest | None,
        verification: Verification,
        progress: Progress | None,
        tell: Callable[[Notice], None],
    ) -> None:
        self._url = self._at = url
        self._sink = sink
        self._rest = rest
        self._verification = verification
        self._progress = progress
        self._tell = tell
        self._since_checkpoint = Stopwatch()
        self._takes_body = True
        self.resumed_from: int | None = None
        self.total: int | None = None

    def asks(self, url: Url) -> None:
        """The next answer is of this URL: redirects have led there."""
        self._at = url

    def head(self, response: Response, framing: Framing) -> None:
        if self._rest is None:
            require_success(response, 200)
            self._begin(response, framing)
            return
        match self._rest.judge(response, framing, self._at):
            case "rest":
                self._go_on(self._rest, response)
            case "done":
                self._takes_body = False
                self.resumed_from = self.total = self._rest.start
            case "whole":
                self._tell(StartsOver(self._rest.why_whole(response)))
                self._begin(response, framing)
            case "other":
                require_success(response)

    def body(self, data: Buffer) -> None:
        if not self._takes_body:
            return
        if self.total is not None and self._sink.written + len(data) > self.total:
            raise TransferError(
                "more came than the {total:,} bytes of the file", total=self.total, exit_code=WEIRD_REPLY
            )
        self._verification.carried(data)
        self._sink.write(data)
        if self._progress is not None:
            self._progress(self._sink.written, self.total)
        if self._since_checkpoint.total >= CHECKPOINT:
            self._sink.checkpoint()
            self._since_checkpoint = Stopwatch()

    def end(self, trailer: Headers) -> None:
        self._verification.expect_at_end(trailer)
        if self.total is not None and self._sink.written != self.total:
            raise TransferError(
                "{written:,} of the {total:,} bytes of the file came",
                written=self._sink.written,
                total=self.total,
                exit_code=PARTIAL_FILE,
            )

    def _begin(self, response: Response, framing: Framing) -> None:
        self._sink.begin(origin_of(self._url, response, framing, self._at))
        self.total = framing.count if isinstance(framing, Length) else None
        self._verification.expect(response.headers)
        for algorithm in self._verification.algorithms:
            # From the first byte on: what goes to a pipe cannot be hashed later.
            self._sink.keep_hash(algorithm)

    def _go_on(self, rest: Rest, response: Response) -> None:
        self.resumed_from = rest.start
        self.total = parse_content_range(response.headers.get("Content-Range") or "").size
        self._verification.expect(response.headers)
        self._tell(GoesOn(rest.start, self.total))
