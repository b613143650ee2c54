"""What a build was asked for: one frozen value, and the hashes that say two builds are alike."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import msgspec

from codeanatomy.cpg import nodes
from codeanatomy.cpg.compile import compile_plan
from codeanatomy.cpg.evidence import EXTRACTORS
from codeanatomy.cpg.observe.observer import cache_keys
from codeanatomy.cpg.sources.select import SelectSpec
from codeanatomy.kernel.errors import UnknownNameError
from codeanatomy.kernel.fingerprint import Fingerprint, fingerprint

if TYPE_CHECKING:
    from codeanatomy.cpg.config import Config

EVERY_BUILD = tuple(e.name for e in EXTRACTORS if not e.on_request)
ON_REQUEST = tuple(e.name for e in EXTRACTORS if e.on_request)
_LIBRARIES = ("codeanatomy", "datafusion", "deltalake", "numpy", "pyarrow", "tree-sitter",
              "tree-sitter-python", "typeshed-client")  # fmt: skip


class BuildSpec(msgspec.Struct, frozen=True):
    """Everything that decides the rows of a build, apart from the sources themselves."""

    name: str
    select: SelectSpec
    extractors: tuple[str, ...]
    layers: tuple[str, ...]
    import_roots: tuple[str, ...]
    plan: Fingerprint
    extractor_keys: dict[str, str]
    interpreter: str

    def spec_hash(self) -> Fingerprint:
        """Identify what was asked for."""
        return fingerprint(self)

    def envelope_hash(self, inputs: dict[str, str]) -> Fingerprint:
        """Identify what was asked for, the libraries that do it and the files it is done to."""
        return fingerprint(self, libraries(), sorted(inputs.items()))


def asked(name: str, config: Config) -> BuildSpec:
    """Read what is asked for from a configuration; raises `UnknownNameError` for unknown names."""
    extractors = _chosen("extractor", config.texts("evidence"), EVERY_BUILD, ON_REQUEST)
    wanted = config.texts("layers") or nodes.DEFAULT_LAYERS
    layers = _chosen("layer", wanted, ("containment", "diagnostics"), nodes.DEFAULT_LAYERS)
    return BuildSpec(
        name=name,
        select=SelectSpec.of(config.values),
        extractors=extractors,
        layers=layers,
        import_roots=config.texts("import_roots"),
        plan=compile_plan().fingerprint(),
        extractor_keys=cache_keys(extractors),
        interpreter=f"{platform.python_implementation()} {platform.python_version()}",
    )


@cache
def libraries() -> dict[str, str]:
    """Return the versions of what reads, plans and writes."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found


def _chosen(
    what: str, wanted: tuple[str, ...], always: tuple[str, ...], may: tuple[str, ...]
) -> tuple[str, ...]:
    """Put what is wanted after what is always there; raises for names that nothing declares."""
    for name in wanted:
        if name not in (*always, *may):
            known = ", ".join(dict.fromkeys((*always, *may)))
            raise UnknownNameError(f"no {what} {name!r}; there are {known}", name=name)
    return tuple(dict.fromkeys((*always, *(n for n in may if n in wanted))))
