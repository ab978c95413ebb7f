"""What bench/least_privilege.py tries: the roles' statements, and for each role the calls that use them."""
