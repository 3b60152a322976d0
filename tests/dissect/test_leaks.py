"""What the path knows: of HTTP everything; of HTTPS name, protocol and sizes, and in TLS 1.2 the certificate."""

from __future__ import annotations

from tests.dissect.hellos import ECH, client_hello
from tests.dissect.test_flow import DIGEST, FILE, HTTP, RESPONSE, STATIC_RSA, TLS12, TLS13, Wire, crossing
from tests.dissect.told import ENDPOINTS, START
from tests.tls.shuttle import Shuttle, client_config, server_config
from transom.dissect.flow import Flow
from transom.dissect.leaks import Eavesdropper, Leaks
from transom.dissect.telling import Looking
from transom.wire.tap import Side


def overheard(wire: Wire) -> Leaks:
    listener = Eavesdropper()
    flow = Flow(0, listener.take, Looking(hash_bodies=True))
    flow.opened(ENDPOINTS, START)
    for side, data in wire:
        flow.data(side, data, START)
    flow.finish()
    return listener.leaks(flow.facts)


def test_http_leaks_the_request_and_the_file() -> None:
    leaks = overheard(list(HTTP))
    (exchange,) = leaks.exchanges
    assert (leaks.protocol, exchange.path) == ("http", "/f.bin")
    assert exchange.response_body is not None
    assert exchange.response_body.sha256 == DIGEST
    assert leaks.largest_answer is None


def test_tls12_leaks_name_protocol_certificate_and_the_size_to_the_byte() -> None:
    for spoken in (TLS12, STATIC_RSA):
        leaks = overheard(crossing(spoken)[0])
        assert (leaks.server_name, leaks.offered, leaks.alpn) == ("localhost", ("http/1.1",), "http/1.1")
        assert leaks.certificate == "localhost"
        assert leaks.largest_answer == len(RESPONSE)
        assert not leaks.exchanges


def test_of_several_answers_it_is_the_largest_wherever_it_stands() -> None:
    for sizes in ((10, 9_000, 20), (9_000, 10), (10, 9_000)):
        shuttle = Shuttle.between(client_config(), server_config("rsa")).handshake()
        for size in sizes:
            shuttle.send(Side.CLIENT, b"GET / HTTP/1.1\r\n\r\n")
            shuttle.send(Side.SERVER, bytes(size))
        assert overheard(shuttle.wire).largest_answer == 9_000


def test_tls13_hides_the_certificate_and_the_choice_but_not_the_size() -> None:
    leaks = overheard(crossing(TLS13)[0])
    assert (leaks.server_name, leaks.offered, leaks.alpn, leaks.certificate) == ("localhost", ("http/1.1",), None, None)
    assert leaks.ja4 is not None
    assert leaks.ja4.startswith("t13d")
    assert leaks.largest_answer is not None
    assert len(FILE) < leaks.largest_answer < len(FILE) * 1.05
    assert leaks.wire_bytes[Side.SERVER] > len(FILE)


def test_a_name_beside_ech_may_be_that_of_many() -> None:
    plain, sealed = overheard([(Side.CLIENT, client_hello())]), overheard([(Side.CLIENT, client_hello(ECH))])
    assert (plain.server_name, plain.encrypted_client_hello) == ("localhost", False)
    assert (sealed.server_name, sealed.encrypted_client_hello) == ("localhost", True)


def test_the_handshake_of_tls13_is_no_answer_however_small_the_answer_is() -> None:
    shuttle = Shuttle.between(client_config(versions=TLS13[:1]), server_config("rsa", versions=TLS13[:1])).handshake()
    assert overheard(shuttle.wire[:-1]).largest_answer is None
    shuttle.send(Side.CLIENT, b"GET / HTTP/1.1\r\n\r\n")
    shuttle.send(Side.SERVER, b"HTTP/1.1 204 No Content\r\n\r\n")
    answer = overheard(shuttle.wire).largest_answer
    assert answer is not None
    assert answer < sum(len(data) for side, data in shuttle.wire[:2] if side is Side.SERVER)
