"""What our mails say."""

from tracker.mail import Letter
from tracker.models import Organisation, Task, User


def invitation(to: str, inviter: User, organisation: Organisation, secret: str, days: int) -> Letter:
    """Invite somebody to a team."""
    text = (
        f"{inviter.name} invites you to join {organisation.name} in Tracker. "
        f"The link works once, within {days} days:"
    )
    return Letter(to, f"Join {organisation.name} in Tracker", text, f"/join/{secret}")


def password_reset(to: str, name: str, secret: str, minutes: int) -> Letter:
    """Let somebody choose a new password."""
    text = (
        f"Hello {name},\n\nsomebody asked for a new password for your account. "
        f"If it was not you, do nothing. The link works once, within {minutes} minutes:"
    )
    return Letter(to, "Choose a new password", text, f"/reset/{secret}")


def password_changed(user: User) -> Letter:
    """Tell somebody that their password was reset."""
    text = (
        f"Hello {user.name},\n\nyour password was changed, and all browsers are logged out. "
        "If it was not you, choose a new one:"
    )
    return Letter(user.email, "Your password was changed", text, "/reset")


def assigned(user: User, by: User, task: Task) -> Letter:
    """Tell somebody that a task is theirs now."""
    return _about(
        user, "assignments", f"Assigned to you: {task.title}", f"{by.name} assigned you a task:", task
    )


def mentioned(user: User, by: User, task: Task, body: str) -> Letter:
    """Tell somebody that a comment names them."""
    text = f"{by.name} mentioned you in a comment:\n\n{body}"
    return _about(user, "mentions", f"You were mentioned: {task.title}", text, task)


def _about(user: User, kind: str, subject: str, text: str, task: Task) -> Letter:
    return Letter(user.email, subject, text, f"/tasks/{task.public_id}", kind, user.public_id)


def reminder(to: str, reader: str, when: str, title: str, task: str) -> Letter:
    """Remind somebody of a date; ``reader`` and ``task`` are public ids."""
    return Letter(to, f"{when} {title}", f"{when}\n{title}", f"/tasks/{task}", "reminders", reader)


def digest(to: str, reader: str, organisation: str, text: str) -> Letter:
    """Tell a member how the week was."""
    return Letter(to, f"Your week in {organisation}", text, "/projects", "digests", reader)


def plan_changed(user: User, by: User, organisation: Organisation, now: str) -> Letter:
    """Tell a manager what the team has subscribed to now."""
    text = f"{by.name} changed the subscription of {organisation.name}. It is now: {now}."
    return Letter(
        user.email, f"Subscription of {organisation.name}", text, "/billing", "billing", user.public_id
    )
