"""The README's moving picture: the window of lesson 05, one step a frame. `python -m tools.moving_picture`."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from cnnkit.course.convolution.explorers import Window

FILE = Path(__file__).resolve().parent.parent / "docs" / "window.gif"
COLOURS, MILLISECONDS = 48, 900


def frames() -> list[Image.Image]:
    """The explorer at each position of its window, with one pixel of the file for one on the page."""
    explorer = Window(size=5, kernel_size=3, stride=2, padding=1)
    now = explorer.values
    steps = {v["position"]: shot for v, shot in explorer.frames() if v | {"position": now["position"]} == now}
    shown = [Image.open(BytesIO(steps[position].png)).convert("RGB") for position in sorted(steps)]
    small = [image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS) for image in shown]
    return [image.quantize(COLOURS) for image in small]


def main() -> None:
    first, *others = frames()
    first.save(FILE, save_all=True, append_images=others, duration=MILLISECONDS, loop=0, optimize=True)
    print(f"{FILE.name}: {len(others) + 1} frames, {FILE.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
