#!/usr/bin/env python3
"""Writes what PyTorch, in float64, makes of the models of torch_models_test.cc: the numbers in
torch_models.txt. The models are written down here a second time, from their papers and PyTorch's
own layers.

  python3 tests/models/zoo/torch_models.py > tests/models/zoo/torch_models.txt        needs torch

A line is: case, what, numbers. Of a gradient they are its norm and its products with two probes.
"""
import torch
import torch.nn.functional as F

from torch_case import DIM, EXAMPLES, NUMERIC, Case


def pairs(count):
    return [(i, j) for i in range(count) for j in range(i + 1, count)]


def lr(title, features=3, numeric=NUMERIC):
    case = Case(title, numeric)
    terms = []
    if features:
        terms.append(case.vectors(features, 1).sum((1, 2)))
    if numeric:
        terms.append(case.linear("linear", case.x, 1, bias=False)[:, 0])
    case.write(sum(terms))


def fm(title, dim=DIM):
    case = Case(title)
    e, first = case.with_weights(3, dim)
    second = sum((e[:, i] * e[:, j]).sum(1) for i, j in pairs(3))
    case.write(first + second + case.linear("linear", case.x, 1, bias=False)[:, 0])


def mf(title):
    case = Case(title, numeric=0, loss="squared")
    e, first = case.with_weights(2)
    case.write(first + (e[:, 0] * e[:, 1]).sum(1))


def mlp(title, features=3, **options):
    case = Case(title, **options)
    case.write(case.tower(case.inputs(*([case.vectors(features)] if features else []))))


def wide_deep(title):
    case = Case(title)
    case.write(case.tower(case.inputs(case.vectors(2)))[:, 0] + case.vectors(2, 1, "wide").sum((1, 2)))


def deepfm(title, **options):
    case = Case(title, **options)
    e, first = case.with_weights()
    second = sum((e[:, i] * e[:, j]).sum(1) for i, j in pairs(3))
    case.write(first + second + case.tower(case.inputs(e))[:, 0])


def dlrm(title, bottom=(4,), **options):
    case = Case(title, **options)
    v = case.tower(case.x, "bottom", bottom, DIM, bias=True)
    all_vectors = torch.cat([v.unsqueeze(1), case.vectors(3)], 1)
    products = all_vectors @ all_vectors.mT
    below = torch.stack([products[:, i, j] for i in range(4) for j in range(i)], 1)
    case.write(case.tower(torch.cat([v, below], 1), "top"))


def dcn(title, cross, stacked=False, **options):
    case = Case(title, **options)
    x0 = x = case.inputs(case.vectors(3))
    for layer in range(3):
        x = cross(case, f"cross.{layer}", x0, x)
    if stacked:
        return case.write(case.tower(x))
    return case.write(case.linear("cross.output", x, 1, bias=False) + case.tower(x0))


def cross_vector(case, name, x0, x):
    width = x.shape[1]
    return x0 * (x @ case.get(name + ".weight", width, 1)) + case.get(name + ".bias", width) + x


def cross_matrix(case, name, x0, x):
    return x0 * case.linear(name, x, x.shape[1]) + x


def cross_low_rank(case, name, x0, x):
    return x0 * case.linear(name, case.linear(name + ".narrow", x, 2, bias=False), x.shape[1]) + x


def ffm(title):
    case = Case(title)
    rows = case.vectors(3, 3 * DIM + 1)
    e = rows[:, :, :-1].reshape(EXAMPLES, 3, 3, DIM)
    second = sum((e[:, i, j] * e[:, j, i]).sum(1) for i, j in pairs(3))
    case.write(rows[:, :, -1].sum(1) + second + case.linear("linear", case.x, 1, bias=False)[:, 0])


def nfm(title):
    case = Case(title)
    e, first = case.with_weights()
    case.write(first + case.tower(case.inputs(sum(e[:, i] * e[:, j] for i, j in pairs(3))))[:, 0])


