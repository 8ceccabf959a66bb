"""How small a world can be that still has customers, a past and open tickets: tests of worlds share it, and what was measured of it."""

SMALL = {"customers": 8, "panel": 4, "agents": 1, "history_tasks": 200, "inherited_tickets": 3}
"""Keys of a scenario's users."""
