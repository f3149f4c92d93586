"""Photographs the page that steps, as docs/stepping_page.png shows it: `python docs/screenshot.py`.

Needs Chromium; `apt-get install chromium` on Debian.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import viz

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "examples"))

from figures import learned, named  # noqa: E402  # found by the line above

QUIET = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --hide-scrollbars"

if __name__ == "__main__":
    apple, apples = learned(100, "사과 가격"), learned(2, "사과 개수")
    tangerine, tangerines = learned(150, "귤 가격"), learned(3, "귤 개수")
    total = (apple * apples + tangerine * tangerines) * learned(1.1, "소비세")
    stepper = viz.step(named(total, "최종 금액"), forward=True)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("there is no Chromium here; install it: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        page = stepper.save(Path(folder) / "apple.html")
        picture = HERE / "stepping_page.png"
        subprocess.run(
            [
                *(program, *QUIET.split(), f"--user-data-dir={folder}/profile"),
                *("--window-size=1000,640", f"--screenshot={picture}", f"{page.as_uri()}#step=6"),
            ],
            check=True,
            capture_output=True,
        )
        print(picture)
