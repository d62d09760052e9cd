package io.monitoringhub.distribution;

import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A bundle made on the fly: headers, sources that are compiled against the unpacked distribution, other entries.
 *
 * <p>Used by one thread at a time.
 */
final class TestBundle {

    private final Manifest manifest = new Manifest();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    private TestBundle(String name, String version) {
        header(Attributes.Name.MANIFEST_VERSION.toString(), "1.0");
        header("Bundle-ManifestVersion", "2");
        header("Bundle-SymbolicName", name);
        header("Bundle-Version", version);
    }

    static TestBundle of(String name, String version) {
        return new TestBundle(name, version);
    }

    TestBundle header(String name, String value) {
        manifest.getMainAttributes().putValue(name, value);
        return this;
    }

    TestBundle source(String className, String code) {
        sources.put(className, code);
        return this;
    }

    TestBundle entry(String path, byte[] content) {
        entries.put(path, content);
        return this;
    }

    /** A component description, and the requirement that makes SCR look at it. */
    TestBundle component(String xml) {
        header("Service-Component", "OSGI-INF/component.xml");
        return entry("OSGI-INF/component.xml", ("<?xml version='1.0' encoding='UTF-8'?>\n" + xml).getBytes(StandardCharsets.UTF_8));
    }

    /** An activator with this statement in start(). */
    TestBundle activator(String className, String statement) {
        header("Bundle-Activator", className);
        header("Import-Package", "org.osgi.framework");
        int dot = className.lastIndexOf('.');
        return source(className, """
                package %s;
                import org.osgi.framework.*;
                public class %s implements BundleActivator {
                    public void start(BundleContext context) throws Exception { %s }
                    public void stop(BundleContext context) { }
                }
                """.formatted(className.substring(0, dot), className.substring(dot + 1), statement));
    }

    Path writeTo(Path folder, PackagedHub hub) throws IOException {
        Path classes = compile(folder, hub);
        Path jar = Files.createTempFile(folder, "bundle-", ".jar");
        try (OutputStream file = Files.newOutputStream(jar); JarOutputStream out = new JarOutputStream(file, manifest);
                Stream<Path> compiled = Files.walk(classes)) {
            for (Path path : compiled.filter(Files::isRegularFile).toList()) {
                put(out, classes.relativize(path).toString(), Files.readAllBytes(path));
            }
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                put(out, entry.getKey(), entry.getValue());
            }
        }
        return jar;
    }

    private static void put(JarOutputStream out, String path, byte[] content) throws IOException {
        out.putNextEntry(new ZipEntry(path));
        out.write(content);
        out.closeEntry();
    }

    private Path compile(Path folder, PackagedHub hub) throws IOException {
        Path classes = Files.createTempDirectory(folder, "classes-");
        if (sources.isEmpty()) {
            return classes;
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        List<String> options = List.of("-d", classes.toString(), "-cp", classPath(hub), "--release", "17");
        List<? extends JavaFileObject> units = sources.entrySet().stream().map(Source::new).toList();
        if (!compiler.getTask(complaints, null, null, options, null, units).call()) {
            throw new IOException("test bundle does not compile: " + complaints);
        }
        return classes;
    }

    /** What the hub itself is made of; elsewhere below its home things come and go while it runs. */
    private static String classPath(PackagedHub hub) throws IOException {
        try (Stream<Path> lib = Files.walk(hub.home().resolve("lib")); Stream<Path> bundles = Files.walk(hub.home().resolve("bundles"))) {
            return String.join(":", Stream.concat(lib, bundles).map(Path::toString).filter(path -> path.endsWith(".jar")).toList());
        }
    }

    private static final class Source extends SimpleJavaFileObject {

        private final String code;

        Source(Map.Entry<String, String> source) {
            super(URI.create("string:///" + source.getKey().replace('.', '/') + ".java"), Kind.SOURCE);
            this.code = source.getValue();
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return code;
        }
    }
}
