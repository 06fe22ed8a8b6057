"""Writes published.csv, the values of the tables in print, from a file of them: python3 published.py TABLES.yaml

The file has ablation_tables: a list of tables with id, factors and rows, a row being a map from columns to values. A line
of the fixture is one value: its table, the row by what names it, its column, and its kind. A result is what the table
reports; a size (parameters, multiply-adds) may be left out of a study. An empty value is a place without one in print.
"""
import csv
import pathlib
import sys

import yaml

NAMES = {"S", "Q", "model", "setting", "order", "pair", "item", "aug"}  # beside the factors
RESULTS = {("abl-shufflenet-shuffle", "shuffle")}  # named as a factor is
SIZES = ("params", "macs", "gflops", "mflops", "flops", "se_gflops", "depth", "delta")


def kind(table, column):
    if (table["id"], column) in RESULTS:
        return "result"
    if column in table["factors"] or column in NAMES:
        return "name"
    return "size" if column.startswith(SIZES) else "result"


def main():
    tables = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())["ablation_tables"]
    with open(pathlib.Path(__file__).with_suffix(".csv"), "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["table", "row", "column", "kind", "value"])
        for table in tables:
            for row in table["rows"]:
                name = ", ".join(f"{k} {v}" for k, v in row.items() if kind(table, k) == "name")
                for column, value in row.items():
                    if kind(table, column) != "name":
                        w.writerow([table["id"], name, column, kind(table, column), "" if value is None else value])


main()
