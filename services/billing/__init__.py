"""The company's books: double entry, subscriptions, invoices, refunds and the closing settlement."""
