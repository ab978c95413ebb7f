"""How a destination is reached: addresses that may be called, logins, buckets. Shared by deliver and confirm."""
