"""A client of the API for tests."""

from collections.abc import Mapping
from typing import Any

from tests.browser import Browser
from tests.schema import check
from tracker.api.openapi import document
from tracker.api.routing import PREFIX


class Api:
    """A client that checks each answer against the OpenAPI document."""

    def __init__(self, browser: Browser, token: str) -> None:
        self.browser = browser
        self.token = token
        self.headers = {"Authorization": f"Bearer {token}"}
        self.etag = ""
        self.answered: Mapping[str, str] = {}
        """Headers of the last answer."""

    async def __call__(self, method: str, path: str, status: int, body: Any = None, **headers: str) -> Any:
        url = self.browser.server.make_url(PREFIX + path)
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        async with self.browser.http.request(method, url, json=body, headers=sent) as response:
            text = await response.text()
            assert response.status == status, text
            self.etag = response.headers.get("ETag", "")
            self.answered = response.headers
            found = await response.json() if text else None
        operation = document()["paths"][template(path)][method.lower()]
        described = operation["responses"][str(status)]
        if "content" in described:
            kind = response.content_type
            check(found, described["content"][kind]["schema"], document())
        else:
            assert found is None
        return found


def template(path: str) -> str:
    """Return the path's pattern in the document."""
    path = path.split("?")[0]
    if path in document()["paths"]:
        return path
    parts = path.strip("/").split("/")
    for candidate in document()["paths"]:
        names = candidate.strip("/").split("/")
        if len(names) == len(parts) and all(
            name == part or (name.startswith("{") and part not in names)
            for name, part in zip(names, parts, strict=True)
        ):
            return candidate
    raise AssertionError(f"{path} is not described")
