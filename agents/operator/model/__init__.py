"""An operator that is a language model: the trusted loop around its endpoint, and around the harness that it may rewrite."""
