"""The episode client: worlds of their own processes, played and paid through the bus (docs/training.md)."""
