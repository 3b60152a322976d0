"""A body that is made while it is sent, in a thread of its own: who asks for something else does not wait for it."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Sequence

from transom.errors import TransferError, TransomError
from transom.wire.tap import Buffer

Take = Callable[[Buffer], None]
"""Takes the next bytes. Raises when no more are wanted, which ends the making."""


class BeingMade:
    """`length` bytes, which `make` gives to its `Take`, in that thread; what comes beyond them is not taken.

    They wait in a file without a name: who reads slowly holds up nobody.
    """

    def __init__(self, length: int, make: Callable[[Take], None]) -> None:
        self.length = length
        self._make = make
        self._room = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        self._lock = threading.Lock()
        self._begun = self._closed = False
        self._made = self._sent = 0
        self._problem: str | None = None
        self._tell: Callable[[], object] | None = None

    def at_hand(self, tell: Callable[[], object]) -> int:
        """How many bytes can be taken now. If none, `tell` is called once it is worth asking again, in that thread.

        Raises TransferError when there will be no more, though there should be. The first call begins the making.
        """
        with self._lock:
            if not self._begun:
                self._begun = True
                threading.Thread(target=self._run, name="making", daemon=True).start()
            count = self._made - self._sent
            if not count and self._problem is not None:
                raise TransferError(self._problem, exit_code=26)
            self._tell = None if count else tell
        return count

    def fill(self, buffers: Sequence[memoryview]) -> None:
        """Never more than is at hand."""
        for whole in buffers:
            buffer = whole
            while buffer:
                count = os.preadv(self._room.fileno(), [buffer], self._sent)
                if not count:
                    raise TransferError("more was asked for than there is yet", exit_code=26)
                self._sent += count
                buffer = buffer[count:]

    def place(self) -> None:
        return None  # no more of the file may be sent than is made of it

    def close(self) -> None:
        """Nobody wants the rest: the making ends with what it makes next."""
        with self._lock:
            self._closed = True
            self._tell = None
            self._room.close()

    def _run(self) -> None:
        problem = None
        try:
            self._make(self._take)
        except _Enough:
            pass
        except TransomError as error:
            problem = str(error)
        except OSError as error:
            problem = f"it cannot be kept until it is sent: {error.strerror}"
        finally:
            # An error that is none of these is a fault of ours, which the thread reports.
            if self._made < self.length:
                self._problem = problem or f"{self._made:,} of {self.length:,} bytes were made"
            self._say()

    def _take(self, data: Buffer) -> None:
        with self._lock:
            if self._closed:
                raise _Enough
            self._room.write(data[: self.length - self._made])
            self._room.flush()
            self._made = min(self._made + len(data), self.length)
        self._say()
        if self._made == self.length:
            raise _Enough

    def _say(self) -> None:
        with self._lock:
            tell, self._tell = self._tell, None
        if tell is not None:
            tell()


class _Enough(Exception):
    """No more is wanted."""
