"""The deliver step: the file goes to every destination of its route."""