def xdeepfm(title, maps=(4, 3)):
    case = Case(title)
    e, first = case.with_weights()
    x, sums = e, []
    for level, width in enumerate(maps):
        weight = case.get(f"cin.{level}.weight", x.shape[1] * 3, width).reshape(x.shape[1], 3, width)
        x = torch.einsum("bid,bjd,ijh->bhd", x, e, weight)
        sums.append(x.sum(2))
    cin = case.linear("cin.output", torch.cat(sums, 1), 1, bias=False)
    case.write(first + cin[:, 0] + case.tower(case.inputs(e))[:, 0])


def autoint(title, tower=True):
    case = Case(title, numeric=NUMERIC if tower else 0)
    e = h = case.vectors(3)
    for layer in range(2):
        name = f"attention.{layer}."
        q, k, v = (case.linear(name + what, h, 4, bias=False).unflatten(2, (2, 2)).transpose(1, 2)
                   for what in ("query", "key", "value"))
        attended = F.scaled_dot_product_attention(q, k, v, scale=1).transpose(1, 2).flatten(2)
        h = torch.tanh(attended + case.linear(name + "residual", h, 4, bias=False))
    y = case.linear("attention.output", h.flatten(1), 1, bias=False)
    case.write(y + case.tower(case.inputs(e)) if tower else y)


def fibinet(title, each=False):
    case = Case(title)
    e, first = case.with_weights()
    squeezed = torch.tanh(case.linear("senet.0", e.mean(2), 1, bias=False))
    weighed = e * torch.tanh(case.linear("senet.1", squeezed, 3, bias=False)).unsqueeze(2)

    def bilinear(name, v):
        return [v[:, j] * (v[:, i] @ case.get(f"bilinear.{name}" + (f".{i}" if each else "") + ".weight", DIM, DIM))
                for i, j in pairs(3)]

    deep = case.inputs(*bilinear("plain", e), *bilinear("weighed", weighed))
    case.write(first + case.tower(deep)[:, 0])


def final_mlp(title, first=(6, 5), second=(6, 5), heads=1, gates=(None, None), **options):
    case = Case(title, **options)
    x = case.inputs(case.vectors(3))

    def stream(name, widths, gate):
        gated = x
        if gate is not None:
            hidden = torch.relu(case.linear(name + ".gate.0", case.vectors(2, table="gates")[:, gate], 4))
            logits = case.linear(name + ".gate.output", hidden, x.shape[1], bias=False)
            gated = x * 2 * torch.sigmoid(logits + case.get(name + ".gate.bias", x.shape[1]))
        return case.hidden_tower(gated, name, widths)

    u, v = stream("first", first, gates[0]), stream("second", second, gates[1])
    y = case.linear("first.weight_of", u, 1, bias=False) + case.linear("second.weight_of", v, 1, bias=False)
    for k, (a, b) in enumerate(zip(u.chunk(heads, 1), v.chunk(heads, 1))):
        y = y + F.bilinear(a, b, case.get(f"fusion.{k}.weight", a.shape[1], b.shape[1]).unsqueeze(0))
    case.write(y)


def neumf(title):
    case = Case(title)
    e = case.vectors(2)
    product = case.linear("product.output", e[:, 0] * e[:, 1], 1, bias=False)
    case.write(product + case.tower(case.inputs(case.vectors(3, table="mlp"))))


def gru_states(case, name, h):
    return case.recurrent(name + ".gru", h.unsqueeze(0), DIM)[0]


def lstm_states_both_ways(case, name, h):
    ahead = case.recurrent(name + ".lstm", h.unsqueeze(0), DIM, "lstm")[0]
    back = case.recurrent(name + ".back.lstm", h.flip(0).unsqueeze(0), DIM, "lstm")[0].flip(0)
    return case.linear(name + ".both", torch.cat([ahead, back], 1), DIM)


