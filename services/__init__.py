"""Who keeps state: one folder a service; none imports another."""
