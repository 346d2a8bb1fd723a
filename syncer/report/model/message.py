"""Marks what the catalogue translates. English is the key: a message is shown in a language by `Language.text`."""


def marked(message: str) -> str:
    """The message itself; tells the catalogue's extraction that it is one."""
    return message


def counted(one: str, many: str) -> tuple[str, str]:
    """The two forms of a message about `n` things."""
    return one, many
