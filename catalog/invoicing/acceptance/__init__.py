"""One module for each request: `async def accept(scene: Customer) -> None`."""
