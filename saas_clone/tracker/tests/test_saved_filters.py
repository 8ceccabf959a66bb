"""Filters that people keep."""

import pytest

from tests.browser import Browser

pytestmark = pytest.mark.anyio


async def keep(browser: Browser, name: str, shared: bool = False) -> str:
    """Save a filter for what is done in a new project; returns the project's path."""
    await browser.make_task("Finished", Status="Done")
    await browser.click("Notes")
    project = browser.page.path
    await browser.submit("Apply filters", Status="Done")
    ticked = {"Share_it_with_the_team": "yes"} if shared else {}
    page = await browser.submit("Save filter", Filter_name=name, **ticked)
    assert page.message == f"Filter {name} saved."
    return project


async def test_a_filter_is_saved_opened_renamed_and_deleted(ada: Browser) -> None:
    project = await keep(ada, "What is done")
    await ada.open(f"{project}/tasks/new")
    await ada.submit("Create task", Title="Not yet")
    page = await ada.open(project)
    assert {"Finished", "Not yet"} <= page.links.keys()
    page = await ada.click("What is done")
    assert "Finished" in page.links and "Not yet" not in page.links
    await ada.click("Saved filters")
    page = await ada.submit("Rename filter What is done", New_name_for_What_is_done="All done")
    assert page.message == "Filter All done renamed."
    page = await ada.click("All done")
    assert page.path == project and "Not yet" not in page.links
    await ada.open("/filters")
    page = await ada.submit("Delete filter All done")
    assert "All done" not in page.links
    assert "All done" not in (await ada.open(project)).links


async def test_all_parts_of_a_filter_are_kept(ada: Browser) -> None:
    await ada.open("/labels")
    await ada.submit("Create label", Label_name="red one", Colour="Red")
    await ada.make_task("Mine", Assignee="Ada")
    await ada.submit("Add label", Label="red one")
    await ada.click("Notes")
    await ada.submit("Apply filters", Status="To do", Assignee="Ada", Label="red one")
    page = await ada.submit("Save filter", Filter_name="Red")
    chosen = page.form("Apply filters").fields
    assert all(chosen.values()) and "Mine" in page.links


async def test_a_filter_needs_a_name_and_keeps_what_was_chosen(ada: Browser) -> None:
    await ada.make_task("Finished", Status="Done")
    await ada.click("Notes")
    await ada.submit("Apply filters", Status="Done")
    page = await ada.submit("Save filter")
    assert page.status == 422 and page.form("Apply filters").fields["status"] == "done"
    page = await ada.submit("Save filter", Filter_name="Now it has one")
    assert page.form("Apply filters").fields["status"] == "done"


async def test_shared_filters_are_the_teams_and_private_ones_are_not(ada: Browser, visitor: Browser) -> None:
    await visitor.invited_by(ada, "Bob", "bob@example.com")
    await keep(ada, "For all", shared=True)
    await keep(ada, "For me")
    page = await visitor.open("/filters")
    assert "For all" in page.links and "For me" not in page.body
    assert [form.button for form in page.forms] == ["Search", "Log out"]  # it is not his to change
    await ada.open("/filters")
    forms = {form.button: form.action for form in ada.page.forms}
    assert (await visitor.post(forms["Delete filter For all"], {})).status == 403
    assert (await visitor.post(forms["Delete filter For me"], {})).status == 404


async def test_filters_of_others_do_not_exist(ada: Browser, grace: Browser) -> None:
    project = await keep(ada, "Secret", shared=True)
    await ada.open("/filters")
    path = ada.page.links["Secret"]
    assert (await grace.open(path)).status == 404
    assert "Secret" not in (await grace.open("/filters")).body
    assert (await grace.post(f"{project}/filters", {"name": "Theirs"})).status == 404


async def test_filters_go_with_their_project(ada: Browser) -> None:
    project = await keep(ada, "Gone soon")
    await ada.open(f"{project}/settings")
    await ada.post(f"{project}/delete", {"confirm": "yes"})
    assert "Gone soon" not in (await ada.open("/filters")).body
