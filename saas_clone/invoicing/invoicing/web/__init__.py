"""The pages: they work without scripts, and say what they are about by labels, captions and headings."""
