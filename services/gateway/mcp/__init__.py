"""The same door for agents that are not ours: the operator's tools over the Model Context Protocol.

What runs here holds the operator's key to the bus and nothing else, and knows no tool by itself.
"""