def din(title, states=None):
    case = Case(title)
    e = case.vectors(3)
    parts = [e]
    for index in range(2):
        name = f"sequence.{index}"
        sums = []
        for example, h in enumerate(case.sequence(index, [(2 * b + 3 + index) % 4 for b in range(EXAMPLES)])):
            if states and len(h):
                h = states(case, name, h)
            t = e[example, 1].expand_as(h)
            fit = case.tower(torch.cat([h, t, h - t, h * t], 1), name, (4,)) + case.get(name + ".bias", 1)
            sums.append((fit * h).sum(0))
        parts.append(torch.stack(sums))
    case.write(case.tower(case.inputs(*parts)))


def autorec(title):
    case = Case(title, numeric=0, loss="squared")
    h = torch.tanh(case.vectors(2).sum(1) + case.get("encoder.bias", DIM))
    row = case.vectors(1, DIM + 1, "output")[:, 0]
    case.write((h * row[:, :DIM]).sum(1) + row[:, DIM])


def bpr_mf(title):
    case = Case(title, numeric=0)
    rows = case.vectors(3, DIM + 1)
    e, bias = rows[:, :, :DIM], rows[:, :, DIM]
    case.write((e[:, 0] * (e[:, 1] - e[:, 2])).sum(1) + bias[:, 1] - bias[:, 2], bias=False)


def task_outputs(case, bodies, widths=(4,)):
    outputs = [case.tower(x, f"task.{k}", widths) + case.get(f"task.{k}.bias", 1) for k, x in enumerate(bodies)]
    return torch.cat(outputs, 1)


def gated(case, name, x, experts):
    shares = torch.softmax(case.linear(name, x, len(experts), bias=False), 1)
    return torch.einsum("be,ebw->bw", shares, torch.stack(experts))


def shared_bottom(title, labels=2):
    case = Case(title, label_weights=(1, 0.5)[:labels])
    bottom = case.hidden_tower(case.inputs(case.vectors(3)), "bottom")
    case.write(task_outputs(case, [bottom] * labels), bias=False)


def mmoe(title, **options):
    case = Case(title, label_weights=(1, 0.5), **options)
    x = case.inputs(case.vectors(3))
    experts = [case.hidden_tower(x, f"expert.{e}") for e in range(2)]
    case.write(task_outputs(case, [gated(case, f"gate.{k}", x, experts) for k in range(2)]), bias=False)


def ple(title, levels=1, own=1):
    case = Case(title, label_weights=(1, 0.5))
    common = case.inputs(case.vectors(3))
    tasks = [common, common]
    for level in range(levels):
        experts = [case.hidden_tower(common, f"level.{level}.common.{e}") for e in range(2)]
        owned = [[case.hidden_tower(x, f"level.{level}.{k}.{e}") for e in range(own)] for k, x in enumerate(tasks)]
        tasks = [gated(case, f"level.{level}.{k}.gate", tasks[k], owned[k] + experts) for k in range(2)]
        if level + 1 < levels:
            common = gated(case, f"level.{level}.common.gate", common, experts + owned[0] + owned[1])
    case.write(task_outputs(case, tasks), bias=False)


def esmm(title):
    case = Case(title, label_weights=(1, 0.5))
    x = case.inputs(case.vectors(3))
    first, second = task_outputs(case, [x, x], (6, 5)).unbind(1)
    both = torch.sigmoid(first) * torch.sigmoid(second)
    case.write(torch.stack([first, torch.logit(both)], 1), bias=False)


def two_tower(title, widths=(6, 5)):
    case = Case(title, numeric=0)
    user, item = case.vectors(2).unbind(1)
    if widths:
        user, item = (case.tower(x, name, widths, DIM) for name, x in (("user", user), ("item", item)))
    logits = user @ item.T - case.weights.log()
    losses = F.cross_entropy(logits, torch.arange(EXAMPLES), reduction="none")
    case.finish(losses.sum(), torch.exp(-losses))


