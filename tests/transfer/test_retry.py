"""Trying again: what is tried again, after how long, and with what came before; and how long it may take at all."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.real.raw_server import drain, raw_server, read_request
from tests.transfer.changing_server import changing
from transom.errors import Sentence, TransferError
from transom.files.sink import STDOUT
from transom.http.messages import Headers, Response
from transom.net.session import Timeouts
from transom.transfer.client import Road
from transom.transfer.failure import Refused
from transom.transfer.get import run_get
from transom.transfer.request import GetRequest
from transom.transfer.result import TransferResult
from transom.transfer.resume import GoesOn, Notice, StartsOver, TriesAgain
from transom.transfer.retry import Retries, may_pass

QUICK = Road(timeouts=Timeouts(connect=5, handshake=5, idle=5, linger=0.1))
CONTENT = b"0123456789" * 1000


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Patience:
    """Waits for no time, and remembers for how long it would have; `meanwhile` happens during a wait."""

    def __init__(self, most: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.waited: list[float] = []
        self.told: list[Notice] = []
        self._meanwhile = meanwhile
        self.retries = Retries(most, sleep=self._sleep, chance=lambda: 1.0)

    async def _sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self._meanwhile()

    def get(self, request: GetRequest) -> TransferResult:
        return run_get(replace(request, retries=self.retries), QUICK, notice=self.told.append)


def refusal(status: int, *fields: tuple[str, str]) -> Refused:
    return Refused(Sentence("no"), Response(status, Headers(fields)))


def test_a_cut_download_goes_on_where_it_stopped_and_is_whole(here: Path) -> None:
    with changing(CONTENT, cut=6_000) as server:
        patience = Patience(3, lambda: setattr(server, "cut", None))
        result = patience.get(GetRequest(server.url(), sha256=True))
        assert (here / "f.bin").read_bytes() == CONTENT
        assert (result.resumed_from, patience.waited) == (6_000, [1.0])
        assert server.asked_for("Range") == [None, "bytes=6000-"]
    assert any(isinstance(notice, TriesAgain) for notice in patience.told)
    assert GoesOn(6_000, 10_000) in patience.told


def test_a_file_replaced_between_two_attempts_is_the_new_one_whole(here: Path) -> None:
    with changing(CONTENT, cut=6_000) as server:

        def replaced() -> None:
            server.cut, server.content, server.fields = None, CONTENT[::-1], {"ETag": '"two"'}

        patience = Patience(1, replaced)
        patience.get(GetRequest(server.url()))
        assert (here / "f.bin").read_bytes() == CONTENT[::-1]
    assert StartsOver("changed") in patience.told


def test_no_resume_begins_anew_once_and_then_goes_on_with_its_own(here: Path) -> None:
    with changing(CONTENT, cut=6_000) as server:
        patience = Patience(1, lambda: setattr(server, "cut", None))
        assert patience.get(GetRequest(server.url(), resume=False)).resumed_from == 6_000


def test_after_as_many_retries_as_were_allowed_the_last_error_stands(here: Path) -> None:
    with changing(CONTENT, cut=6_000) as server:
        server.fields = {}
        patience = Patience(2)
        with pytest.raises(TransferError) as caught:
            patience.get(GetRequest(server.url()))
        assert (caught.value.exit_code, patience.waited, len(server.asked)) == (18, [1.0, 2.0], 3)
    assert list(here.iterdir()) == []


def test_what_went_into_a_pipe_is_not_sent_twice(here: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with changing(CONTENT, cut=6_000) as server:
        patience = Patience(2)
        with pytest.raises(TransferError):
            patience.get(GetRequest(server.url(), output=STDOUT))
    assert capfdbinary.readouterr().out == CONTENT[:6_000]
    assert patience.waited == []


def test_a_port_where_nobody_listens_yet_is_tried_again(here: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        patience = Patience(1)
        with pytest.raises(TransferError) as caught:
            patience.get(GetRequest(f"http://127.0.0.1:{bound.getsockname()[1]}/f.bin"))
    assert (caught.value.exit_code, patience.waited) == (7, [1.0])


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_status_that_may_pass_is_tried_again(status: int) -> None:
    assert may_pass(refusal(status))


@pytest.mark.parametrize("status", [400, 401, 403, 404, 416, 501])
def test_a_status_that_stays_is_not(status: int) -> None:
    assert not may_pass(refusal(status))


@pytest.mark.parametrize("code", [22, 23, 35, 47, 60, 110])
def test_an_error_that_stays_is_not(code: int) -> None:
    assert not may_pass(TransferError("no", exit_code=code))


def test_what_we_left_undone_is_not_mended_by_time() -> None:
    error = TransferError("refused", exit_code=56)
    assert may_pass(error)
    error.because(Sentence("the server asked for a client certificate and was shown none (--cert)"))
    assert not may_pass(error)


def test_the_waits_double_up_to_ten_minutes_and_half_of_each_is_chance() -> None:
    cut = TransferError("cut", exit_code=18)
    late, early = Retries(2_000, chance=lambda: 1.0), Retries(2_000, chance=lambda: 0.0)
    assert [late.wait_before(number, cut) for number in (1, 2, 3, 10, 11, 2_000)] == [1, 2, 4, 512, 600, 600]
    assert [early.wait_before(number, cut) for number in (1, 2, 11)] == [0.5, 1, 300]


def test_retry_after_is_the_least_that_is_waited() -> None:
    retries = Retries(9, chance=lambda: 1.0)
    assert retries.wait_before(1, refusal(503, ("Retry-After", "120"))) == 120
    assert retries.wait_before(9, refusal(503, ("Retry-After", "120"))) == 256
    past = refusal(429, ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"))
    assert retries.wait_before(1, past) == 1
    assert retries.wait_before(1, refusal(503, ("Retry-After", "soon"))) == 1


@pytest.mark.parametrize("value", ["601", "9" * 400, "Fri, 01 Jan 9999 00:00:00 GMT"])
def test_a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for(value: str) -> None:
    assert Retries(9).wait_before(1, refusal(503, ("Retry-After", value))) is None


def test_a_transfer_that_takes_too_long_is_ended_and_what_came_is_kept(here: Path) -> None:
    def stall(connection: socket.socket) -> None:
        read_request(connection)
        head = f'HTTP/1.1 200 OK\r\nETag: "one"\r\nContent-Length: {len(CONTENT)}\r\n\r\n'
        connection.sendall(head.encode() + CONTENT[:4_000])
        drain(connection)

    with raw_server(stall) as port:
        request = GetRequest(f"http://127.0.0.1:{port}/f.bin", max_time=0.3)
        with pytest.raises(TransferError, match=r"not finished after 0\.3 s") as caught:
            run_get(request, QUICK)
    assert caught.value.exit_code == 28
    assert (here / ".f.bin.transom-part").read_bytes() == CONTENT[:4_000]
    assert sorted(path.name for path in here.iterdir()) == [".f.bin.transom-from", ".f.bin.transom-part"]
