"""Models as students write them: each is read without running it, and held against PyTorch, which does run it."""

import collections

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from cnnkit.pasted import read

MODELS = {  # its name: the code, and the shape of an input that it takes
    "lenet": (
        """
class LeNet(nn.Module):
    def __init__(self, num_classes=10):
        super(LeNet, self).__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.fc1 = nn.Linear(16*5*5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(x.size(0), -1)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)
""",
        (1, 28, 28),
    ),
    "lenet num_flat_features": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = x.view(-1, self.num_flat_features(x))
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        x = self.fc3(x)
        return x

    def num_flat_features(self, x):
        size = x.size()[1:]
        num_features = 1
        for s in size:
            num_features *= s
        return num_features
""",
        (1, 32, 32),
    ),
    "alexnet": (
        """
class AlexNet(nn.Module):
    def __init__(self, num_classes: int = 1000, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(p=dropout),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(p=dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.features(x)
        x = self.avgpool(x)
        x = torch.flatten(x, 1)
        x = self.classifier(x)
        return x
""",
        (3, 224, 224),
    ),
    "vgg loop": (
        """
def vgg_block(num_convs, in_channels, out_channels):
    layers = []
    for _ in range(num_convs):
        layers.append(nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1))
        layers.append(nn.ReLU())
        in_channels = out_channels
    layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
    return nn.Sequential(*layers)
net = vgg_block(2, 3, 64)
""",
        (3, 32, 32),
    ),
    "append loop toplevel": (
        """
layers = []
c = 3
for f in [16, 32, 64]:
    layers.append(nn.Conv2d(c, f, 3, padding=1))
    layers.append(nn.ReLU())
    layers.append(nn.MaxPool2d(2))
    c = f
net = nn.Sequential(*layers)
""",
        (3, 32, 32),
    ),
    "listcomp": (
        "net = nn.Sequential(*[nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)])",
        (8, 32, 32),
    ),
    "listcomp zip": (
        "net = nn.Sequential(*[nn.Conv2d(i, o, 3) for i, o in [(3, 8), (8, 16)]])",
        (3, 32, 32),
    ),
    "ordereddict": (
        """
model = nn.Sequential(OrderedDict([
          ('conv1', nn.Conv2d(1,20,5)),
          ('relu1', nn.ReLU()),
          ('conv2', nn.Conv2d(20,64,5)),
          ('relu2', nn.ReLU())
        ]))
""",
        (1, 28, 28),
    ),
    "ordereddict dict": (
        """
model = nn.Sequential(OrderedDict({
          'conv1': nn.Conv2d(1,20,5),
          'relu1': nn.ReLU(),
          'pool': nn.MaxPool2d(2),
        }))
""",
        (1, 28, 28),
    ),
    "add_module": (
        """
model = nn.Sequential()
model.add_module('conv1', nn.Conv2d(1, 8, 3))
model.add_module('relu', nn.ReLU())
""",
        (1, 28, 28),
    ),
    "same padding torch": (
        "nn.Sequential(nn.Conv2d(3, 8, 5, padding='same'), nn.Conv2d(8, 8, 4, padding='same', dilation=2))",
        (3, 32, 31),
    ),
    "tuple kernels": (
        "nn.Sequential(nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=(1, 2)), nn.MaxPool2d((2, 1)))",
        (3, 33, 31),
    ),
    "dropout2d": (
        "nn.Sequential(nn.Conv2d(1, 10, 5), nn.MaxPool2d(2), nn.Dropout2d(0.25), nn.Flatten(), nn.Linear(1440, 50))",
        (1, 28, 28),
    ),
    "upsample": (
        "nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Upsample(scale_factor=2), nn.Conv2d(8, 3, 3))",
        (3, 16, 16),
    ),
    "layernorm": (
        "nn.Sequential(nn.Linear(16, 8), nn.LayerNorm(8))",
        (16,),
    ),
    "layernorm maps": (
        "nn.Sequential(nn.Conv2d(3, 8, 3), nn.LayerNorm([8, 30, 30]))",
        (3, 32, 32),
    ),
    "groupnorm": (
        "nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(4, 8), nn.InstanceNorm2d(8))",
        (3, 32, 32),
    ),
    "convtranspose": (
        "nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)",
        (64, 7, 7),
    ),
    "dcgan": (
        """
nn.Sequential(
    nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False),
    nn.BatchNorm2d(512),
    nn.ReLU(True),
    nn.ConvTranspose2d(512, 256, 4, 2, 1, bias=False),
    nn.Tanh())
""",
        (100, 1, 1),
    ),
    "groups": (
        "nn.Sequential(nn.Conv2d(32, 32, 3, padding=1, groups=32), nn.Conv2d(32, 64, 1))",
        (32, 16, 16),
    ),
    "conv then linear 24": (
        "nn.Sequential(nn.Conv2d(1,6,5), nn.ReLU(), nn.Linear(24,10))",
        (1, 28, 28),
    ),
    "aap no flatten 1": (
        "nn.Sequential(nn.Conv2d(3,64,3), nn.AdaptiveAvgPool2d(1), nn.Linear(1,10))",
        (3, 32, 32),
    ),
    "aap flatten": (
        "nn.Sequential(nn.Conv2d(3,64,3), nn.AdaptiveAvgPool2d((1,1)), nn.Flatten(), nn.Linear(64,10))",
        (3, 32, 32),
    ),
    "aap uneven": (
        "nn.Sequential(nn.Conv2d(3,64,3), nn.AdaptiveAvgPool2d(7))",
        (3, 32, 32),
    ),
    "flatten 2": (
        "nn.Sequential(nn.Conv2d(3,8,3), nn.Flatten(2), nn.Linear(900, 10))",
        (3, 32, 32),
    ),
    "flatten -2": (
        "nn.Sequential(nn.Conv2d(3,8,3), nn.Flatten(1, 2), nn.Linear(30, 10))",
        (3, 32, 32),
    ),
    "view batch": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 5)
        self.fc = nn.Linear(16*24*24, 10)
    def forward(self, x):
        batch_size = x.shape[0]
        x = self.conv1(x)
        x = x.reshape(batch_size, -1)
        return F.log_softmax(self.fc(x), dim=1)
""",
        (1, 28, 28),
    ),
    "reshape to image": (
        """
class Gen(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(100, 128*7*7)
        self.conv = nn.Conv2d(128, 1, 3)
    def forward(self, z):
        x = self.fc(z)
        x = x.view(-1, 128, 7, 7)
        return self.conv(x)
""",
        (100,),
    ),
    "two classes": (
        """
class Block(nn.Module):
    def __init__(self, cin, cout):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, 3, padding=1)
        self.bn = nn.BatchNorm2d(cout)
    def forward(self, x):
        return F.relu(self.bn(self.conv(x)))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.b1 = Block(3, 16)
        self.b2 = Block(16, 32)
        self.fc = nn.Linear(32, 10)
    def forward(self, x):
        x = self.b2(self.b1(x))
        x = x.mean(dim=[2, 3])
        return self.fc(x)
""",
        (3, 32, 32),
    ),
    "training script": (
        """
import torch
import torch.nn as nn
import torch.optim as optim

device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

model = nn.Sequential(
    nn.Conv2d(1, 32, 3, 1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(5408, 10),
).to(device)

criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(model.parameters(), lr=1e-3)
""",
        (1, 28, 28),
    ),
    "with test lines": (
        """
net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU())
x = torch.randn(1, 1, 28, 28)
print(net(x).shape)
out = net(x)
""",
        (1, 28, 28),
    ),
    "if main": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        return self.conv(x)

