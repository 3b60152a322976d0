"""A body that is made while it is sent: in slices, beside other requests, and never as if it were whole."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager

import pytest

from tests.transfer.background import Background
from tests.transfer.made import made
from transom.errors import HttpError, TransferError
from transom.http.messages import Headers, Request, Response
from transom.transfer.being_made import BeingMade, Take
from transom.transfer.content import InMemory
from transom.transfer.serve import Server
from transom.transfer.site import Answer
from transom.transfer.upload import Upload
from transom.wire.tap import Endpoint

PATIENCE = 30
FIRST, SECOND = b"first" * 1000, b"second" * 1000

Make = Callable[[Take], None]


class OneBody:
    """A site whose `/made` is made by `make`, and which answers anything else at once."""

    def __init__(self) -> None:
        self.make: Make = lambda _: None
        self.length = len(FIRST + SECOND)

    def begin(self, request: Request) -> Upload | None:
        return None

    def answer(self, request: Request) -> Answer:
        if request.target != "/made":
            return Answer(Response(200, Headers()), InMemory(b"at once"))
        return Answer(Response(200, Headers()), BeingMade(self.length, self.make))

    def uploaded(self, upload: Upload) -> Answer:
        raise AssertionError(upload)

    def refusal(self, error: HttpError) -> Answer:
        return Answer(Response(int(error.status or 400), Headers()), InMemory())

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def site() -> OneBody:
    return OneBody()


@pytest.fixture
def endpoint(site: OneBody) -> Generator[Endpoint]:
    background = Background()
    server = Server(site)
    (endpoint,) = background.run(server.listen("127.0.0.1", 0))
    yield endpoint
    background.run(server.stop(0))
    background.close()


@contextmanager
def connected(endpoint: Endpoint) -> Generator[http.client.HTTPConnection]:
    with closing(http.client.HTTPConnection(endpoint.address, endpoint.port, timeout=PATIENCE)) as connection:
        yield connection


@contextmanager
def asked(endpoint: Endpoint, path: str, method: str = "GET") -> Generator[http.client.HTTPResponse]:
    with connected(endpoint) as connection:
        connection.request(method, path)
        with connection.getresponse() as response:
            yield response


def test_what_is_made_comes_while_the_rest_is_not_and_others_are_answered_meanwhile(
    site: OneBody, endpoint: Endpoint
) -> None:
    rest = threading.Event()

    def make(take: Take) -> None:
        take(FIRST)
        assert rest.wait(PATIENCE)
        take(SECOND)

    site.make = make
    with asked(endpoint, "/made") as response:
        assert response.getheader("Content-Length") == str(site.length)
        assert response.read(len(FIRST)) == FIRST
        with asked(endpoint, "/other") as other:
            assert other.read() == b"at once"
        rest.set()
        assert response.read() == SECOND


def test_the_connection_is_kept_for_what_is_asked_next(site: OneBody, endpoint: Endpoint) -> None:
    site.make = lambda take: take(FIRST + SECOND)
    with connected(endpoint) as connection:
        for path, body in (("/made", FIRST + SECOND), ("/other", b"at once"), ("/made", FIRST + SECOND)):
            connection.request("GET", path)
            assert connection.getresponse().read() == body
            connection.auto_open = 0


def _fails(take: Take) -> None:
    take(FIRST)
    raise TransferError("the capture is gone", exit_code=26)


def _ends(take: Take) -> None:
    take(FIRST)


def _finds_the_disk_full(take: Take) -> None:
    take(FIRST)
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("make", [_fails, _ends, _finds_the_disk_full])
def test_what_is_not_made_to_its_end_is_not_sent_as_if_it_were(site: OneBody, endpoint: Endpoint, make: Make) -> None:
    site.make = make
    # Cut off, whether the first of it got out before or not.
    with pytest.raises((http.client.IncompleteRead, ConnectionError)), asked(endpoint, "/made") as response:
        response.read()
    with pytest.raises(TransferError, match=r"the capture is gone|5,000 of 11,000 bytes|No space left"):
        made(BeingMade(site.length, make))


def test_who_leaves_ends_the_making(site: OneBody, endpoint: Endpoint) -> None:
    ended = threading.Event()

    def make(take: Take) -> None:
        try:
            while True:
                take(bytes(100_000))
        finally:
            ended.set()

    site.make, site.length = make, 2**40
    with asked(endpoint, "/made") as response:
        response.read(10)
    assert ended.wait(PATIENCE)


def test_nothing_is_made_for_a_head(site: OneBody, endpoint: Endpoint) -> None:
    def make(take: Take) -> None:
        raise AssertionError(take)

    site.make = make
    with asked(endpoint, "/made", "HEAD") as response:
        assert response.getheader("Content-Length") == str(site.length)


def test_more_than_was_announced_is_not_taken() -> None:
    assert made(BeingMade(3, lambda take: take(b"12345"))) == b"123"


def test_what_was_closed_before_it_began_makes_nothing() -> None:
    content = BeingMade(3, lambda take: take(b"123"))
    content.close()
    assert content.length == 3
