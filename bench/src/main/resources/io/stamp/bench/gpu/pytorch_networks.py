#!/usr/bin/env python3
"""Measures in PyTorch the networks that `stamp-bench gpu-check` measures in STAMP.

The architectures and what a step is are the same: see io.stamp.model.ResNet and Vgg; the numbers of the optimiser and
of batch normalisation come from there too, by options that have to be given. Prints one JSON object a line: first the versions, then one for each measurement, with the fields of gpu-check's own results; where
PyTorch or a device is missing, a single line that says so.
"""

import argparse
import json
import math
import sys
import time

CLASSES = 10
STAGES = {
    "resnet18": ([64, 128, 256, 512], 2),
    "resnet20": ([16, 32, 64], 3),
    "resnet56": ([16, 32, 64], 9),
}
VGG = [[64] * 2, [128] * 2, [256] * 4, [512] * 4, [512] * 4]


def say(line):
    print(json.dumps(line), flush=True)


def channels(declared, width):
    return max(1, math.floor(declared * width + 0.5))


def build(torch, name, width, given):
    """The network as a torch module; inputs are [N, 3, 32, 32]."""
    nn = torch.nn

    def norm(count):
        return nn.BatchNorm2d(count, eps=given.epsilon, momentum=given.statistics_rate)

    def conv(inputs, outputs, size, stride=1):
        return nn.Conv2d(inputs, outputs, size, stride=stride, padding=size // 2, bias=False)

    class Block(nn.Module):
        def __init__(self, inputs, outputs, enters_stage):
            super().__init__()
            stride = 2 if enters_stage else 1
            self.conv1, self.norm1 = conv(inputs, outputs, 3, stride), norm(outputs)
            self.conv2, self.norm2 = conv(outputs, outputs, 3), norm(outputs)
            self.shortcut = (
                nn.Sequential(conv(inputs, outputs, 1, stride), norm(outputs))
                if enters_stage
                else nn.Identity()
            )
            self.relu = nn.ReLU(inplace=True)

        def forward(self, x):
            y = self.relu(self.norm1(self.conv1(x)))
            return self.relu(self.norm2(self.conv2(y)) + self.shortcut(x))

    layers = []
    if name == "vgg19":
        inputs = 3
        for stage, declared in enumerate(VGG):
            if stage > 0:
                layers.append(nn.MaxPool2d(2))
            for count in declared:
                outputs = channels(count, width)
                layers += [conv(inputs, outputs, 3), norm(outputs), nn.ReLU(inplace=True)]
                inputs = outputs
    else:
        declared, blocks = STAGES[name]
        inputs = channels(declared[0], width)
        layers += [conv(3, inputs, 3), norm(inputs), nn.ReLU(inplace=True)]
        for stage, count in enumerate(declared):
            outputs = channels(count, width)
            for block in range(blocks):
                layers.append(Block(inputs, outputs, stage > 0 and block == 0))
                inputs = outputs
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, CLASSES)]
    return nn.Sequential(*layers)


def fold(torch, module):
    """Batch normalisation becomes part of the convolution before it, as in STAMP's inference."""
    before = None
    for name, child in module.named_children():
        if isinstance(child, torch.nn.BatchNorm2d):
            before_name, convolution = before
            setattr(module, before_name, torch.nn.utils.fusion.fuse_conv_bn_eval(convolution, child))
            setattr(module, name, torch.nn.Identity())
        fold(torch, child)
        before = name, child


class Clock:
    """Runs per second: warm-up, then samples of several runs, the device awaited at the end of each."""

    def __init__(self, torch, device, options):
        self.wait = torch.cuda.synchronize if device == "cuda" else lambda: None
        self.options = options

    def seconds(self, run, runs):
        self.wait()
        start = time.perf_counter()
        for _ in range(runs):
            run()
        self.wait()
        return max(1e-9, time.perf_counter() - start)

    def measure(self, run):
        # The first run chooses algorithms and loads code, which may take seconds, so it does not count.
        self.seconds(run, 1)
        each, spent, runs = 0.0, 0.0, 1
        while each == 0.0 or spent < self.options.warm_up:
            sample = self.seconds(run, runs)
            each = sample / runs
            spent += sample
            if sample < self.options.sample:
                runs *= 2
        runs = max(1, math.ceil(self.options.sample / each))
        return sorted(runs / self.seconds(run, runs) for _ in range(self.options.samples))


def quantile(ordered, share):
    position = share * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


