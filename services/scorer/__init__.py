"""The scorer: turns ledger entries into the signed reward stream that trainers read."""
