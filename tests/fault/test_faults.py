"""Whatever a network does to a download, the file is right or it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fault.runs import Run


@pytest.mark.parametrize("secure", [True, False], ids=["tls", "plain"])
@pytest.mark.parametrize("seed", range(20))
def test_a_download_through_faults_is_right_or_absent(tmp_path: Path, seed: int, secure: bool) -> None:
    Run(seed, secure, tmp_path).go()
