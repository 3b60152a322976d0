from __future__ import annotations

from pathlib import Path

import pytest

from transom.errors import UsageError
from transom.trust import store as store_module
from transom.trust.store import Source, TrustStore

from .pki import make, root

ROOT, OTHER = root(), root("Other Root")
BROKEN = ROOT.pem.replace(b"\nMII", b"\nMIJ", 1)


def test_system_store_is_read_once_and_says_so() -> None:
    system = TrustStore.system()
    assert system is TrustStore.system()
    assert {trusted.source for trusted in system.roots} == {Source.SYSTEM}
    assert system.verifier_store is system.verifier_store


def test_machine_without_a_store_falls_back_on_certifi(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(store_module, "SYSTEM_STORES", (tmp_path / "absent",))
    store = TrustStore.system.__wrapped__()  # past the cache: this is another machine
    assert {trusted.source for trusted in store.roots} == {Source.CERTIFI}


def test_file_of_several_roots_with_text_between_them(tmp_path: Path) -> None:
    (tmp_path / "roots.pem").write_bytes(b"# mine\r\n" + ROOT.pem + b"\n== other ==\n" + OTHER.pem)
    store = TrustStore.from_file(tmp_path / "roots.pem")
    assert [trusted.certificate.subject for trusted in store.roots] == ["Example Root", "Other Root"]
    assert {trusted.source for trusted in store.roots} == {"--cacert"}


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", make("x").der, BROKEN, ROOT.pem + BROKEN])
def test_file_that_is_not_all_certificates_is_a_usage_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "roots.pem").write_bytes(content)
    with pytest.raises(UsageError, match=r"roots\.pem: "):
        TrustStore.from_file(tmp_path / "roots.pem")


def test_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory; expected a file of PEM"):
        TrustStore.from_file(tmp_path / "absent.pem")
    with pytest.raises(UsageError, match="No such file or directory; expected a folder of PEM"):
        TrustStore.from_folder(tmp_path / "absent")


def test_folder_of_roots_is_read_past_what_is_none(tmp_path: Path) -> None:
    for name, content in {"a.pem": ROOT.pem, "b.0": OTHER.pem, "c.crl": b"no", "d.pem": BROKEN}.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    assert len(TrustStore.from_folder(tmp_path).roots) == 2
