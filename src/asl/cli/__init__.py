"""The command line: validate, run, test-state, graph, fmt. One module per command; nothing else imports it."""
