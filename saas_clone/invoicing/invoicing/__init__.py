"""Folio: invoices of freelancers and small firms, numbered without gaps and right to the cent."""

__version__ = "0.9.0"
