"""What an agent file costs: the engine, loading 50 nodes, a step with templates, a run of it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

NODES = 50
TEXT = """\
name: fifty
variables: {{unit: 3}}
settings: {{llm: {{model: m}}}}
nodes:
{nodes}
"""
NODE = """\
  - name: node_{n}
    uses: bench.add
    with:
      a: "{{{{ state.total }}}}"
      b: "{{{{ variables.unit * {n} }}}}"
      label: "node {n} of {{{{ state.who }}}}"
    output:
      total: "{{{{ result.sum }}}}"
"""
CODE_NODE = """\
  - name: node_{n}
    run: |
      total = state["total"]
      return {{"total": total + {n}}}
"""


def add(state, a, b, label, **_):  # noqa: ANN001, ANN003, ANN201, ARG001 - as an agent's own action
    """Add two numbers."""
    return {"sum": a + b, "label": label}


def timed(work, times=7):  # noqa: ANN001, ANN201 - any piece of work
    """Return the median seconds of some rounds."""
    taken = []
    for _ in range(times):
        began = perf_counter()
        work()
        taken.append(perf_counter() - began)
    return median(taken)


def fresh(code: str) -> float:
    """Return the seconds a piece of code says it took in a process of its own."""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(told.stdout.split()[-1])


def main() -> None:
    """Print the figures."""
    from codeanatomy.workflow.yaml_engine.engine import YAMLEngine

    clock = "from time import perf_counter as c; t = c(); {}; print(c() - t)"
    name = "from codeanatomy.workflow.yaml_engine.engine import YAMLEngine"
    print(f"import of the engine            {fresh(clock.format(name)) * 1e3:8.1f} ms")
    made = f"{name}; YAMLEngine()"
    print(f"import and first engine         {fresh(clock.format(made)) * 1e3:8.1f} ms")
    print(f"YAMLEngine()                    {timed(YAMLEngine) * 1e3:8.2f} ms")

    with tempfile.TemporaryDirectory() as folder:
        for kind, node in (("templates", NODE), ("code", CODE_NODE)):
            path = Path(folder) / f"{kind}.yaml"
            path.write_text(TEXT.format(nodes="".join(node.format(n=n) for n in range(NODES))))
            measure(YAMLEngine(actions_registry={"bench.add": add}), path, kind)


def measure(engine, path: Path, kind: str) -> None:  # noqa: ANN001 - an engine, imported later
    """Print what loading and running one file costs."""
    load = timed(lambda: engine.load_from_file(str(path)), 15)
    print(f"load {NODES} nodes of {kind:<10}       {load * 1e3:8.2f} ms")
    graph = engine.load_from_file(str(path))

    def run() -> None:
        (event,) = graph.invoke({"total": 0, "who": "bench"})
        assert event["type"] == "final", event

    first = timed(run, 1)
    again = timed(run, 50)
    print(f"  first run (compiles)          {first * 1e3:8.2f} ms")
    print(f"  next runs                     {again * 1e3:8.2f} ms")
    print(f"  a step                        {again / NODES * 1e6:8.1f} us")
    engine.close()


if __name__ == "__main__":
    main()
