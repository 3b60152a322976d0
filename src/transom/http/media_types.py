"""The media type of a file by its name's suffix: from this table, so that a server says the same on every machine."""

from __future__ import annotations

_TYPES = {
    "text/plain": "txt text log conf cfg ini toml yaml yml rst diff patch c h cc cpp hpp rs go py java sh",
    "text/html": "html htm",
    "text/css": "css",
    "text/csv": "csv",
    "text/markdown": "md markdown",
    "text/javascript": "js mjs",
    "text/xml": "xml",
    "application/json": "json",
    "application/wasm": "wasm",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "application/gzip": "gz tgz",
    "application/x-bzip2": "bz2",
    "application/x-xz": "xz",
    "application/zstd": "zst",
    "application/x-tar": "tar",
    "application/x-7z-compressed": "7z",
    "application/vnd.rar": "rar",
    "application/vnd.tcpdump.pcap": "pcap",
    "application/vnd.debian.binary-package": "deb",
    "application/x-rpm": "rpm",
    "application/epub+zip": "epub",
    "application/x-pem-file": "pem",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg oga opus",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "image/png": "png",
    "image/jpeg": "jpg jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/svg+xml": "svg",
    "image/x-icon": "ico",
    "video/mp4": "mp4 m4v",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "font/woff2": "woff2",
}
_BY_SUFFIX = {suffix: media_type for media_type, suffixes in _TYPES.items() for suffix in suffixes.split()}


def media_type(name: str) -> str:
    """The `Content-Type` for a file of this name: `application/octet-stream` where the suffix says nothing.

    Text is declared as UTF-8. A compressed file is what it is: its type is the compression's, without Content-Encoding.
    """
    found = _BY_SUFFIX.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    return f"{found}; charset=utf-8" if found.startswith("text/") else found
