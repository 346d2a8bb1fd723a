"""One package for each kind of tracker. They know `syncer.contract` and nothing else of the product."""
