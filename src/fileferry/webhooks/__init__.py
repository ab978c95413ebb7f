"""Events by HTTPS: signed, tried again, and no more once an endpoint fails for long (docs/subscriptions.md)."""
