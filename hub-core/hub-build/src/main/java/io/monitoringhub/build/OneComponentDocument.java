package io.monitoringhub.build;

import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Constants;
import aQute.bnd.osgi.EmbeddedResource;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Resource;
import aQute.bnd.service.AnalyzerPlugin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/**
 * A plugin of bnd: puts the descriptions of a bundle's components into one document, as OSGi Compendium 112.4 allows. Declarative Services
 * make a parser for each document, which takes as long as reading ten components. And a component that names no configuration ignores
 * any (112.4.3): else Declarative Services ask for two by its name, which is as much work again.
 *
 * <p>Used by one thread at a time.
 */
public final class OneComponentDocument implements AnalyzerPlugin {

    static final String PATH = "OSGI-INF/components.xml";
    private static final String PID = "configuration-pid";
    private static final String POLICY = "configuration-policy";
    private static final int AFTER_THOSE_THAT_DESCRIBE_COMPONENTS = 1000;

    @Override
    public int ordering() {
        return AFTER_THOSE_THAT_DESCRIBE_COMPONENTS;
    }

    @Override
    public boolean analyzeJar(Analyzer analyzer) throws Exception {
        Set<String> paths = analyzer.parseHeader(analyzer.getProperty(Constants.SERVICE_COMPONENT)).keySet();
        if (paths.size() > 1) {
            DocumentBuilderFactory parsers = DocumentBuilderFactory.newInstance();
            parsers.setNamespaceAware(true);
            byte[] document = merged(analyzer.getJar(), paths, parsers.newDocumentBuilder());
            paths.forEach(analyzer.getJar()::remove);
            analyzer.getJar().putResource(PATH, new EmbeddedResource(document, 0));
            analyzer.setProperty(Constants.SERVICE_COMPONENT, PATH);
        }
        return false;
    }

    private static byte[] merged(Jar jar, Set<String> paths, DocumentBuilder parser) throws Exception {
        Document all = parser.newDocument();
        Element root = all.createElement("components");
        all.appendChild(root);
        for (String path : paths) {
            Resource resource = jar.getResource(path);
            if (resource == null) {
                throw new IOException("Service-Component names " + path + ", which is not in " + jar.getName());
            }
            try (InputStream in = resource.openInputStream()) {
                root.appendChild(all.importNode(ignoring(parser.parse(in).getDocumentElement()), true));
            }
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TransformerFactory.newInstance().newTransformer().transform(new DOMSource(all), new StreamResult(bytes));
        return bytes.toByteArray();
    }

    private static Element ignoring(Element component) {
        if (!component.hasAttribute(PID) && !component.hasAttribute(POLICY)) {
            component.setAttribute(POLICY, "ignore");
        }
        return component;
    }
}
