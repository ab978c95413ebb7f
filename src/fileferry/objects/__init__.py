"""S3 objects as streams, as uploads that another process can go on with, and as verified copies.

Versions are pinned everywhere. Where a `Transfer` is given bytes move in parallel ranges and parts.
"""

from .heads import ObjectHead
from .reading import READ_SIZE
from .store import Objects
from .targets import Target, Written
from .writing import ObjectWriter

__all__ = ["READ_SIZE", "ObjectHead", "ObjectWriter", "Objects", "Target", "Written"]
