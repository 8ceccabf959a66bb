"""What the world knows and the operator must not: planted defects, requests with their variants, choices, and their proofs.

Nothing here may reach the operator: not its workspace, not its git history, not the gateway.
"""
