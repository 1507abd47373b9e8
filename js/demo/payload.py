"""Writes the payload of a printed model, for the demo page: python js/demo/payload.py < printed.txt > js/demo/gpt2.txt"""

import sys

from archmagic import explain
from archmagic.render.payload import encode, payload

print(encode(payload(explain(sys.stdin.read()))))
