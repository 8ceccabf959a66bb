"""What a scripted company knows of its products by heart: answers to what customers ask again and again. No I/O.

Only what the products' own pages say (`saas_clone/*/docs`), found by words of a ticket's subject, as a support desk files
its saved replies. Where no entry fits, `letters.about_question` says what is true of any product.
"""

import re
from collections.abc import Mapping

ENTRIES: Mapping[str, str] = {
    r"\bonly my tasks\b|\bmy tasks\b": (
        "Under My tasks, at the top of each page, you find everything that is assigned to you and not done. Inside a "
        "project you can also filter by assignee and save that filter."
    ),
    r"\bshort payment\b": (
        "Record the payment as it came; what is still open stays on the invoice, and Write off on its page closes the rest."
    ),
    r"\bpayment\b|\bpay\b": (
        "Plans are paid by the month, and each payment has an invoice of ours. I know of no other way to pay than the one "
        "that your account has, and do not want to promise one."
    ),
    r"\bone more seat\b|\bseats?\b": (
        "A plan has as many seats as its owner sets on the Billing page, and the price counts by seat. Everybody who "
        "joins takes one; the Billing page shows how many are in use."
    ),
    r"\bapi limits?\b": (
        "A token may send 1,000 requests a minute; each answer carries the headers RateLimit-Limit and "
        "RateLimit-Remaining, and beyond it you get status 429 with Retry-After. Owners can set lower limits under Settings."
    ),
    r"\bapi\b": (
        "Tokens are made on your Account page, and the description of the API is linked there, as an OpenAPI document "
        "that your tools can read."
    ),
    r"\breminders?\b": (
        "Reminders of what is due go out by mail. Tell me if one that you waited for has not arrived, with its name, and "
        "I will look at that one."
    ),
    r"\bmails?\b": (
        "On your Account page there is a link Mail settings, where each kind of mail can be switched on and off. Every "
        "mail also ends with a link that stops its kind."
    ),
    r"\bdeleted tasks?\b": (
        "What is deleted is gone at once, for everybody; we do not keep it for you to bring back. For what you only want "
        "out of sight, archiving the project is the safer way."
    ),
    r"\barchived project\b": (
        "It can: open Projects, then Archived projects, choose it, and press Restore project in its settings. Nothing in "
        "it was lost."
    ),
    r"\bshowing a task\b": (
        "On the task's page, Share task makes a link that shows this one task to whoever has it, with or without the "
        "comments, until the last day that you choose. It can be revoked at any time."
    ),
    r"\bimport\b": (
        "The page Import tasks is under Settings. Only Title is needed in the first line; Description, Status, Priority, Assignee, Due date, Labels and Project "
        "are understood as well, and the preview names each mistake by line before anything is stored."
    ),
    r"\bexport\b": (
        "You can: Settings, then Export gives all tasks as CSV or JSON, and an owner can download the whole organisation there."
    ),
    r"\baudit log\b": "Owners and admins can: it is under Settings, and reaches back 180 days.",
    r"\brepeating task\b": (
        "Settings, then Recurring tasks: choose Monthly and the day. In a month without that day it is made on the last one."
    ),
    r"\blabels?\b": (
        "A label is put on a task, and everybody sees it. A saved filter is a way to look at a project, by status, "
        "assignee or label, and it is yours unless you share it with the team."
    ),
    r"\bchange of owner\b|\bnew owner\b": (
        "An owner can change anybody's role on the Members page, to owner, too. Please make the new owner first and step "
        "down afterwards."
    ),
    r"\btax adviser\b": (
        "Yes: invite your adviser on the Members page with the role Reader. Readers see everything and change nothing."
    ),
    r"\bdrafts?\b": (
        "Whoever has the role Bookkeeper on the Members page can write drafts, and nothing leaves the house before "
        "somebody issues and sends it. There is no role that may write a draft and not issue it."
    ),
    r"\bcorrection\b": (
        "An issued invoice stays as it is. Create credit note on its page takes it back, and you issue a new one."
    ),
    r"\bclosing an account\b": "An owner can remove a member on the Members page.",
    r"\btax report\b": "The report counts each line under the rate that the line has on its invoice; Reports shows the sums by rate.",
}
"""By a pattern over a subject in lower case; the first that is found answers."""
_COMPILED = tuple((re.compile(pattern), text) for pattern, text in ENTRIES.items())


def look_up(subject: str) -> str | None:
    """The answer to a question with that subject, if there is one."""
    lower = subject.lower()
    return next((text for pattern, text in _COMPILED if pattern.search(lower)), None)
