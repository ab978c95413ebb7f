"""The pure parts of the distributed Map: reading items, batching them, tolerating failures, writing results.

Everything streams; what must be fetched or stored goes through the ports in `asl.items.ports`.
"""
