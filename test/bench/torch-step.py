"""One step of learning of a PlainConvUNet of the bundled model's size, with norms, in torch: prints seconds, forward and step, medians."""
import json
import sys
import time

import torch
from torch import nn

FEATURES, CONVS, PATCH, CLASSES, ROUNDS = json.loads(sys.argv[1])


def block(inputs, outputs, stride):
    return nn.Sequential(
        nn.Conv3d(inputs, outputs, 3, stride, 1),
        nn.InstanceNorm3d(outputs, affine=True),
        nn.LeakyReLU(0.01, inplace=True),
    )


def stage(inputs, outputs, stride):
    return nn.Sequential(
        block(inputs, outputs, stride), *[block(outputs, outputs, 1) for _ in range(CONVS - 1)]
    )


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        pairs = list(zip([1] + FEATURES[:-1], FEATURES))
        self.down = nn.ModuleList(stage(a, b, 1 if i == 0 else 2) for i, (a, b) in enumerate(pairs))
        ups = list(zip(FEATURES[:0:-1], FEATURES[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose3d(a, b, 2, 2) for a, b in ups)
        self.join = nn.ModuleList(stage(2 * b, b, 1) for _, b in ups)
        self.head = nn.Conv3d(FEATURES[0], CLASSES, 1)

    def forward(self, x):
        skips = []
        for each in self.down:
            x = each(x)
            skips.append(x)
        skips.pop()
        for up, join in zip(self.up, self.join):
            x = join(torch.cat([up(x), skips.pop()], 1))
        return self.head(x)


def median(values):
    return sorted(values)[len(values) // 2]


torch.set_num_threads(2)
torch.manual_seed(1)
net = UNet()
image = torch.randn(1, 1, *PATCH)
labels = torch.randint(CLASSES, (1, *PATCH))
one_hot = nn.functional.one_hot(labels, CLASSES).movedim(-1, 1).float()
forward, step = [], []
for _ in range(ROUNDS):
    start = time.perf_counter()
    with torch.no_grad():
        net(image)
    forward.append(time.perf_counter() - start)
    start = time.perf_counter()
    logits = net(image)
    share = torch.softmax(logits, 1)
    common = (share * one_hot).sum((0, 2, 3, 4))[1:]
    total = (share.sum((0, 2, 3, 4)) + one_hot.sum((0, 2, 3, 4)))[1:]
    loss = nn.functional.cross_entropy(logits, labels) - ((2 * common + 1e-5) / (total + 1e-5)).mean()
    net.zero_grad()
    loss.backward()
    step.append(time.perf_counter() - start)
print(json.dumps({"forward": median(forward), "step": median(step)}))
