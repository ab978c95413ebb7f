"""The confirm step: the far side has what was sent, or its owner says so."""
