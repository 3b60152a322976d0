"""The user's own CA as one of those that are trusted: its certificate alone, whoever made it and how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from transom.errors import UsageError, reason_of
from transom.trust.store import Source, TrustStore

CERTIFICATE_FILE = "ca.pem"


def data_folder(environ: Mapping[str, str]) -> Path:
    """$XDG_DATA_HOME/transom, or ~/.local/share/transom."""
    base = environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "transom"


def ca_folder(environ: Mapping[str, str]) -> Path:
    """Where the local CA's certificate and key are."""
    return data_folder(environ) / "ca"


def local_ca_store(folder: Path) -> TrustStore:
    """The user's own CA as a root, if there is one in this folder; its key is not touched."""
    path = folder / CERTIFICATE_FILE
    return TrustStore.from_file(path, Source.LOCAL_CA) if exists(path) else TrustStore()


def exists(path: Path) -> bool:
    """Is there such a file? Raises UsageError when that cannot be found out."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise UsageError("{path}: cannot be looked at: {reason}", path=path, reason=reason_of(error)) from error
    return True
