"""Make the project's own environment: `environment.py .venv requirements/test.txt`.

Needs Python 3.11 or newer with venv or pip, a package index that pip knows, and nothing else:
no sudo, no Docker, nothing outside the given directory is changed. What is missing is said in
one sentence with the command that mends it.

Rule for editors: an old Python must get as far as saying that it is too old, so this file uses
no syntax and no module that Python 3.4 lacks.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
NEWER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def main(arguments):
    """Make the environment `arguments[0]`, install the locks that follow, then the project itself.

    One of the locks must bring the build backend: build.txt or test.txt.
    """
    if len(arguments) < 2:
        sys.exit("usage: environment.py DIRECTORY LOCK...")
    if sys.version_info < OLDEST:
        start_again_with_a_newer_python()
    directory, locks = arguments[0], arguments[1:]
    python = os.path.join(directory, "bin", "python")
    if not runs(python):
        create(directory)
    command = pip_for(python) + ["install", "--quiet", "--require-hashes"]
    for lock in locks:
        command += ["--requirement", lock]
    if subprocess.call(command) != 0:
        sys.exit("The packages could not be installed; pip says why above.")
    own = pip_for(python) + ["install", "--quiet", "--no-deps", "--no-build-isolation"]
    if subprocess.call(own + ["--editable", "."]) != 0:
        sys.exit("The project itself could not be installed; pip says why above.")


def start_again_with_a_newer_python():
    """Run this file with the newest Python on the path, or say that there is none."""
    for name in NEWER_NAMES:
        found = shutil.which(name)
        if found and worked([found, "-c", "import venv"]):
            os.execv(found, [found] + sys.argv)
    sys.exit(
        "Onrecord needs Python 3.11 or newer, and {0} is Python {1}.{2}. Install one (Debian 12, "
        "Ubuntu 24.04 and later: sudo apt install python3 python3-venv) or name one: "
        "make PYTHON=/path/to/python3.13 ...".format(sys.executable, *sys.version_info[:2])
    )


def create(directory):
    """Make an empty environment, with a pip of its own where this Python carries one."""
    if has("venv") and has("ensurepip"):
        options = ["--clear"]
    elif has("venv") and has("pip"):
        options = ["--clear", "--without-pip"]
    else:
        sys.exit(
            "Onrecord makes its own Python environment, and this Python ({0}) cannot: it has "
            "neither venv with ensurepip nor pip. On Debian and Ubuntu: "
            "sudo apt install python3-venv".format(sys.executable)
        )
    if subprocess.call([sys.executable, "-m", "venv"] + options + [directory]) != 0:
        sys.exit("The environment {0} could not be made; venv says why above.".format(directory))


def pip_for(python):
    """The command that installs into the environment of `python`: its own pip, or ours."""
    if worked([python, "-m", "pip", "--version"]):
        return [python, "-m", "pip", "--disable-pip-version-check"]
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]


def runs(python):
    """Whether `python` is there, works (a moved or upgraded one may not) and is new enough."""
    asked = "import sys; sys.exit(sys.version_info < {0})".format(OLDEST)
    return os.path.exists(python) and worked([python, "-c", asked])


def has(module):
    """Whether this Python can import `module`."""
    return worked([sys.executable, "-c", "import " + module])


def worked(command):
    """Whether `command` starts and ends well; what it prints is not shown."""
    with open(os.devnull, "w") as nowhere:
        try:
            return subprocess.call(command, stdout=nowhere, stderr=nowhere) == 0
        except OSError:
            return False


if __name__ == "__main__":
    main(sys.argv[1:])
