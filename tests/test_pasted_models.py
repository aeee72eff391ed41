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
    "vgg cfg": (
        """
cfg = {'A': [64, 'M', 128, 'M']}
class VGG(nn.Module):
    def __init__(self, name='A'):
        super().__init__()
        self.features = self._make_layers(cfg[name])
        self.classifier = nn.Linear(128*8*8, 10)
    def forward(self, x):
        out = self.features(x)
        out = out.view(out.size(0), -1)
        return self.classifier(out)
    def _make_layers(self, cfg):
        layers = []
        in_channels = 3
        for x in cfg:
            if x == 'M':
                layers += [nn.MaxPool2d(kernel_size=2, stride=2)]
            else:
                conv2d = nn.Conv2d(in_channels, x, kernel_size=3, padding=1)
                layers += [conv2d, nn.BatchNorm2d(x), nn.ReLU(inplace=True)]
                in_channels = x
        return nn.Sequential(*layers)
""",
        (3, 32, 32),
    ),
    "block class seq": (
        """
class ConvBlock(nn.Sequential):
    def __init__(self, cin, cout, k=3):
        super().__init__(nn.Conv2d(cin, cout, k, padding=k//2, bias=False), nn.BatchNorm2d(cout), nn.ReLU6())
model = nn.Sequential(ConvBlock(3, 8), ConvBlock(8, 16, k=5), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 2))
""",
        (3, 32, 32),
    ),
    "mobilenet dw": (
        """
def conv_dw(inp, oup, stride):
    return nn.Sequential(
        nn.Conv2d(inp, inp, 3, stride, 1, groups=inp, bias=False),
        nn.BatchNorm2d(inp),
        nn.ReLU(inplace=True),
        nn.Conv2d(inp, oup, 1, 1, 0, bias=False),
        nn.BatchNorm2d(oup),
        nn.ReLU(inplace=True))
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = nn.Sequential(
            conv_dw(32, 64, 1),
            conv_dw(64, 128, 2),
            nn.AvgPool2d(16),
        )
        self.fc = nn.Linear(128, 10)
    def forward(self, x):
        x = self.model(x)
        x = x.view(-1, 128)
        x = self.fc(x)
        return x
""",
        (32, 32, 32),
    ),
    "autoencoder": (
        """
class AE(nn.Module):
    def __init__(self):
        super(AE, self).__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(32, 64, 7))
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 7), nn.ReLU(),
            nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1), nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 3, stride=2, padding=1, output_padding=1), nn.Sigmoid())
    def forward(self, x):
        encoded = self.encoder(x)
        decoded = self.decoder(encoded)
        return decoded
""",
        (1, 28, 28),
    ),
    "mlp mnist": (
        """
class MLP(nn.Module):
    def __init__(self, input_size=784, hidden_size=128, num_classes=10):
        super().__init__()
        self.fc1 = nn.Linear(input_size, hidden_size)
        self.relu = nn.ReLU()
        self.fc2 = nn.Linear(hidden_size, num_classes)
    def forward(self, x):
        x = x.view(-1, 784)
        out = self.relu(self.fc1(x))
        return self.fc2(out)
""",
        (1, 28, 28),
    ),
    "instance args": (
        """
class Net(nn.Module):
    def __init__(self, c, n):
        super().__init__()
        self.c = c
        self.n_out = c * 13 * 13
        self.conv = nn.Conv2d(1, c, 3)
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Linear(self.n_out, n)
    def forward(self, x):
        x = self.pool(self.conv(x))
        x = torch.flatten(x, start_dim=1)
        return self.fc(x)
device = 'cpu'
model = Net(12, n=7).to(device)
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(0):
    model.train()
    for x, y in loader:
        loss = loss_fn(model(x), y)
        loss.backward()
        opt.step()
""",
        (1, 28, 28),
    ),
    "shortcut if": (
        """
class B(nn.Module):
    def __init__(self, use_bn=True, pool=None):
        super().__init__()
        layers = [nn.Conv2d(3, 8, 3)]
        if use_bn:
            layers.append(nn.BatchNorm2d(8))
        if pool is not None:
            layers.append(nn.MaxPool2d(pool))
        self.net = nn.Sequential(*layers)
    def forward(self, x):
        return self.net(x)
m = B(pool=2)
""",
        (3, 32, 32),
    ),
    "dropout after view": (
        """
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(1, 10, kernel_size=5)
        self.conv2 = nn.Conv2d(10, 20, kernel_size=5)
        self.conv2_drop = nn.Dropout2d()
        self.fc1 = nn.Linear(320, 50)
        self.fc2 = nn.Linear(50, 10)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2_drop(self.conv2(x)), 2))
        x = x.view(-1, 320)
        x = F.relu(self.fc1(x))
        x = F.dropout(x, training=self.training)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)
""",
        (1, 28, 28),
    ),
    "return two": (
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        logits = self.conv(x)
        probas = F.softmax(logits, dim=1)
        return probas
""",
        (3, 32, 32),
    ),
    "print in forward": (
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        print(x.shape)
        x = self.conv(x)
        print("after conv", x.shape)
        n, c, h, w = x.shape
        return x.view(n, c*h*w)
""",
        (3, 32, 32),
    ),
    "squeeze": (
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.gap = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8, 5)
    def forward(self, x):
        x = self.gap(self.conv(x)).squeeze(-1).squeeze(-1)
        return self.fc(x)
""",
        (3, 32, 32),
    ),
    "seq index": (
        """
m = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())
m.append(nn.Conv2d(8, 4, 3))
m.eval()
""",
        (3, 32, 32),
    ),
    "maxpool indices ceil": (
        "nn.MaxPool2d(3, 2, ceil_mode=True)",
        (3, 32, 32),
    ),
    "overlapping patch": (
        "nn.Sequential(nn.Conv2d(3, 96, 4, 4), nn.GroupNorm(1, 96), nn.GELU())",
        (3, 64, 64),
    ),
    "dilated same": (
        "nn.Conv2d(3, 8, 3, padding='same', dilation=3)",
        (3, 20, 20),
    ),
    "asym padding": (
        "nn.Sequential(nn.ZeroPad2d((0, 1, 2, 3)), nn.Conv2d(3, 8, 3, stride=2))",
        (3, 20, 20),
    ),
    "reflect": (
        "nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(3, 8, 7))",
        (3, 20, 20),
    ),
    "upsample size": (
        "nn.Sequential(nn.Upsample(size=(7, 9), mode='bilinear'), nn.Conv2d(3, 8, 3))",
        (3, 20, 20),
    ),
    "upsample 1.5": (
        "nn.Upsample(scale_factor=1.5)",
        (3, 21, 21),
    ),
    "F relu module style": (
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 3)
    def forward(self, x):
        return self.c2(torch.relu(self.c1(x)))
""",
        (3, 32, 32),
    ),
    "linear bias kw": (
        "nn.Sequential(nn.Linear(10, 5, bias=False), nn.LayerNorm(5, elementwise_affine=False), nn.Linear(5,1))",
        (10,),
    ),
    "adaptive None": (
        "nn.AdaptiveAvgPool2d((None, 7))",
        (3, 28, 28),
    ),
    "adaptive max tuple": (
        "nn.Sequential(nn.AdaptiveMaxPool2d((5, 7)), nn.Conv2d(3, 2, 3))",
        (3, 28, 27),
    ),
    "chained": (
        "nn.Sequential(nn.Sequential(nn.Conv2d(3, 8, 3)), nn.Sequential(nn.ReLU(), nn.Sequential(nn.MaxPool2d(3))))",
        (3, 28, 27),
    ),
    "conditional expr": (
        """
class N(nn.Module):
    def __init__(self, act='relu'):
        super().__init__()
        self.c = nn.Conv2d(3, 8, 3)
        self.act = nn.ReLU() if act == 'relu' else nn.GELU()
    def forward(self, x):
        return self.act(self.c(x))
""",
        (3, 28, 28),
    ),
    "forward conditional": (
        """
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 8, 3)
    def forward(self, x):
        x = self.c(x)
        if self.training:
            x = F.dropout(x)
        return x
""",
        (3, 28, 28),
    ),
    "batchnorm 1d flat": (
        "nn.Sequential(nn.Flatten(), nn.Linear(3*64, 10), nn.BatchNorm1d(10), nn.LeakyReLU(0.2), nn.Dropout(p=0.5))",
        (3, 8, 8),
    ),
    "softmax only": (
        "nn.Sequential(nn.Softmax(dim=1))",
        (3, 8, 8),
    ),
}
VGG, SIZE = MODELS["vgg cfg"]
for there, here in (
    ("{'A': [64, 'M', 128, 'M']}", "[64, 'M', 128, 'M']"),
    ("self, name='A'", "self"),
    ("cfg[name]", "cfg"),
):
    VGG = VGG.replace(there, here)
MODELS["vgg list"] = VGG, SIZE


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


KERAS = [  # code, what comes out as (channels, height, width), and its parameters, each counted by hand
    ("layers.Conv2D(8, 5, strides=2, padding='SAME', input_shape=(28, 27, 1))", (8, 14, 14), 25 * 8 + 8),
    ("Sequential([Input((7, 7, 64)), Conv2DTranspose(32, 3, strides=2, padding='same')])", (32, 14, 14),
     9 * 64 * 32 + 32),
    ("Sequential([Input((14, 14, 32)), Conv2DTranspose(1, 5, strides=2)])", (1, 31, 31), 25 * 32 + 1),
    ("Sequential([Input((7, 7, 64)), SeparableConv2D(32, 3)])", (32, 5, 5), 9 * 64 + 64 * 32 + 32),
    ("Sequential([Input((30, 30, 3)), ZeroPadding2D(((1, 2), (0, 0))), UpSampling2D(2)])", (3, 66, 60), 0),
    ("Sequential([Input((100,)), Dense(98, use_bias=False), Reshape((7, 7, 2))])", (2, 7, 7), 9800),
    ("Sequential([Input((15, 15, 3)), MaxPool2D(2, padding='same'), AvgPool2D(3, strides=2), Flatten(), Dense(4)])",
     (4,), 27 * 4 + 4),
    ("Sequential([Rescaling(1./255, input_shape=(8, 8, 3)), Conv2D(2, 3), BatchNormalization(), ReLU()])", (2, 6, 6),
     27 * 2 + 2 + 4),
    ("def block(x, f):\n    x = layers.Conv2D(f, 3, padding='same')(x)\n    return layers.ReLU()(x)\n"
     "i = layers.Input(shape=(8, 8, 3))\nx = block(i, 4)\nx = block(x, 5)\nmodel = Model(i, x)", (5, 8, 8),
     27 * 4 + 4 + 36 * 5 + 5),
]  # fmt: skip


@pytest.mark.parametrize(("code", "shape", "parameters"), KERAS)
def test_a_keras_model_gives_what_is_counted_by_hand(code, shape, parameters):
    found = read(code)
    assert found.wrong == ""
    assert found.rows[-1].output_shape == shape
    assert sum(row.parameters for row in found.rows) == parameters


def test_a_tensor_in_the_code_says_the_size():
    found = read("x = torch.zeros(8, 3, 40, 30)\nnet = nn.Conv2d(3, 4, 3)\ny = net(x)")
    assert found.input_shape == (3, 40, 30)
    assert found.rows[-1].output_shape == (4, 38, 28)
