"""Who decides: customers and their users, attackers, and the operator."""
