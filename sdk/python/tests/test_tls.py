"""TLS: the hub's certificate and name are checked, what can't be trusted gets nothing, and the session is the same as without."""

import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

from monitoring_sdk import MonitoringSDK
from .fake_hub import HubTest, imported_by_threads, wait_until
from .test_packaged_hub import HubCase

HOME = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def certificate(folder, name, subject_names, signer=None):
    """A key and a certificate for it, signed by itself or by another one's key; the path of the certificate."""
    path = os.path.join(folder, name)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", path + ".key", "-out", path + ".pem", "-days", "2", "-subj", "/CN=" + name,
               "-addext", "subjectAltName=" + subject_names]
    if signer:
        command += ["-CA", signer + ".pem", "-CAkey", signer + ".key", "-addext", "basicConstraints=critical,CA:FALSE"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


class TlsTest(HubTest):

    @classmethod
    def setUpClass(cls):
        cls.certificates = tempfile.TemporaryDirectory()
        cls.hubs = certificate(cls.certificates.name, "hub", "DNS:localhost,IP:127.0.0.1")
        cls.other = certificate(cls.certificates.name, "other", "DNS:hub.example.org")
        cls.ours = certificate(cls.certificates.name, "client", "DNS:client")

    @classmethod
    def tearDownClass(cls):
        cls.certificates.cleanup()

    def serving(self, path, client_ca=None, **behaviour):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path + ".pem", path + ".key")
        if client_ca:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca + ".pem")
        return self.hub.up(tls=context, **behaviour)

    def refused(self, words, **options):
        """An SDK whose messages go nowhere, and say why in these words."""
        sdk = self.sdk(spool=False, **options)
        sdk.log_event("info", "private")
        wait_until(words, lambda: words in (sdk.get_stats()["last_error"] or ""))
        sdk.close(0)
        self.assertEqual((0, 1), tuple(sdk.get_stats()[name] for name in ("acked", "dropped")))

    def test_lines_go_once_and_in_order_over_connections_that_are_lost(self):
        self.serving(self.hubs, close_after=70)
        sdk = self.sdk(tls=True, tls_ca=self.hubs + ".pem", token="secret")
        for n in range(1, 501):
            sdk.log_event("info", n, {"text": "x" * 1_000})
        self.settled(sdk, lambda: len(self.hub.accepted) >= 500)
        self.serving(self.hubs)
        self.settled(sdk)
        self.assertEqual([str(n) for n in range(1, 501)], self.hub.events())
        self.assertEqual("secret", self.hub.hellos[0]["data"]["token"])
        self.assertEqual(500, sdk.get_stats()["acked"])

    def test_its_threads_import_nothing(self):
        self.serving(self.hubs)
        self.assertEqual([None, []], imported_by_threads(port=self.hub.port, spool_dir=self.folder, tls=True, tls_ca=self.hubs + ".pem"))
        self.assertEqual(["watched"], self.hub.events())

    def test_a_hub_that_stops_reading_and_goes_on(self):
        self.serving(self.hubs)
        sdk = self.sdk(tls="yes", tls_ca=self.hubs + ".pem", host="localhost")
        sdk.log_event("info", "0")
        self.assertTrue(sdk.flush(20))
        self.hub.behaviour["read"] = False
        for n in range(1, 201):
            sdk.log_event("info", n, {"text": "x" * 60_000})
        wait_until("full sockets", lambda: sdk.get_stats()["sent"] > 20)
        self.hub.behaviour["read"] = True
        self.settled(sdk)
        self.assertEqual([str(n) for n in range(201)], self.hub.events())
        self.assertEqual(1, len(self.hub.hellos))

    def test_a_certificate_that_nobody_known_has_signed(self):
        self.serving(self.hubs)
        self.refused("certificate verify failed", tls=True)
        self.refused("certificate verify failed", tls=True, tls_ca=self.other + ".pem")
        self.assertEqual([], self.hub.hellos)

    def test_a_certificate_for_another_name(self):
        self.serving(self.other)
        self.refused("certificate is not valid for", tls=True, tls_ca=self.other + ".pem")
        self.refused("certificate is not valid for", tls=True, tls_ca=self.other + ".pem", host="localhost")
        self.assertEqual([], self.hub.hellos)

    def test_a_hub_that_wants_a_certificate(self):
        self.serving(self.hubs, client_ca=self.ours)
        with_one = self.sdk(tls=True, tls_ca=self.hubs + ".pem", tls_cert=self.ours + ".pem", tls_key=self.ours + ".key")
        with_one.log_event("info", "shown")
        self.assertTrue(with_one.flush(20))
        self.refused("certificate required", tls=True, tls_ca=self.hubs + ".pem")
        self.assertEqual(["shown"], self.hub.events())

    def test_files_that_are_missing_or_of_no_use_are_named(self):
        self.serving(self.hubs)
        self.refused("tls_ca: cannot read the file /nowhere/ca.pem", tls=True, tls_ca="/nowhere/ca.pem")
        self.refused("belong together", tls=True, tls_ca=self.hubs + ".pem", tls_cert=self.ours + ".pem")
        self.refused("tls cannot be used", tls=True, tls_ca=__file__)
        encrypted = self.ours + ".encrypted"
        subprocess.run(["openssl", "rsa", "-aes128", "-passout", "pass:word", "-in", self.ours + ".key", "-out", encrypted], check=True, stderr=subprocess.DEVNULL)
        self.refused("tls cannot be used", tls=True, tls_cert=self.ours + ".pem", tls_key=encrypted)
        self.assertEqual([], self.hub.hellos)

    def test_a_hub_without_tls_gets_no_line(self):
        got = self.server_that_reads(lambda connection: connection.close())
        self.refused("no TLS with 127.0.0.1", tls=True, port=got.port)
        self.assertIn(b"\x16\x03", got.bytes)
        self.assertNotIn(b"private", got.bytes)
        self.assertNotIn(b"hello", got.bytes)

    def test_a_handshake_without_an_answer_is_given_up(self):
        got = self.server_that_reads(lambda connection: None)
        self.refused("no TLS handshake with", tls=True, port=got.port, connect_timeout=0.2)

    def server_that_reads(self, then):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.05)
        ended, connections = threading.Event(), []

        def serve():
            while not ended.is_set():
                try:
                    connection = listener.accept()[0]
                    connections.append(connection)
                    connection.settimeout(5)
                    thread.bytes += connection.recv(65_536)
                    then(connection)
                except OSError:
                    pass

        thread = threading.Thread(target=serve, name="server", daemon=True)
        thread.bytes, thread.port = b"", listener.getsockname()[1]
        thread.start()

        def end():
            ended.set()
            thread.join()
            for opened in connections + [listener]:
                opened.close()

        self.addCleanup(end)
        return thread

    def test_a_wrong_value_does_not_mean_without_and_off_does(self):
        for value, expected in (("perhaps", True), ("1", True), (2, True), ("0", False), ("Off", False), (0, False), (False, False)):
            self.assertIs(expected, self.sdk(tls=value)._options.tls, value)
        os.environ["MONITORING_TLS"] = "1"
        self.addCleanup(os.environ.pop, "MONITORING_TLS")
        self.assertIs(True, self.sdk()._options.tls)
        self.assertIs(False, self.sdk(tls=False)._options.tls)
        self.assertIn("no effect without 'tls'", self.sdk(tls=False, tls_ca="/x").get_stats()["last_error"])

    def test_a_configuration_with_a_wrong_value_does_not_mean_without_either(self):
        path = os.path.join(self.folder, "monitoring.json")
        with open(path, "w") as file:
            file.write('{"tls": "perhaps", "tls_ca": "/ca.pem"}')
        os.environ["MONITORING_CONFIG"] = path
        self.addCleanup(os.environ.pop, "MONITORING_CONFIG")
        with self.assertLogs("monitoring_sdk", "WARNING"):
            options = self.sdk()._options
        self.assertEqual((True, "/ca.pem"), (options.tls, options.tls_ca))

    def test_a_forked_child_does_not_end_its_parents_connection(self):
        self.serving(self.hubs)
        sdk = self.sdk(tls=True, tls_ca=self.hubs + ".pem")
        sdk.log_event("info", "before")
        self.assertTrue(sdk.flush(20))
        child = os.fork()
        if child == 0:
            sdk.log_event("info", "child")
            sdk.close(20)
            os._exit(0)
        os.waitpid(child, 0)
        sdk.log_event("info", "after")
        self.assertTrue(sdk.flush(20))
        self.assertEqual(["before", "child", "after"], self.hub.events())
        self.assertEqual(2, len(self.hub.hellos))

    def test_without_the_module_ssl_all_but_tls_works(self):
        self.hub.up()
        program = """if True:
            import sys
            sys.modules["ssl"] = None       # as if it could not be imported
            from monitoring_sdk import MonitoringSDK
            port = int(sys.argv[1])
            plain = MonitoringSDK("svc", port=port, spool=False, welcome_timeout=20)
            plain.log_event("info", "plain")
            assert plain.flush(20)
            secret = MonitoringSDK("svc", port=port, spool=False, tls=True)
            secret.log_event("info", "secret")
            print(secret.flush(20), secret.get_stats()["last_error"])
            """
        done = subprocess.run([sys.executable, "-c", program, str(self.hub.port)], cwd=HOME, stdout=subprocess.PIPE, check=True)
        self.assertRegex(done.stdout.decode(), "False tls needs Python's module ssl, which cannot be loaded")
        self.assertEqual(["plain"], self.hub.events())


