from __future__ import annotations

import multiprocessing
import stat
import subprocess
from datetime import UTC, datetime, timedelta
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from transom.errors import UsageError
from transom.trust.identity import Identity
from transom.trust.issue import KeyType, make_leaf, make_private_key
from transom.trust.local_ca import LocalCA, Owner
from transom.trust.local_root import local_ca_store
from transom.trust.verify import judge, verify_chain

from .pki import DAY, root

OWNER = Owner("mina", "thinkpad")
# Not the fixed time of the other tests: openssl and certtool look at the real clock.
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> LocalCA:
    return LocalCA.open_or_create(tmp_path_factory.mktemp("data") / "transom" / "ca", OWNER, NOW)


def openssl_verdict(ca: LocalCA, identity: Identity, folder: Path) -> str:
    (folder / "ca.pem").write_bytes(ca.certificate_pem)
    (folder / "leaf.pem").write_bytes(Identity(identity.chain[:1], identity.private_key).chain_pem)
    command = ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.pem", "leaf.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=20).stderr


def gnutls_verdict(ca: LocalCA, identity: Identity, name: str, folder: Path) -> str:
    (folder / "ca.pem").write_bytes(ca.certificate_pem)
    (folder / "chain.pem").write_bytes(identity.chain_pem)
    command = [
        "certtool",
        "--verify",
        "--load-ca-certificate=ca.pem",
        "--infile=chain.pem",
        f"--verify-hostname={name}",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=20)
    return "" if done.returncode == 0 else done.stdout


@pytest.mark.parametrize("key_type", ["ecdsa", "rsa", "ed25519"])
@pytest.mark.parametrize("names", [("localhost", "127.0.0.1", "::1"), ("192.168.1.7",), ("fd00::7", "a.local")])
def test_leaf_is_accepted_by_ourselves_by_openssl_and_by_gnutls(
    ca: LocalCA, key_type: KeyType, names: tuple[str, ...], tmp_path: Path
) -> None:
    identity = ca.issue(names, NOW, key_type)
    assert openssl_verdict(ca, identity, tmp_path) == ""
    for name in names:
        assert verify_chain(identity.chain, name, ca.trust_store, NOW).verdict.trusted_by == "your Transom CA"
        assert gnutls_verdict(ca, identity, name, tmp_path) == ""


@pytest.mark.parametrize("name", ["files.example", "8.8.8.8", "2001:db8::1", "thinkpad.example", "notlocal"])
def test_leaf_for_a_name_outside_is_not_issued_and_would_be_refused_by_everybody(name: str, tmp_path: Path) -> None:
    ca = LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)
    with pytest.raises(UsageError, match="may not issue for"):
        ca.issue([name], NOW)

    # Whoever steals the key is not held by our code, only by the constraints in the certificate.
    issuer = ca.trust_store.roots[0].certificate.parsed
    key, stolen = make_private_key("ecdsa"), _key_in(tmp_path / "ca")
    leaf = make_leaf(issuer, stolen, [name], key, NOW - DAY / 48, NOW + DAY)
    forged = Identity((leaf.public_bytes(Encoding.DER),), key)
    assert judge(forged.chain, name, ca.trust_store, NOW).problem == "name_constraint"
    assert "permitted subtree violation" in openssl_verdict(ca, forged, tmp_path)
    assert "violates the signer's constraints" in gnutls_verdict(ca, forged, name, tmp_path)


def _key_in(folder: Path) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key((folder / "ca-key.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def test_key_is_of_the_kind_that_was_asked_for(ca: LocalCA) -> None:
    kinds: dict[KeyType, type] = {
        "ecdsa": ec.EllipticCurvePrivateKey,
        "rsa": rsa.RSAPrivateKey,
        "ed25519": ed25519.Ed25519PrivateKey,
    }
    for key_type, kind in kinds.items():
        assert isinstance(ca.issue(["localhost"], NOW, key_type).private_key, kind)


def test_host_the_ca_was_made_on_is_permitted_with_what_is_below_it(ca: LocalCA) -> None:
    identity = ca.issue(["thinkpad", "*.thinkpad", "THINKPAD"], NOW)
    assert verify_chain(identity.chain, "files.thinkpad", ca.trust_store, NOW)


@pytest.mark.parametrize(
    "host", ["my_host", "", "-x", "x-", "한국", "8.8.8.8", "a..b", "localhost", "x" * 64, "x." * 200 + "x", "10"]
)
def test_host_name_that_no_certificate_can_say_is_left_out(host: str) -> None:
    ca = LocalCA.in_memory(Owner("mina", host), NOW)
    assert verify_chain(ca.issue(["localhost"], NOW).chain, "localhost", ca.trust_store, NOW)


def test_link_local_address_with_its_zone_is_issued_for_the_address(ca: LocalCA) -> None:
    identity = ca.issue(["fe80::1%eth0"], NOW)
    assert identity.leaf.names == ("fe80::1",)


def test_leaf_lives_ninety_days_unless_told_and_never_over_825(ca: LocalCA) -> None:
    assert ca.issue(["localhost"], NOW).leaf.not_after == (NOW + 90 * DAY).replace(microsecond=0)
    assert ca.issue(["localhost"], NOW, lifetime=825 * DAY)
    for days in (826, 0, -1):
        with pytest.raises(UsageError, match="expected 1 to 825"):
            ca.issue(["localhost"], NOW, lifetime=timedelta(days=days))


def test_leaf_does_not_outlive_its_ca_and_an_expired_ca_says_so(ca: LocalCA) -> None:
    end = ca.trust_store.roots[0].certificate.not_after
    assert ca.issue(["localhost"], end - DAY).leaf.not_after == end
    with pytest.raises(UsageError, match="`transom ca init` makes a new one"):
        ca.issue(["localhost"], end + DAY)


@pytest.mark.parametrize("names", [[], ["a_b.local"], ["한.local"], ["a b.local"], ["*.*.local"], ["local\n"]])
def test_names_that_cannot_be_certified_are_a_usage_error(ca: LocalCA, names: list[str]) -> None:
    with pytest.raises(UsageError):
        ca.issue(names, NOW)


def test_ca_is_named_after_its_owner_and_limited_in_every_way(ca: LocalCA) -> None:
    root = ca.trust_store.roots[0].certificate
    assert root.subject == "Transom CA mina@thinkpad"
    assert root.extension(x509.BasicConstraints) == x509.BasicConstraints(ca=True, path_length=0)
    assert root.parsed.extensions.get_extension_for_class(x509.NameConstraints).critical


def test_files_of_the_ca_are_for_its_owner_only_and_nothing_else_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "ca"
    LocalCA.open_or_create(folder, OWNER, NOW)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "ca-key.pem").stat().st_mode) == 0o600
    assert [path.name for path in folder.parent.iterdir()] == ["ca"]


