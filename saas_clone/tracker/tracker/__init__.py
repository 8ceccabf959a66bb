"""Tracker: tasks, projects and people of a small team, in order."""

__version__ = "1.4.2"
