"""One module for each command. They parse what people say and print what people read; everything else is called.

Whatever is heavy (settings, store, connectors) is imported inside a command, so that `syncer --help` stays quick.
"""
