"""Who wants what is not theirs. On the wire they are customers like all others: same browsers, addresses, sign-up."""
