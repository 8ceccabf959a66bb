"""One module for each defect: `async def check(scene: Scene) -> Verdict`."""
