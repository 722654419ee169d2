#!/usr/bin/env python3
"""Prints what PyTorch's own layers make of the inputs of sequence_layers_test.cc, in float64.

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
attention(True)
attention(False)
