"""What operators do with `ferry` over the API: a login, and one module of commands for each kind of thing."""
