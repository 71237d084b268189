"""The steps of the backend's schema, by Alembic: `schema.upgrade` runs them."""
