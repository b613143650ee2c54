"""The page in a real browser: what it shows, the slider through the past, branches side by side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.ecs.runtime import chromium
from tests.ecs.runtime.chromium import Browser
from tests.ecs.runtime.people import Position, Temper, farm, runtime
from tests.ecs.runtime.serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codeanatomy.ecs.runtime.seat import Seat

pytestmark = pytest.mark.skipif(chromium.found() is None, reason=chromium.MISSING)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests of this file."""
    with Browser() as found:
        yield found


def populated(seat: Seat) -> Seat:
    """Make six ticks of a world of eleven, one of whom leaves at tick 4."""
    columns = {
        "position__x": [float(i) for i in range(10)], "velocity__dx": [1.0] * 10,
        "temper__mood": ["CALM", "CROSS"] * 5,
    }  # fmt: skip
    seat.spawn_batch("farm", columns)
    seat.spawn("farm", Position(5, 5), Temper())
    seat.despawn("farm", [1], tick=4)
    seat.run("farm", 6)
    return seat


def figures(browser: Browser, name: str = "farm") -> list[str]:
    """Read tick, entities and waiting commands of a pane."""
    found: list[str] = browser.ask(
        f"[...document.querySelectorAll('[data-world={name}] .figures b')].map(e => e.textContent)"
    )
    return found


def drawn(browser: Browser, selector: str) -> int:
    """Count the colours on a canvas: 1 is an empty one."""
    count: int = browser.ask(
        f"(() => {{ const c = document.querySelector('{selector}');"
        " const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " return new Set(new Uint32Array(d.buffer)).size; })()"
    )
    return count


def slide(browser: Browser, tick: int) -> None:
    """Move the slider and wait until the space of that tick is drawn."""
    browser.ask(
        f"(() => {{ const s = document.getElementById('tick'); s.value = {tick};"
        " s.dispatchEvent(new Event('input')); })()"
    )
    browser.until(f"document.querySelector('[data-world=farm] .space').dataset.tick === '{tick}'")


def test_a_world_is_shown(browser: Browser) -> None:
    """Its tick and population, its space in colours by an enum, its chart; nothing goes wrong."""
    with runtime() as worlds:
        populated(farm(worlds))
        with served(worlds) as url:
            browser.go(url)
            assert figures(browser) == ["6", "10", "0"]
            space = "[data-world=farm] .space"
            browser.until(f"document.querySelector('{space}').dataset.entities === '10'")
            assert browser.ask(f"document.querySelector('{space}').ariaLabel") == (
                "10 entities of farm at tick 6"
            )
            assert drawn(browser, space) > 2
            assert drawn(browser, "[data-world=farm] .population") > 2
            assert browser.ask("document.querySelector('.paint').textContent") == "CALMCROSS"
            assert browser.wrong == []


def test_the_slider_goes_through_the_past(browser: Browser) -> None:
    """Every tick as it was; the address of the page holds it, and a reload shows it again."""
    with runtime() as worlds:
        populated(farm(worlds))
        with served(worlds) as url:
            browser.go(url)
            slide(browser, 3)
            assert figures(browser) == ["3", "11", "0"]
            spots = "document.querySelector('.space').spots.length"
            assert browser.ask(spots) == 11
            slide(browser, 5)
            assert figures(browser) == ["5", "10", "0"]
            assert browser.ask(spots) == 10
            assert "tick=5" in browser.ask("location.hash")
            browser.ask("delete document.body.dataset.ready; location.reload()")
            browser.until("document.body && document.body.dataset.ready === 'yes'")
            assert browser.ask("document.getElementById('tick').value") == "5"


def test_ticks_and_forks_from_the_page(browser: Browser) -> None:
    """The buttons make ticks and a branch, which then stands beside its parent."""
    with runtime() as worlds:
        ann = populated(farm(worlds))
        with served(worlds) as url:
            browser.go(url)
            browser.click("[data-steps='10']")
            browser.until("document.querySelector('.pane[data-world=farm]').dataset.tick === '16'")
            slide(browser, 2)
            browser.click("#fork")
            browser.until("document.getElementById('branch').open")
            browser.click("#branch button[value=fork]")
            browser.until("document.querySelectorAll('.pane').length === 2")
            ann.despawn("farm-2", [2, 3, 4])
            ann.run("farm-2", 4)
            browser.click("#live")
            browser.until("document.querySelector('.pane[data-world=farm-2]').dataset.tick === '6'")
            slide(browser, 5)
            assert [figures(browser, name)[1] for name in ("farm", "farm-2")] == ["10", "7"]
            assert browser.ask("document.querySelectorAll('nav .branch').length") == 1
            assert browser.wrong == []


def test_new_ticks_appear_by_themselves(browser: Browser) -> None:
    """While it is live the page follows the world."""
    with runtime() as worlds:
        ann = populated(farm(worlds))
        with served(worlds) as url:
            browser.go(url)
            assert figures(browser)[0] == "6"
            ann.run("farm", 3)
            browser.until("document.querySelector('.pane[data-world=farm]').dataset.tick === '9'")


def test_a_chart_is_chosen(browser: Browser) -> None:
    """An aggregate for every branch; one that is none is told beside it."""
    with runtime() as worlds:
        ann = populated(farm(worlds))
        ann.fork("farm", "branch", at_tick=3)
        with served(worlds) as url:
            browser.go(f"{url}#worlds=farm,branch&tick=3&chart=max(position__x)")
            legend = "document.getElementById('chart-legend').textContent"
            browser.until(f"{legend} === 'farm11branch11'")
            browser.ask(
                "(() => { document.getElementById('expression').value = 'position__x';"
                " document.querySelector('#chart-form button').click(); })()"
            )
            browser.until("!document.getElementById('chart-error').hidden")
            assert "a chart wants one for each tick" in browser.ask(
                "document.getElementById('chart-error').textContent"
            )


def test_names_are_text(browser: Browser) -> None:
    """What a world says is never taken for HTML, and nothing comes from outside."""
    with runtime() as worlds:
        ann = populated(farm(worlds))
        ann.set_resource("farm", "<img src=x onerror=alert(1)>", "<script>")
        with served(worlds) as url:
            browser.go(url)
            assert browser.ask("document.querySelectorAll('main img, main script').length") == 0
            loaded = browser.ask("performance.getEntriesByType('resource').map(e => e.name)")
            assert [name for name in loaded if not name.startswith((url, "data:"))] == []


def test_without_a_world_it_says_how_to_make_one(browser: Browser) -> None:
    """An empty store is no error."""
    with runtime() as worlds, served(worlds) as url:
        browser.go(url)
        assert browser.ask("document.getElementById('empty').hidden") is False
        assert "world create" in browser.ask("document.getElementById('empty').textContent")


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark(dark: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    """The page follows the system; text and ground differ enough in both."""
    with runtime() as worlds, Browser(dark=dark) as browser:
        populated(farm(worlds))
        with served(worlds) as url:
            browser.go(url)
            ink, ground = browser.ask(
                "(() => { const s = getComputedStyle(document.body);"
                " return [s.color, s.backgroundColor]; })()"
            )
            light = [sum(map(int, c[4:-1].split(","))) for c in (ink, ground)]
            assert (light[0] > light[1]) is dark
            assert abs(light[0] - light[1]) > 500
            browser.picture(Path(os.environ.get("PICTURES", tmp_path)) / f"page-{dark}.png")
