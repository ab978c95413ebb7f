"""The end of runs that did not succeed: caught by the workflow, or ended from outside."""
