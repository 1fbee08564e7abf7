"""Packages from npm for a test, installed once into the build folder as the lock file has them."""
import os
import shutil
import subprocess
import sys


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def modules(source, place):
    """Installs what `source` locks into `place`, or skips aloud where there is no npm or no network."""
    os.makedirs(place, exist_ok=True)
    if not shutil.which("npm"):
        skip("there is no npm")
    with open(os.path.join(source, "package-lock.json"), encoding="utf-8") as file:
        lock = file.read()
    there = os.path.join(place, "package-lock.json")
    if os.path.isdir(os.path.join(place, "node_modules")) and os.path.exists(there):
        with open(there, encoding="utf-8") as file:
            if file.read() == lock:
                return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(source, name), place)
    result = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=place, capture_output=True,
                            text=True, timeout=240, check=False)
    if result.returncode:
        os.unlink(there)
        skip("npm ci: " + (result.stderr.strip().splitlines() or ["failed"])[-1])
