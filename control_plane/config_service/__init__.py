"""The HTTP API of tenants, users, routes and destinations."""
