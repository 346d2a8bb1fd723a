"""One pass over one pair, in the order it happens; `syncer.sync.run` reads top to bottom."""