if __name__ == '__main__':
    net = Net()
""",
        (3, 32, 32),
    ),
    "dropout if training": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.fc = nn.Linear(8*13*13, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), kernel_size=2)
        x = torch.flatten(x, start_dim=1)
        x = F.dropout(x, p=0.5, training=self.training)
        return F.log_softmax(self.fc(x), dim=1)
""",
        (1, 28, 28),
    ),
    "lazy": (
        "nn.Sequential(nn.LazyConv2d(8, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10))",
        (3, 28, 28),
    ),
    "avgpool fwd": (
        "nn.Sequential(nn.AvgPool2d(3, stride=2, padding=1, ceil_mode=True), nn.ZeroPad2d(1), nn.Conv2d(3,4,3))",
        (3, 28, 28),
    ),
    "unflatten": (
        "nn.Sequential(nn.Linear(10, 128), nn.Unflatten(1, (2, 8, 8)), nn.Conv2d(2, 4, 3))",
        (10,),
    ),
    "pixelshuffle": (
        "nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.PixelShuffle(2))",
        (3, 16, 16),
    ),
    "bn affine": (
        "nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16, affine=False), nn.ReLU())",
        (3, 32, 32),
    ),
    "bn no track": (
        "nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16, track_running_stats=False), nn.PReLU())",
        (3, 32, 32),
    ),
    "conv bias positional": (
        "nn.Conv2d(3, 16, 3, 1, 1, 1, 1, False)",
        (3, 32, 32),
    ),
    "circular": (
        "nn.Conv2d(3, 16, 3, padding=1, padding_mode='circular')",
        (3, 32, 32),
    ),
    "reused layer": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 8, 3, padding=1)
        self.bn = nn.BatchNorm2d(8)
    def forward(self, x):
        x = self.bn(self.conv1(x))
        x = self.bn(self.conv2(x))
        x = self.conv2(x)
        return x
