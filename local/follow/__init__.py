"""Following files on their way: the events, the state that they add up to, and how it is shown."""
