#!/usr/bin/env python3
"""send_order.py URL FILE: posts an order, prints the answer and, on the last line, its trace. Status 1 if it is not taken."""

import json
import sys
import urllib.error
import urllib.request

url, path = sys.argv[1:]
with open(path, "rb") as file:
    request = urllib.request.Request(url + "/orders", file.read(), {"Content-Type": "application/json"})
try:
    answer = urllib.request.urlopen(request, timeout=120)
except urllib.error.HTTPError as e:
    answer = e
with answer:
    said = json.loads(answer.read().decode())
    if answer.status == 201:
        print("order %s: %d.%02d EUR" % ((said["order"],) + divmod(said["total_cents"], 100)))
        for number, parcel in enumerate(said["parcels"], 1):
            print("parcel %d: %5d g: %s" % (number, parcel["grams"], " ".join(parcel["articles"])))
    else:
        print("not taken (%d): %s" % (answer.status, said["error"]))
    print("trace: " + answer.headers["X-Trace-Id"])
sys.exit(0 if answer.status == 201 else 1)