def gru4rec_full_softmax(title, items=5):
    case = Case(title, numeric=0, dim=4)
    lengths = [(2 * b + b // 2) % 4 for b in range(EXAMPLES)]
    catalog = case.get("catalog", items, 4, scale=1)
    places = torch.arange(sum(lengths)) ** 2 % items
    losses, scores = [], []
    for h, wanted in zip(case.sequence(2, lengths), places.split(lengths)):
        element_losses = torch.zeros(0)
        if len(h):
            h = case.linear("output", case.recurrent("cell.0", h.unsqueeze(0), 4)[0], 4)
            element_losses = F.cross_entropy(h @ catalog.T, wanted, reduction="none")
        losses.append(element_losses.sum())
        scores.append(torch.exp(-losses[-1] / max(len(h), 1)))
    case.finish((torch.stack(losses) * case.weights).sum(), torch.stack(scores))


def dbn(title, features=3, numeric=NUMERIC, widths=(6, 5)):
    """As it is fine-tuned: no visible bias counts."""
    case = Case(title, numeric)
    x = 0
    if numeric:
        x = case.linear("hidden.0", case.x, widths[0])
    if features:
        x = x + case.vectors(features, widths[0] + 1)[:, :, :-1].sum(1)
    if not numeric:
        x = x + case.get("hidden.0.bias", widths[0])
    h = torch.sigmoid(x)
    for layer, width in enumerate(widths[1:], 1):
        h = torch.sigmoid(case.linear(f"hidden.{layer}", h, width))
    case.write(case.linear("output", h, 1, bias=False))


lr("lr")
lr("lr_numeric_only", features=0)
lr("lr_no_numeric", numeric=0)
fm("fm")
fm("fm_dim_16", 16)
mf("mf")
mlp("mlp")
mlp("mlp_no_numeric", numeric=0)
mlp("mlp_numeric_only", features=0)
mlp("mlp_squared", loss="squared")
wide_deep("wide_deep")
deepfm("deepfm")
for kind in ("relu", "sigmoid"):
    deepfm("deepfm_" + kind, activation=kind)
for kind in ("batch", "layer"):
    deepfm("deepfm_" + kind, norm=kind)
deepfm("deepfm_smooth_l1", loss="smooth_l1")
dlrm("dlrm")
dlrm("dlrm_relu", activation="relu")
dlrm("dlrm_layer", norm="layer")
dlrm("dlrm_linear_bottom", ())
dcn("dcn", cross_vector)
dcn("dcn_stacked", cross_vector, stacked=True)
dcn("dcnv2", cross_matrix)
dcn("dcnv2_low_rank", cross_low_rank)
dcn("dcnv2_no_numeric", cross_matrix, numeric=0)
ffm("ffm")
nfm("nfm")
xdeepfm("xdeepfm")
xdeepfm("xdeepfm_one_level", (2,))
autoint("autoint")
autoint("autoint_no_tower", tower=False)
fibinet("fibinet")
fibinet("fibinet_each", each=True)
final_mlp("final_mlp")
final_mlp("final_mlp_heads", (5, 4), (6,), 2)
final_mlp("final_mlp_gates", gates=(0, 1))
final_mlp("final_mlp_batch", (5,), (5,), norm="batch")
neumf("neumf")
din("din")
din("dien", gru_states)
din("dien_both_ways", lstm_states_both_ways)
autorec("autorec")
bpr_mf("bpr_mf")
shared_bottom("shared_bottom")
shared_bottom("shared_bottom_one_label", 1)
mmoe("mmoe")
mmoe("mmoe_squared", loss="squared")
mmoe("mmoe_batch", norm="batch")
ple("ple")
ple("ple_two_levels", 2, 2)
esmm("esmm")
two_tower("two_tower")
two_tower("two_tower_rows", ())
deepfm("deepfm_focal", loss="focal")
mlp("mlp_hinge", loss="hinge")
gru4rec_full_softmax("gru4rec_full_softmax")
dbn("dbn")
dbn("dbn_no_numeric", numeric=0)
dbn("dbn_numeric_only", features=0)
