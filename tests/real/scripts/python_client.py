"""Fetches a URL by the standard library, with exactly one version of TLS: the body to standard output.

python python_client.py URL CA VERSION
"""

from __future__ import annotations

import http.client
import ssl
import sys
from urllib.parse import urlsplit


def main() -> None:
    url, ca, version = sys.argv[1:]
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[f"TLSv{version.replace('.', '_')}"]
    context.set_alpn_protocols(["http/1.1"])
    parts = urlsplit(url)
    connection = http.client.HTTPSConnection(parts.hostname or "", parts.port, context=context, timeout=30)
    connection.request("GET", parts.path)
    response = connection.getresponse()
    spoken = connection.sock.selected_alpn_protocol()
    assert (response.status, spoken) == (200, "http/1.1"), (response.status, spoken)
    sys.stdout.buffer.write(response.read())


main()
