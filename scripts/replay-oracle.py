#!/usr/bin/env python3
"""What must remain, computed from the retailer's file alone.

The other half of the proof of `abasto replay`: it follows docs/replay.md, shares no code with replay, asks no server,
and needs nothing but Python 3. `packages/cli/src/replay/compare.ts` holds its answer against what the API reports.

    python3 scripts/replay-oracle.py online-retail-2009-2010.csv.gz --opening-stock 90% > expected.json
"""

import argparse
import collections
import csv
import decimal
import gzip
import hashlib
import io
import json
import sys

OWN_NAMES = "invoice stock_code description quantity invoiced_at unit_price customer_id country".split()
PUBLISHED_NAMES = "invoice stockcode description quantity invoicedate price customer_id country".split()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("file")
    arguments.add_argument("--opening-stock", default="100%", metavar="N%%", type=percent)
    chosen = arguments.parse_args()
    with open(chosen.file, "rb") as stored:
        content = stored.read()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    expected = expect(content, chosen.opening_stock)
    json.dump(expected, sys.stdout, indent=1)
    print()


def percent(text):
    if not text.endswith("%") or not text[:-1].isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not whole percent, such as 90%")
    return int(text[:-1])


def expect(content, share):
    records = list(read(content))
    priced = {invoice for _, invoice, _, _, price, _ in records if price > 0}

    # First pass: which lines are stock commands, which products there are, how much of each leaves.
    lines = collections.Counter()
    commands = []
    outgoing = {}
    price_of = {}
    for number, invoice, code, quantity, price, customer in records:
        kind, change = judge(invoice, code, quantity, price, customer, priced)
        lines[kind] += 1
        if kind in ("odd_invoice", "not_goods"):
            continue
        outgoing.setdefault(code, 0)
        if price > 0 and code not in price_of:
            price_of[code] = price.quantize(decimal.Decimal("0.01"), decimal.ROUND_HALF_UP)
        if change:
            commands.append((number, code, kind, change))
            outgoing[code] -= min(change, 0)

    # Second pass: the year. What would go below zero is refused; everything else happens.
    products = {
        code: {
            "price": str(price_of.get(code, "0.00")),
            "opening": units * share // 100,
            "remaining": units * share // 100,
            "sales": 0, "returns": 0, "adjustments": 0,
        }
        for code, units in outgoing.items()
    }
    refused = []
    for number, code, kind, change in commands:
        product = products[code]
        if product["remaining"] + change < 0:
            refused.append(number)
            continue
        product["remaining"] += change
        product[kind if kind in ("sales", "returns") else "adjustments"] += 1

    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "openingStock": share,
        "lines": len(records),
        "commands": len(commands),
        "linesByKind": dict(sorted(lines.items())),
        "refused": refused,
        "products": dict(sorted(products.items())),
    }


def read(content):
    """Yields (line, invoice, code, quantity, price, customer) for every record, the line as an editor counts."""
    reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    header = [name.strip().replace(" ", "_").lower() for name in next(reader)]
    names = OWN_NAMES if "stock_code" in header else PUBLISHED_NAMES
    places = [header.index(name) for name in names]
    # line_num counts the lines read so far, so a record begins on the one after the record before it.
    begins = reader.line_num + 1
    for cells in reader:
        number, begins = begins, reader.line_num + 1
        if not cells:
            continue
        invoice, code, _, quantity, _, price, customer, _ = (cells[place] for place in places)
        yield (number, invoice.strip().upper(), code.strip().upper(), int(quantity), decimal.Decimal(price),
               customer.strip())


def judge(invoice, code, quantity, price, customer, priced):
    """The kind of a line, and the signed change of stock that it asks for."""
    cancelled = invoice[:1] == "C"
    digits = invoice[1:] if cancelled else invoice
    if not (digits.isascii() and digits.isdigit()):
        return "odd_invoice", 0
    letters = code[5:]
    if not (len(code) >= 5 and code[:5].isascii() and code[:5].isdigit()) or letters.strip(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        return "not_goods", 0
    if quantity == 0:
        return "no_quantity", 0
    if price < 0:
        return "negative_price", 0
    if cancelled:
        return ("odd_cancellation", 0) if quantity > 0 else ("returns", -quantity)
    if quantity < 0:
        return "write_offs", quantity
    if price > 0:
        return "sales", -quantity
    if customer or invoice in priced:
        return "given_away", -quantity
    return "found", quantity


if __name__ == "__main__":
    main()
