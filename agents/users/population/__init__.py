"""Who the customers and their people are: columns drawn from the scenario, and names for those who act."""