""",
        (3, 32, 32),
    ),
    "methods chain": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, padding=1)
        self.fc = nn.Linear(8*16*16, 4)
    def forward(self, x):
        x = self.a(x).relu()
        x = nn.functional.max_pool2d(x, 2)
        return self.fc(x.flatten(1))
""",
        (3, 32, 32),
    ),
    "interpolate": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 8, 3, padding=1)
    def forward(self, x):
        x = F.interpolate(self.a(x), scale_factor=2)
        return x
""",
        (3, 32, 32),
    ),
    "pool stride none kw": (
        "nn.Sequential(nn.MaxPool2d(kernel_size=2, stride=None), nn.Conv2d(3, 8, 3))",
        (3, 32, 32),
    ),
    "f max_pool stride": (
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        x = F.max_pool2d(self.conv(x), 3, 2, 1)
        x = F.avg_pool2d(x, x.size()[2:])
        return x.view(x.size(0), -1)
""",
        (3, 32, 32),
    ),
}


def built(code):
    """What the code builds, run by Python itself: its last module, or its last class with its usual arguments."""
    scope = {"nn": nn, "F": F, "torch": torch, "optim": torch.optim, "OrderedDict": collections.OrderedDict}
    code = code.strip()
    exec(f"found = {code}" if code.startswith("nn.") else code, scope)
    models = [v for v in scope.values() if isinstance(v, nn.Module) and not isinstance(v, nn.CrossEntropyLoss)]
    kinds = [v for v in scope.values() if isinstance(v, type) and issubclass(v, nn.Module)]
    return (models[-1] if models else kinds[-1]()).eval()


@pytest.mark.parametrize("name", MODELS)
def test_a_model_gives_torchs_output_and_parameters(name):
    code, shape = MODELS[name]
    model, found = built(code), read(code, shape[1:] if len(shape) == 3 else None)
    assert found.wrong == ""
    assert found.input_shape == shape
    assert found.rows[-1].output_shape == tuple(model(torch.zeros(1, *shape)).shape[1:])
    assert sum(row.parameters for row in found.rows) == sum(p.numel() for p in model.parameters())
    assert len(found.rows) == len(found.labels)
