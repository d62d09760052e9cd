package io.monitoringhub.runtime.plugins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

/** Where the location of a plugin's bundle leads to; FelixWalkthroughIT updates one by it. */
class PluginUrlsTest {

    @TempDir
    private Path folder;
    private Path plugins;
    private URLStreamHandler handler;

    @BeforeEach
    void make() throws IOException {
        plugins = Files.createDirectory(folder.resolve("plug ins"));
        Files.writeString(plugins.resolve("a+b.jar"), "old");
        Files.writeString(folder.resolve("outside.jar"), "not a plugin");
        BundleContext context = (BundleContext) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] {BundleContext.class},
                (proxy, method, arguments) -> method.getName().equals("getProperty") && arguments[0].equals("hub.plugins") ? plugins.toString() : null);
        PluginUrls urls = new PluginUrls(context);
        handler = new URLStreamHandler() {
            @Override
            protected URLConnection openConnection(URL url) throws IOException {
                return urls.openConnection(url);
            }
        };
    }

    private String read(String location) throws IOException {
        try (InputStream in = new URL(null, location, handler).openStream()) {
            return new String(in.readAllBytes());
        }
    }

    @Test
    void a_location_leads_to_what_the_file_holds_now() throws Exception {
        String location = PluginLocation.of("a+b.jar", "0123");
        assertThat(read(location)).isEqualTo("old");
        Files.writeString(plugins.resolve("a+b.jar"), "new");
        assertThat(read(location)).isEqualTo("new");
    }

    @Test
    void where_there_is_no_file_the_message_says_what_to_do() {
        assertThatThrownBy(() -> read(PluginLocation.of("gone.jar", "0123"))).isInstanceOf(FileNotFoundException.class)
                .hasMessage("there is no " + plugins.resolve("gone.jar") + ": say where to update from, as in 'update ID file:/path/to.jar'");
    }

    @Test
    void nothing_outside_of_the_folder_is_reached() {
        for (String name : new String[] {"../outside.jar", folder.resolve("outside.jar").toString(), "", ".", "x/../a+b.jar"}) {
            assertThatThrownBy(() -> read(PluginLocation.of(name, "0123"))).as(name).isInstanceOf(FileNotFoundException.class);
        }
    }
}
