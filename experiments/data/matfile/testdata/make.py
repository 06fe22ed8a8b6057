"""Writes the MATLAB files that the tests read: python3 make.py, with SciPy 1.17."""
import numpy as np
from scipy.io import savemat

variables = {
    "text": "passed over",
    "X": np.arange(2 * 3 * 3 * 4, dtype=np.uint8).reshape((2, 3, 3, 4)),
    "group": {"a": np.arange(3)},
    "y": np.array([[10], [1], [9], [2]], dtype=np.uint8),
    "doubles": np.array([[1.0, -3.0]]),
    "halves": np.array([[0.5]]),
    "int32": np.array([[-70000, 5]], dtype=np.int32),
    "complex": np.array([[1 + 2j]]),
}
for name, compressed in (("plain", False), ("compressed", True)):
    savemat(f"{name}.mat", variables, do_compression=compressed)
