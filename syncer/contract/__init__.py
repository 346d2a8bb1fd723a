"""All that the author of a connector needs: the model, the protocol, rich text and the errors."""
