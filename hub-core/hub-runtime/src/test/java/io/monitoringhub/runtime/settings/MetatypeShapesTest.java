package io.monitoringhub.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetatypeShapesTest {

    private static final String XML = """
            <?xml version="1.0" encoding="UTF-8"?>
            <metatype:MetaData xmlns:metatype="http://www.osgi.org/xmlns/metatype/v1.2.0">
              <OCD id="c" name="C" description="d">
                <AD id="port" type="Integer" name="Port" description="The port." min="1" max="9" default="5"/>
                <AD id="far" type="Integer" name="Far" default="5"/>
                <AD id="ratio" type="Double" name="Ratio" default="0.5"/>
                <AD id="fast" type="Boolean" name="Fast" default="true"/>
                <AD id="mode" type="String" name="Mode" default="a"><Option label="A" value="a"/><Option label="B" value="b"/></AD>
                <AD id="hosts" type="String" cardinality="2147483647" name="Hosts"/>
                <AD id="empty" type="String" name="Empty" default=""/>
                <AD id="needed" type="String" name="Needed"/>
                <AD id="optional" type="String" name="Optional" required="false"/>
                <AD id=".password" type="String" name="Password" required="false"/>
              </OCD>
              <Designate factoryPid="hub.backend.x"><Object ocdref="c"/></Designate>
            </metatype:MetaData>
            """;

    private final Shape.Group shape = read();

    private static Shape.Group read() {
        try {
            return MetatypeShapes.read(new ByteArrayInputStream(XML.getBytes(StandardCharsets.UTF_8))).get("hub.backend.x");
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    @Test
    void kindsRangesOptionsAndDefaultsAreAsThePluginSays() {
        assertThat(leaf("port")).isEqualTo(new Shape.Leaf(Shape.Kind.INTEGER, List.of(), Optional.of("1"), Optional.of("9"), false));
        assertThat(leaf("far").most()).hasValue("2147483647");
        assertThat(leaf("ratio").kind()).isEqualTo(Shape.Kind.NUMBER);
        assertThat(leaf("fast").kind()).isEqualTo(Shape.Kind.FLAG);
        assertThat(leaf("mode").options()).containsExactly("a", "b");
        assertThat(leaf("hosts").many()).isTrue();
        assertThat(shape.fields().get("port").standard()).hasValue("5");
        assertThat(shape.fields().get("port").says()).isEqualTo("The port.");
    }

    @Test
    void onlyAKeyWithoutDefaultThatIsNotOptionalIsMissed() {
        List<String> problems = new ArrayList<>();
        new ShapeCheck(problems::add).check("x", Map.of("hosts", "one"), shape);
        assertThat(problems).singleElement().asString().startsWith("x.needed: is missing: expected text");
    }

    @Test
    void aSecretIsKnownByItsDotAndWrittenWithout() {
        assertThat(shape.fields().get("password").secret()).isTrue();
        assertThat(shape.fields().get("port").secret()).isFalse();
    }

    private Shape.Leaf leaf(String key) {
        return (Shape.Leaf) shape.fields().get(key).shape();
    }
}
