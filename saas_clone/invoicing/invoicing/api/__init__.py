"""The JSON API. ``openapi.py`` describes it, and a test holds the two together."""
