"""One class per table: its keys, its conditions, its queries."""
