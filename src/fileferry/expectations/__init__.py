"""Files that should come: their windows, what became of each, and the watch over them (docs/expectations.md)."""