class Work:
    """One network at one batch in one precision and mode, ready to run."""

    def __init__(self, torch, device, work, network, width, batch, precision, mode, given):
        self.torch, self.batch, self.precision = torch, batch, precision
        torch.backends.cuda.matmul.allow_tf32 = precision != "strict"
        torch.backends.cudnn.allow_tf32 = precision != "strict"
        layout = torch.channels_last if "channels_last" in mode else torch.contiguous_format
        torch.manual_seed(1)
        self.model = build(torch, network, width, given).train(work == "training")
        self.parameters = sum(p.numel() for p in self.model.parameters())
        if "folded" in mode:
            fold(torch, self.model)
        self.model = self.model.to(device).to(memory_format=layout)
        self.images = torch.randn(batch, 3, 32, 32, device=device).to(memory_format=layout)
        self.labels = torch.arange(batch, device=device) % CLASSES
        self.device = device
        if work == "training":
            # On a device one kernel for all parameters, the fastest that PyTorch has.
            fused = {"fused": True} if device == "cuda" else {}
            self.optimiser = torch.optim.SGD(
                self.model.parameters(),
                lr=given.rate,
                momentum=given.momentum,
                weight_decay=given.decay,
                nesterov=True,
                **fused,
            )
            self.run = self.train
        else:
            if precision == "bf16":
                # Autocast would round the weights anew at each run.
                self.model, self.images = self.model.bfloat16(), self.images.bfloat16()
            self.run = self.infer
        if "graph" in mode:
            self.run = self.captured(self.run)

    def train(self):
        self.optimiser.zero_grad(set_to_none=True)
        with self.torch.autocast(self.device, dtype=self.torch.bfloat16, enabled=self.precision == "bf16"):
            loss = self.torch.nn.functional.cross_entropy(self.model(self.images), self.labels)
        loss.backward()
        self.optimiser.step()

    def infer(self):
        with self.torch.inference_mode():
            self.model(self.images)

    def captured(self, run):
        side = self.torch.cuda.Stream()
        side.wait_stream(self.torch.cuda.current_stream())
        with self.torch.cuda.stream(side):
            for _ in range(3):
                run()
        self.torch.cuda.current_stream().wait_stream(side)
        graph = self.torch.cuda.CUDAGraph()
        with self.torch.cuda.graph(graph):
            run()
        return graph.replay


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", default="resnet20:1,resnet20:0.4", help="NAME:WIDTH,...")
    parser.add_argument("--training-batches", default="64,512")
    parser.add_argument("--inference-batches", default="1,64,512")
    parser.add_argument("--rate", type=float, required=True, help="learning rate")
    parser.add_argument("--momentum", type=float, required=True, help="of Nesterov")
    parser.add_argument("--decay", type=float, required=True, help="of all parameters")
    parser.add_argument("--epsilon", type=float, required=True, help="added to variances")
    parser.add_argument("--statistics-rate", type=float, required=True, help="of running means and variances")
    parser.add_argument("--warm-up", type=float, default=0.4, help="seconds")
    parser.add_argument("--sample", type=float, default=0.05, help="seconds")
    parser.add_argument("--samples", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=240, help="starts no new measurement after this time")
    parser.add_argument("--cpu", action="store_true", help="runs on the processor, to try this script")
    return parser.parse_args()


def plan(given, device):
    """All measurements, most important first: where time is short, the best mode of every network is there."""
    networks = [(name, float(width)) for name, width in (one.split(":") for one in given.networks.split(","))]
    batches = {"training": given.training_batches, "inference": given.inference_batches}
    # In the order of their worth: mostly the fastest, what people start with, and the others.
    modes = {
        "training": ["channels_last graph", "eager", "graph", "channels_last"],
        "inference": ["channels_last folded graph", "eager", "folded graph", "channels_last folded"],
    }
    for rank in range(4):
        for precisions in (["tf32"], ["bf16"], ["strict"]) if rank < 2 else (["tf32", "bf16", "strict"],):
            for work, names in modes.items():
                mode = names[rank]
                if device == "cpu" and "graph" in mode:
                    continue
                for precision in precisions:
                    for batch in map(int, batches[work].split(",")):
                        for network, width in networks:
                            yield work, network, width, batch, precision, mode


def main():
    given = options()
    began = time.perf_counter()
    try:
        import torch
    except ImportError as missing:
        say({"missing": f"python3 cannot import torch: {missing}"})
        return
    device = "cpu" if given.cpu else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        say({"missing": f"PyTorch {torch.__version__} finds no CUDA device"})
        return
    torch.backends.cudnn.benchmark = True
    say(
        {
            "versions": {
                "python": sys.version.split()[0],
                "torch": torch.__version__,
                "cuda": torch.version.cuda,
                "cudnn": torch.backends.cudnn.version() if device == "cuda" else None,
                "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
            }
        }
    )
    clock = Clock(torch, device, given)
    for work, network, width, batch, precision, mode in plan(given, device):
        if time.perf_counter() - began > given.seconds:
            say({"left_out": f"{work} of {network} {width}, batch {batch}, {precision}, {mode}, and all after it"})
            return
        try:
            ready = Work(torch, device, work, network, width, batch, precision, mode, given)
            rates = [rate * batch for rate in clock.measure(ready.run)]
        except RuntimeError as problem:
            reason = str(problem).splitlines()[0]
            say({"left_out": f"{work} of {network} {width}, batch {batch}, {precision}, {mode}: {reason}"})
            continue
        say(
            {
                "work": work,
                "network": network,
                "width": width,
                "parameters": ready.parameters,
                "batch": batch,
                "precision": precision,
                "mode": mode,
                "images_per_second": {
                    "median": quantile(rates, 0.5),
                    "p10": quantile(rates, 0.1),
                    "p90": quantile(rates, 0.9),
                    "samples": len(rates),
                },
            }
        )


main()
