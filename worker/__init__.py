"""The worker: runs the workflow of large files, many hours long if need be, in one process."""
