"""From an ingest event to a started job: what the router does with each message."""
