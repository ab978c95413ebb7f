"""What bench/api.py measures: tables as they are deployed, filled with jobs, and requests of every operation."""
