"""The support desk: tickets with threads, the status page and mails to all customers."""
