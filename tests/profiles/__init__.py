"""Every server that a source tells of: the connectors and whole pairs against each named profile of the sandbox."""
