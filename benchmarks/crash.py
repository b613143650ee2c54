"""Kill a build at every failpoint and at fifty random moments: `python -m benchmarks.crash`.

After each death the store must hold the version before or the new one, whole, and the next build
must give what a fresh one gives. `--moments N` and `--every N` choose how much is tried.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from codeanatomy.store.manifest import latest
from tests import dying
from tests.builds import SHOP, assert_same_graph, built, meanings, write


class Judge:
    """Knows the two versions that a store may hold after a death, and what comes next."""

    def __init__(self, folder: Path) -> None:
        """Build one version; change the sources; build the other elsewhere."""
        self.repo, self.store, self.fresh = folder / "repo", folder / "store", folder / "fresh"
        built(write(self.repo, SHOP), self.store)
        write(self.repo, {"shop/base.py": "class Thing: pass\n", "new.py": "import shop\n"})
        self.old = meanings(self.store)
        built(self.repo, self.fresh)
        self.new = meanings(self.fresh)

    def verdict(self, store: Path) -> str:
        """Say which version a store holds; raises if it is neither, or the next build differs."""
        found = latest(store)
        assert found is not None
        assert meanings(store) == (self.old, self.new)[found.number]
        built(self.repo, store)
        assert_same_graph(store, self.fresh)
        shutil.rmtree(store)
        return ("old", "new")[found.number]


def main() -> None:
    """Try, and print how many deaths left which version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--every", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        judge = Judge(Path(folder))
        dead = Path(folder) / "dead"
        shutil.copytree(judge.store, dead / "heard")
        points = range(0, _count(judge, dead / "heard"), wanted.every)
        _report("failpoints", judge, dead, ["points", *map(str, points)], points)
        moments = range(wanted.moments)
        _report("moments", judge, dead, ["moments", "11", str(wanted.moments)], moments)


def _count(judge: Judge, store: Path) -> int:
    """Count the failpoints of one build, in a process of its own: copies need a calm parent."""
    command = [sys.executable, dying.__file__, str(judge.repo), str(store), ".", "count"]
    return int(dying.output(command))


def _report(what: str, judge: Judge, dead: Path, words: list[str], numbers: range) -> None:
    dying.output(
        [sys.executable, dying.__file__, *map(str, (judge.repo, judge.store, dead)), *words]
    )
    left = Counter(judge.verdict(dead / str(number)) for number in numbers)
    print(f"{what}: {len(numbers)} deaths, {left['old']} left the version before whole, "
          f"{left['new']} the new one; every next build equals a fresh one")  # fmt: skip


if __name__ == "__main__":
    main()
