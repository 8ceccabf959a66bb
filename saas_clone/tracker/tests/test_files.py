"""Attachments."""

import aiohttp
import pytest

from tests.browser import Browser

pytestmark = pytest.mark.anyio


async def upload(browser: Browser, task: str, name: str, content: bytes) -> int:
    form = aiohttp.FormData(quote_fields=False)  # as browsers do
    form.add_field("file", content, filename=name, content_type="text/html")
    return (await browser.post(f"{task}/attachments", form)).status


async def test_a_file_comes_back_as_it_was(ada: Browser) -> None:
    content = bytes(range(256)) * 100
    task = await ada.make_task()
    await upload(ada, task, "../../Pläne <1>.html", content)
    page = await ada.open(task)
    name = "Pläne _1_.html"
    async with ada.http.get(ada.server.make_url(page.links[name])) as response:
        assert await response.read() == content
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_deleted_file_is_gone(ada: Browser) -> None:
    task = await ada.make_task()
    await upload(ada, task, "a.txt", b"a")
    file = ada.page.links["a.txt"]
    page = await ada.submit("Delete file a.txt")
    assert page.path == task
    assert (await ada.open(file)).status == 404


async def test_large_files_are_refused(ada: Browser) -> None:
    task = await ada.make_task()
    assert await upload(ada, task, "large", b"x" * 200_000) == 413


async def test_nothing_chosen(ada: Browser) -> None:
    task = await ada.make_task()
    page = await ada.post(f"{task}/attachments", {})
    assert page.status == 422 and "Choose a file" in page.alert


async def test_files_of_others_do_not_exist(ada: Browser, grace: Browser) -> None:
    task = await ada.make_task()
    await upload(ada, task, "a.txt", b"a")
    assert (await grace.open(ada.page.links["a.txt"])).status == 404
