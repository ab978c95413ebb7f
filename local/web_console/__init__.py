"""The web console on this machine: built with npm, served on one port, and brought to AWS by `ferry console deploy`."""
