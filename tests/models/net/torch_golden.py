#!/usr/bin/env python3
"""Prints what PyTorch's own layers make of the inputs of sequence_layers_test.cc and
row_layers_test.cc, in float64.

  python3 tests/models/net/torch_golden.py        needs torch
"""
import math

import torch

torch.set_default_dtype(torch.float64)
LENGTHS = [3, 0, 1]


def wave(count, start):
    return torch.tensor([math.sin(start + 0.7 * i) for i in range(count)])


def show(name, values):
    print(name, "{" + ", ".join(f"{v:.7f}F" for v in values.flatten().tolist()) + "}")


def by_example(function, *rows):
    """function of each example's elements, one after the other."""
    parts, at = [], 0
    for length in LENGTHS:
        if length > 0:
            parts.append(function(*[r[at:at + length] for r in rows]))
        at += length
    return torch.cat(parts)


def gru(width=2, units=2):
    x = wave(4 * width, 1).reshape(4, width).requires_grad_()
    layer = torch.nn.GRU(width, units, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_((0.5 * wave(width * 3 * units, 2)).reshape(width, -1).T)
        layer.bias_ih_l0.copy_(0.5 * wave(3 * units, 3))
        layer.weight_hh_l0.copy_((0.5 * wave(units * 3 * units, 4)).reshape(units, -1).T)
        layer.bias_hh_l0.copy_(0.5 * wave(3 * units, 5))
    y = by_example(lambda part: layer(part.unsqueeze(0))[0][0], x)
    (y * wave(4 * units, 6).reshape(4, units)).sum().backward()
    show("gru y", y)
    show("gru dx", x.grad)
    for name in ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0"):
        show("gru " + name, getattr(layer, name).grad.mT if "weight" in name else getattr(layer, name).grad)


def lstm(width=2, units=2, bidirectional=False):
    x = wave(4 * width, 1).reshape(4, width).requires_grad_()
    layer = torch.nn.LSTM(width, units, batch_first=True, bidirectional=bidirectional)
    with torch.no_grad():
        for start, end in enumerate(["", "_reverse"][:1 + bidirectional]):
            at = 2 + 4 * start
            getattr(layer, "weight_ih_l0" + end).copy_((0.5 * wave(width * 4 * units, at)).reshape(width, -1).T)
            getattr(layer, "bias_ih_l0" + end).copy_(0.5 * wave(4 * units, at + 1))
            getattr(layer, "weight_hh_l0" + end).copy_((0.5 * wave(units * 4 * units, at + 2)).reshape(units, -1).T)
            getattr(layer, "bias_hh_l0" + end).copy_(0.5 * wave(4 * units, at + 3))
    y = by_example(lambda part: layer(part.unsqueeze(0))[0][0], x)
    (y * wave(y.numel(), 6).reshape(y.shape)).sum().backward()
    name = "both ways" if bidirectional else "lstm"
    show(name + " y", y)
    show(name + " dx", x.grad)
    if bidirectional:
        return
    for key in ("weight_ih_l0", "bias_ih_l0", "weight_hh_l0", "bias_hh_l0"):
        show("lstm " + key, getattr(layer, key).grad.mT if "weight" in key else getattr(layer, key).grad)


def rows_and_grads(name, function, x, parameters):
    """y, dx and the gradients of the parameters (name -> tensor)."""
    y = function()
    (y * wave(y.numel(), 6).reshape(y.shape)).sum().backward()
    show(name + " y", y)
    show(name + " dx", x.grad)
    for key, parameter in parameters.items():
        show(f"{name} {key}", parameter.grad)


def layer_norm(width=3):
    x = wave(4 * width, 1).reshape(4, width).requires_grad_()
    gain, shift = wave(width, 2).requires_grad_(), wave(width, 3).requires_grad_()
    norm = lambda: torch.nn.functional.layer_norm(x, (width,), gain, shift, eps=1e-5)
    rows_and_grads("layer norm", norm, x, {"gain": gain, "shift": shift})


def convolution(height, width, kernel, filters=2):
    x = wave(4 * height * width, 1).reshape(4, height * width).requires_grad_()
    weight = (0.5 * wave(kernel[0] * kernel[1] * filters, 2)).reshape(-1, filters).requires_grad_()
    bias = (0.5 * wave(filters, 3)).requires_grad_()

    def convolve():
        kernels = weight.T.reshape(filters, 1, *kernel)
        y = torch.nn.functional.conv2d(x.reshape(4, 1, height, width), kernels, bias)
        return y.flatten(2).transpose(1, 2).flatten(1)  # by place, then by filter

    rows_and_grads(f"convolution {kernel}", convolve, x, {"weight": weight, "bias": bias})


def max_pooling(groups=3, width=2):
    x = wave(4 * groups * width, 1).reshape(4, groups * width).requires_grad_()
    pool = lambda: torch.nn.functional.max_pool1d(
        x.reshape(4, groups, width).transpose(1, 2), groups).flatten(1)
    rows_and_grads("max pooling", pool, x, {})


def attention(causal, width=4, heads=2):
    rows = [wave(4 * width, start).reshape(4, width).requires_grad_() for start in (1, 2, 3)]

    def attend(*parts):
        split = [p.reshape(len(p), heads, -1).transpose(0, 1) for p in parts]
        y = torch.nn.functional.scaled_dot_product_attention(*split, is_causal=causal)
        return y.transpose(0, 1).reshape(len(parts[0]), width)

    y = by_example(attend, *rows)
    (y * wave(4 * width, 6).reshape(4, width)).sum().backward()
    show(f"attention causal={causal} y", y)
    for name, row in zip("qkv", rows):
        show(f"attention causal={causal} d{name}", row.grad)


gru()
lstm()
lstm(bidirectional=True)
attention(True)
attention(False)
layer_norm()
convolution(3, 2, (2, 2))
convolution(3, 3, (2, 1))
max_pooling()
