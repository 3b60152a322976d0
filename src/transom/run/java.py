"""What Java programs are told: every JVM takes options from JAVA_TOOL_OPTIONS, however it is started.

The properties' names and what stands in them: java.base/java/net/doc-files/net-properties.html of the JDK's
documentation. The variable, and how words are quoted in it: "JAVA_TOOL_OPTIONS" in its JVM TI specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from transom.errors import UsageError
from transom.value import value
from transom.wire.tap import Endpoint

_VARIABLE = "JAVA_TOOL_OPTIONS"
"""Not JDK_JAVA_OPTIONS: that is the launcher's alone, and a JVM may be started within another program."""


@value
class ForJava:
    """What JVMs are told: with `leads` to go through the tunnel; `agent` is a jar that writes their keys, and whose one
    argument is the file's name.
    """

    leads: bool = False
    agent: Path | None = None

    def environment(
        self, environ: Mapping[str, str], key_log: Path, tunnel: Endpoint | None, *, keep_no_proxy: bool = False
    ) -> dict[str, str]:
        """`environ` with these options for every JVM, behind those that it has for them already.

        Raises UsageError if there is no such agent, or a JVM could not be told its name.
        """
        options = _through(tunnel, environ, keep_no_proxy=keep_no_proxy) if self.leads and tunnel is not None else []
        if self.agent is not None:
            options.append(_keys_by(self.agent, key_log))
        if not options:
            return dict(environ)
        had = [environ[_VARIABLE]] if _VARIABLE in environ else []
        return {**environ, _VARIABLE: " ".join([*had, *map(_word, options)])}


def _through(tunnel: Endpoint, environ: Mapping[str, str], *, keep_no_proxy: bool) -> list[str]:
    """HttpURLConnection and java.net.http (CONNECT, plain HTTP), and every other java.net.Socket (SOCKS).

    There is no password in it: none would be sent, and a JVM is known by its descent. Java has exceptions of its own,
    localhost among them: they are emptied, or with `keep_no_proxy` those of `environ` are added to them.
    """
    excepted = _excepted(environ) if keep_no_proxy else ""
    properties: dict[str, object] = {}
    for scheme in ("http.proxy", "https.proxy", "socksProxy"):
        properties |= {f"{scheme}Host": tunnel.address, f"{scheme}Port": tunnel.port}
    if excepted is not None:
        properties |= {"http.nonProxyHosts": excepted, "socksNonProxyHosts": excepted}
    return [f"-D{name}={setting}" for name, setting in properties.items()]


def _keys_by(agent: Path, key_log: Path) -> str:
    if not agent.is_file():
        raise UsageError("--java-agent {file}: there is no such file", file=agent)
    absolute = str(agent.absolute())
    if "=" in absolute or {'"', "'"} <= set(absolute):
        raise UsageError(
            "--java-agent {file}: a JVM takes no agent with = or both kinds of quotes in its path", file=agent
        )
    return f"-javaagent:{absolute}={key_log}"


def _word(option: str) -> str:
    quote = "'" if '"' in option else '"'
    return f"{quote}{option}{quote}" if set(option) & set(" \t\"'") else option


def _excepted(environ: Mapping[str, str]) -> str | None:
    """NO_PROXY as Java has it: names with a star, a bar between them. Networks and ports cannot be said so.

    None if there is nothing to say, which leaves Java its own.
    """
    hosts = [host.strip().lstrip(".") for host in (environ.get("no_proxy") or environ.get("NO_PROXY", "")).split(",")]
    sayable = [host for host in hosts if host and not set(host) & set("/:|\"' \t")]
    return "|".join(host if host == "*" else f"{host}|*.{host}" for host in sayable) or None
