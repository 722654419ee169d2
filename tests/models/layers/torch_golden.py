#!/usr/bin/env python3
"""Prints what PyTorch's own activations make of the inputs of hidden_activation_test.cc, in float64.

  python3 tests/models/layers/torch_golden.py        needs torch
"""
import math

import torch

torch.set_default_dtype(torch.float64)
EXAMPLES, WIDTH = 4, 2


def wave(count, start):
    return torch.tensor([math.sin(start + 0.7 * i) for i in range(count)])


def show(name, values):
    print(name, "{" + ", ".join(f"{v:.7f}F" for v in values.flatten().tolist()) + "}")


def dice(x, slope, gain, shift):
    gate = torch.sigmoid(torch.nn.functional.batch_norm(x, None, None, gain, shift, True))
    return gate * x + (1 - gate) * slope * x


def compare(name, function, parameters=()):
    x = (2 * wave(EXAMPLES * WIDTH, 1)).reshape(EXAMPLES, WIDTH).requires_grad_()
    given = [(0.5 * wave(WIDTH, 2 + i)).requires_grad_() for i in range(len(parameters))]
    y = function(x, *given)
    (y * wave(EXAMPLES * WIDTH, 6).reshape(EXAMPLES, WIDTH)).sum().backward()
    show(f"{name} y", y)
    show(f"{name} dx", x.grad)
    for parameter, value in zip(parameters, given):
        show(f"{name} d_{parameter}", value.grad)


compare("gelu", torch.nn.functional.gelu)
compare("silu", torch.nn.functional.silu)
compare("prelu", torch.nn.functional.prelu, ["slope"])
compare("dice", dice, ["slope", "gain", "shift"])
