"""A model for the tests of subprocess(): y = x * w, and a scorer of tokens. Needs nothing but Python 3."""

import base64
import json
import struct
import sys
import time


def floats(tensor):
    data = base64.b64decode(tensor["data"])
    return struct.unpack(f"<{len(data) // 4}f", data)


def tensor(dims, values):
    return {"dtype": "float32", "dims": dims, "data": base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()}


factor = 0


def answer(request):
    global factor
    method = request["method"]
    if method == "load":
        with open(request["weightsPath"], "rb") as file:
            factor = json.load(file)["factor"]
        runtime = {"engine": "linear.py", "version": "1", "provider": "cpu", "threads": 1, "optimization": "none"}
        return {"runtime": runtime, "deterministic": True, "methods": ["run", "score", "decode"]}
    if method == "score":
        tokens = request["tokenIds"]
        return {"logits": tensor([len(tokens), 2], [value for token in tokens for value in (token, 1)])}
    if method == "decode":
        return bytes(request["tokenIds"]).decode()
    given = request["input"]
    if given["type"] == "json":
        value = given["value"]
        if value == "exit":
            print("out of luck", file=sys.stderr)
            sys.exit(3)
        if value == "sleep":
            time.sleep(600)
        if value == "chatter":
            print("Loading…")
        if value == "wrong":
            return {"type": "tensors", "tensors": {"y": {"dtype": "float32", "dims": [2], "data": "AAAA"}}}
        raise ValueError(f"cannot run {value}")
    x = given["tensors"]["x"]
    return {"type": "tensors", "tensors": {"y": tensor(x["dims"], [value * factor for value in floats(x)])}}


for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = {"id": request["id"], "result": answer(request)}
    except Exception as error:
        reply = {"id": request["id"], "error": str(error)}
    print(json.dumps(reply), flush=True)
