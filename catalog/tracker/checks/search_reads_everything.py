"""Search reads everything: a word that 400 tasks have is searched, and one that fills the page just as well."""

from agents.web.browser import Upload
from catalog.checking import Scene, Verdict, control, defect, safe
from catalog.tracker.steps import new_project, search

TASKS, RARE, TIMES, DEAR = 400, 30, 5, 1.8


async def check(scene: Scene) -> Verdict:
    common, rare = scene.nonce(), scene.nonce()
    tab = await scene.enter(scene.owner)
    name = scene.nonce()
    await new_project(tab, name)
    rows = [f"{common} {number} {rare if number < RARE else ''}" for number in range(TASKS)]
    await tab.go("/import", "open the import")
    file = Upload("CSV file", "tasks.csv", "\n".join(["Title", *rows]).encode())
    await tab.press("Preview import", {"Project": name}, "choose a file", upload=file)
    await tab.press("Import tasks", {}, "import it")
    spent = {common: 0, rare: 0}
    for _ in range(TIMES):
        for word in spent:
            before = scene.cpu_ns()
            await search(tab, word)
            spent[word] += scene.cpu_ns() - before
            control(any(word in link.text for link in tab.page.links), "a search finds tasks")
    ratio = spent[common] / max(1, spent[rare])
    return (
        defect(f"a common word costs {ratio:.1f} times the processor time of a rare one") if ratio >= DEAR else safe()
    )
