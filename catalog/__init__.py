"""What the world knows and the operator must not: planted defects with their reference fixes.

Nothing here may reach the operator: not its workspace, not its git history, not the gateway.
"""
