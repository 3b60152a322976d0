from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.cli.nobody import NOBODY, is_root
from tests.real.browser import Browser
from tests.real.caller import Caller, new_caller
from tests.real.chromium import chromium
from tests.real.transom import Serving, User


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User.new(tmp_path)


@pytest.fixture
def caller(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
    caplog: pytest.LogCaptureFixture,
) -> Caller:
    return new_caller(tmp_path, monkeypatch, capfdbinary, caplog)


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> User:
    """Whose server it is: `get` run by the same user trusts it unasked. It has the module's `FILES`."""
    user = User.new(tmp_path_factory.mktemp("owner"))
    files: dict[str, bytes] = request.module.FILES
    for name, content in files.items():
        (user.folder / name).write_bytes(content)
    return user


@pytest.fixture(scope="module")
def server(owner: User) -> Generator[Serving]:
    """What that user serves, over HTTPS and HTTP."""
    with owner.serving(".", http=True) as serving:
        yield serving


@pytest.fixture
def here(caller: Caller, owner: User, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """That user, calling from an empty folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(owner.home))
    return caller


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def nobody(owner: User, server: Serving) -> Generator[User]:
    """In a folder of their own, where root's are they may not be; with the CA that the certificate is from."""
    assert server.port
    with tempfile.TemporaryDirectory(prefix="transom-nobody-") as base:
        user = User.new(Path(base))
        (user.folder / "ca.pem").write_bytes(owner.ca.read_bytes())
        if is_root():
            for path in (Path(base), user.home, user.folder):
                os.chown(path, NOBODY, NOBODY)
        yield user
