"""All tools of the operator. The OpenAI schema, MCP's list and direct calls are made from this one list."""

from services.gateway.registry import AnyTool, by_name
from services.gateway.tools import cloud, desk, life, money, workspace

TOOLS: tuple[AnyTool, ...] = (*workspace.TOOLS, *cloud.TOOLS, *desk.TOOLS, *money.TOOLS, *life.TOOLS)
"""In the order in which they are told."""

BY_NAME = by_name(TOOLS)
