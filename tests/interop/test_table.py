"""docs/interop.md says of each peer what the tests do with it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.house.documents import rows, section, text_of
from tests.interop.peers import ASKING, CLIENTS, SERVERS
from transom.cli.options.tls import ENGINES

TABLES: dict[str, Sequence[list[str]]] = {
    "Servers that `get` fetches from": [server.row(ENGINES) for server in SERVERS],
    "Clients that fetch from `serve`": [client.row(ENGINES) for client in CLIENTS],
    "Servers that ask for a client certificate": [server.row() for server in ASKING],
}


@pytest.mark.parametrize("title", TABLES)
def test_the_page_has_the_rows_that_are_tested_and_no_other(title: str) -> None:
    assert rows(section(text_of("docs/interop.md"), title)) == TABLES[title]
