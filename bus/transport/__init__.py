"""How bytes travel: NATS for real, and an in-memory twin with the same promises (one contract suite tests both)."""
