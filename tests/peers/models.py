"""What `trace` says of models that others built, against torchinfo, torch's counter and the reach of the gradient.

    python -m tests.peers.models                        every model
    python -m tests.peers.models resnet18 timm:dla34    these
    python -m tests.peers.models video segmentation     those of torchvision's families; timm: those of timm
    python -m tests.peers.models --counts               without the gradients, which take most of the time

needs torchvision, timm and torchinfo. A model is held against

* torchinfo: the parameters, and the mult-adds where a total says "as torchinfo counts them";
* FlopCounterMode: its figure for convolutions and matrix products, and one or two products a value for norms;
* the gradient: from a place in the middle of a layer's output it reaches no pixel outside the receptive field, and
  fills it where the border is far; "all" is every pixel. Weights are positive and steps smooth meanwhile, so that no
  gradient vanishes that could be there: max pooling is a mean, relu is softplus.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import prod
from types import ModuleType
from typing import Any
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

from cnnkit import trace
from cnnkit.data import import_torchvision

DEEP = 15e6  # parameters: too large to follow gradients through
TIMM = [
    "beit_base_patch16_224", "botnet26t_256", "cait_xxs24_224", "caformer_s18", "coat_tiny", "coatnet_0_rw_224",
    "convformer_s18", "convit_tiny", "convmixer_768_32", "convnext_atto", "convnextv2_atto", "crossvit_tiny_240",
    "cs3darknet_s", "cspresnet50", "darknet53", "davit_tiny", "deit3_small_patch16_224", "deit_tiny_patch16_224",
    "densenet121", "dla34", "dpn68", "eca_botnext26ts_256", "eca_resnet33ts", "edgenext_xx_small",
    "efficientformer_l1", "efficientformerv2_s0", "efficientnet_lite0", "efficientvit_b0", "efficientvit_m0",
    "ese_vovnet19b_dw", "eva02_tiny_patch14_224", "fasternet_t0", "fastvit_t8", "fbnetc_100", "focalnet_tiny_srf",
    "gc_efficientnetv2_rw_t", "gcresnet33ts", "gcvit_xxtiny", "gernet_s", "ghostnet_100", "ghostnetv2_100",
    "gmixer_24_224", "gmlp_s16_224", "halonet26t", "hardcorenas_a", "hgnet_tiny", "hiera_tiny_224", "hrnet_w18_small",
    "inception_next_atto", "inception_v4", "lambda_resnet26t", "lcnet_050", "levit_128", "levit_conv_128",
    "mambaout_femto", "maxvit_rmlp_pico_rw_256", "mixer_s32_224", "mixnet_s", "mnasnet_100", "mobilenetv1_100",
    "mobilenetv4_conv_small", "mobilenetv4_hybrid_medium", "mobileone_s0", "mobilevit_s", "mobilevitv2_050",
    "mvitv2_tiny", "nasnetalarge", "nest_tiny", "nextvit_small", "nf_resnet50", "pit_ti_224", "poolformer_s12",
    "poolformerv2_s12", "pvt_v2_b0", "rdnet_tiny", "regnetx_002", "regnety_002", "regnetz_b16", "repghostnet_050",
    "repvgg_a0", "repvit_m0_9", "res2net50_26w_4s", "resmlp_12_224", "resnest14d", "resnet10t", "resnetv2_50",
    "resnetv2_50x1_bit", "rexnet_100", "selecsls42", "semnasnet_075", "seresnet33ts", "shvit_s1", "skresnet18",
    "spnasnet_100", "starnet_s1", "swiftformer_xs", "tf_mixnet_s", "tiny_vit_5m_224", "tinynet_a",
    "tnt_s_patch16_224", "tresnet_m", "twins_pcpvt_small", "twins_svt_small", "vgg11_bn", "visformer_tiny",
    "vit_relpos_small_patch16_224", "vit_tiny_r_s16_p8_224", "volo_d1_224", "vovnet39a", "wide_resnet50_2",
    "xception41", "xcit_nano_12_p16_224",
]  # fmt: skip


@dataclass
class Found:
    """What came of one model."""

    name: str
    parameters: bool = True
    exact: bool = False  # no "at least" in the total
    macs: bool = True  # equal to the counter's
    mult_adds: bool | None = None  # equal to torchinfo's; None: not stated
    rows: int = 0
    dashes: int = 0
    fields: int = 0
    wrong: list[str] = field(default_factory=list)
    skipped: str = ""  # why no field was checked
    seconds: tuple[float, float] = (0, 0)  # of the processor: one pass, and trace

    def __str__(self) -> str:
        total = f"{'exact' if self.exact else 'at least'}, MACs {'equal' if self.macs else 'differ'}"
        skipped = f" (skipped: {self.skipped})" if self.skipped else ""
        adds = {None: "", True: ", mult-adds equal", False: ", mult-adds differ"}[self.mult_adds]
        return (
            f"{self.name}: parameters {'equal' if self.parameters else 'differ'}, {total}{adds}; {self.rows} rows, "
            f"{self.dashes} without a field, {self.fields} checked{skipped}, {len(self.wrong)} wrong; "
            f"one pass {self.seconds[0]:.2f} s, trace {self.seconds[1]:.2f} s"
        )


def compare(name: str, model: nn.Module, shape: Any, gradients: bool = True) -> Found:
    """Hold one model against all three, or without the gradients against two."""
    model.eval().requires_grad_(False)  # FlopCounterMode stops at parameters that are given to a module as its input
    found = Found(name)
    shapes = shape if isinstance(shape, list) else [shape]
    inputs = [torch.zeros(s) for s in shapes]
    with torch.no_grad():
        if _parameters(model) < DEEP:  # else the first pass is long enough for what it does once not to matter
            model(*inputs)
        start = time.process_time()
        model(*inputs)
        passed = time.process_time() - start
    start = time.process_time()
    table = trace(model, shape)
    found.seconds = passed, time.process_time() - start
    found.rows, found.dashes = len(table.rows), sum(r.receptive_field is None for r in table.rows if r.place)
    found.exact, counted = "at least" not in table.total, macs(model, inputs)
    found.macs = counted == table.macs
    _against_torchinfo(found, table, model, shapes)
    if found.exact and not found.macs:
        found.wrong.append(f"{table.macs:,} MACs called exact, the counter has {counted:,}")
    found.skipped = "several inputs" if len(shapes) > 1 else "over 15M parameters" if table.parameters > DEEP else ""
    found.skipped = found.skipped or ("" if gradients else "not asked for")
    if not found.skipped:
        _against_gradients(found, table, model, shapes[0])
    return found


def _parameters(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters())


def macs(model: nn.Module, inputs: list[torch.Tensor]) -> int:
    """Half of what FlopCounterMode counts, and the products of norms, which it leaves out."""
    aten = torch.ops.aten
    learnt = {p.untyped_storage().data_ptr() for p in model.parameters()}

    def norm(x: torch.Tensor, *rest: Any, out_val: Any = None, **_: Any) -> int:
        if x.untyped_storage().data_ptr() in learnt:  # weights that are standardised: no input decides them
            return 0
        given = len(rest) > 4 and rest[2] is not None and not rest[4]
        return (2 if given else 4) * x.numel()

    norm._get_raw = True  # the tensors, and not their shapes
    names = ("batch_norm", "layer_norm", "group_norm")
    norms = {getattr(aten, f"native_{name}"): norm for name in names} | {aten._native_batch_norm_legit: norm}
    norms[aten._native_batch_norm_legit_no_training] = lambda x, *_, **__: 2 * prod(x)
    quick = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with (
            torch.no_grad(),
            sdpa_kernel(SDPBackend.MATH),
            FlopCounterMode(display=False, custom_mapping=norms) as counter,
        ):
            model(*inputs)
    finally:
        torch.backends.mha.set_fastpath_enabled(quick)
    return counter.get_total_flops() // 2


def _against_torchinfo(found: Found, table: Any, model: nn.Module, shapes: list[Any]) -> None:
    found.parameters = table.parameters == _parameters(model)
    try:
        from torchinfo import summary
    except ModuleNotFoundError:
        return
    theirs = summary(model, input_size=shapes, verbose=0)
    several = [m for _, m in model.named_modules(remove_duplicate=False)]
    if len(several) == len(set(several)):  # torchinfo counts a shared module more than once
        found.parameters &= table.parameters == theirs.total_params
    if table.mult_adds is not None:
        found.mult_adds = table.mult_adds == theirs.total_mult_adds
        if not found.mult_adds:
            found.wrong.append(f"{table.mult_adds:,} mult-adds, torchinfo has {theirs.total_mult_adds:,}")


class Smooth(TorchFunctionMode):
    """Without kinks, and without a maximum that hides what the others are."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "").rstrip("_")
        if name in ("relu", "relu6", "hardtanh", "hardswish", "hardsigmoid"):
            return F.softplus(args[0])
        if name == "sigmoid":  # whose slope is 0 in float64 from 37 on
            return F.softsign(args[0])
        if name in ("clamp", "clamp_min", "clip"):
            return args[0]
        if name.startswith(("max_pool", "boolean_dispatch")) or "max_pool" in name:
            return self._mean(name, *args, **kwargs)
        return func(*args, **kwargs)

    def _mean(self, name: str, x: Any, kernel: Any, stride: Any = None, padding: Any = 0, *_: Any, **named: Any) -> Any:
        n = 3 if "3d" in name else 2
        if "adaptive" in name:
            return getattr(F, f"adaptive_avg_pool{n}d")(x, kernel)
        stride, padding, up = named.get("stride", stride), named.get("padding", padding), named.get("ceil_mode", False)
        return getattr(F, f"avg_pool{n}d")(x, kernel, stride, padding, ceil_mode=up, count_include_pad=False)


