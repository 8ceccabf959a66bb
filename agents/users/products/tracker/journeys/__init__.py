"""What people come to do in the tracker: one file a journey."""

from agents.users.journeys import Journey
from agents.users.products.tracker.journeys import (
    account,
    activity,
    attachments,
    billing,
    browse,
    comments,
    create_task,
    edit_task,
    find_again,
    invite,
    labels,
    long_list,
    move_task,
    odd_words,
    projects,
    reminders,
    sync,
    two_tabs,
)

JOURNEYS: tuple[Journey, ...] = (
    browse.journey,
    create_task.journey,
    find_again.journey,
    edit_task.journey,
    move_task.journey,
    two_tabs.journey,
    comments.journey,
    labels.journey,
    odd_words.journey,
    attachments.journey,
    activity.journey,
    reminders.journey,
    long_list.journey,
    projects.journey,
    invite.journey,
    account.journey,
    billing.journey,
    sync.journey,
)
