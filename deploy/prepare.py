"""Make .venv ready: `python3 deploy/prepare.py run` for the program, `... tests` for its tests too.

Runs on any Python 3, so that an old one is told what is missing instead of stumbling over syntax.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
LOG = os.path.join(VENV, "install.log")
WIDTH = 24


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else "run"
    folder = {"run": "deploy", "tests": "tests"}[wanted]
    requirements = os.path.join(ROOT, folder, "requirements.txt")
    refuse_old_python()
    stamp = os.path.join(VENV, "ready-for-" + wanted)
    mark = fingerprint(requirements)
    if read(stamp) == mark:
        return
    started = time.monotonic()
    say("Muster is made ready once; this takes about a minute and touches only .venv.")
    create_venv()
    install(requirements)
    with open(stamp, "w") as file:
        file.write(mark)
    say("Ready after %d seconds." % (time.monotonic() - started))


def refuse_old_python():
    if sys.version_info < (3, 11):
        sys.exit(
            "Muster needs Python 3.11 or newer; %s is %d.%d. Install a newer one and run"
            " `make run PYTHON=/path/to/it`." % (sys.executable, *sys.version_info[:2])
        )


def fingerprint(requirements):
    with open(requirements, "rb") as file:
        return hashlib.sha256(file.read() + sys.version.encode()).hexdigest()


def create_venv():
    if subprocess.call([sys.executable, "-c", "import ensurepip, venv"], stderr=subprocess.DEVNULL):
        offer_debian_package()
    working = os.path.exists(PYTHON) and not subprocess.call(
        [PYTHON, "-c", "import sys; sys.exit(sys.version != %r)" % sys.version],
        stderr=subprocess.DEVNULL,
    )
    if not working:
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.check_call([sys.executable, "-m", "venv", VENV])


def offer_debian_package():
    """Install what Debian splits off its Python, as root; elsewhere say what to install."""
    package = "python%d.%d-venv" % sys.version_info[:2]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing %s with apt." % package)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": dict(os.environ, DEBIAN_FRONTEND="noninteractive"),
        }
        subprocess.call(["apt-get", "-qq", "update"], **quiet)
        if subprocess.call(["apt-get", "-qq", "install", "-y", package], **quiet) == 0:
            return
    sys.exit(
        "This Python cannot make virtual environments. On Debian or Ubuntu run"
        " `sudo apt install %s`; elsewhere install Python's venv and ensurepip modules." % package
    )


def install(requirements):
    """Install exactly the pinned packages, each proved by its hash, and show how far it got."""
    with open(requirements) as file:
        total = sum("==" in line for line in file)
    command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", requirements]
    seen = 0
    with open(LOG, "w") as log:
        pip = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
        )
        for line in pip.stdout:
            log.write(line)
            if line.startswith(("Collecting ", "Requirement already satisfied: ", "Ignoring ")):
                seen = min(seen + 1, total)
                show_progress(seen, total, line.split()[-1 if "satisfied" not in line else 3])
            elif line.startswith("Installing collected packages"):
                show_progress(total, total, "unpacking")
    finish_progress()
    if pip.wait():
        with open(LOG) as log:
            sys.stderr.write("".join(log.readlines()[-15:]))
        sys.exit("The packages could not be installed; the whole report is in .venv/install.log.")


def show_progress(seen, total, what):
    """Draw a bar on a terminal; in a log say a line at each quarter."""
    if sys.stdout.isatty():
        filled = WIDTH * seen // total
        bar = "#" * filled + "." * (WIDTH - filled)
        sys.stdout.write("\r  [%s] %2d of %d  %-40.40s" % (bar, seen, total, what.split("==")[0]))
        sys.stdout.flush()
    elif what != "unpacking" and seen * 4 // total != (seen - 1) * 4 // total:
        say("  %d of %d packages" % (seen, total))


def finish_progress():
    if sys.stdout.isatty():
        sys.stdout.write("\n")


def read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def say(sentence):
    print(sentence, flush=True)


if __name__ == "__main__":
    main()
