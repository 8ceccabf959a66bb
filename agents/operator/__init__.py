"""The operator: the trusted loop that runs a policy, and the scripted policies. All it can do goes through the gateway."""
