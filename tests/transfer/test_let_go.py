"""A download that is over, well or badly, holds nothing large: not even until the garbage collector comes.

That one counts objects, not bytes. A connection is in a circle with its session, so a hundred downloads one after the
other, each with a connection of its own, would hold what was received by each.
"""

from __future__ import annotations

import gc
import hashlib
import mmap
import threading
import weakref
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.fault.proxy import Fault, fault_proxy
from tests.tls.shuttle import client_config, server_config
from tests.transfer.background import served
from transom.channel.interface import Channel
from transom.channel.openssl import OpenSslChannel, OpenSslContext
from transom.channel.own_tls import OwnTlsChannel
from transom.errors import TransferError
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.wire.kept import Room
from transom.wire.paged import paged

CONTENT = hashlib.shake_128(b"let go").digest(4_000_000)


def by_openssl(host: str) -> Channel:
    config = client_config()
    return OpenSslChannel(OpenSslContext.client(config, None), config, host)


def by_transom(host: str) -> Channel:
    return OwnTlsChannel.client(client_config(), host)


class Rooms:
    """How many rooms there are that the channels of this thread have made."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.made, self._ours = 0, set[int]()
        init, thread = Room.__init__, threading.get_ident()

        def begin(room: Room, size: int) -> None:
            init(room, size)
            if threading.get_ident() == thread:
                self.made += 1
                self._ours.add(id(room))

        patch.setattr(Room, "__init__", begin)
        patch.setattr(Room, "__del__", lambda room: self._ours.discard(id(room)), raising=False)

    @property
    def there(self) -> int:
        return len(self._ours)


@pytest.fixture
def without_collector() -> Generator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.usefixtures("without_collector")
@pytest.mark.parametrize("cut", [False, True], ids=["whole", "cut"])
@pytest.mark.parametrize("by", [by_openssl, by_transom])
def test_what_was_received_into_and_hashed_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: Callable[[str], Channel], cut: bool
) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "f.bin").write_bytes(CONTENT)
    with (
        served(tmp_path / "shared", channel_factory=lambda: OwnTlsChannel.server(server_config())) as server,
        fault_proxy(server.background, server.endpoint.port) as proxy,
    ):
        if cut:
            proxy.fault = Fault("cut", len(CONTENT) * 3 // 4)
        buffers: list[weakref.ref[mmap.mmap]] = []

        def buffer(size: int) -> memoryview:
            view = paged(size)
            assert isinstance(view.obj, mmap.mmap)
            buffers.append(weakref.ref(view.obj))
            return view

        monkeypatch.setattr("transom.net.pump.paged", buffer)
        rooms = Rooms(monkeypatch)
        request = GetRequest(f"https://localhost:{proxy.port}/f.bin", output=tmp_path / "f.bin", sha256=True)
        road = Road(by, timeouts=Timeouts(linger=0.1))
        error = None
        try:
            run_get(request, road)
        except TransferError as caught:
            error = caught
        assert (error.exit_code if error else 0) == (18 if cut else 0)
        for thread in threading.enumerate():
            if thread.name == "hash":
                thread.join(10)
        assert not [thread for thread in threading.enumerate() if thread.name == "hash"]
        assert buffers
        assert rooms.made
        assert [one for one in buffers if one() is not None] == []
        assert rooms.there == 0
