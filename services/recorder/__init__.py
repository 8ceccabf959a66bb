"""The recorder: an append-only journal of everything that was said in a world."""
