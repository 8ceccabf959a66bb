"""How people write: a seeded grammar of personas. Words only; no word decides about money."""
