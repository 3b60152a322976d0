"""A folder with a file, and servers of it over TLS 1.2, over TLS 1.3 and without TLS."""

from __future__ import annotations

import random
import ssl
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.certificates import Authority, Leaf
from tests.tracing.web import web_server_apart

CONTENT = random.Random(5).randbytes(300_000)


@pytest.fixture(scope="package")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="package")
def leaf(authority: Authority) -> Leaf:
    return authority.leaf()


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("served")
    (made / "file.bin").write_bytes(CONTENT)
    return made


@pytest.fixture(scope="package", params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["TLSv1.2", "TLSv1.3"])
def version(request: pytest.FixtureRequest) -> ssl.TLSVersion:
    chosen: ssl.TLSVersion = request.param
    return chosen


@pytest.fixture(scope="package")
def https(leaf: Leaf, folder: Path, version: ssl.TLSVersion) -> Generator[int]:
    """The port of a server of either version in turn."""
    with web_server_apart(folder, leaf, version) as port:
        yield port


@pytest.fixture(scope="package")
def http(folder: Path) -> Generator[int]:
    with web_server_apart(folder) as port:
        yield port


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    """A client's context."""
    return ssl.create_default_context(cafile=str(authority.root))
