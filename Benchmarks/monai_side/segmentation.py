"""A whole case with the published network, and everything around the network on its own."""

import time

import numpy
import torch

from . import generated as made
from .memory import peak_bytes, reset_peak
from .networks import hand_over, unetr
from .pipeline import everything_but_the_network, segment
from .viscera import alternate
from .volumes import AGREEMENT_LIMIT, canonical, compare_files


def compare_case(options, viscera, results):
    """`segment` with random ViT-B weights, overlap 0.25: labels, geometry, time, peak memory."""
    network = unetr("base", options.seed).eval()
    hand_over(options, viscera, "unetr-base", network, "unetr", "base")
    torch.set_num_threads(options.threads)
    path = options.ct
    if path is None:
        path = options.work / "abdomen.nii.gz"
        made.save(path, made.ct((122, 101, 112), options.seed), made.affine(numpy.diag([-3, -3, 3])))
    ours, theirs = [], []
    our_file, their_file = options.work / "ours.nii.gz", options.work / "theirs.nii.gz"
    for _ in range(max(options.case_repeat, 1)):
        reply = viscera.ask("segment", network="unetr-base", image=path, output=our_file, overlap=0.25, skipsAir=False)
        ours.append(reply["seconds"])
        reset_peak()
        start = time.perf_counter()
        segment(path, network, their_file, overlap=0.25)
        theirs.append(time.perf_counter() - start)
        their_peak = peak_bytes()
    compare_files("case", path, our_file, their_file, results)
    if options.case_repeat == 0:
        return
    results.speed("segment_case", ours, theirs, 4.0)
    if reply.get("peakBytes") and their_peak:
        results.measure("segment_case_memory", "memory", reply["peakBytes"], their_peak, 2.0)
    viscera.ask("unload", network="unetr-base")


def compare_pipeline(options, viscera, results):
    """Read, preprocess, inverse, argmax and write, with a stand-in for the network."""
    path = options.work / "pipeline.nii.gz"
    shape = tuple(int(n) for n in options.pipeline_shape.split("x"))
    spacing = [-400 / shape[0], -400 / shape[1], 600 / shape[2]]
    made.save(path, made.ct(shape, options.seed), made.affine(numpy.diag(spacing)))
    torch.set_num_threads(options.threads)
    ours, theirs = options.work / "ours.nii.gz", options.work / "theirs.nii.gz"
    stand_in = {"ours": [], "theirs": []}

    def run():
        reply = viscera.ask("pipeline", image=path, output=ours, skipsAir=False)
        stand_in["ours"].append(reply["networkSeconds"])
        return reply["seconds"]

    def their_run():
        stand_in["theirs"].append(everything_but_the_network(path, theirs))

    run(), their_run()
    a, b = canonical(ours)[0], canonical(theirs)[0]
    results.parity("volume_pipeline: labels that differ", (a != b).mean() if a.shape == b.shape else float("inf"), AGREEMENT_LIMIT)
    times = alternate(options.repeat, run, their_run)
    results.speed("volume_pipeline", *times, 5.0)
    without = [[t - s for t, s in zip(total, part[1:])] for total, part in zip(times, stand_in.values())]
    results.speed("volume_pipeline, without the stand-in", *without)
