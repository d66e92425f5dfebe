#!/usr/bin/python3
"""Trains tiny-lm, a byte-level GRU language model, and writes it as ONNX.

Debian 12 has all it needs (README.md): python3-torch, python3-onnx, libopenblas0-serial, dict-jargon, dict-devil.

    OMP_NUM_THREADS=1 ./train.py --seed 1 --steps 1000 --out tiny-lm.onnx --stale 600:stale.onnx
    OMP_NUM_THREADS=1 ./train.py --seed 2 --steps 500 --out sibling.onnx --half
"""

import argparse
import gzip
import math
import time

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

VOCABULARY = 256
EMBEDDING = 64
HIDDEN = 512
BATCH = 64
WINDOW = 128
HELD_OUT = 20  # one block in so many
BLOCK = 4096  # bytes


def corpus():
    """Training bytes and held-out bytes: every 20th block of 4 KiB of the two dictionaries."""
    text = b"".join(gzip.open(f"/usr/share/dictd/{name}.dict.dz").read() for name in ("jargon", "devil"))
    blocks = [text[start : start + BLOCK] for start in range(0, len(text), BLOCK)]
    train = b"".join(block for index, block in enumerate(blocks) if index % HELD_OUT != HELD_OUT - 1)
    held_out = b"".join(block for index, block in enumerate(blocks) if index % HELD_OUT == HELD_OUT - 1)
    return (np.frombuffer(data, dtype=np.uint8).astype(np.int64) for data in (train, held_out))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(VOCABULARY, EMBEDDING)
        self.gru = torch.nn.GRU(EMBEDDING, HIDDEN, batch_first=True)
        self.head = torch.nn.Linear(HIDDEN, VOCABULARY)

    def forward(self, tokens, state):
        hidden, state = self.gru(self.embedding(tokens), state)
        return self.head(hidden), state


def bits_per_byte(model, data):
    """Of the bytes in windows of 1,024 that start from the zero state."""
    size = 1024
    count = len(data) // (size + 1)
    windows = torch.tensor(data[: count * (size + 1)].reshape(count, size + 1))
    with torch.no_grad():
        logits, _ = model(windows[:, :-1], torch.zeros(1, count, HIDDEN))
        loss = torch.nn.functional.cross_entropy(logits.reshape(-1, VOCABULARY), windows[:, 1:].reshape(-1))
    return loss.item() / math.log(2)


def unigram_bits(train, held_out):
    counts = np.bincount(train, minlength=VOCABULARY) + 1
    return float(-np.log2(counts[held_out] / counts.sum()).mean())


def train_model(data, held_out, seed, steps, on_step):
    torch.manual_seed(seed)
    model = Model()
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    length = len(data) // BATCH
    # Each row of the batch reads its own stretch of the text, shifted by the seed, with the state carried on.
    rows = torch.tensor(np.roll(data, seed * 7919)[: length * BATCH].reshape(BATCH, length))
    started = time.time()
    at = 0
    state = torch.zeros(1, BATCH, HIDDEN)
    for step in range(1, steps + 1):
        if at + WINDOW + 1 > length:
            at, state = step % WINDOW, torch.zeros(1, BATCH, HIDDEN)
        for group in optimizer.param_groups:
            group["lr"] = 4e-3 * min(1, step / 30) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / steps)))
        logits, state = model(rows[:, at : at + WINDOW], state)
        loss = torch.nn.functional.cross_entropy(
            logits.reshape(-1, VOCABULARY), rows[:, at + 1 : at + WINDOW + 1].reshape(-1)
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        state = state.detach()
        at += WINDOW
        if step % 50 == 0 or step == steps:
            bits = bits_per_byte(model, held_out[: 64 * 1025])
            print(f"step {step} train {loss.item() / math.log(2):.3f} held-out {bits:.3f} {time.time() - started:.0f} s", flush=True)
        on_step(step, model)
    return model


def write_onnx(model, path, half):
    """The network as six ONNX nodes. `half` stores the weights as float16, which the runtime widens on loading."""
    weights = {name: value.detach().numpy() for name, value in model.state_dict().items()}

    def gates(matrix):
        # torch has reset, update, new; ONNX has update, reset, new.
        reset, update, new = np.split(matrix, 3)
        return np.concatenate([update, reset, new])

    initializers = {
        "embedding": weights["embedding.weight"],
        "gru_input": gates(weights["gru.weight_ih_l0"])[None],
        "gru_recurrence": gates(weights["gru.weight_hh_l0"])[None],
        "gru_bias": np.concatenate([gates(weights["gru.bias_ih_l0"]), gates(weights["gru.bias_hh_l0"])])[None],
        "head": weights["head.weight"].T.copy(),
        "head_bias": weights["head.bias"],
    }
    nodes, tensors = [], []
    for name, value in initializers.items():
        if half:
            tensors.append(numpy_helper.from_array(value.astype(np.float16), f"{name}_half"))
            nodes.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
        else:
            tensors.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name))
    tensors.append(numpy_helper.from_array(np.array([1], dtype=np.int64), "directions"))
    nodes += [
        helper.make_node("Gather", ["embedding", "input_ids"], ["embedded"]),
        helper.make_node("Transpose", ["embedded"], ["by_time"], perm=[1, 0, 2]),
        helper.make_node(
            "GRU",
            ["by_time", "gru_input", "gru_recurrence", "gru_bias", "", "past_state"],
            ["directed", "present_state"],
            hidden_size=HIDDEN,
            linear_before_reset=1,
        ),
        helper.make_node("Squeeze", ["directed", "directions"], ["states"]),
        helper.make_node("Transpose", ["states"], ["hidden"], perm=[1, 0, 2]),
        helper.make_node("MatMul", ["hidden", "head"], ["projected"]),
        helper.make_node("Add", ["projected", "head_bias"], ["logits"]),
    ]
    tensor = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tiny-lm",
        [
            tensor("input_ids", TensorProto.INT64, ["batch", "sequence"]),
            tensor("past_state", TensorProto.FLOAT, [1, "batch", HIDDEN]),
        ],
        [
            tensor("logits", TensorProto.FLOAT, ["batch", "sequence", VOCABULARY]),
            tensor("present_state", TensorProto.FLOAT, [1, "batch", HIDDEN]),
        ],
        tensors,
    )
    exported = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], producer_name="tiny-lm")
    exported.ir_version = 8
    onnx.checker.check_model(exported)
    onnx.save(exported, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--half", action="store_true", help="store the weights as float16")
    parser.add_argument("--stale", help="STEP:PATH, also writes the network as it is after that step, as float16")
    options = parser.parse_args()
    torch.set_num_threads(1)
    data, held_out = corpus()
    print(f"{len(data)} bytes, {len(held_out)} held out; unigram {unigram_bits(data, held_out):.3f} bits per byte")

    stale_step, _, stale_path = (options.stale or "0:").partition(":")

    def on_step(step, model):
        if step == int(stale_step):
            write_onnx(model, stale_path, half=True)
            print(f"{stale_path}: held-out {bits_per_byte(model, held_out):.4f} bits per byte", flush=True)

    model = train_model(data, held_out, options.seed, options.steps, on_step)
    write_onnx(model, options.out, options.half)
    print(f"{options.out}: held-out {bits_per_byte(model, held_out):.4f} bits per byte")
    print(f"{sum(value.numel() for value in model.parameters())} parameters")


if __name__ == "__main__":
    main()
