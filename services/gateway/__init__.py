"""The operator's door: its tools, defined once, and the simulated time that using them takes."""
