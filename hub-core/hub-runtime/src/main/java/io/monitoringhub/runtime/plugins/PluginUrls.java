package io.monitoringhub.runtime.plugins;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.url.AbstractURLStreamHandlerService;
import org.osgi.service.url.URLConstants;
import org.osgi.service.url.URLStreamHandlerService;

/**
 * What the locations of our bundles lead to: the file of that name in {@code plugins/} as it is now. So Felix's {@code update} without a place
 * takes that. Immutable.
 */
@Component(service = URLStreamHandlerService.class, property = URLConstants.URL_HANDLER_PROTOCOL + "=" + PluginLocation.PROTOCOL)
public final class PluginUrls extends AbstractURLStreamHandlerService {

    private final Path plugins;

    @Activate
    public PluginUrls(BundleContext context) {
        this.plugins = Path.of(context.getProperty("hub.plugins"));
    }

    @Override
    public URLConnection openConnection(URL location) throws IOException {
        Path file = plugins.resolve(location.getPath());
        if (!plugins.equals(file.getParent()) || !Files.isRegularFile(file)) {
            throw new FileNotFoundException("there is no " + file + ": say where to update from, as in 'update ID file:/path/to.jar'");
        }
        return file.toUri().toURL().openConnection();
    }
}
