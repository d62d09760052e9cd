"""TLS for a connected socket that does not block. `ssl` is loaded where TLS is asked for, and only there: a Python may be without it.

A hub that can't be trusted is sent nothing: there is no way to leave out the check of its certificate or its name, and none back to a connection
without TLS. What goes wrong is an OSError, as with other sockets. Used by one thread at a time.
"""

import socket
from typing import Any

from ._poll import READ, WRITE


def load() -> None:
    """Loads `ssl` before there is a thread that would: a fork in the middle of an import leaves the module locked in the child."""
    try:
        import ssl      # noqa: F401
    except ImportError:
        pass    # the first connection says so


class TlsSocket:
    """What a session needs of a socket. Where one would have to wait it raises BlockingIOError, as a socket without TLS does."""

    def __init__(self, plain: socket.socket, options: Any) -> None:
        try:
            import ssl
        except ImportError as e:
            raise OSError("tls needs Python's module ssl, which cannot be loaded: %s" % e) from None
        self.wants_read, self.wants_write = ssl.SSLWantReadError, ssl.SSLWantWriteError
        try:
            self.socket = _context(ssl, options).wrap_socket(plain, do_handshake_on_connect=False, server_hostname=options.host)
        except (ssl.SSLError, ValueError) as e:
            raise OSError("tls cannot be used: %s" % e) from None

    def handshake(self) -> int:
        """A step of it: 0 when it is done, else the event of poll(2) that the next step waits for."""
        try:
            self.socket.do_handshake()
            return 0
        except self.wants_read:
            return READ
        except self.wants_write:
            return WRITE

    def recv(self, size: int) -> bytes:
        try:
            got = self.socket.recv(size)
            while self.socket.pending():    # read from the kernel already: poll(2) does not tell of it
                got += self.socket.recv(size)
            return got
        except (self.wants_read, self.wants_write):
            raise BlockingIOError() from None

    def send(self, data: bytes) -> int:
        try:
            return self.socket.send(data)
        except (self.wants_read, self.wants_write):
            raise BlockingIOError() from None

    def fileno(self) -> int:
        return self.socket.fileno()

    def getsockopt(self, level: int, option: int) -> int:
        return self.socket.getsockopt(level, option)

    def say_goodbye(self) -> None:
        """Not by close: a forked child closes its copy, and the connection is its parent's."""
        try:
            self.socket.unwrap()
        except (OSError, ValueError):
            pass    # the other side does not answer at once, or has gone

    def close(self) -> None:
        self.socket.close()


def _context(ssl: Any, options: Any) -> Any:
    """A new one for each connection: renewed files are used by the next."""
    for name in ("tls_ca", "tls_cert", "tls_key"):
        path = getattr(options, name)
        if path is not None:
            try:
                open(path, "rb").close()
            except (OSError, ValueError) as e:
                raise OSError("%s: cannot read the file %s: %s" % (name, path, e)) from None
    if (options.tls_cert is None) != (options.tls_key is None):
        raise OSError("tls_cert and tls_key belong together: one of them is missing")
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=options.tls_ca)    # checks certificate and name
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= getattr(ssl, "OP_NO_RENEGOTIATION", 0)
    if options.tls_ca is not None:
        # From Python 3.13 on it demands extensions that the authorities which people make for themselves often lack; other languages do not.
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    if options.tls_cert is not None:
        context.load_cert_chain(options.tls_cert, options.tls_key, password=lambda: "")      # an encrypted key must not make it ask the terminal
    return context