class TlsWithPackagedHubTest(HubCase):
    """The hub's own TLS, with certificates on both sides."""

    def configuration(self):
        certificate(self.folder, "ca", "DNS:ca")
        for name in ("server", "client"):
            certificate(self.folder, name, "DNS:localhost,IP:127.0.0.1", self.folder + "/ca")
        tls = "port: %d, tls: {{ certificate: %s, key: %s, client_ca: %s }}" % (
            self.port, *(os.path.join(self.folder, name) for name in ("server.pem", "server.key", "ca.pem")))
        return super().configuration().replace("port: %d }" % self.port, tls.replace("{{", "{").replace("}}", "}") + " }")

    def test_everything_arrives_from_who_shows_a_certificate_and_nothing_from_who_does_not(self):
        trust = dict(port=self.port, protocol="acked", tls=True, tls_ca=self.folder + "/ca.pem", spool=False, welcome_timeout=20, backoff_max=0.2)
        sdk = MonitoringSDK("with", tls_cert=self.folder + "/client.pem", tls_key=self.folder + "/client.key", buffer=5_000, **trust)
        self.addCleanup(sdk.close, 0)
        for n in range(2_000):
            sdk.log_event("info", n)
        self.assertTrue(sdk.flush(60), sdk.get_stats())
        self.assertEqual((2_000, 0), (sdk.get_stats()["acked"], sdk.get_stats()["refused"]))
        without = MonitoringSDK("without", **trust)
        self.addCleanup(without.close, 0)
        without.log_event("info", "never")
        wait_until("a refusal", lambda: without.get_stats()["last_error"])
        self.assertFalse(without.flush(1))
        sdk.close()
        wait_until("the archive", lambda: len(self.archived()) >= 2_000, 60)
        self.assertNotIn("never", self.archived())
