"""The page in a real browser: what it shows, what it does, and that nothing goes wrong in it.

The fixture `open_page` holds of every page: no word on the console, nothing asked for but the file itself.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_runs
import pytest
from axe_playwright_python.sync_playwright import Axe
from comparison_runs import made, read
from opened import Opened
from playwright.sync_api import Page, expect
from run_files import ROOT

from tripod.report.page import writing
from tripod.runs import published

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SEVERE = {"serious", "critical"}
Open = Callable[..., Opened]


def test_every_figure_is_drawn_from_the_data(open_page: Open) -> None:
    """Each has a drawing with a mark for every measured row, and a name for those who do not see it."""
    page = open_page(viewport=DESK).page
    assert page.locator("figure[data-figure]").count() == 8
    for name in ("throughput", "limits", "latency", "cost"):
        for figure in page.locator(f"figure[data-figure={name}]").all():
            assert figure.locator(".drawings svg.drawing").count() >= 1, name
            assert all(svg.get_attribute("aria-label") for svg in figure.locator("svg.drawing").all()), name
    first = page.locator("figure[data-figure=throughput]").first
    # placed rows, the void one's cross, and the triangle of the one that is known as "at least"
    assert first.locator("[data-mark=dot] circle, [data-mark=dot] path").count() == 7
    assert page.locator("[data-figure=spectrum] svg.drawing").count() == 4
    assert page.locator("figure details table").count() == 8


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_marks_have_names_that_do_not_touch(open_page: Open, viewport: dict[str, int]) -> None:
    """Rate against latency names rows, not places, which rows may share; no name lies over another."""
    page = open_page(viewport=viewport).page
    figure = page.locator("figure[data-figure=throughput]").first
    names = figure.locator("svg.drawing [data-mark=text] text")
    known = figure.locator("details tbody th").all_text_contents()
    assert len(set(names.all_text_contents())) == names.count() == 7
    assert set(names.all_text_contents()) <= set(known)
    boxes = [name.bounding_box() for name in names.all()]
    drawing = figure.locator("svg.drawing").bounding_box()
    for at, one in enumerate(boxes):
        assert drawing["x"] <= one["x"]
        assert one["x"] + one["width"] <= drawing["x"] + drawing["width"]
        for other in boxes[:at]:
            beside = one["x"] >= other["x"] + other["width"] or other["x"] >= one["x"] + one["width"]
            apart = abs(one["y"] - other["y"])
            assert beside or apart >= 10, (one, other)


def test_a_code_leads_to_what_it_means(open_page: Open) -> None:
    """In the order each code has its meaning at the pointer, and a link that opens the row at it."""
    page = open_page(viewport=DESK, reduced_motion="reduce").page
    codes = page.locator("table.order td.state .code")
    assert codes.count() > 16
    for link in codes.all():
        assert page.locator(f"[id='{link.get_attribute('href')[1:]}']").count() == 1
    code = page.locator("tr.void td.state .code", has_text="errors").first
    assert "requests or checks failed" in code.get_attribute("title")
    code.click()
    meaning = page.locator("details.row.void[open] dt", has_text="errors")
    expect(meaning).to_be_in_viewport()
    expect(meaning.locator("+ dd")).to_contain_text("requests or checks failed")


def test_a_place_is_not_called_a_number(open_page: Open) -> None:
    """`#` is the number of a row, which `explain` takes; the page shows places, and calls them that."""
    page = open_page(viewport=DESK).page
    assert page.locator("table.order th.place").first.inner_text().startswith("Place")
    chosen = page.locator("[data-figure=spectrum] option").all_inner_texts()
    assert chosen
    assert not any("#" in text for text in chosen)


def test_a_row_says_its_framework(open_page: Open) -> None:
    """Findings speak of frameworks, which commands do not name: the order does, and the filter finds them."""
    page = open_page(viewport=DESK).page
    page.get_by_role("searchbox").fill("flask")
    found = page.locator("table.order tbody tr:visible td.cell").all_inner_texts()
    assert found
    assert all("flask" in text for text in found)
    assert not any("async_app" in text for text in found)


def test_sorting_and_filtering(open_page: Open) -> None:
    """A heading sorts its group either way; the filter hides rows of all groups and tells how many stay."""
    page = open_page(viewport=DESK).page
    table = page.locator("table.order").first
    rates = table.locator("td.rate")

    def shown() -> list[float]:
        return [float(value) for cell in rates.all() if (value := cell.get_attribute("data-value"))]

    heading = table.locator("th.rate")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert shown() == sorted(shown(), reverse=True)
    heading.get_by_role("button").press("Enter")
    assert heading.get_attribute("aria-sort") == "ascending"
    assert shown() == sorted(shown())
    page.locator("form.controls select[name=state]").select_option("void")
    visible = page.locator("table.order tbody tr:visible")
    assert visible.count() == 2
    assert all("void" in (row.get_attribute("class") or "") for row in visible.all())
    assert page.locator("form.controls output").inner_text() == "2 of 16 rows"
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("searchbox").fill("uvicorn --workers 2")
    assert visible.count() == 2
    page.get_by_role("searchbox").fill("no such thing")
    assert visible.count() == 0


def test_a_link_leads_to_a_row(open_page: Open) -> None:
    """It opens the row, whose drawings are made then; the order links to each row, and back."""
    anchor = f"cell-{made_runs.PLACED}-db25"
    page = open_page(anchor=f"#{anchor}", viewport=DESK).page
    details = page.locator(f"details[id='{anchor}']")
    assert details.evaluate("found => found.open")
    assert details.locator("[data-row-figure=spectrum] svg.drawing").count() == 1
    assert details.locator("[data-row-figure=activity] svg.drawing").count() == 3
    details.get_by_text("The samples as a table").click()
    details.locator(".samples tr").nth(60).wait_for()
    page.locator("tr.bound td.cell a").first.click()
    page.locator(f"details[id='cell-{made_runs.BOUND}-db25'][open]").wait_for()
    links = page.locator("table.order td.cell a")
    assert links.count() == 16
    assert all(page.locator(f"[id='{link.get_attribute('href')[1:]}']").count() == 1 for link in links.all())


def test_text_of_results_is_text(open_page: Open) -> None:
    """What would end the script, be an element or turn the direction is shown, and does nothing."""
    page = open_page(viewport=DESK).page
    assert page.title() == "20261123T034500Z-poc · Tripod"
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 4
    shown = page.locator("tr.void td.cell code").first.inner_text()
    assert shown == "gunicorn -w 2 sync_app:app " + made_runs.HOSTILE.replace("\u2028", r"\u2028").replace(
        "\u202e", r"\u202e"
    ).replace("\x00", r"\x00").replace("\x1b", r"\x1b")


def test_no_serious_fault_for_those_who_cannot_see_it(open_page: Open, small_page: Path) -> None:
    """Axe finds neither a serious nor a critical one, in light and in dark, with a row and a table open."""
    anchor = f"#cell-{made_runs.PLACED}-db25"
    page = open_page(small_page, anchor, viewport=DESK, reduced_motion="reduce").page
    page.locator("figure details").first.evaluate("found => { found.open = true; }")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert _severe(page) == [], scheme


def _severe(page: Page) -> list[tuple[str, str]]:
    """Return what axe finds serious or critical, each with the first element that has it."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SEVERE]


