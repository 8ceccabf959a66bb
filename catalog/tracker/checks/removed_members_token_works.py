"""Who was removed from a team still reads it: the token of a program that was made before goes on."""

from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import task_in_project


async def check(scene: Scene) -> Verdict:
    before, after = scene.nonce(), scene.nonce()
    mine = await scene.enter(scene.owner)
    await task_in_project(mine, before)
    program = await scene.program(scene.member)
    await program.call("GET", "/api/v1/tasks", "list the tasks")
    control(before in program.answer.text, "a member's program reads the team's tasks")
    await mine.go("/members", "open the members")
    await mine.press(f"Remove {scene.member.name}", {}, "remove the member")
    page = await mine.go("/members", "look at the members")
    control(scene.member.email not in page.text, "the member is not in the list any more")
    await task_in_project(mine, after)
    await program.call("GET", "/api/v1/tasks", "list the tasks", expect=range(200, 500))
    return (
        defect("a removed member's program reads what was written after it") if after in program.answer.text else safe()
    )
