from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.real.programs import curl
from tests.transfer.background import Served, say, served
from transom.transfer.limits import ServerLimits


@pytest.fixture
def server(root: Path) -> Generator[Served]:
    with served(root) as running:
        yield running


def test_curl_gets_a_file_with_its_validators(server: Served, root: Path, tmp_path: Path) -> None:
    ran = curl("-D", "-", "-o", str(tmp_path / "got"), server.url("/f.bin"))
    assert (tmp_path / "got").read_bytes() == (root / "f.bin").read_bytes()
    for line in (
        "HTTP/1.1 200",
        "Content-Length: 1000003",
        "Content-Type: application/octet-stream",
        'ETag: "',
        "Last-Modified: ",
        "Accept-Ranges: bytes",
        "Date: ",
        "Server: transom/",
    ):
        assert line in ran.text
    assert server.logged(1) == ['"GET /f.bin HTTP/1.1" 200 1000003']


def test_curl_gets_an_empty_file(server: Served) -> None:
    ran = curl("-w", "%{http_code} %{size_download}", server.url("/empty.bin"))
    assert ran.text == "200 0"


def test_head_has_the_length_and_no_body(server: Served) -> None:
    ran = curl("-I", server.url("/f.bin"))
    assert "HTTP/1.1 200" in ran.text
    assert "Content-Length: 1000003" in ran.text
    assert server.logged(1) == ['"HEAD /f.bin HTTP/1.1" 200 0']


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("0-0", 0, 1), ("5-9", 5, 10), ("1000000-", 1_000_000, 1_000_003), ("-7", 999_996, 1_000_003)],
)
def test_curl_gets_a_range(server: Served, root: Path, asked: str, start: int, end: int) -> None:
    ran = curl("-r", asked, "-w", "%{stderr}%{http_code} %header{content-range}", server.url("/f.bin"))
    assert ran.stdout == (root / "f.bin").read_bytes()[start:end]
    assert ran.stderr == f"206 bytes {start}-{end - 1}/1000003"


def test_range_beyond_the_end_is_answered_416(server: Served) -> None:
    ran = curl("-r", "1000003-", "-o", "/dev/null", "-w", "%{http_code} %header{content-range}", server.url("/f.bin"))
    assert ran.text == "416 bytes */1000003"


def test_curl_resumes_a_file(server: Served, root: Path, tmp_path: Path) -> None:
    whole = (root / "f.bin").read_bytes()
    (tmp_path / "got").write_bytes(whole[:400_000])
    assert curl("-C", "-", "-o", str(tmp_path / "got"), server.url("/f.bin")).exit_code == 0
    assert (tmp_path / "got").read_bytes() == whole
    assert server.logged(1) == ['"GET /f.bin HTTP/1.1" 206 600003']


def test_two_files_come_over_one_connection(server: Served) -> None:
    files = [server.url("/hello.txt"), server.url("/sub/%ED%95%9C%EA%B8%80%20%EC%9D%B4%EB%A6%84.txt")]
    ran = curl(*files, "-w", "%{stderr}%{num_connects} ")
    assert ran.text == "hello, world\n안녕\n"
    assert ran.stderr == "1 0 "


def test_http_1_0_is_answered_and_closed(server: Served) -> None:
    ran = curl("-0", "-i", server.url("/hello.txt"))
    assert "Connection: close" in ran.text
    assert ran.text.endswith("hello, world\n")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/sub/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/%252e%252e/secret.txt",
        "//secret.txt",
        "/./../secret.txt",
        "/.hidden",
        "/nothing",
        "/hello.txt/",
    ],
)
def test_what_is_not_shared_is_not_found_whatever_its_spelling(server: Served, path: str) -> None:
    ran = curl("--path-as-is", "-w", "%{stderr}%{http_code}", server.url(path))
    assert ran.stderr == "404"
    assert "secret" not in ran.text.removeprefix("404 Not Found: ")


