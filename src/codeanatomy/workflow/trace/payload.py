"""What a language model was asked and said: kept in a file of its own, bytes left out."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path
from typing import Any, TypedDict

from codeanatomy.kernel.errors import SpecError

LLM_PAYLOAD_KEY = "llm_payload"
PII_WARNING_HEADER = (
    "# WARNING: contains LLM request/response payloads. May contain PII (names, financial data, "
    "identifiers). Restrict access and delete when no longer needed."
)
_COMPRESSIONS = (None, "none", "gzip")


class LlmPayloadSpan(TypedDict, total=False):
    """What stands under `metadata.llm_payload` of a span."""

    messages_input: Any
    response_content: Any
    tokens_input: int | None
    tokens_output: int | None
    model: str | None
    stop_reason: str | None
    cost_usd: float | None


class LlmPayloadFileExporter:
    """Appends the spans that carry a payload to a JSON-lines file, after one line of warning."""

    def __init__(self, path: str, compress: str | None = None) -> None:
        if compress not in _COMPRESSIONS:
            known = ", ".join(str(one) for one in _COMPRESSIONS[1:])
            msg = f"unknown compression {compress!r}; the known ones are: {known}"
            raise SpecError(msg, compression=compress)
        self.path = payload_file(path, compress)
        self.compress = compress
        self._lock = threading.Lock()

    def export(self, span: dict[str, Any]) -> None:
        """Write one span when it carries a payload."""
        if not _payload(span):
            return
        line = json.dumps(replace_binary_payloads(span), default=str) + "\n"
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            empty = not self.path.exists() or self.path.stat().st_size == 0
            text = f"{PII_WARNING_HEADER}\n{line}" if empty else line
            data = text.encode()
            with self.path.open("ab") as file:
                file.write(gzip.compress(data) if self.path.suffix == ".gz" else data)


def payload_file(path: str | Path, compress: str | None = None) -> Path:
    """Name the payload file of a trace file; the name of a payload file stands for itself."""
    given = Path(path)
    name = given.name.removesuffix(".gz")
    if not name.endswith(".llm.jsonl"):
        name = f"{Path(name).stem}.llm.jsonl"
    packed = compress == "gzip" or given.suffix == ".gz"
    return given.with_name(f"{name}.gz" if packed else name)


def without_payload(span: dict[str, Any]) -> dict[str, Any]:
    """Return the span without its payload; the same dict when it carries none."""
    metadata = span.get("metadata")
    if not isinstance(metadata, dict) or LLM_PAYLOAD_KEY not in metadata:
        return span
    rest = {key: value for key, value in metadata.items() if key != LLM_PAYLOAD_KEY}
    return {**span, "metadata": rest}


def replace_binary_payloads(value: Any) -> Any:  # noqa: ANN401 - a payload holds anything
    """Copy `value` with bytes replaced by their size."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"type": "binary_omitted", "size_bytes": len(bytes(value))}
    if isinstance(value, dict):
        return {key: replace_binary_payloads(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [replace_binary_payloads(item) for item in value]
    return value


def _payload(span: dict[str, Any]) -> Any:  # noqa: ANN401 - as it was recorded
    metadata = span.get("metadata")
    return metadata.get(LLM_PAYLOAD_KEY) if isinstance(metadata, dict) else None
