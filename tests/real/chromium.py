"""Chromium without a window, driven by its DevTools protocol through a pipe: no port that two tests could want."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

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
from tests.real.conversation import Conversation, Message
from tests.real.devtools_pipe import DevToolsPipe
from tests.real.programs import ENVIRONMENT, program

_OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # root has none, and the pages are ours
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's /dev/shm is small
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-proxy-server",
    "--lang=en-US",
    # Nothing but this machine exists, whatever the browser would like to ask on its own.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
)

# Commands come on descriptor 3 and answers go out on 4; what the browser prints goes to its log.
_PIPED = 'exec "$@" 3<&0 4>&1 </dev/null >&2'


@contextmanager
def chromium(home: Path, trusted: Sequence[Path] = (), tls_max: str = "1.3") -> Generator[Browser]:
    """A Chromium whose home is `home`, which trusts these CAs (PEM) and speaks TLS up to `tls_max`."""
    new_store(home / ".pki" / "nssdb", trusted)
    options = [*_OPTIONS, f"--ssl-version-max=tls{tls_max}", f"--user-data-dir={home / 'profile'}"]
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(
            ["sh", "-c", _PIPED, "sh", program("chromium"), "--remote-debugging-pipe", *options, "about:blank"],
            env={**ENVIRONMENT, "HOME": str(home)},
            cwd=home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        ) as process,
    ):
        try:
            devtools = Conversation(DevToolsPipe(process), PATIENCE)
            yield Chromium(devtools, home)
            devtools.call("Browser.close", {})
            process.wait(PATIENCE)
        except ConnectionError as error:
            error.add_note((home / "log").read_text(errors="replace"))
            raise
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def print_to_pdf(url: str, file: Path, home: Path) -> None:
    """What Chromium's own command line prints: for it a page is all there once it is loaded."""
    options = [*_OPTIONS, f"--user-data-dir={home / 'profile'}", f"--print-to-pdf={file}"]
    command = [program("chromium"), *options, url]
    environment = {**ENVIRONMENT, "HOME": str(home)}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False, env=environment
    )
    assert file.exists(), done.stderr.decode(errors="replace")


class Chromium(Browser):
    def __init__(self, devtools: Conversation, home: Path) -> None:
        self._devtools = devtools
        self._home = home

    @contextmanager
    def page(self) -> Generator[Page]:
        context = {"browserContextId": self._devtools.call("Target.createBrowserContext", {})["browserContextId"]}
        behavior = {"behavior": "allow", "downloadPath": str(self._home / context["browserContextId"])}
        self._devtools.call("Browser.setDownloadBehavior", {**behavior, **context, "eventsEnabled": True})
        target = self._devtools.call("Target.createTarget", {"url": "about:blank", **context})["targetId"]
        attached = self._devtools.call("Target.attachToTarget", {"targetId": target, "flatten": True})
        page = ChromiumPage(self._devtools, attached["sessionId"])
        try:
            yield page
        finally:
            self._devtools.listeners.remove(page.hear)
            self._devtools.call("Target.disposeBrowserContext", context)


class ChromiumPage(Page):
    def __init__(self, devtools: Conversation, session: str) -> None:
        super().__init__(devtools)
        self._session = session
        self._urls: dict[str, str] = {}
        self._loaded: set[str] = set()
        self._tls_version = ""
        self._media: dict[str, Any] = {"media": "screen", "features": []}
        devtools.listeners.append(self.hear)
        for domain in ("Page", "Network", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        self._call("Page.setLifecycleEventsEnabled", enabled=True)

    def open(self, url: str) -> None:
        answer = self._call("Page.navigate", url=url)
        if answer.get("isDownload"):
            return
        if "errorText" in answer:
            raise Refused(answer["errorText"])
        # There is no loader when only the fragment is another.
        if loader := answer.get("loaderId"):
            self._conversation.wait(lambda: True if loader in self._loaded else None, f"{url} has loaded")

    def press(self, key: str) -> None:
        pressed = key_of(key)
        event = {"key": key, "windowsVirtualKeyCode": pressed.code}
        self._call("Input.dispatchKeyEvent", type="keyDown", text=pressed.text, **event)
        self._call("Input.dispatchKeyEvent", type="keyUp", **event)

    def resize(self, width: int, height: int) -> None:
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme: Scheme) -> None:
        self._emulate(features=[{"name": "prefers-color-scheme", "value": scheme}])

    def lay_out_for(self, medium: Medium) -> None:
        self._emulate(media=medium)

    def hover(self, selector: str) -> None:
        """Lead the mouse over the element, once it is there."""
        self._mouse("mouseMoved", *self._place(selector))

    def printed(self) -> bytes:
        """What comes out of the printer, as PDF."""
        return base64.b64decode(self._call("Page.printToPDF")["data"])

    def screenshot(self) -> bytes:
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def tls_version(self) -> str:
        return self._tls_version

    def hear(self, event: Message) -> None:
        if event.get("sessionId", self._session) != self._session:
            return
        match event["method"], event["params"]:
            case "Network.requestWillBeSent", {"requestId": number, "request": {"url": url}}:
                self._urls[number] = url
                self._seen.requests.append(url)
            case "Network.responseReceived", {
                "type": "Document",
                "response": {"securityDetails": {"protocol": version}},
            }:
                self._tls_version = version
            case "Network.loadingFailed", {"requestId": number, "errorText": reason}:
                self._seen.failed.append(f"{self._urls.get(number)}: {reason}")
            case "Runtime.consoleAPICalled", {"type": level, "args": values}:
                told = " ".join(str(value.get("value", value.get("description"))) for value in values)
                self._seen.console.append((level, told))
            case "Runtime.exceptionThrown", {"exceptionDetails": details}:
                self._seen.console.append(("error", _told(details)))
            case "Log.entryAdded", {"entry": {"level": level, "text": text}}:
                self._seen.console.append((level, text))
            case "Page.lifecycleEvent", {"name": "load", "loaderId": loader}:
                self._loaded.add(loader)
            case "Browser.downloadProgress", {"state": "completed", "filePath": path}:
                self._downloads.append(Download(Path(path)))
            case "Browser.downloadProgress", {"state": "canceled"}:
                self._downloads.append(Download(Path(), "canceled"))
            case _:
                pass

    def _run(self, expression: str) -> str | None:
        answer = self._call("Runtime.evaluate", expression=expression, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise ScriptError(_told(answer["exceptionDetails"]))
        value: str | None = answer["result"].get("value")
        return value

    def _drag_mouse(self, x: float, y: float, to_x: float, to_y: float) -> None:
        held = {"button": "left", "buttons": 1, "clickCount": 1}
        self._mouse("mouseMoved", x, y)
        self._mouse("mousePressed", x, y, **held)
        if (x, y) != (to_x, to_y):
            self._mouse("mouseMoved", (x + to_x) / 2, (y + to_y) / 2, **held)
            self._mouse("mouseMoved", to_x, to_y, **held)
        self._mouse("mouseReleased", to_x, to_y, **held)

    def _mouse(self, what: str, x: float, y: float, **held: Any) -> None:
        self._call("Input.dispatchMouseEvent", type=what, x=x, y=y, **held)

    def _emulate(self, **changes: Any) -> None:
        # What is not given again is as if it had never been.
        self._media |= changes
        self._call("Emulation.setEmulatedMedia", **self._media)

    def _call(self, method: str, **parameters: Any) -> Message:
        return self._conversation.call(method, parameters, sessionId=self._session)


def _told(details: Message) -> str:
    """What an exception says."""
    thrown = details.get("exception", {})
    return str(thrown.get("description") or thrown.get("value") or details["text"])
