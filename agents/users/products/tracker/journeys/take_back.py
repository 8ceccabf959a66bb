"""Take a comment back, with two presses of the same button: only that one may go."""

from agents.users.journeys import Journey, Visit
from agents.users.products.tracker.site import check_text, enter, open_task


async def take_back(visit: Visit) -> None:
    """The button is numbered; pressed twice on the old page it must not take the next comment along."""
    tab = await enter(visit)
    item = visit.account.pick("task", visit.chance)
    if item is None:
        return
    await open_task(tab, item)
    wrong, right = visit.nonce(), visit.nonce()
    for said in (wrong, right):
        await tab.press("Add comment", {"Comment": f"Sent today under {said}"}, "save the comment")
        check_text(tab, said, "read what was saved", item, "failed_save")
    shown = tab.page.texts("article", "comment")
    number = next((at for at, text in enumerate(shown, start=1) if wrong in text), 0)
    page, target = tab.page, tab.target
    button = f"Delete comment {number}"
    await tab.press(button, {}, "take the wrong one back")
    tab.page, tab.target = page, target
    await tab.press(button, {}, "press the button again", expect=(200, 404))
    await open_task(tab, item, "open the task again")
    check_text(tab, right, "read the other comment", item)
    if wrong in tab.page.text:
        raise tab.failure("failed_save", "read the comments", "what was taken back is still there", item=item.nonce)


journey = Journey(
    name="take_back",
    theme="comments",
    weights={"solo": 0.1, "team": 0.2, "business": 0.2},
    work={"list": 1, "task": 5, "write": 4, "search": 0.3, "login": 0.1},
    walk=take_back,
    words="delete a comment",
)
