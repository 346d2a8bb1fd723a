"""How this program was called, so that advice can be typed as it stands."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

NAME = "syncer"


def own_command(seen_from: Path) -> str:
    """What calls this program again from a folder: `syncer` where the PATH leads to it, else the way it was started."""
    started = Path(sys.argv[0])
    if started.suffix == ".py":
        return f"{shlex.quote(sys.executable)} -m {NAME}"
    found = shutil.which(NAME)
    if not started.exists() or (found is not None and started.samefile(found)):
        return NAME
    absolute = str(started.absolute())
    return shlex.quote(min(os.path.relpath(absolute, seen_from), absolute, key=len))
