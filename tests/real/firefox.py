"""Firefox without a window, driven by WebDriver BiDi: https://www.w3.org/TR/webdriver-bidi/."""

from __future__ import annotations

import base64
import json
import os
import queue
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from tests.real.browser import (
    PATIENCE,
    Browser,
    Download,
    Medium,
    Page,
    Refused,
    Scheme,
    ScriptError,
    key_of,
    new_store,
)
from tests.real.conversation import Conversation, Declined, Message
from tests.real.programs import ENVIRONMENT, program
from tests.real.websocket import WebSocket

_OPTIONS = ("--headless", "--no-remote", "--remote-debugging-port=0", "--remote-allow-system-access")

_PREFERENCES: dict[str, bool | int | str] = {
    # Nothing but this machine exists, whatever Firefox would like to ask on its own: all else goes to a proxy that is
    # not there. Loopback never goes through one (network.proxy.allow_hijacking_localhost).
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 1,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 1,
    "network.proxy.failover_direct": False,
    "network.proxy.allow_bypass": False,
    "network.trr.mode": 5,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.startup.page": 0,
    "browser.startup.homepage": "about:blank",
    "browser.newtabpage.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processPrelaunch.enabled": False,
    "intl.locale.requested": "en-US",
}
_TLS = {"1.2": 3, "1.3": 4}


@contextmanager
def firefox(home: Path, trusted: Sequence[Path] = (), tls_max: str = "1.3") -> Generator[Browser]:
    """A Firefox whose home is `home`, which trusts these CAs (PEM) and speaks TLS up to `tls_max`."""
    profile = home / "profile"
    new_store(profile, trusted)
    preferences = {**_PREFERENCES, "security.tls.version.max": _TLS[tls_max]}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
    (profile / "user.js").write_text("".join(lines))
    with subprocess.Popen(
        [program("firefox-esr"), *_OPTIONS, "--profile", str(profile)],
        env={**ENVIRONMENT, "HOME": str(home), "MOZ_CRASHREPORTER_DISABLE": "1"},
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        try:
            with closing(WebSocket(_port(process.stderr), "/session", PATIENCE)) as socket:
                bidi = Conversation(socket, PATIENCE)
                yield Firefox(bidi, home)
                bidi.call("browser.close", {})
            process.wait(PATIENCE)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


class Firefox(Browser):
    def __init__(self, bidi: Conversation, home: Path) -> None:
        self._bidi = bidi
        self._home = home
        bidi.call("session.new", {"capabilities": {}})
        bidi.call("session.subscribe", {"events": ["browsingContext", "log", "network"]})
        self._window = bidi.call("browsingContext.getTree", {"moz:scope": "chrome"})["contexts"][0]["context"]

    @contextmanager
    def page(self) -> Generator[Page]:
        user = self._bidi.call("browser.createUserContext", {})["userContext"]
        folder = self._home / user
        behavior = {"type": "allowed", "destinationFolder": str(folder)}
        self._bidi.call("browser.setDownloadBehavior", {"downloadBehavior": behavior, "userContexts": [user]})
        tab = self._bidi.call("browsingContext.create", {"type": "tab", "userContext": user})["context"]
        page = FirefoxPage(self._bidi, tab, self._window)
        try:
            yield page
        finally:
            self._bidi.listeners.remove(page.hear)
            self._bidi.call("browser.removeUserContext", {"userContext": user})


class FirefoxPage(Page):
    """`window` is the browser's own, in which scripts have the browser's rights: it knows what BiDi does not tell."""

    def __init__(self, bidi: Conversation, tab: str, window: str) -> None:
        super().__init__(bidi)
        self._tab = tab
        self._window = window
        bidi.listeners.append(self.hear)

    def open(self, url: str) -> None:
        try:
            self._call("browsingContext.navigate", url=url, wait="complete")
        except Declined as error:
            raise Refused(str(error)) from None

    def press(self, key: str) -> None:
        value = key_of(key).webdriver
        strokes = [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self._call("input.performActions", actions=[{"type": "key", "id": "keyboard", "actions": strokes}])

    def resize(self, width: int, height: int) -> None:
        self._call("browsingContext.setViewport", viewport={"width": width, "height": height})

    def prefer(self, scheme: Scheme) -> None:
        self._evaluate(
            self._window, f"gBrowser.selectedBrowser.browsingContext.prefersColorSchemeOverride = '{scheme}'"
        )
        self.wait_for(f"matchMedia('(prefers-color-scheme: {scheme})').matches")

    def lay_out_for(self, medium: Medium) -> None:
        self._evaluate(self._window, f"gBrowser.selectedBrowser.browsingContext.mediumOverride = '{medium}'")
        self.wait_for(f"matchMedia('{medium}').matches")

    def screenshot(self) -> bytes:
        return base64.b64decode(self._call("browsingContext.captureScreenshot")["data"])

    def tls_version(self) -> str:
        number = self._evaluate(self._window, "gBrowser.securityUI.secInfo?.protocolVersion")
        return next((f"TLS {version}" for version, value in _TLS.items() if value == number), str(number))

    def hear(self, event: Message) -> None:
        told = event["params"]
        if self._tab not in (told.get("context"), told.get("source", {}).get("context")):
            return
        match event["method"]:
            case "network.beforeRequestSent":
                self._seen.requests.append(told["request"]["url"])
            case "network.fetchError":
                self._seen.failed.append(f"{told['request']['url']}: {told['errorText']}")
            case "log.entryAdded":
                level = "warning" if told["level"] == "warn" else told["level"]
                self._seen.console.append((level, told["text"]))
            case "browsingContext.downloadEnd" if told["status"] == "complete":
                self._downloads.append(Download(Path(told["filepath"])))
            case "browsingContext.downloadEnd":
                self._downloads.append(Download(Path(), told["status"]))
            case _:
                pass

    def _run(self, expression: str) -> str | None:
        value: str | None = self._evaluate(self._tab, expression)
        return value

    def _drag_mouse(self, x: float, y: float, to_x: float, to_y: float) -> None:
        place, target = (
            {"type": "pointerMove", "x": round(at_x), "y": round(at_y)} for at_x, at_y in [(x, y), (to_x, to_y)]
        )
        moved = [target] if target != place else []
        press = [place, {"type": "pointerDown", "button": 0}, *moved, {"type": "pointerUp", "button": 0}]
        self._call("input.performActions", actions=[{"type": "pointer", "id": "mouse", "actions": press}])

    def _evaluate(self, context: str, expression: str) -> Any:
        """Raises ScriptError."""
        parameters = {"expression": expression, "awaitPromise": True, "target": {"context": context}}
        answer = self._conversation.call("script.evaluate", parameters)
        if answer["type"] == "exception":
            raise ScriptError(answer["exceptionDetails"]["text"])
        return answer["result"].get("value")

    def _call(self, method: str, **parameters: Any) -> Message:
        return self._conversation.call(method, {"context": self._tab, **parameters})


def _port(printed: IO[bytes]) -> int:
    """Where it says that it listens. All that it prints is read, so that it never waits for a reader."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_read_all, args=(printed, lines.put), daemon=True).start()
    told = b""
    with suppress(queue.Empty):
        while line := lines.get(timeout=PATIENCE):
            if found := re.search(rb"WebDriver BiDi listening on ws://127\.0\.0\.1:(\d+)", line):
                return int(found[1])
            told += line
    raise AssertionError(f"Firefox never said that it listens: {told.decode(errors='replace')}")


def _read_all(printed: IO[bytes], take: Callable[[bytes], object]) -> None:
    for line in printed:
        take(line)
    take(b"")
