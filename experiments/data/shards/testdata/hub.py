"""Writes a data set as the Hugging Face hub has them into this folder: two files of training pictures and one to
validate, each of some PNG files of 9×9 pixels, in row groups of two. Run in this folder: python3 hub.py

Made with pyarrow 26.0.1 and Pillow 13.0.0 (PyPI).
"""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

FEATURES = {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog", "eel"], "_type": "ClassLabel"}, "id": {"dtype": "int32", "_type": "Value"}}


def picture(level):
    file = io.BytesIO()
    Image.new("RGB", (9, 9), (level,) * 3).save(file, format="PNG")
    return {"bytes": file.getvalue(), "path": f"{level}.png"}


def write(name, levels, labels, compression):
    table = pa.table({
        "id": pa.array(range(len(levels)), type=pa.int32()),
        "image": pa.array([picture(v) for v in levels], type=pa.struct({"bytes": pa.binary(), "path": pa.string()})),
        "label": pa.array(labels, type=pa.int64()),
    })
    metadata = {"huggingface": json.dumps({"info": {"features": FEATURES}})}
    pq.write_table(table.replace_schema_metadata(metadata), name, row_group_size=2, compression=compression)


write("train-00000-of-00002.parquet", [10, 20, 30], [0, 1, 2], "snappy")
write("train-00001-of-00002.parquet", [40, 10], [1, 0], "zstd")
write("validation.parquet", [50, 60], [2, None], "none")
