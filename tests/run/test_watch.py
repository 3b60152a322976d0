"""What looks on holds keys for the sessions that are there, however many there have been."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from tests.real.certificates import Authority
from transom.dissect.facts import Facts
from transom.dissect.telling import Looking
from transom.dissect.timeline import Listener
from transom.errors import TransferError
from transom.run.outward import Asked, PastTunnel, Reached
from transom.run.watch import Watch
from transom.wire.tap import Endpoint, Endpoints, Side

ENDS = Endpoints(Endpoint("127.0.0.1", 1), Endpoint("127.0.0.1", 2))


class Told:
    """A `run.watch.Telling`."""

    def __init__(self) -> None:
        self.facts: list[Facts] = []

    def begins(self, number: int, reached: Reached | PastTunnel) -> Listener:
        assert number >= 0
        assert isinstance(reached, PastTunnel)
        return lambda item: None

    def over(self, facts: Facts) -> None:
        self.facts.append(facts)

    def not_reached(self, asked: Asked, error: TransferError) -> None: ...


class Sessions:
    """Makes TLS sessions in memory; their keys are in `log`."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder)
        leaf = authority.leaf()
        self.log = folder / "keys"
        self._client = ssl.create_default_context(cafile=str(authority.root))
        self._client.keylog_filename = str(self.log)
        self._server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.load_cert_chain(leaf.chain, leaf.key)
        self._read = 0

    def lines(self) -> list[str]:
        """What was logged since, but for comments."""
        lines = [line for line in self.log.read_text().splitlines(keepends=True) if line[0] != "#"]
        new, self._read = lines[self._read :], len(lines)
        return new

    def crossing(self) -> list[tuple[Side, bytes]]:
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = self._client.wrap_bio(down, up, server_hostname="localhost")
        server_in = ssl.MemoryBIO()
        server_out = ssl.MemoryBIO()
        server = self._server.wrap_bio(server_in, server_out, server_side=True)
        crossed: list[tuple[Side, bytes]] = []
        for _ in range(3):
            for end, came_out, goes_in, side in (
                (client, up, server_in, Side.CLIENT),
                (server, server_out, down, Side.SERVER),
            ):
                with suppress(ssl.SSLWantReadError):
                    end.do_handshake()
                if data := came_out.read():
                    crossed.append((side, data))
                    goes_in.write(data)
        return crossed


def test_the_keys_of_a_session_that_is_over_are_forgotten_also_those_that_come_late(tmp_path: Path) -> None:
    sessions = Sessions(tmp_path)
    looking, told = Looking(), Told()
    late: list[str] = []

    def read_log() -> list[str]:
        lines = sessions.lines()
        late.extend(line for line in lines if line.startswith("EXPORTER_SECRET"))
        return [line for line in lines if line not in late]

    watch = Watch(looking, told, read_log)
    for count in range(1, 4):
        tap = watch.begin(PastTunnel(Asked("localhost", 2), 0))
        tap.opened(ENDS, 0)
        for side, data in sessions.crossing():
            tap.data(side, data, 0)
        assert len(looking.keys) > 0
        tap.closed(Side.CLIENT, 0)
        tap.closed(Side.SERVER, 0)
        assert [facts.tls.decrypted for facts in told.facts if facts.tls] == ["full"] * count
        assert len(looking.keys) == 0
        watch.take_keys(late)
        assert len(looking.keys) == 0
        assert watch.unseen_sessions == 0
    assert len(late) == 3


def test_what_is_remembered_of_sessions_that_are_over_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transom.run.watch._OVER_LATELY", 2)
    sessions = Sessions(tmp_path)
    looking = Looking()
    lines: list[str] = []

    def read_log() -> list[str]:
        new = sessions.lines()
        lines.extend(new)
        return new

    watch = Watch(looking, Told(), read_log)
    for _ in range(3):
        tap = watch.begin(PastTunnel(Asked("localhost", 2), 0))
        tap.opened(ENDS, 0)
        for side, data in sessions.crossing():
            tap.data(side, data, 0)
        tap.closed(Side.CLIENT, 0)
        tap.closed(Side.SERVER, 0)
    watch.take_keys(lines)  # all once more: the first is by now one that nobody has seen
    assert watch.unseen_sessions == 1
