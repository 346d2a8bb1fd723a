"""The register of vendor behaviour: what the connectors rely on, how it is known, what happens where it is not so."""
