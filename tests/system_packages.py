"""Sees to it that the tests have Chromium: through apt where we may, otherwise it says what is missing."""
from __future__ import annotations

import os
import shutil
import subprocess

PACKAGES = ("chromium", "fonts-dejavu-core")


def main() -> None:
    if os.environ.get("CHROMIUM") or shutil.which("chromium"):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        if subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=False, **quiet).returncode == 0:
            return
    print(f"The browser tests are skipped: Chromium is missing. Install it with: apt-get install {' '.join(PACKAGES)}")


if __name__ == "__main__":
    main()
