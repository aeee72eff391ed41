"""A JupyterLab of its own: a free port, a temporary home, a copy of the notebooks, and no network."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BESIDE = ("data",)  # what a notebook may read, linked beside the copied notebooks
START_SECONDS = 90

# JupyterLab as it comes, but for what would reach for the network or lie over the page.
SETTINGS = {
    "apputils-extension/notification": {"checkForUpdates": False, "fetchNews": "false", "doNotDisturbMode": True},
    "extensionmanager-extension/plugin": {"enabled": False},
}
OPTIONS = (
    "--no-browser",
    "--JupyterNotebookApp.expose_app_in_browser=True",
    "--LabApp.expose_app_in_browser=True",  # the page's own state can be asked for: no guessing, no sleeping
    "--LabApp.extension_manager=readonly",
    "--LabApp.news_url=",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--ServerApp.terminals_enabled=False",
)


class Lab(NamedTuple):
    """A running JupyterLab: its address, its token, and the file it writes its log to."""

    url: str
    token: str
    log: Path

    def page(self, path: str) -> str:
        """The address that opens the notebook `path`."""
        return f"{self.url}/lab/tree/{path}?token={self.token}&reset"


@contextmanager
def running_lab(home: Path, notebooks: Path) -> Iterator[Lab]:
    """Start JupyterLab on a copy of the folder `notebooks`, everything it writes below `home`; stop it at the end."""
    course = home / "course"
    shutil.copytree(notebooks, course / "notebooks", ignore=shutil.ignore_patterns(".*"))
    for name in BESIDE:
        if (ROOT / name).exists():
            (course / name).symlink_to(ROOT / name)
    for name, values in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values), encoding="utf-8")
    environment = own_environment(home)
    # matplotlib lists the fonts once per home and says so in red when that takes long: have it done before.
    subprocess.run([sys.executable, "-c", "import matplotlib.font_manager"], env=environment, capture_output=True)
    lab = Lab(f"http://127.0.0.1:{free_port()}", secrets.token_hex(16), home / "lab.log")
    with lab.log.open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command(lab, course), env=environment, cwd=course, stdout=log, stderr=log)
    try:
        wait_for(lab, server)
        yield lab
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)  # it stops its kernels first
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def own_environment(home: Path) -> dict[str, str]:
    """This process's environment with every folder that Jupyter, IPython and matplotlib write to below `home`."""
    ours = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
        "MPLCONFIGDIR": home / "matplotlib",
        "PYTHONPATH": ROOT,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return os.environ | {name: str(value) for name, value in ours.items()}


def command(lab: Lab, course: Path) -> list[str]:
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    port = lab.url.rpartition(":")[2]
    ours = [f"--ServerApp.port={port}", f"--ServerApp.root_dir={course}", f"--IdentityProvider.token={lab.token}"]
    return [sys.executable, "-m", "jupyter", "lab", *OPTIONS, *ours, *root]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(lab: Lab, server: subprocess.Popen) -> None:
    """Return when the server answers; say what its log says when it does not."""
    request = urllib.request.Request(f"{lab.url}/api/status", headers={"Authorization": f"token {lab.token}"})
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(request, timeout=30):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    why = "stopped" if server.poll() is not None else f"did not answer in {START_SECONDS} s"
    raise RuntimeError(f"JupyterLab {why}; the end of its log:\n{lab.log.read_text(encoding='utf-8')[-3000:]}")
