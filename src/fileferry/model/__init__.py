"""The records of the system as typed values."""
