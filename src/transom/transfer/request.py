"""What is asked of a download."""

from __future__ import annotations

from pathlib import Path

from transom.files.digest import Digest
from transom.http.messages import NO_HEADERS, Headers
from transom.transfer.part import WantedPart
from transom.transfer.retry import ONCE, Retries
from transom.value import value

SHA256 = "sha-256"


@value
class GetRequest:
    """What to download: saved as `output`, else under the URL's last name; "-" is standard output.

    It is saved in `folder`, else in this one; with `create_folders` those on its way are made.

    With `resume` it goes on where an earlier download of this URL to this name stopped, if that is still the same file.
    It must have the `checksum`; with `verify` the server is asked for a digest, and what it says is checked. With
    `sha256` that hash is reported, whatever else is computed. With `follow` redirects are gone after; the file's name
    and what is kept of it stay those of the first URL. Each attempt may take `max_time` seconds; after a failure that
    may pass there are `retries`, which go on with what came before them. `part` is all that is wanted of the file. With
    `remote_name` the server is asked for the name, where no `output` is given.
    """

    url: str
    output: Path | str | None = None
    folder: Path | None = None
    create_folders: bool = False
    overwrite: bool = False
    sha256: bool = False
    headers: Headers = NO_HEADERS
    resume: bool = True
    checksum: Digest | None = None
    verify: bool = False
    follow: bool = False
    max_time: float | None = None
    retries: Retries = ONCE
    part: WantedPart | None = None
    remote_name: bool = False

    @property
    def hashes(self) -> set[str]:
        """Those that are made as the bytes come, by RFC 9530's names of them."""
        asked = {self.checksum.algorithm} if self.checksum else set[str]()
        return asked | {SHA256} if self.sha256 or self.verify else asked
