"""What people call their projects and tasks."""

PLACES = (
    "Website relaunch", "Client onboarding", "Office move", "Spring campaign", "Hiring", "Maintenance", "Q2 budget",
    "Customer support", "Product photos", "Warehouse", "Partner programme", "Training days", "Annual report", "Events",
)  # fmt: skip
VERBS = (
    "Call",
    "Review",
    "Send",
    "Order",
    "Fix",
    "Check",
    "Prepare",
    "Update",
    "Ask for",
    "Confirm",
    "Draft",
    "Collect",
)
THINGS = (
    "the printer's offer", "the contract", "invoices", "the seating plan", "Ms. Ruiz's notes", "price list", "the leaflet",
    "travel bookings", "the samples", "the van's inspection", "minutes", "the quarterly figures", "keys & badges", "the menu",
    "terms & conditions", "the R&D budget",
)  # fmt: skip
ODD = (
    "Übergabe an Zoë O'Neill", "Заказать образцы", "見積書を送る", "Ordered 100% — done? ✅", "🎉 launch party", "عقد الإيجار",
    "50% off: \"spring\" labels", "C:\\scans\\may", "<b>bold</b> claims & more", "naïve café résumé", "Ελληνικά κείμενα",
    "-- see note; then call", "a_b_c underscore", "Straße 12½",
)  # fmt: skip
"""Titles that are ordinary where they come from, and break careless code."""
LABELS = ("urgent call", "waiting", "idea", "finance", "bug", "client", "paperwork", "follow-up")
REMARKS = (
    "Spoke to them, they need", "Done as far as I can see, number", "Please look at", "Sent today under", "They quote",
    "I have put this under", "Half of it is ready, see", "Moved to next week,",
)  # fmt: skip