def test_light_and_dark(open_page: Open) -> None:
    """The page is as the system is, until the switch says otherwise."""
    page = open_page(viewport=DESK, color_scheme="dark").page

    def background() -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    dark = background()
    switch = page.get_by_role("button", name="Theme")
    switch.click()
    assert (switch.inner_text(), background() != dark) == ("Theme: light", True)
    switch.click()
    assert (switch.inner_text(), background()) == ("Theme: dark", dark)


def test_a_phone_and_paper(open_page: Open, tmp_path: Path) -> None:
    """Nothing is wider than a phone; on paper the order and every figure are there, and controls are not."""
    page = open_page(viewport=PHONE, device_scale_factor=2).page
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    widths = page.locator("svg.drawing").evaluate_all("all => all.map((one) => one.clientWidth)")
    assert max(widths) <= PHONE["width"]
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("table.order").first.is_visible()
    assert page.locator("form.controls").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.pdf(path=tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").stat().st_size > 50_000


def test_the_keyboard_reaches_everything(open_page: Open) -> None:
    """The first stop skips to the content; every control and every box that scrolls can be reached."""
    page = open_page(viewport=DESK).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    summary = page.locator("details.row summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.row").first.evaluate("found => found.open")
    assert page.locator(".scroll:not([tabindex='0'])").count() == 0


def test_published_figures_stand_beside_a_run(
    open_page: Open, tmp_path: Path, k6_summary: dict[str, Any]
) -> None:
    """Every two rows are answered above the run, on a phone and for those who do not see them."""
    ours = read(made(tmp_path / "run", k6_summary, {"sync-gunicorn": 70.0, "async-uvicorn": 200.0}))
    writing.write(tmp_path / "page.html", [[ours], ("poc", published.read(ROOT, "poc"))])
    page = open_page(tmp_path / "page.html", viewport=PHONE, reduced_motion="reduce").page
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    section = page.locator("section#compared")
    assert section.get_by_role("heading", name="Beside published figures").is_visible()
    row = section.locator("tr", has_text="async-uvicorn-w1-db25").filter(has_text="sync-gunicorn-w1-db25")
    assert "confirmed" in row.inner_text()
    assert section.bounding_box()["y"] < page.locator("#run").bounding_box()["y"]
    assert _severe(page) == []
