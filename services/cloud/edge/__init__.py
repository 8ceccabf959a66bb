"""The edge: the load balancer and firewall between simulated people and the product's instances."""
