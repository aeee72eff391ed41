"""What a Jupyter server does for the course: quick answers, and notebooks that keep their pictures.

Installing cnnkit switches it on for the servers of that environment (`jupyter server extension list` names it).

* Messages go out at once. A picture's message is followed by smaller ones, and TCP holds those back until the browser
  has acknowledged the first (Nagle's algorithm meets delayed acknowledgement): 40 ms that nobody needs.
* A notebook is saved without the live views of explorers and questions, which nothing could bring back to life when it
  is opened again: the picture with its words or the text stays, and a line that says how to wake the controls.
"""

from __future__ import annotations

import re
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"
WAKE = "*The controls are asleep: run this cell (Shift + Enter) to wake them.*"
SPECIAL = re.compile(r"[\\`*_<\[\]#|~$]")  # what Markdown would take for a sign of its own


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "cnnkit.lab"}]


def _load_jupyter_server_extension(app: Any) -> None:
    send_at_once()
    app.contents_manager.register_pre_save_hook(keep_pictures)


def send_at_once() -> None:
    """Have the websockets to kernels send each message when it is there."""
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    handler: Any = KernelWebsocketHandler
    if hasattr(handler, "cnnkit_open"):
        return
    handler.cnnkit_open = handler.open

    async def open_at_once(self: Any, kernel_id: str) -> None:
        self.set_nodelay(True)
        await self.cnnkit_open(kernel_id)

    handler.open = open_at_once


def keep_pictures(model: dict[str, Any], **_: Any) -> None:
    """Leave the live views of this course out of a notebook that is about to be saved; what else is in it stays."""
    if model.get("type") != "notebook" or not isinstance(model.get("content"), dict):
        return
    for cell in model["content"].get("cells", []):
        for output in list(cell.get("outputs", [])):
            data = output.get("data", {})
            if VIEW in data and output.get("metadata", {}).get("cnnkit", {}).get("live"):
                del data[VIEW]
                said = SPECIAL.sub(r"\\\g<0>", data.get("text/plain", "")) if "image/png" in data else ""
                words = f"{said}\n\n{WAKE}" if said else WAKE
                asleep = {"output_type": "display_data", "data": {"text/markdown": words}, "metadata": {}}
                cell["outputs"].insert(cell["outputs"].index(output) + 1, asleep)
