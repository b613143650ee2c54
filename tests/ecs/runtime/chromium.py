"""A real browser without a window, told what to do over a pipe (Chrome DevTools Protocol)."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "no Chromium here: install the package `chromium` of the system to run this test"
_PATIENCE = 20.0


def found() -> str | None:
    """Give the program of a browser, if there is one; `CHROMIUM` names another."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One page in a browser of its own."""

    def __init__(self, width: int = 1400, height: int = 950, *, dark: bool = False) -> None:
        self._folder = tempfile.mkdtemp(prefix="browser")
        inheritable = True
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        os.set_inheritable(to_browser, inheritable)
        os.set_inheritable(from_browser, inheritable)
        program = found()
        assert program is not None
        flags = [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--hide-scrollbars", "--mute-audio", "--disable-extensions",
            f"--window-size={width},{height}", f"--user-data-dir={self._folder}",
            "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        shell = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, program, *flags],  # noqa: S607 - found on the path
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(to_browser, from_browser),
            start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._number = 0
        self._rest = b""
        self.wrong: list[str] = []
        targets = self._call("Target.getTargets")["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        attached = self._call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        self._tell("Runtime.enable")
        self._tell("Log.enable")
        self._tell("Page.enable")
        if dark:
            feature = {"name": "prefers-color-scheme", "value": "dark"}
            self._tell("Emulation.setEmulatedMedia", features=[feature])
        self._tell(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_what: object) -> None:
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def go(self, url: str) -> None:
        """Open a page and wait until it says it is ready."""
        self._tell("Page.navigate", url="about:blank")
        self.until("location.href === 'about:blank'")
        self.wrong.clear()
        self._tell("Page.navigate", url=url)
        self.until("document.body && document.body.dataset.ready === 'yes'")

    def ask(self, script: str) -> Any:  # noqa: ANN401 - whatever the script gives
        """Run JavaScript in the page and give its value."""
        told = self._tell(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until JavaScript gives something true."""
        end = time.monotonic() + _PATIENCE
        while not self.ask(script):
            assert time.monotonic() < end, f"never true: {script}; {self.wrong}"
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """Click in the middle of an element, with the mouse."""
        place = self.ask(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const b = e.getBoundingClientRect();"
            " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._tell(
                "Input.dispatchMouseEvent",
                type=kind, x=place[0], y=place[1], button="left", clickCount=1,
            )  # fmt: skip

    def picture(self, path: Path) -> None:
        """Write what is to be seen as a PNG file."""
        told = self._tell("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(told["data"]))

    def _tell(self, method: str, **what: object) -> dict[str, Any]:
        return self._call(method, self._session, **what)

    def _call(self, method: str, session: str = "", **what: object) -> dict[str, Any]:
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": what}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer["error"]
                found: dict[str, Any] = answer["result"]
                return found
            self._hear(answer)

    def _hear(self, event: dict[str, Any]) -> None:
        """Keep what the page says is wrong."""
        method, what = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.wrong.append(str(what["exceptionDetails"]))
        if method == "Log.entryAdded" and what["entry"]["level"] == "error":
            self.wrong.append(what["entry"]["text"] + " " + what["entry"].get("url", ""))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            read = os.read(self._in, 1 << 16)
            assert read, "the browser is gone"
            self._rest += read
        line, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(line)
        return told
