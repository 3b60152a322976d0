"""What the command is started with: variables that lead its connections through the tunnel, and its keys to a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY", "ws_proxy", "wss_proxy")
"""curl and wget read `http_proxy` in lower case alone (CVE-2016-5385); aiohttp looks for one by a URL's scheme."""

_CGI = "REQUEST_METHOD"
"""Where it is set, `HTTP_PROXY` is no setting: it is the `Proxy` field of a request (RFC 3875 §4.1.18)."""

_NO_PROXY = ("no_proxy", "NO_PROXY")


def environment_for(
    environ: Mapping[str, str], proxy: str | None, key_log: Path, *, keep_no_proxy: bool = False
) -> dict[str, str]:
    """`environ` with `key_log` as the file for TLS keys, and the tunnel at the URL `proxy` in it, if there is one.

    Hosts that were excepted from a proxy would be hosts that nobody sees: the exceptions are emptied unless kept.
    """
    changed = dict(environ)
    if proxy is not None:
        names = PROXY_VARIABLES if _CGI in environ else (*PROXY_VARIABLES, "HTTP_PROXY")
        changed |= dict.fromkeys(names, proxy)
        # Node has a switch for proxies since 22.21 and 24.5, and an option, no variable, for its keys.
        changed["NODE_USE_ENV_PROXY"] = "1"
        if not keep_no_proxy:
            changed |= dict.fromkeys(_NO_PROXY, "")
    changed["SSLKEYLOGFILE"] = str(key_log)
    changed["NODE_OPTIONS"] = f"{environ.get('NODE_OPTIONS', '')} {_node_option(f'--tls-keylog={key_log}')}".strip()
    return changed


def _node_option(option: str) -> str:
    """One word of NODE_OPTIONS, which takes words apart at spaces and knows double quotes and backslashes."""
    if " " not in option:
        return option
    escaped = option.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
