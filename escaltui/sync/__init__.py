"""A store and its server: what waits is sent, what came is taken in. Nothing here draws or asks."""
