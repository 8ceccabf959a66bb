"""Pages about the team: feed, labels, members, notifications."""

from aiohttp import web

from tracker import activity, labels, notifications, teams
from tracker.actors import ROLES
from tracker.ids import PUBLIC_ID_PATTERN
from tracker.web.routing import Pages
from tracker.web.visit import Visit

pages = Pages()
MEMBER = f"/members/{{member_id:{PUBLIC_ID_PATTERN}}}"


@pages.get("/activity")
async def feed(visit: Visit) -> web.StreamResponse:
    """Show what happened."""
    page = await activity.feed(visit.db, visit.actor, visit.window())
    return visit.render("activity.html", page=page, project=None)


@pages.get("/labels")
async def show_labels(visit: Visit) -> web.StreamResponse:
    """List the labels."""
    found = await labels.listed(visit.db, visit.actor)
    return visit.render("labels.html", labels=found, colours=labels.COLOURS)


@pages.post("/labels", again=show_labels)
async def create_label(visit: Visit) -> web.StreamResponse:
    """Add a label."""
    fields = visit.fields()
    name = fields.text("name", "Label name", most=50)
    colour = fields.choice("colour", "Colour", labels.COLOURS, "grey")
    fields.finish()
    await labels.create(visit.db, visit.actor, name, colour)
    return visit.redirect("/labels", f"Label {name} created.")


@pages.post(f"/labels/{{label_id:{PUBLIC_ID_PATTERN}}}/delete")
async def delete_label(visit: Visit) -> web.StreamResponse:
    """Delete a label."""
    label = await labels.get(visit.db, visit.actor, visit.param("label_id"))
    await labels.remove(visit.db, visit.actor, label)
    return visit.redirect("/labels", f"Label {label.name} deleted.")


@pages.get("/members")
async def members(visit: Visit) -> web.StreamResponse:
    """List members and invitations."""
    page = await teams.members(visit.db, visit.actor, visit.window())
    invitations = await teams.invitations(visit.db, visit.actor) if visit.actor.manages else []
    return visit.render("members.html", page=page, invitations=invitations)


@pages.post(f"{MEMBER}/role", again=members)
async def change_role(visit: Visit) -> web.StreamResponse:
    """Change a role."""
    membership = await teams.get(visit.db, visit.actor, visit.param("member_id"))
    fields = visit.fields()
    role = fields.choice("role", "Role", ROLES, membership.role)
    fields.finish()
    await teams.change_role(visit.db, visit.actor, membership, role)
    return visit.redirect("/members", f"Role of {membership.user.name} changed.")


@pages.post(f"{MEMBER}/remove", again=members)
async def remove_member(visit: Visit) -> web.StreamResponse:
    """Remove a member, or leave."""
    membership = await teams.get(visit.db, visit.actor, visit.param("member_id"))
    await teams.remove(visit.db, visit.actor, membership)
    return visit.redirect("/members", f"{membership.user.name} removed.")


@pages.post("/invitations", again=members)
async def invite(visit: Visit) -> web.StreamResponse:
    """Invite somebody and show the link."""
    fields = visit.fields()
    email = fields.email("email", "Email")
    role = fields.choice("role", "Role", ROLES, "member")
    fields.finish()
    secret = await teams.invite(visit.db, visit.actor, email, role)
    link = f"{visit.own_address}/join/{secret}"
    visit.status = 201
    return visit.render("invitation_created.html", email=email, link=link, life=teams.INVITATION_LIFE)


@pages.post(f"/invitations/{{invitation_id:{PUBLIC_ID_PATTERN}}}/revoke")
async def revoke(visit: Visit) -> web.StreamResponse:
    """Make a link invalid."""
    await teams.revoke(visit.db, visit.actor, visit.param("invitation_id"))
    return visit.redirect("/members", "Invitation revoked.")


@pages.get("/notifications")
async def show_notifications(visit: Visit) -> web.StreamResponse:
    """List the actor's notifications."""
    page = await notifications.listed(visit.db, visit.actor, visit.window())
    return visit.render("notifications.html", page=page)


@pages.post(f"/notifications/{{notification_id:{PUBLIC_ID_PATTERN}}}/read")
async def mark_one_read(visit: Visit) -> web.StreamResponse:
    """Mark one as read."""
    await notifications.mark_read(visit.db, visit.actor, visit.param("notification_id"))
    return visit.redirect("/notifications", "Marked as read.")


@pages.post("/notifications/read")
async def mark_read(visit: Visit) -> web.StreamResponse:
    """Mark all as read."""
    await notifications.mark_all_read(visit.db, visit.actor)
    return visit.redirect("/notifications", "All notifications are marked as read.")
