"""What people ask about the tracker, and what they wish for."""

ASKS = (
    ("How do I change the owner of our account?", "Change of owner"),
    ("Is there a way to see only what is assigned to me?", "Only my tasks"),
    ("Can we pay by invoice instead of by card?", "Payment"),
    ("How many people can we have on our plan?", "Seats"),
    ("Where can I find the documentation of the API?", "API"),
    ("Do reminders come by mail as well?", "Reminders"),
    ("How long do you keep deleted tasks?", "Deleted tasks"),
)
WISHES = (
    ("It would help us a lot to have recurring tasks.", "Recurring tasks"),
    ("Could you add a calendar view?", "Calendar"),
    ("We would love to see estimates on tasks.", "Estimates"),
    ("A dark theme, please! My eyes...", "Dark theme"),
    ("Is a checklist inside a task planned?", "Checklists"),
)
