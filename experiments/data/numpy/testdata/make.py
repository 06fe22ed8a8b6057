"""Writes the pickles that the tests read: python3 make.py, once with NumPy 1.26 and once with NumPy 2.4."""
import pickle

import numpy as np

value = {
    "data": np.arange(24, dtype=np.uint8).reshape(2, 12),
    "labels": [3, -1, 70000, 2**40],
    "long": np.array([-(2**40), 5, 2**62], dtype=np.int64),
    "big_endian": np.array([[-2, 258]], dtype=">i2"),
    "columns_first": np.asfortranarray(np.arange(6, dtype=np.uint8).reshape(2, 3)),
    "truth": np.array([True, False]),
    "half": 0.5,
    "nothing": None,
    "names": ("ä", b"\x00\xff", True),
    "empty": np.zeros((0, 3), dtype=np.uint16),
}
for protocol in range(2, 6):
    name = f"numpy{np.__version__.split('.')[0]}_protocol{protocol}.pkl"
    with open(name, "wb") as f:
        pickle.dump(value, f, protocol)
