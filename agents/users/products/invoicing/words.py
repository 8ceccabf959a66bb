"""What freelancers and small firms write on their invoices."""

CLIENTS = (
    "Brightwater Dental", "Casa Verde", "Donkin Brothers", "Eastgate School", "Fabrik Nord", "Green Lane Clinic",
    "Hofmann & Sons", "Island Ferries", "Jasmin Bakery", "Kilo Architects", "Lumen Theatre", "Marlow Estates",
    "North Pier Hotel", "Old Mill Brewery",
)  # fmt: skip
SUBJECTS = (
    "Website care", "Translation", "Photography", "Workshop in May", "Logo & stationery", "Bookkeeping", "Garden plans",
    "Boiler inspection", "Piano lessons", "Proofreading", "Server move", "Consulting", "Shop fitting", "Catering",
)  # fmt: skip
WORK = (
    "Hours on site", "Design", "Editing", "Travel", "Materials", "Licence, one month", "Preparation", "Printing",
    "Hosting", "Small parts", "Call-out", "Documentation",
)  # fmt: skip
UNITS = ("h", "day", "pc", "km", "")
QUANTITIES = ("1", "2", "3", "7", "0.5", "1.25", "2.75", "0.333", "12.5", "40")
PRICES = ("80.00", "95.50", "12.35", "0.15", "3.33", "149.99", "7.05", "0.07", "950.00", "23.45")
DISCOUNTS = ("", "", "", "5", "10", "12.5", "33.33")
RATES = ("19", "19", "7", "0", "5.5")
ODD = (
    "Übergabe an Zoë O'Neill", "Заказ образцов", "見積書", "100% paid — thanks ✅", "🎉 launch", "عقد الإيجار",
    "50% off: \"spring\"", "C:\\plans\\may", "<b>bold</b> claims & more", "naïve café résumé", "Ελληνικά", "-- see note; ok",
    "a_b_c underscore", "Straße 12½",
)  # fmt: skip
"""Words that are ordinary where they come from, and break careless code."""

ASKS = (
    ("How do I change the owner of our account?", "Change of owner"),
    ("Which numbers will our invoices have next year?", "Numbering"),
    ("Can we pay for Folio by bank transfer?", "Payment"),
    ("Can our tax adviser look into our books without changing anything?", "Tax adviser"),
    ("Where can I find the documentation of the API?", "API"),
    ("When do reminders go to our clients?", "Reminders"),
    ("How do I correct an invoice that is issued already?", "Correction"),
    ("Can I give a discount on one line only?", "Discount"),
    ("My client has moved. Do old invoices keep the old address?", "Address of a client"),
    ("What do I do with a payment that is a few cents short?", "Short payment"),
    ("Which tax rate does the report count travel under?", "Tax report"),
    ("May my assistant write drafts without sending them?", "Drafts"),
    ("Our bookkeeper leaves. How do I close her account?", "Closing an account"),
    ("How long are invoices kept?", "Keeping invoices"),
)
WISHES = (
    ("It would help us a lot to send quotes, too.", "Quotes"),
    ("Could you import our bank statements?", "Bank import"),
    ("We would love to put our logo on the invoice.", "Logo"),
    ("A dark theme, please! My eyes...", "Dark theme"),
    ("Are invoices in two currencies planned?", "Currencies"),
    ("Partial invoices for long projects would help us.", "Partial invoices"),
    ("Could a client pay by card, right from the link?", "Card payment"),
    ("I would like to track my hours where I write the invoice.", "Hours"),
    ("A reminder to me before a reminder goes to the client, please.", "Before reminders"),
)
