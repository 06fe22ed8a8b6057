"""Writes training.csv, the published values of the claims that need a training, from a file of claims: python3 training.py CLAIMS.yaml

The file has claims: a list of claims with id, kind and value, which is a value, a list or a map of such. A line of the
fixture is one number or text with the claim that it belongs to.
"""
import csv
import pathlib
import sys

import yaml


def leaves(value):
    if isinstance(value, (dict, list)):
        for v in value.values() if isinstance(value, dict) else value:
            yield from leaves(v)
    else:
        yield value


def main():
    claims = yaml.safe_load(pathlib.Path(sys.argv[1]).read_text())["claims"]
    with open(pathlib.Path(__file__).with_suffix(".csv"), "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["claim", "value"])
        for claim in claims:
            if claim["kind"] == "training":
                w.writerows([claim["id"], v] for v in leaves(claim["value"]))


main()
