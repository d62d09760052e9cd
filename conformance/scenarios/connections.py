"""Other ways to the hub than TCP as it is."""

import os
import ssl
import subprocess

from scenarios.common import finish, scenario
from trial import Trial, each_once, equal, numbers


@scenario
def compression(t: Trial) -> None:
    """compression, if the hub agrees; none, if it does not"""
    t.needs("compress")
    hub = t.hub().up()
    hub.compresses = True
    r = t.runner(hub.port, compress=True)
    r.call("burst", **{"from": 1, "to": 500})
    t.settle(r)
    hub.compresses = False
    hub.up()
    r.call("burst", **{"from": 501, "to": 1_000})
    t.settle(r)
    each_once(numbers(1, 1_000), hub.texts())
    finish(t, hub, r)


@scenario
def unix_socket(t: Trial) -> None:
    """a hub on a Unix socket"""
    t.needs("unix")
    hub = t.hub(unix=os.path.join(t.folder, "hub.sock")).up()
    r = t.runner(host=hub.unix, port=None)
    r.call("burst", **{"from": 1, "to": 100})
    t.settle(r)
    hub.up()
    r.call("burst", **{"from": 101, "to": 200})
    t.settle(r)
    each_once(numbers(1, 200), hub.texts())
    finish(t, hub, r)


@scenario
def tls(t: Trial) -> None:
    """TLS: the hub's certificate is checked, and without a right one nothing goes out"""
    t.needs("tls")
    certificate = os.path.join(t.folder, "hub.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", certificate + ".key", "-out", certificate, "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate + ".key")
    hub = t.hub(tls=context).up()
    untrusting = t.runner(hub.port, tls=True, spool=False)
    untrusting.call("burst", **{"from": 1, "to": 1})
    t.wait("the refusal", lambda: "certificate verify failed" in (untrusting.stats()["last_error"] or ""), untrusting)
    equal(0, len(hub.hellos), "hellos")
    untrusting.kill()
    r = t.runner(hub.port, tls=True, tls_ca=certificate, token="secret")
    r.call("burst", **{"from": 1, "to": 500})
    t.settle(r)
    each_once(numbers(1, 500), hub.texts())
    equal("secret", hub.hellos[0]["data"]["token"], "token")
    finish(t, hub, r)
