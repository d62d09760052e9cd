"""A real OpenSearch 2, from the archive that the build of hub-core/hub-testservers fetches."""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.request
import zipfile

from .fake_hub import wait_until
from .test_packaged_hub import free_port

_PLACES = (os.path.join(os.path.dirname(__file__), "../../../hub-core/hub-testservers/target/servers/opensearch.zip"),
           os.path.expanduser("~/.m2/repository/org/opensearch/distribution/integ-test-zip/opensearch/*/opensearch-*.zip"))
ARCHIVES = [path for place in ([os.environ["OPENSEARCH_ZIP"]] if "OPENSEARCH_ZIP" in os.environ else _PLACES) for path in sorted(glob.glob(place))]
JAVA = shutil.which(os.path.join(os.environ.get("JAVA_HOME", ""), "bin", "java")) or shutil.which("java")
_SETTINGS = ("discovery.type: single-node\nnetwork.host: 127.0.0.1\nhttp.port: %d\ntransport.port: %d\n"
             "cluster.routing.allocation.disk.threshold_enabled: false\n")


class OpenSearch:
    """Unpacked into a folder of its own. As root it is started as nobody: it refuses root."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        os.chmod(self.folder, 0o755)
        with zipfile.ZipFile(ARCHIVES[0]) as archive:
            archive.extractall(self.folder)
        self.home = glob.glob(self.folder + "/opensearch-*")[0]
        port = free_port()
        self.url = "http://127.0.0.1:%d" % port
        with open(self.home + "/config/opensearch.yml", "w") as file:
            file.write(_SETTINGS % (port, free_port()))
        os.mkdir(self.home + "/tmp")
        self.disk = self._disk()
        self.as_nobody = []
        if os.geteuid() == 0:
            self.as_nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            subprocess.run(["chown", "-R", "nobody:nogroup", self.home], check=True)
        self.start()

    def _disk(self):
        """In a root that was changed into (chroot) / is no mount, and OpenSearch refuses a data folder of which Java can't name the file
        system: it gets one in memory."""
        data = self.home + "/data"
        with open("/proc/self/mounts") as mounts:
            if any(line.split()[1] == "/" for line in mounts):
                return None
        os.mkdir(data)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "tmpfs", data]).returncode != 0:
            self._remove()
            raise unittest.SkipTest("the root is no mount, and mounting one is refused")
        return data

    def _remove(self):
        shutil.rmtree(self.folder, True)

    def start(self):
        command = [JAVA, "-Xms256m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Djava.security.manager=allow", "-Djava.awt.headless=true",
                   "-Djava.io.tmpdir=" + self.home + "/tmp", "-Dopensearch.path.home=" + self.home, "-Dopensearch.path.conf=" + self.home + "/config",
                   "-Dopensearch.distribution.type=zip", "-cp", self.home + "/lib/*", "org.opensearch.bootstrap.OpenSearch"]
        with open(self.folder + "/output", "ab") as output:
            self.process = subprocess.Popen(self.as_nobody + command, cwd=self.home, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        wait_until("OpenSearch", self._is_up, 240)

    def _is_up(self):
        if self.process.poll() is not None:
            with open(self.folder + "/output") as output:
                raise AssertionError("OpenSearch ended: " + output.read()[-2_000:])
        try:
            return bool(self.ask("/_cluster/health?wait_for_status=yellow&timeout=1s"))
        except OSError:
            return False

    def ask(self, path, body=None, method=None):
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        self.kill()
        if self.disk:
            subprocess.run(["umount", "-l", self.disk], check=True)
        self._remove()
