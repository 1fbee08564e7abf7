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
    done = os.path.join(place, "node_modules", ".installed")
    if os.path.exists(done):
        with open(done, encoding="utf-8") as file:
            if file.read() == lock:
                return
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(source, name), place)
    said = ""
    for _ in range(2):  # a registry may be away for a moment
        try:
            result = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], cwd=place,
                                    capture_output=True, text=True, timeout=600, check=False)
        except subprocess.TimeoutExpired:
            said = "npm's registry does not answer"
            continue
        if result.returncode == 0:
            with open(done, "w", encoding="utf-8") as file:
                file.write(lock)
            return
        said = (result.stderr.strip().splitlines() or ["it failed"])[-1]
    skip("npm ci: " + said)