def test_a_nul_in_a_path_is_a_bad_request(server: Served) -> None:
    assert curl(server.url("/hello.txt%00.png")).text == "400 Bad Request: a NUL in the path\n"


def test_a_link_that_leads_out_of_the_folder_is_not_found(server: Served, root: Path) -> None:
    (root / "out").symlink_to("../secret.txt")
    (root / "in").symlink_to("hello.txt")
    assert curl("-w", "%{http_code}", "-o", "/dev/null", server.url("/out")).text == "404"
    assert curl(server.url("/in")).text == "hello, world\n"


def test_a_folder_is_listed_for_people_and_for_programs(server: Served) -> None:
    page = curl("-i", server.url("/"))
    assert "Content-Security-Policy: default-src 'none'" in page.text
    for link in ('href="./f.bin"', 'href="./sub/"', "1,000,003"):
        assert link in page.text
    assert ".hidden" not in page.text
    listed = json.loads(curl("-H", "Accept: application/json", server.url("/sub/")).text)
    assert [entry["name"] for entry in listed["entries"]] == ["한글 이름.txt"]


def test_a_folder_without_its_slash_is_elsewhere(server: Served) -> None:
    ran = curl("-o", "/dev/null", "-w", "%{http_code} %header{location}", server.url("/sub"))
    assert ran.text == "301 /sub/"
    assert curl("-L", "-o", "/dev/null", "-w", "%{http_code}", server.url("/sub")).text == "200"


def test_who_has_the_file_is_told_so(server: Served, tmp_path: Path) -> None:
    etags = str(tmp_path / "etag")
    curl("--etag-save", etags, "-o", "/dev/null", server.url("/f.bin"))
    ran = curl("--etag-compare", etags, "-w", "%{http_code} %{size_download}", server.url("/f.bin"))
    assert ran.text == "304 0"
    ran = curl("-z", "20300101", "-w", "%{http_code}", server.url("/f.bin"))
    assert ran.text == "304"
    ran = curl("-H", 'If-Match: "another"', "-o", "/dev/null", "-w", "%{http_code}", server.url("/f.bin"))
    assert ran.text == "412"


def test_a_resumed_file_that_was_replaced_is_sent_whole(server: Served, root: Path, tmp_path: Path) -> None:
    etags = tmp_path / "etag"
    curl("--etag-save", str(etags), "-o", "/dev/null", server.url("/f.bin"))
    old = etags.read_text().strip()
    (root / "new").write_bytes(bytes(1_000_003))
    (root / "new").replace(root / "f.bin")
    ran = curl("-r", "5-", "-H", f"If-Range: {old}", "-o", "/dev/null", "-w", "%{http_code}", server.url("/f.bin"))
    assert ran.text == "200"


def test_a_header_of_one_mebibyte_is_refused_with_431(server: Served) -> None:
    # curl itself sends no line of that length.
    answer = say(server, b"GET /f.bin HTTP/1.1\r\nHost: localhost\r\nX-Large: " + b"x" * 2**20 + b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"\r\n\r\n431 Request Header Fields Too Large: " in answer


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /f.bin HTTP/1.1\r\nRange: bytes=9999999999-", b"416 Range Not Satisfiable"),
        (b"GET /%s HTTP/1.1" % (b"x" * 100_000), b"414 URI Too Long"),
    ],
)
def test_a_refusal_has_the_name_that_rfc_9110_gives_it(server: Served, request_line: bytes, status: bytes) -> None:
    """Whatever Python runs it: before 3.13 its own table has older names."""
    answer = say(server, request_line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 " + status + b"\r\n")
    assert b"\r\n\r\n" + status + b": " in answer


def test_a_url_of_100_kb_is_refused_with_414(server: Served) -> None:
    ran = curl("-w", "%{stderr}%{http_code}", server.url("/" + "x" * 100_000))
    assert ran.stderr == "414"


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "OPTIONS"])
def test_methods_that_are_not_served_are_refused_with_those_that_are(server: Served, method: str) -> None:
    ran = curl("-X", method, "-d", "data", "-w", "%{stderr}%{http_code} %header{allow}", server.url("/hello.txt"))
    assert ran.stderr == "405 GET, HEAD"


