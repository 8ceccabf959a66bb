"""The world: scenario, clock, phases and barrier, and the episode's beginning and end."""
