"""What worlds that sell the invoicing product know of it."""
