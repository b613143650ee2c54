"""What a build was asked for: one frozen value, and the hashes that say two builds are alike."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import msgspec

from codeanatomy.cpg import extract, nodes
from codeanatomy.cpg.compile import compile_plan
from codeanatomy.cpg.evidence import EXTRACTORS
from codeanatomy.cpg.observe.observer import cache_keys
from codeanatomy.cpg.sources.select import SelectSpec
from codeanatomy.kernel.catalog import load
from codeanatomy.kernel.errors import UnknownNameError
from codeanatomy.kernel.fingerprint import Fingerprint, fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from codeanatomy.cpg.config import Config

WITNESSES = tuple(e.name for e in EXTRACTORS if e.witness)
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

    @property
    def per_file(self) -> tuple[str, ...]:
        """The extractors that see one file at a time."""
        return tuple(name for name in self.extractors if name not in WITNESSES)

    @property
    def witnesses(self) -> tuple[str, ...]:
        """The extractors that see the whole repository at once."""
        return tuple(name for name in self.extractors if name in WITNESSES)

    def spec_hash(self) -> Fingerprint:
        """Identify what was asked for."""
        return fingerprint(self)

    def envelope_hash(self, inputs: dict[str, str]) -> Fingerprint:
        """Identify what was asked for, the libraries that do it and the files it is done to."""
        return fingerprint(self, libraries(), sorted(inputs.items()))


def asked(name: str, config: Config, root: Path) -> BuildSpec:
    """Read what is asked for from a configuration; raises `UnknownNameError` for unknown names.

    Of a witness it raises what its `key` does: `MissingPartError` where a program is not there.
    """
    extractors = _chosen("extractor", config.texts("evidence"), EVERY_BUILD, ON_REQUEST)
    wanted = config.texts("layers") or (*nodes.DEFAULT_LAYERS, *_filled(extractors))
    layers = _chosen("layer", wanted, ("containment", "diagnostics"), nodes.OFFERED_LAYERS)
    return BuildSpec(
        name=name,
        select=SelectSpec.of(config.values),
        extractors=extractors,
        layers=layers,
        import_roots=config.texts("import_roots"),
        plan=compile_plan().fingerprint(),
        extractor_keys={**cache_keys(extractors), **_witness_keys(extractors, root, config)},
        interpreter=f"{platform.python_implementation()} {platform.python_version()}",
    )


def _filled(extractors: tuple[str, ...]) -> tuple[str, ...]:
    """Name the layers that only these extractors fill."""
    return tuple(e.layer for e in EXTRACTORS if e.layer and e.name in extractors)


def _witness_keys(extractors: tuple[str, ...], root: Path, config: Config) -> dict[str, str]:
    """Identify what each witness says besides the sources: an index, or a program's version."""
    keys = cache_keys(extractors)
    return {
        name: f"{keys[name]}-{fingerprint(load(extract, name, 'key')(root, config))[:16]}"
        for name in WITNESSES
        if name in extractors
    }


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
