"""The archive step: what came and what was delivered, kept; the run succeeds."""
