package io.monitoringhub.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Constants;
import aQute.bnd.osgi.EmbeddedResource;
import aQute.bnd.osgi.Jar;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class OneComponentDocumentTest {

    private static final String NAMESPACE = "http://www.osgi.org/xmlns/scr/v1.4.0";

    private final Jar jar = new Jar("bundle");
    private Analyzer analyzer;

    @BeforeEach
    void open() throws Exception {
        analyzer = new Analyzer(jar);
    }

    @AfterEach
    void close() throws Exception {
        analyzer.close();
    }

    private void describe(String name) {
        describe(name, "");
    }

    private void describe(String name, String attributes) {
        jar.putResource("OSGI-INF/" + name + ".xml", new EmbeddedResource(("<?xml version=\"1.0\"?><scr:component xmlns:scr=\"" + NAMESPACE
                + "\" name=\"" + name + "\"" + attributes + "><implementation class=\"" + name + "\"/></scr:component>"), 0));
    }

    private Document document() throws Exception {
        DocumentBuilderFactory parsers = DocumentBuilderFactory.newInstance();
        parsers.setNamespaceAware(true);
        return parsers.newDocumentBuilder().parse(jar.getResource(OneComponentDocument.PATH).openInputStream());
    }

    @Test
    void puts_all_components_in_their_namespace_and_order_into_one_document() throws Exception {
        describe("b.B");
        describe("a.A");
        analyzer.setProperty(Constants.SERVICE_COMPONENT, "OSGI-INF/b.B.xml,OSGI-INF/a.A.xml");
        new OneComponentDocument().analyzeJar(analyzer);
        assertThat(analyzer.getProperty(Constants.SERVICE_COMPONENT)).isEqualTo(OneComponentDocument.PATH);
        assertThat(jar.getResources()).containsOnlyKeys(OneComponentDocument.PATH);
        Document document = document();
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("components");
        NodeList components = document.getElementsByTagNameNS(NAMESPACE, "component");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < components.getLength(); i++) {
            Element component = (Element) components.item(i);
            names.add(component.getAttribute("name") + " " + component.getElementsByTagName("implementation").getLength());
        }
        assertThat(names).containsExactly("b.B 1", "a.A 1");
    }

    @Test
    void lets_a_component_that_names_no_configuration_ignore_any() throws Exception {
        describe("a.A");
        describe("b.B", " configuration-pid=\"hub.b\"");
        describe("c.C", " configuration-policy=\"require\"");
        analyzer.setProperty(Constants.SERVICE_COMPONENT, "OSGI-INF/a.A.xml,OSGI-INF/b.B.xml,OSGI-INF/c.C.xml");
        new OneComponentDocument().analyzeJar(analyzer);
        NodeList components = document().getElementsByTagNameNS(NAMESPACE, "component");
        assertThat(List.of(0, 1, 2)).extracting(i -> ((Element) components.item(i)).getAttribute("configuration-policy")).containsExactly("ignore", "", "require");
    }

    @Test
    void leaves_a_bundle_with_one_component_or_none_as_it_is() throws Exception {
        describe("a.A");
        new OneComponentDocument().analyzeJar(analyzer);
        assertThat(analyzer.getProperty(Constants.SERVICE_COMPONENT)).isNull();
        analyzer.setProperty(Constants.SERVICE_COMPONENT, "OSGI-INF/a.A.xml");
        new OneComponentDocument().analyzeJar(analyzer);
        assertThat(jar.getResources()).containsOnlyKeys("OSGI-INF/a.A.xml");
    }

    @Test
    void names_a_description_that_is_not_there() {
        describe("a.A");
        analyzer.setProperty(Constants.SERVICE_COMPONENT, "OSGI-INF/a.A.xml,OSGI-INF/gone.xml");
        assertThatThrownBy(() -> new OneComponentDocument().analyzeJar(analyzer)).hasMessageContaining("OSGI-INF/gone.xml").hasMessageContaining("bundle");
    }
}
