"""The way from every older state to the current one: Alembic revisions, run by `syncer.store.revisions`."""
