"""Keys and Certificates of sessions that OpenSSL had: each kind of them, and nothing said that is not known."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.real.certificates import Authority
from tests.real.openssl_crossing import made_by_openssl, openssl_server
from tests.web.pages import opened
from transom.dissect.json_lines import encode
from transom.web.model.opened import OpenedCapture


class Page:
    """The one conversation of a page."""

    def __init__(self, page: OpenedCapture) -> None:
        self._page = page

    def part(self, name: str, view: str = "with-keys") -> Any:
        return json.loads(encode(self._page.answer(f"conversations/0/{view}/{name}")))

    @property
    def row(self) -> Any:
        (row,) = json.loads(encode(self._page.answer("conversations/with-keys")))["rows"]
        return row

    @property
    def stages(self) -> dict[str, Any]:
        return {
            stage["name"]: stage | {"nodes": {node["name"]: node for node in stage["nodes"]}}
            for stage in self.part("keys")["stages"]
        }

    @property
    def proofs(self) -> dict[str, bool | None]:
        """By who sent it and its name; what crosses twice is told of the last."""
        messages = [item for item in self.part("story")["items"] if item["kind"] == "message"]
        return {f"{item['from']} {item['name']}": item["proof"] for item in messages}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("openssl")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority(folder)


Shown = Callable[..., Page]


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    """What `openssl s_client` with these options had, as a page."""

    def shown(ask: Callable[..., Any], *options: str) -> Page:
        return Page(opened(ask(*options).trace(tmp_path / f"{len(list(tmp_path.iterdir()))}.pcapng"), "with-secrets"))

    return shown


KINDS = {
    "rsa-pss": ("RSA 2048", "RSA-PSS", "SHA-256"),
    "ed25519": ("Ed25519", "Ed25519", None),
    "ed448": ("Ed448", "Ed448", None),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_signature_that_shows_no_hash_claims_none(kind: str, folder: Path, shown: Shown) -> None:
    key, scheme, digest = KINDS[kind]
    with openssl_server(made_by_openssl(kind, folder), folder) as ask:
        pages = [shown(ask, "-tls1_3"), shown(ask, "-tls1_2")]
    for page, proof in zip(pages, ("CertificateVerify", "ServerKeyExchange"), strict=True):
        (leaf,) = page.part("certificates")["chain"]
        assert leaf["key"] == key
        signature = leaf["signature"]
        assert (signature["scheme"], signature["hash"]) == (scheme, digest)
        assert (signature["shows_hash"], signature["signed"]) == (False, None)
        assert (signature["computed"] is None) is (digest is None)  # EdDSA takes the certificate itself
        assert {check["kind"]: check["ok"] for check in leaf["checks"]}["signature"] is True
        assert page.proofs[f"server {proof}"] is True
        assert page.row["decrypted"] == "full"


def test_dhe_is_a_suite_that_stays_shut_and_nothing_is_derived(
    authority: Authority, folder: Path, shown: Shown
) -> None:
    with openssl_server(authority.leaf("rsa"), folder) as ask:
        page = shown(ask, "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256")
    assert page.row["cipher_suite"] == "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
    assert page.part("keys") == {"stages": [], "why": "shut", "why_not": "unsupported-suite"}
    assert [one["subject"] for one in page.part("certificates")["chain"]] == ["leaf", "Test Intermediate"]
    assert page.proofs["server ServerKeyExchange"] is None
    assert page.proofs["client EncryptedHandshakeMessage"] is None


@pytest.mark.parametrize("server", [(), ("-no_ticket",)], ids=["by ticket", "by session ID"])
def test_a_resumed_tls12_session_has_the_master_secret_of_the_one_before(
    server: tuple[str, ...], authority: Authority, folder: Path, shown: Shown
) -> None:
    session = str(folder / f"session12{len(server)}")
    with openssl_server(authority.leaf("rsa"), folder, *server) as ask:
        first, page = shown(ask, "-tls1_2", "-sess_out", session), shown(ask, "-tls1_2", "-sess_in", session)
    assert list(page.stages) == ["exchange", "master", "block"]
    assert list(page.stages["exchange"]["nodes"]) == ["client_random", "server_random"]
    master = page.stages["master"]
    assert (master["about"], master["formula"], list(master["nodes"])) == ("resumed", None, ["master"])
    assert master["nodes"]["master"]["value"] == first.stages["master"]["nodes"]["master"]["value"]
    for name in ("client_key", "server_key"):
        assert page.stages["block"]["nodes"][name]["value"] != first.stages["block"]["nodes"][name]["value"]
    assert page.part("certificates") == {"chain": [], "why": "resumed", "why_not": "nothing-sealed"}
    assert "absent" not in [item["kind"] for item in page.part("story")["items"]]
    assert (page.proofs["server Finished"], page.proofs["client Finished"]) == (True, True)


def test_a_resumed_tls13_session_begins_with_a_psk_that_no_key_log_holds(
    authority: Authority, folder: Path, shown: Shown
) -> None:
    session = str(folder / "session13")
    with openssl_server(authority.leaf("rsa"), folder) as ask:
        shown(ask, "-tls1_3", "-sess_out", session)
        page = shown(ask, "-tls1_3", "-sess_in", session)
    early = page.stages["early"]
    assert (early["about"], "PSK" in early["formula"]) == ("early_psk", True)
    node = early["nodes"]["early"]
    assert (node["who"], node["value"], node["why"]) == ("unknown", None, "psk")
    assert page.stages["exchange"]["nodes"]["server_public"]["who"] == "open"  # psk_dhe_ke: new secrets all the same
    assert page.part("certificates") == {"chain": [], "why": "resumed", "why_not": "nothing-sealed"}
    assert "server CertificateVerify" not in page.proofs
    assert page.proofs["server Finished"] is True


def test_a_session_of_the_psk_alone_claims_no_shared_secret(authority: Authority, folder: Path, shown: Shown) -> None:
    session = str(folder / "session-psk")
    with openssl_server(authority.leaf("rsa"), folder, "-allow_no_dhe_kex", "-groups", "X25519") as ask:
        shown(ask, "-tls1_3", "-groups", "X25519", "-sess_out", session)
        page = shown(ask, "-tls1_3", "-allow_no_dhe_kex", "-groups", "P-384", "-sess_in", session)
    assert list(page.stages["exchange"]["nodes"]) == ["client_random", "server_random"]
    handshake = page.stages["handshake"]
    assert handshake["about"] == "handshake_psk"
    assert "shared" not in handshake["formula"]
    assert "shared" not in handshake["nodes"]
    assert page.row["group"] is None


def test_after_a_hello_retry_request_the_key_shares_are_those_of_the_second_hello(
    authority: Authority, folder: Path, shown: Shown
) -> None:
    with openssl_server(authority.leaf("p256"), folder, "-groups", "P-384") as ask:
        page = shown(ask, "-tls1_3", "-groups", "X25519:P-384")
    names = [item["name"] for item in page.part("story")["items"] if item["kind"] == "message"]
    assert [name for name in names if "Hello" in name] == [
        "ClientHello",
        "HelloRetryRequest",
        "ClientHello",
        "ServerHello",
    ]
    exchange = page.stages["exchange"]["nodes"]
    assert (exchange["client_public"]["length"], exchange["server_public"]["length"]) == (97, 97)
    assert page.row["group"] == "secp384r1"
    assert page.proofs["server CertificateVerify"] is True
    assert page.proofs["client Finished"] is True


@pytest.mark.parametrize("kind", ["rsa", "p256", "ed25519"])
def test_a_clients_certificate_is_none_of_the_servers_chain_and_its_proof_is_checked(
    kind: str, authority: Authority, folder: Path, shown: Shown
) -> None:
    client = authority.client(kind)
    with openssl_server(authority.leaf("rsa"), folder, "-Verify", "1") as ask:
        pages = [
            shown(ask, version, "-cert", str(client.chain), "-key", str(client.key))
            for version in ("-tls1_2", "-tls1_3")
        ]
    for page in pages:
        assert [one["subject"] for one in page.part("certificates")["chain"]] == ["leaf", "Test Intermediate"]
        assert page.proofs["client CertificateVerify"] is True
        assert page.row["decrypted"] == "full"
    hidden = pages[1].part("certificates", "without-keys")
    assert hidden == {"chain": [], "why": "hidden", "why_not": "no-keys"}
