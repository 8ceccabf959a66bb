"""A small browser and an API client that cap everything a hostile server could do to them."""
