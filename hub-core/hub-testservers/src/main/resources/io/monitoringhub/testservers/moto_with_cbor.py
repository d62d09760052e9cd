"""Runs moto's server on a port of 127.0.0.1: python moto_with_cbor.py PORT

moto 5.2 speaks CloudWatch's JSON and query protocols; the AWS SDK for Java speaks only Smithy RPC v2 with CBOR to it. So requests of that
protocol are handed to moto as JSON, and its answers back as CBOR. What moto does with them is moto's own.
"""

import gzip
import io
import json
import struct
import sys

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

MEMBERS_WITH_TIME = {"Timestamp", "Timestamps"}


def decode(data):
    """The value of a CBOR document; times become the seconds that they are."""
    return _item(io.BytesIO(data))


def _item(stream):
    first = stream.read(1)[0]
    major, minor = first >> 5, first & 31
    if major == 7:
        return _simple(minor, stream)
    size = None if minor == 31 else minor if minor < 24 else int.from_bytes(stream.read(1 << (minor - 24)), "big")
    if major == 0:
        return size
    if major == 1:
        return -1 - size
    if major in (2, 3):
        parts = [stream.read(size)] if size is not None else list(iter(lambda: _chunk(stream), None))
        return b"".join(parts) if major == 2 else b"".join(parts).decode()
    if major == 4:
        return list(_items(stream, size))
    if major == 5:
        return {key: _item(stream) for key in _items(stream, size)}
    return _item(stream)


def _items(stream, size):
    while size is None or size > 0:
        if size is None and stream.getbuffer()[stream.tell()] == 0xFF:
            stream.read(1)
            return
        yield _item(stream)
        size = None if size is None else size - 1


def _chunk(stream):
    value = _item(stream)
    return value.encode() if isinstance(value, str) else value


def _simple(minor, stream):
    if minor in (25, 26, 27):
        return struct.unpack({25: ">e", 26: ">f", 27: ">d"}[minor], stream.read(1 << (minor - 24)))[0]
    return {20: False, 21: True}.get(minor)


def encode(value, member=""):
    """A CBOR document of what JSON can say."""
    if value is None or isinstance(value, bool):
        return bytes([{None: 0xF6, False: 0xF4, True: 0xF5}[value]])
    if isinstance(value, (int, float)) and member in MEMBERS_WITH_TIME:
        return b"\xc1\xfb" + struct.pack(">d", value)
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(encode(each, member) for each in value)
    return _head(5, len(value)) + b"".join(encode(key) + encode(each, key) for key, each in value.items())


def _head(major, size):
    for minor, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if size < 24:
            return bytes([major << 5 | size])
        if size < 1 << 8 * width:
            return bytes([major << 5 | minor]) + size.to_bytes(width, "big")
    raise ValueError(size)


def with_cbor(moto):
    """A WSGI application that speaks RPC v2 with CBOR for another that speaks JSON."""

    def application(environ, start_response):
        path = environ["PATH_INFO"].split("/")
        if environ.get("HTTP_SMITHY_PROTOCOL") != "rpc-v2-cbor" or len(path) != 5:
            return moto(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.pop("HTTP_CONTENT_ENCODING", "") == "gzip":
            body = gzip.decompress(body)
        asked = json.dumps(decode(body) if body else {}).encode()
        environ.update({"PATH_INFO": "/", "RAW_URI": "/", "REQUEST_URI": "/", "HTTP_X_AMZ_TARGET": path[2] + "." + path[4],
                        "CONTENT_TYPE": "application/x-amz-json-1.0", "CONTENT_LENGTH": str(len(asked)), "wsgi.input": io.BytesIO(asked)})
        told = []
        answer = b"".join(moto(environ, lambda status, headers, *_: told.extend((status, headers))))
        translated = encode(json.loads(answer) if answer else {})
        headers = [(name, value) for name, value in told[1] if name.lower() not in ("content-type", "content-length")]
        start_response(told[0], headers + [("Content-Type", "application/cbor"), ("Content-Length", str(len(translated))),
                                           ("smithy-protocol", "rpc-v2-cbor")])
        return [translated]

    return application


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), with_cbor(DomainDispatcherApplication(create_backend_app)), threaded=True)
