"""The demo: a tenant with users, destinations and routes, sample files, and what must become of them."""
