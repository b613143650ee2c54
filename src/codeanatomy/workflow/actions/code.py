"""Running Python that came from somewhere else, restricted and in a process of its own."""

from __future__ import annotations

import uuid
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codeanatomy.workflow.actions._registry import Action
    from codeanatomy.workflow.actions._sandbox import Sandbox
    from codeanatomy.workflow.host import Host

Result = dict[str, Any]
_DISABLED = "Code execution is disabled. Enable with YAMLEngine(enable_code_execution=True)"
_MISSING = "RestrictedPython is not installed: pip install 'codeanatomy[sandbox]'"
_OUTPUT = 65536  # bytes


def actions(host: Host) -> dict[str, Action]:
    """Return the actions by name."""

    def execute(
        state: dict[str, Any],
        code: str,
        timeout: float = 30.0,
        max_output_bytes: int = _OUTPUT,
        **_: object,
    ) -> Result:
        """Run a text once; its variable `result` is the return value."""
        refused = _refused(host)
        if refused:
            return _failed(refused)
        from codeanatomy.workflow.actions._sandbox import Sandbox

        with Sandbox() as sandbox:
            return sandbox.run(code, timeout, max_output_bytes)

    def sandbox(
        state: dict[str, Any],
        action: str,
        sandbox_id: str | None = None,
        code: str | None = None,
        timeout: float = 30.0,
        max_output_bytes: int = _OUTPUT,
        **_: object,
    ) -> Result:
        """Create, use, list or destroy a sandbox whose variables stay."""
        refused = _refused(host)
        if refused:
            return {"success": False, "error": refused}
        boxes = host.parts.setdefault("code.sandboxes", Sandboxes())
        if action == "create":
            return boxes.create()  # type: ignore[no-any-return] # parts hold what we put there
        if action == "list":
            return boxes.listing()  # type: ignore[no-any-return] # as above
        return _use(boxes, action, sandbox_id, code, timeout, max_output_bytes)

    return {"code.execute": execute, "code.sandbox": sandbox}


class Sandboxes:
    """The sandboxes of one engine by id; they end with it."""

    def __init__(self) -> None:
        self._open: dict[str, Sandbox] = {}

    def create(self) -> Result:
        """Open a sandbox; its process starts with the first text."""
        from codeanatomy.workflow.actions._sandbox import Sandbox

        name = uuid.uuid4().hex[:8]
        self._open[name] = Sandbox()
        return {"sandbox_id": name, "created": True, "success": True}

    def execute(self, name: str, code: str, timeout: float, max_output_bytes: int) -> Result:
        """Run a text in a sandbox."""
        found = self._open.get(name)
        if found is None:
            return _failed(f"Sandbox '{name}' not found")
        return found.run(code, timeout, max_output_bytes)

    def destroy(self, name: str) -> Result:
        """End a sandbox; one that is not there is told, and is no failure."""
        found = self._open.pop(name, None)
        done: Result = {"destroyed": found is not None, "sandbox_id": name, "success": True}
        if found is None:
            return {**done, "error": f"Sandbox '{name}' not found"}
        found.close()
        return done

    def listing(self) -> Result:
        """Return the ids of the open sandboxes."""
        return {"sandboxes": list(self._open), "count": len(self._open), "success": True}

    def close(self) -> None:
        """End them all."""
        for name in list(self._open):
            self.destroy(name)


def _use(
    boxes: Sandboxes,
    action: str,
    sandbox_id: str | None,
    code: str | None,
    timeout: float,
    max_output_bytes: int,
) -> Result:
    if action not in {"execute", "destroy"}:
        known = "create, execute, destroy, list"
        return {"success": False, "error": f"Unknown action: {action}. It can be: {known}"}
    if not sandbox_id:
        return {"success": False, "error": f"sandbox_id is required for action '{action}'"}
    if action == "destroy":
        return boxes.destroy(sandbox_id)
    if code is None:
        return {"success": False, "error": "code is required for action 'execute'"}
    return boxes.execute(sandbox_id, code, timeout, max_output_bytes)


def _refused(host: Host) -> str | None:
    if not host.enable_code_execution:
        return _DISABLED
    return None if find_spec("RestrictedPython") else _MISSING


def _failed(error: str) -> Result:
    return {
        "success": False,
        "stdout": "",
        "stderr": "",
        "return_value": None,
        "error": error,
        "execution_time_ms": 0.0,
    }