FIRST = ("Conv", "BatchNorm", "MaxPool", "AvgPool", "GroupNorm", "Upsample", "ZeroPad")  # channels behind the batch


def _against_gradients(found: Found, table: Any, model: nn.Module, shape: tuple[int, ...], rows: int = 4) -> None:
    outputs: dict[str, list[Any]] = {}
    hooks = [
        module.register_forward_hook(lambda m, _, out, place=place: outputs.setdefault(place, []).append((m, out)))
        for place, module in model.named_modules()
    ]
    positive(model.double())
    x = torch.rand(shape, dtype=torch.float64, requires_grad=True)
    try:
        with Smooth():
            model(x)
    finally:
        for hook in hooks:
            hook.remove()
    calls = {place: iter(list(several)) for place, several in outputs.items()}
    known = []
    for row in table.rows:
        module, out = next(calls.get(row.place, iter([])), (None, None))
        if row.receptive_field is not None and module is not None and getattr(out, "grad_fn", None) is not None:
            at = _middle(module, out)
            if at is not None and tuple(out.shape) == row.output_shape:
                known.append((row, out, at))
    for row, out, places in known[:: max(len(known) // rows, 1)]:
        found.fields += 1
        problem = wrong(row, [reached(x, out, at) for at in places])
        if problem:
            found.wrong.append(f"{row.place} {row.kind}: {problem}")


def positive(model: nn.Module) -> None:
    """Weights whose products cannot cancel, and whose sums stay about 1."""
    generator = torch.Generator().manual_seed(0)
    for parameter in model.parameters():
        inputs = max(prod(parameter.shape[1:]), 1)
        parameter.copy_((torch.rand(parameter.shape, generator=generator, dtype=torch.float64) + 0.5) / inputs)


def _middle(module: nn.Module, out: torch.Tensor) -> list[tuple[Any, ...]] | None:
    """Some neighbouring places in the middle of an output, and the first and last, with all their channels."""
    kind, n = type(module).__name__, out.dim()
    first = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.modules.batchnorm._BatchNorm, nn.GroupNorm)
    if n == 2 or isinstance(module, first) or kind.startswith(FIRST) or (kind.startswith("LayerNorm2d") and n == 4):
        channels = 1
    elif type(module) in (nn.Linear, nn.LayerNorm):
        channels = n - 1
    else:
        return None
    places = [[min(size // 2 + more, size - 1) for size in out.shape] for more in (0, 1, 3)]
    places += [[0] * n, [size - 1 for size in out.shape]]
    return [tuple(slice(None) if d == channels else at[d] for d in range(n)) for at in places]


def reached(x: torch.Tensor, out: torch.Tensor, at: Any) -> torch.Tensor:
    """Which pixels the gradient of one place reaches, whatever the channel."""
    dy = torch.zeros_like(out)
    dy[at] = torch.rand(dy[at].shape, dtype=torch.float64) + 0.5
    (dx,) = torch.autograd.grad(out, x, dy, retain_graph=True)
    return (dx[0] != 0).any(0)


def wrong(row: Any, several: list[torch.Tensor]) -> str:
    """What is wrong with a row's field, if anything."""
    if row.receptive_field == "all":
        return "" if all(bool(pixels.all()) for pixels in several) else "not every pixel is reached"
    size = row.receptive_field.size
    sizes = size if isinstance(size, tuple) else (size,) * several[0].dim()
    for axis, said in enumerate(sizes):
        ends, spans = False, []
        for n, pixels in enumerate(several):
            others = tuple(d for d in range(pixels.dim()) if d != axis)
            at = pixels.any(others).nonzero()[:, 0] if others else pixels.nonzero()[:, 0]
            if len(at):
                spans.append(int(at[-1] - at[0]) + 1)
                ends |= n < 3 and (int(at[0]) == 0 or int(at[-1]) == pixels.shape[axis] - 1)
        if spans and (max(spans) > said or (not ends and max(spans) < said)):
            return f"{row.sees} said, {max(spans)} reached along axis {axis}"
    return ""


@contextmanager
def without_boxes(torchvision: Any) -> Iterator[None]:
    """Detection where torchvision's compiled part is missing: all boxes are kept, and what they show is zero."""
    if torchvision.extension._has_ops():
        yield
        return
    library = torch.library.Library("torchvision", "FRAGMENT")
    if not hasattr(torch.ops.torchvision, "roi_align"):
        library.define("roi_align(Tensor x, Tensor rois, float scale, int h, int w, int ratio, bool aligned) -> Tensor")
    library.impl("nms", lambda boxes, scores, threshold: scores.argsort(descending=True), "CPU")
    library.impl("roi_align", lambda x, rois, _, h, w, *__: x.new_zeros(len(rois), x.shape[1], h, w), "CPU")
    had, torchvision.extension._has_ops = torchvision.extension._has_ops, lambda: True
    try:
        yield
    finally:
        torchvision.extension._has_ops = had


def all_alike() -> Any:
    """Weights that are not drawn, which takes longer than to trace a large model."""
    drawn = [n for n in vars(nn.init) if n.startswith(("kaiming", "xavier", "normal_", "uniform_", "trunc_normal_"))]
    return patch.multiple(nn.init, **dict.fromkeys(drawn, lambda weight, *_, **__: weight.data.fill_(0.01)))


def build(name: str, torchvision: Any) -> tuple[nn.Module, Any, str]:
    """A model without trained weights, the shape of its input, and its family."""
    if name.startswith("timm:"):
        import timm

        model = timm.create_model(name[5:], pretrained=False)
        return model, (1, *model.default_cfg["input_size"]), f"timm {type(model).__module__.split('.')[-1]}"
    models = torchvision.models
    kinds = {
        kind: set(models.list_models(getattr(models, kind)))
        for kind in ("detection", "segmentation", "video", "optical_flow", "quantization")
    }
    family = next((k for k, names in kinds.items() if name in names), "")
    model = models.get_model(name, weights=None, **_options(name, family))
    family = family or type(model).__module__.split(".")[-1]
    return model, _shape(name, family, _parameters(model) > DEEP), f"torchvision {family}"


def _options(name: str, family: str) -> dict[str, Any]:
    """No weights to be fetched; and smaller pictures and fewer boxes where that leaves the layers as they are."""
    options: dict[str, Any] = {"weights_backbone": None} if family in ("detection", "segmentation") else {}
    if family == "detection" and not name.startswith("ssd"):
        options |= {"min_size": 224, "max_size": 224}
    if "rcnn" in name:
        options |= {"rpn_post_nms_top_n_test": 30, "box_detections_per_img": 10}
    if name in ("googlenet", "inception_v3"):
        options["init_weights"] = False
    if name.startswith("vit_") and not name.endswith("_32"):
        options["image_size"] = 112
    return options


def _shape(name: str, family: str, large: bool) -> Any:
    if family == "video":
        side = 224 if name.startswith(("mvit", "s3d")) else 112
        return (1, 3, 24 if name == "s3d" else 16, side, side)  # the last means of s3d are over 3 pictures
    if family == "optical_flow":
        return [(1, 3, 128, 128), (1, 3, 128, 128)]
    if name.startswith("vit_") and not name.endswith("_32"):
        return (1, 3, 112, 112)
    if large and not name.startswith(("vit", "swin", "maxvit")):  # no gradient is followed
        return (1, 3, 128, 128)
    side = {"detection": 320, "inception_v3": 299}.get(family if family == "detection" else name, 224)
    return (1, 3, side, side)


HEAD = (
    "family", "tried", "parameters equal", "MACs exact and equal", "at least", "fields checked", "wrong", "skipped",
)  # fmt: skip


def table(founds: dict[str, list[Found]]) -> str:
    """One line for each family, and the sums."""
    lines = [_line(family, several) for family, several in founds.items()]
    lines.append(_line("**all**", [f for several in founds.values() for f in several]))
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in (HEAD, ("--",) * len(HEAD), *lines))


def _line(family: str, founds: list[Found]) -> tuple[Any, ...]:
    return (
        family, len(founds), sum(f.parameters for f in founds), sum(f.exact and f.macs for f in founds),
        sum(not f.exact for f in founds), sum(f.fields for f in founds), sum(len(f.wrong) for f in founds),
        ", ".join(f"{n}: {why}" for why, n in Counter(f.skipped for f in founds if f.skipped).most_common()),
    )  # fmt: skip


def times(founds: list[Found]) -> str:
    """How long all took, and the trace that was slowest for what it followed."""
    passes, traces = (sum(f.seconds[n] for f in founds) for n in (0, 1))
    slowest = max(founds, key=lambda f: f.seconds[1] / (f.seconds[0] or 1))
    ratio = slowest.seconds[1] / (slowest.seconds[0] or 1)
    return f"passes {passes:.0f} s, traces {traces:.0f} s; the slowest trace, of {slowest.name}: {ratio:.1f} passes"


def chosen(names: list[str], torchvision: Any) -> Iterator[str]:
    """The models that are meant: by their names or by those of their families; all without any."""
    everything = torchvision.models.list_models()
    for name in names or ("torchvision", "timm"):
        if name == "timm":
            yield from (f"timm:{several}" for several in TIMM)
        elif name == "torchvision":
            yield from everything
        elif isinstance(getattr(torchvision.models, name, None), ModuleType):
            yield from torchvision.models.list_models(getattr(torchvision.models, name))
        else:
            yield name


def main(names: list[str], say: Callable[[str], None] = print) -> int:
    try:
        torchvision = import_torchvision()
        import timm  # noqa: F401
        import torchinfo  # noqa: F401
    except ModuleNotFoundError as problem:
        say(f"{problem.name} is not installed; the comparison needs: pip install torchvision timm torchinfo")
        return 2
    founds: dict[str, list[Found]] = {}
    for name in chosen([name for name in names if name != "--counts"], torchvision):
        with without_boxes(torchvision), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            family = "not built"
            try:
                with all_alike():
                    model, shape, family = build(name, torchvision)
                found = compare(name, model, shape, "--counts" not in names)
            except Exception as problem:
                found = Found(name, False, macs=False, wrong=[f"{type(problem).__name__}: {str(problem)[:300]}"])
        founds.setdefault(family, []).append(found)
        say(f"{found}{''.join(f'{chr(10)}    {problem}' for problem in found.wrong)}")
    everything = [found for several in founds.values() for found in several]
    say(f"{table(founds)}\n{times(everything)}")
    return int(any(found.wrong for found in everything))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
