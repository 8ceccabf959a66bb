"""The secret of a webhook is shown again, on the pages that are about webhooks."""

from catalog.checking import Scene, Verdict, control, defect, safe


async def check(scene: Scene) -> Verdict:
    url = f"https://hooks.example/{scene.nonce()}"
    tab = await scene.enter(scene.owner)
    await tab.go("/webhooks", "open the webhooks")
    values = {"URL": url, "Event task.created": True}
    await tab.press("Add webhook", values, "add a webhook", expect=(200, 201))
    secrets = tab.page.texts("code", "secret")
    control(len(secrets) == 1 and len(secrets[0]) > 15, "the secret is shown when it is made")
    for link, step in (("Deliveries", "look at its deliveries"), ("Webhooks", "look at all webhooks")):
        await tab.follow(link, step)
        control(url in tab.page.text, "the webhook is there")
        if secrets[0] in tab.answer.text:
            return defect(f"the secret is shown again at {tab.target}")
    return safe()
