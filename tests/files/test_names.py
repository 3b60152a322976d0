from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from transom.errors import UsageError
from transom.files.names import name_from_url, safe_name
from transom.files.sink import open_sink


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://h/a.bin", "a.bin"),
        ("https://h/d/a.bin?x=/y#z", "a.bin"),
        ("https://h/%ED%95%9C%20%EA%B8%80.bin", "한 글.bin"),
        ("https://h/a%2525", "a%25"),
        ("https://h/..%2f..%2fetc%2fpasswd", "_._.._etc_passwd"),
        ("https://h/a%5cb", "a_b"),
        ("https://h/.bashrc", "_bashrc"),
        ("https://h/..", "_."),
        ("https://h/%2e", "_"),
        ("https://h/a%00b%0d%0ac", "a_b__c"),
        ("https://h/%e2%80%aegnp.exe", "_gnp.exe"),
        ("https://h/%1b%5b31m", "_[31m"),
        ("https://h/%ff%fe", "%ff%fe"),
        ("https://h/-rf", "-rf"),
        ("https://h/-", "_"),
    ],
)
def test_a_download_is_called_as_the_url_ends(url: str, name: str) -> None:
    assert name_from_url(url) == name


@pytest.mark.parametrize("url", ["https://h", "https://h/", "https://h/d/", "https://h/d/?name=a", "https://[h/a"])
def test_a_url_without_a_name_is_the_callers_to_name(url: str) -> None:
    with pytest.raises(UsageError):
        name_from_url(url)


def test_a_name_too_long_for_the_disk_is_cut_and_keeps_its_suffix(tmp_path: Path) -> None:
    name = safe_name("글" * 200 + ".tar")
    assert name.endswith("글.tar")
    open_sink(tmp_path / name).finish()
    assert safe_name("x" * 300 + "." + "y" * 300) == ("x" * 300)[:241]


@given(st.text(min_size=1) | st.text(alphabet="./\\%2eE~:\x00", min_size=1))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_name_leaves_the_folder_or_hides_in_it(tmp_path: Path, text: str) -> None:
    try:
        encoded = quote(text, errors="surrogatepass")
        found = {safe_name(text), name_from_url("https://h/x" + encoded), name_from_url("https://h/" + quote(encoded))}
    except UsageError:
        return
    for name in found:
        assert (tmp_path / name).parent == tmp_path
        assert not name.startswith(".")
        sink = open_sink(tmp_path / name)
        sink.finish()
        assert [path.name for path in tmp_path.iterdir()] == [name]
        (tmp_path / name).unlink()
