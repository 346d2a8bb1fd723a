"""The revisions, oldest first. They never import the current schema: what they did stays what they do."""