def test_a_single_shared_file_comes_alone(root: Path) -> None:
    with served(root / "hello.txt") as server:
        assert curl(server.url("/")).text == "hello, world\n"
        assert curl(server.url("/hello.txt")).text == "hello, world\n"
        assert curl("-o", "/dev/null", "-w", "%{http_code}", server.url("/f.bin")).text == "404"


def test_over_ipv6(root: Path) -> None:
    with served(root, host="::1") as server:
        assert curl(f"http://{server.endpoint}/hello.txt").text == "hello, world\n"


def test_the_access_log_shows_no_byte_that_a_terminal_acts_on(server: Served) -> None:
    curl("--path-as-is", "-o", "/dev/null", server.url('/"quoted"\\'))
    assert server.logged(1)[0].startswith('"GET /\\x22quoted\\x22\\x5c HTTP/1.1" 404 ')


def test_uploads_are_off_unless_allowed_and_then_take_a_file_whole(root: Path, tmp_path: Path) -> None:
    source = str(root / "f.bin")
    with served(root, upload=True) as server:
        assert curl("-T", source, "-w", "%{http_code}", server.url("/sub/up.bin")).text == "201"
        assert (root / "sub" / "up.bin").read_bytes() == (root / "f.bin").read_bytes()
        again = curl("-T", source, "-w", "%{stderr}%{http_code}", server.url("/sub/up.bin"))
        assert again.stderr == "409"
        ran = curl("-i", server.url("/sub/up.bin"), "-o", "-", "-r", "0-0")
        assert b"Content-Disposition: attachment" in ran.stdout


def test_an_upload_in_chunks_of_unknown_length_is_taken(root: Path) -> None:
    with served(root, upload=True) as server:
        ran = curl(
            "-T", str(root / "f.bin"), "-H", "Transfer-Encoding: chunked", "-w", "%{http_code}", server.url("/up.bin")
        )
        assert ran.text == "201"
        assert (root / "up.bin").read_bytes() == (root / "f.bin").read_bytes()


def test_an_upload_replaces_a_file_only_when_told(root: Path) -> None:
    with served(root, upload=True, overwrite=True) as server:
        ran = curl("-T", str(root / "f.bin"), "-w", "%{http_code}", server.url("/hello.txt"))
        assert ran.text == "204"
        assert (root / "hello.txt").read_bytes() == (root / "f.bin").read_bytes()
        ran = curl(
            "-T", str(root / "f.bin"), "-H", "If-None-Match: *", "-w", "%{stderr}%{http_code}", server.url("/hello.txt")
        )
        assert ran.stderr == "412"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/../up.bin", 404),
        ("/%2e%2e/up.bin", 404),
        ("/..%2fup.bin", 404),
        ("/.up.bin", 404),
        ("/no/such/up.bin", 404),
        ("/sub/", 409),
        ("/sub", 409),
        ("/out/up.bin", 404),
    ],
)
def test_an_upload_lands_nowhere_but_in_the_folder(root: Path, tmp_path: Path, path: str, status: int) -> None:
    (root / "out").symlink_to("..")
    before = sorted(tmp_path.rglob("*"))
    with served(root, upload=True, overwrite=True) as server:
        ran = curl("--path-as-is", "-X", "PUT", "--data-binary", "@" + str(root / "f.bin"), "-H", "Expect:",
                   "-w", "%{stderr}%{http_code}", server.url(path))  # fmt: skip
        assert ran.stderr == str(status)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_connection_beyond_the_cap_is_refused_and_curl_says_so(root: Path) -> None:
    with served(root, limits=ServerLimits(connections=0)) as server:
        assert curl(server.url("/hello.txt")).exit_code in (52, 56)
