"""The stage step: the file where the later steps read it, and its SHA-256."""
