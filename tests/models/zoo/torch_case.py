"""The inputs and parameters of a model of torch_models.py, and the loss over its outputs."""
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
EXAMPLES, DIM, NUMERIC = 5, 3, 2
PROBES = 2


def numbers(name, count, scale=1.0):
    """The same as Numbers() of the test: from the name alone, in [-scale, scale)."""
    state = 2166136261
    for byte in name.encode():
        state = ((state ^ byte) * 16777619) % 2**32
    values = []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append((state // 256) / 2**23 * scale - scale)
    return torch.tensor(values)


def focal(y, labels, reduction):
    bce = F.binary_cross_entropy_with_logits(y, labels, reduction=reduction)
    return (1 - torch.exp(-bce)) ** 2 * bce


def hinge(y, labels, reduction):
    return torch.relu(1 - (2 * labels - 1) * y)


class Case:
    """The inputs of a model, and every parameter it asked for, by name."""

    def __init__(self, title, numeric=NUMERIC, loss="bce", activation="tanh", norm="none", label_weights=(1,),
                 dim=DIM):
        self.title, self.loss, self.norm, self.dim = title, loss, norm, dim
        self.activation = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid}[activation]
        self.parameters = {}
        self.x = numbers("numeric", EXAMPLES * numeric).reshape(EXAMPLES, numeric)
        self.label_weights = torch.tensor(label_weights, dtype=torch.float64)
        self.labels = (numbers("labels", EXAMPLES * len(label_weights)) + 1) / 2
        if loss in ("bce", "focal", "hinge"):
            self.labels = self.labels.round()
        self.absent = torch.zeros_like(self.labels, dtype=torch.bool)
        self.absent[3] = len(label_weights) > 1
        self.weights = 1.25 + 0.75 * numbers("weights", EXAMPLES)

    def get(self, name, *shape, scale=0.5):
        count = torch.Size(shape).numel()
        value = numbers(name, count, scale).reshape(shape)
        if name.endswith(".gain"):
            value = value + 1
        return self.parameters.setdefault(name, value.requires_grad_())

    def vectors(self, features, dim=DIM, table="default"):
        """[B, F, dim] of the combined rows."""
        rows = numbers("table." + table, EXAMPLES * features * dim).reshape(EXAMPLES, features, dim)
        return self.parameters.setdefault("table." + table, rows.requires_grad_())

    def with_weights(self, features=3, dim=DIM):
        """The vectors, and the sum of the first-order weights at their ends."""
        rows = self.vectors(features, dim + 1)
        return rows[:, :, :dim], rows[:, :, dim].sum(1)

    def sequence(self, index, lengths):
        rows = numbers(f"sequence.{index}", sum(lengths) * self.dim).reshape(-1, self.dim)
        return self.parameters.setdefault(f"sequence.{index}", rows.requires_grad_()).split(lengths)

    def linear(self, name, x, outputs, bias=True):
        weight = self.get(name + ".weight", x.shape[-1], outputs)
        return F.linear(x, weight.T, self.get(name + ".bias", outputs) if bias else None)

    def recurrent(self, name, x, width, cell="gru"):
        """[B, L, width]: the states over [B, L, inputs]."""
        make, gates = {"gru": (torch.nn.GRU, 3), "lstm": (torch.nn.LSTM, 4)}[cell]
        layer = make(x.shape[-1], width, batch_first=True)
        given = {"weight_ih_l0": self.get(name + ".input.weight", x.shape[-1], gates * width).T,
                 "bias_ih_l0": self.get(name + ".input.bias", gates * width),
                 "weight_hh_l0": self.get(name + ".state.weight", width, gates * width).T,
                 "bias_hh_l0": self.get(name + ".state.bias", gates * width)}
        return torch.func.functional_call(layer, given, x)[0]

    def hidden(self, name, x, width):
        y = self.linear(name, x, width, bias=self.norm == "none")
        if self.norm != "none":
            gain, shift = self.get(name + ".gain", width), self.get(name + ".shift", width)
            if self.norm == "batch":
                y = F.batch_norm(y, None, None, gain, shift, True)
            else:
                y = F.layer_norm(y, (width,), gain, shift)
        return self.activation(y)

    def tower(self, x, name="tower", widths=(6, 5), outputs=1, bias=False):
        for layer, width in enumerate(widths):
            x = self.hidden(f"{name}.{layer}", x, width)
        return self.linear(f"{name}.output", x, outputs, bias)

    def hidden_tower(self, x, name, widths=(6, 5)):
        """A tower whose last hidden layer is the result."""
        for layer, width in enumerate(widths[:-1]):
            x = self.hidden(f"{name}.{layer}", x, width)
        return self.hidden(name + ".output", x, widths[-1])

    def inputs(self, *parts):
        return torch.cat([p.flatten(1) for p in parts] + [self.x], 1)

    def write(self, y, bias=True):
        y = y.flatten()
        if bias:
            y = y + self.get("bias", 1)
        scores = torch.sigmoid(y) if self.loss in ("bce", "focal", "hinge") else y
        losses = {"focal": focal, "hinge": hinge, "bce": F.binary_cross_entropy_with_logits,
                  "squared": F.mse_loss,
                  "smooth_l1": F.smooth_l1_loss}[self.loss](y, self.labels, reduction="none")
        weights = torch.outer(self.weights, self.label_weights).flatten()
        loss = (losses * weights)[~self.absent].sum()
        self.finish(loss, scores)

    def finish(self, loss, scores):
        loss.backward()
        self.line("loss", [loss.item()])
        self.line("scores", scores.tolist())
        for name, parameter in self.parameters.items():
            gradient = parameter.grad.flatten()
            probes = [gradient @ numbers(f"probe.{p}", len(gradient)) for p in range(PROBES)]
            self.line(name, [gradient.norm().item()] + [p.item() for p in probes])

    def line(self, what, values):
        print(self.title, what, *(f"{value:.9g}" for value in values))