def test_second_opening_finds_the_same_ca(tmp_path: Path) -> None:
    first = LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)
    second = LocalCA.open_or_create(tmp_path / "ca", Owner("other", "other"), NOW + DAY)
    assert second.certificate_pem == first.certificate_pem
    assert verify_chain(second.issue(["localhost"], NOW).chain, "localhost", first.trust_store, NOW)


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "ca").mkdir()
    assert LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)


def _open_at_once(folder: Path, start: Barrier, answers: SimpleQueue[bytes]) -> None:
    start.wait(timeout=20)
    answers.put(LocalCA.open_or_create(folder, OWNER, NOW).certificate_pem)


def test_processes_that_start_at_once_agree_on_one_ca(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, answers = context.Barrier(3), context.SimpleQueue()
    processes = [context.Process(target=_open_at_once, args=(tmp_path / "ca", start, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=30)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert {answers.get() for _ in processes} == {(tmp_path / "ca" / "ca.pem").read_bytes()}
    assert [path.name for path in tmp_path.iterdir()] == ["ca"]


def test_loser_of_the_race_returns_with_the_winners_ca(tmp_path: Path) -> None:
    winner = LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)
    LocalCA.in_memory(OWNER, NOW).save(tmp_path / "ca")
    assert LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW).certificate_pem == winner.certificate_pem


def test_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)
    (tmp_path / "ca" / "ca-key.pem").chmod(0o644)
    with pytest.raises(UsageError, match=r"mode 0644\); expected 0600"):
        LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)


def test_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ca").mkdir()
    (tmp_path / "ca" / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"ca\.pem"):
        LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)
    assert [path.name for path in (tmp_path / "ca").iterdir()] == ["diary.txt"]


def test_place_where_nothing_can_be_made_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for folder in (tmp_path / "file", tmp_path / "file" / "ca"):
        with pytest.raises(UsageError, match="cannot be made"):
            LocalCA.open_or_create(folder, OWNER, NOW)


def test_other_peoples_identity_in_the_folder_is_no_transom_ca(tmp_path: Path, ca: LocalCA) -> None:
    identity = ca.issue(["localhost"], NOW, "rsa")
    (tmp_path / "ca.pem").write_bytes(identity.chain_pem)
    (tmp_path / "ca-key.pem").write_bytes(identity.private_key_pem)
    (tmp_path / "ca-key.pem").chmod(0o600)
    with pytest.raises(UsageError, match=r"localhost \(RSA 2048\) is no CA that Transom made"):
        LocalCA.open_or_create(tmp_path, OWNER, NOW)


def test_ca_that_may_issue_for_the_whole_world_is_not_used(tmp_path: Path) -> None:
    unlimited = root()
    (tmp_path / "ca.pem").write_bytes(unlimited.pem)
    (tmp_path / "ca-key.pem").write_bytes(unlimited.key_pem)
    (tmp_path / "ca-key.pem").chmod(0o600)
    with pytest.raises(UsageError, match="expected one with an ECDSA key and name constraints"):
        LocalCA.open_or_create(tmp_path, OWNER, NOW)


def test_folder_that_cannot_even_be_looked_for(tmp_path: Path) -> None:
    for act in (local_ca_store, lambda folder: LocalCA.open_or_create(folder, OWNER, NOW)):
        with pytest.raises(UsageError, match="cannot be looked at: File name too long"):
            act(tmp_path / ("x" * 300))


def test_trusting_the_own_ca_makes_none(tmp_path: Path) -> None:
    assert local_ca_store(tmp_path / "ca").roots == ()
    ca = LocalCA.open_or_create(tmp_path / "ca", OWNER, NOW)
    store = local_ca_store(tmp_path / "ca")
    assert verify_chain(ca.issue(["::1"], NOW).chain, "::1", store, NOW).verdict.trusted_by == "your Transom CA"
