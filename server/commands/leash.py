"""Starts a module so that it ends when its parent does: ``python -m server.commands.leash PARENT MODULE ARGUMENT...``.

On Linux the kernel then sends SIGTERM when the supervisor dies, however it dies. It is done here, after the start,
because nothing may safely run between fork and exec in a program with threads.
"""

import ctypes
import os
import runpy
import signal
import sys

_PR_SET_PDEATHSIG = 1
_FIRST_ARGUMENT = 3


def tie_to(parent: int) -> bool:
    """Asks for SIGTERM at the parent's end; False when the parent is gone already. Does nothing but on Linux."""
    if not sys.platform.startswith("linux"):
        return True
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return os.getppid() == parent


def main() -> int:
    """Runs the module named on the command line as the main program."""
    if not tie_to(int(sys.argv[1])):
        return 1
    module = sys.argv[2]
    sys.argv = [module, *sys.argv[_FIRST_ARGUMENT:]]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
