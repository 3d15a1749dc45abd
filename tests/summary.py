#!/usr/bin/env python3
"""Sums the xunit result files: skips with their reasons, failures with their messages, and the closing line."""
import sys
import xml.etree.ElementTree as ElementTree

files, seconds, status = [], "?", 0
arguments = iter(sys.argv[1:])
for argument in arguments:
    if argument == "--seconds":
        seconds = next(arguments)
    elif argument == "--status":
        status = int(next(arguments))
    else:
        files.append(argument)

passed = failed = 0
skipped, failures, slow = [], [], []
for path in files:
    try:
        results = ElementTree.parse(path).getroot()
    except ElementTree.ParseError as broken:
        failed += 1
        failures.append((path, f"the results file is broken off: {broken}"))
        continue
    for test in results.iter("test"):
        result = test.get("result")
        name = test.get("name")
        slow.append((float(test.get("time", "0")), name))
        if result == "Pass":
            passed += 1
        elif result in ("Skip", "NotRun"):
            skipped.append((name, (test.findtext("reason") or "not run").strip()))
        else:
            failed += 1
            failures.append((name, (test.findtext("failure/message") or "").strip()))
    for error in results.iter("error"):
        failed += 1
        failures.append((error.get("name") or "a suite", (error.findtext("failure/message") or "").strip()))

print()
for name, reason in sorted(skipped):
    print(f"skipped: {name}: {reason}")
for name, message in failures:
    print(f"FAILED: {name}\n    " + "\n    ".join(message.splitlines()[:12]))
print("slowest: " + ", ".join(f"{name.rsplit('.', 1)[-1]} {took:.1f} s" for took, name in sorted(slow, reverse=True)[:5]))
print(f"tests ran for {seconds} s, {len(skipped)} skipped")
if status and not failed:
    failed = 1
    print("FAILED: a suite ended with an error before it could report")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
