"""The tracker: its defects, requests and choices, and how each is proved."""
