#!/usr/bin/env python3
"""Lists files over 600 lines and methods over 100, the tripwire of CONTRIBUTING. Exceptions stand in tests/sizes.allowed with a sentence why."""
import re
import subprocess
import sys
from pathlib import Path

root = Path(sys.argv[1])
allowed = {}
for line in (root / "tests/sizes.allowed").read_text().splitlines():
    if line.strip() and not line.startswith("#"):
        name, _, why = line.partition(" ")
        allowed[name] = why.strip()

listing = subprocess.run(["git", "-C", str(root), "ls-files", "*.cs", "*.razor"], capture_output=True, text=True, check=True).stdout.split()
start = re.compile(r"^(?!.*\b(?:class|record|struct|interface)\s)    {1,2}(?:\[.*\])?\s*(?:public|internal|private|protected|static|async|override|sealed|virtual|partial)[\w<>\[\],?\s.()]*\(")
found, lengths = [], []
for name in listing:
    lines = (root / name).read_text(encoding="utf-8").splitlines()
    lengths.append(len(lines))
    if len(lines) > 600:
        found.append((name, f"{len(lines)} lines"))
    opened = None
    for number, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        if line.strip() == "{" and indent in (4, 8) and opened is None and number and start.match(lines[number - 1].rstrip()):
            opened = (number, indent)
        elif opened and line.strip() == "}" and indent == opened[1]:
            if number - opened[0] > 100:
                found.append((f"{name}:{opened[0]}", f"a method of {number - opened[0]} lines"))
            opened = None

lengths.sort()
if lengths:
    print(f"{len(lengths)} files, median {lengths[len(lengths) // 2]} lines, 95th percentile {lengths[int(len(lengths) * 0.95)]}")
bad = 0
for name, what in found:
    why = allowed.get(name.split(":")[0])
    print(f"{name}: {what}" + (f" ({why})" if why else "  <- split it, or say why in tests/sizes.allowed"))
    bad += why is None
sys.exit(1 if bad else 0)
