"""A very long text, and one that is nothing but spaces and new lines."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.journeys.create_task import draft
from agents.users.products.tracker.site import check_task, check_text, enter, open_project, open_task
from agents.users.products.tracker.words import REMARKS

LONG = 9_000
"""Characters: more than most columns and buffers, and less than a description may have."""
BLANKS = ("   ", "\n\n\n", " \t \n ", "\u3000\u2003 ")
"""Nothing that anybody could read; the third and the fourth are not ASCII spaces alone."""


async def odd_texts(visit: Visit) -> None:
    """A title of blanks is refused and what else was typed stays in the form; a long text is stored to its last word."""
    tab = await enter(visit)
    item = draft(visit)
    item.facts["Description"] = _long(visit)
    await open_project(tab, item.place)
    await tab.follow("New task", "open the form")
    blank, step = visit.chance.choice(BLANKS), "save a task without a name"
    await tab.press("Create task", {**item.facts, "Title": blank.replace("\n", " ")}, step, expect=(200, 422))
    if tab.answer.status == 200:
        raise tab.failure("error", step, "a title that nobody can read is taken")
    form = tab.page.form("Create task")
    typed = form.labelled("Description") if form else None
    if typed is None or " ".join(typed.value.split()) != item.facts["Description"]:
        raise tab.failure("failed_save", "look at the form again", "what was typed is gone")
    await tab.press("Create task", {"Title": item.title}, "save the task")
    item.target = tab.target
    check_task(tab, item, "read the long text", "failed_save")
    said = visit.nonce()
    step = "save an empty comment"
    await tab.press("Add comment", {"Comment": blank}, step, expect=(200, 422))
    if tab.answer.status == 200:
        raise tab.failure("error", step, "a comment that nobody can read is taken")
    await tab.press("Add comment", {"Comment": f"{blank}{said}\n\n{blank}"}, "save the comment")
    await open_task(tab, item, "open it again")
    check_text(tab, said, "read the comment", item, "failed_save")
    check_text(tab, item.facts["Description"], "read the long text again", item)


def _long(visit: Visit) -> str:
    """Sentences, the last of them with a reference: who cuts the text loses it."""
    parts = visit.chance.choices(REMARKS, k=LONG // min(map(len, REMARKS)))
    return f"{' '.join(parts)[:LONG].strip()} {visit.nonce()}."


journey = Journey(
    name="odd_texts",
    theme="edits",
    weights={"solo": 0.15, "team": 0.15, "business": 0.15},
    work={"list": 2, "form": 1, "write": 4, "task": 3, "login": 0.1},
    walk=odd_texts,
    words="write down a very long text",
)
