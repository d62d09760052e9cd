package io.monitoringhub.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

class LineDecoderModelTest {

    private static final byte[] GOOD = ("{\"v\":1,\"src\":\"good\",\"ts\":7,\"type\":\"heartbeat\"}\n").getBytes(StandardCharsets.UTF_8);
    private static final List<byte[]> SEEDS = seeds();
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    @Property(tries = 4000)
    void everyLineGivesOneCallAndNothingThrows(@ForAll("hostile") byte[] bytes) {
        assertThat(Recorder.of(bytes).calls).hasSize(Vectors.lines(bytes).size());
    }

    @Property(tries = 20_000)
    void bothReadersAgree(@ForAll("hostile") byte[] bytes) {
        assertThat(Recorder.of(bytes).calls).isEqualTo(Recorder.ofParser(bytes).calls);
    }

    @Property(tries = 4000)
    void goodLineAfterAnyGarbageIsAccepted(@ForAll("hostile") byte[] bytes) {
        byte[] garbage = concat(bytes, new byte[] {'\n'});

        List<String> calls = Recorder.of(concat(garbage, GOOD, GOOD)).calls;

        assertThat(calls).hasSize(Vectors.lines(garbage).size() + 2);
        assertThat(calls.subList(calls.size() - 2, calls.size())).allMatch(call -> call.startsWith("HEARTBEAT good 7"));
    }

    @Property(tries = 4000)
    void verdictDoesNotDependOnTheNeighbours(@ForAll("hostile") byte[] bytes) {
        List<String> alone = new ArrayList<>();
        for (byte[] line : Vectors.lines(bytes)) {
            alone.addAll(Recorder.of(concat(line, new byte[] {'\n'})).calls);
        }

        assertThat(Recorder.of(bytes).calls).isEqualTo(alone);
    }

    @Property(tries = 150)
    void splittingAtAnyByteChangesNothing(@ForAll("hostile") byte[] bytes) {
        List<String> whole = Recorder.of(bytes).calls;
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(inTwoReads(bytes, cut)).as("cut at %d", cut).isEqualTo(whole);
        }
    }

    @Property(tries = 2000)
    void whatIsAcceptedIsStrictJsonAndUtf8(@ForAll("hostile") byte[] bytes) throws Exception {
        for (byte[] line : Vectors.lines(bytes)) {
            boolean accepted = !Recorder.of(concat(line, new byte[] {'\n'})).calls.get(0).startsWith("refused");
            if (accepted) {
                assertThat(JSON.readTree(strictText(line)).isObject()).isTrue();
            }
        }
    }

    @Property(tries = 5000)
    void utf8IsWhatTheJdkSaysItIs(@ForAll("mixedBytes") byte[] bytes) {
        boolean valid;
        try {
            strictText(bytes);
            valid = true;
        } catch (CharacterCodingException e) {
            valid = false;
        }

        assertThat(LineBytes.isUtf8(bytes, 0, bytes.length)).isEqualTo(valid);
    }

    @Property(tries = 2000)
    void endOfLineIsFoundAtAnyDistance(@ForAll("mixedBytes") byte[] bytes) {
        byte[] line = new String(bytes, StandardCharsets.ISO_8859_1).replace('\n', ' ').getBytes(StandardCharsets.ISO_8859_1);
        boolean ascii = new String(line, StandardCharsets.ISO_8859_1).chars().allMatch(c -> c < 0x80);

        int found = LineBytes.endOfLine(concat(line, "\n\u00e9\n".getBytes(StandardCharsets.UTF_8)), 0, line.length + 4);

        assertThat(found).isEqualTo(ascii ? line.length : ~line.length);
    }

    @Provide
    Arbitrary<byte[]> hostile() {
        Arbitrary<byte[]> mutated = Combinators.combine(Arbitraries.longs(), Arbitraries.integers().between(1, 6))
                .as(LineDecoderModelTest::mutate);
        Arbitrary<byte[]> braces = Arbitraries.strings().withChars("{}[]\":,\n\r \\u0d1tfn-.e\u0001v").ofMaxLength(120)
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
        return Arbitraries.frequencyOf(Tuple.of(6, mutated), Tuple.of(2, braces),
                Tuple.of(1, mixedBytes()));
    }

    @Provide
    Arbitrary<byte[]> mixedBytes() {
        Arbitrary<String> text = Arbitraries.strings().ofMaxLength(60);
        Arbitrary<byte[]> raw = Arbitraries.bytes().array(byte[].class).ofMaxSize(80);
        return Combinators.combine(text, raw, Arbitraries.integers().between(0, 3)).as((t, r, kind) -> switch (kind) {
            case 0 -> r;
            case 1 -> concat(t.getBytes(StandardCharsets.UTF_8), r);
            default -> t.getBytes(StandardCharsets.UTF_8);
        });
    }

    /** Three lines of the vectors with some bytes changed, left out, doubled or exchanged. */
    private static byte[] mutate(long seed, int changes) {
        Random random = new Random(seed);
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            lines.writeBytes(SEEDS.get(random.nextInt(SEEDS.size())));
            lines.write('\n');
        }
        byte[] bytes = lines.toByteArray();
        for (int i = 0; i < changes; i++) {
            bytes = change(bytes, random);
        }
        return bytes;
    }

    private static byte[] change(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length);
        byte[] head = Arrays.copyOf(bytes, at);
        byte[] tail = Arrays.copyOfRange(bytes, at, bytes.length);
        byte[] favourites = "{}[]\",:\n\r\\ 0-e\u00e9".getBytes(StandardCharsets.UTF_8);
        return switch (random.nextInt(4)) {
            case 0 -> concat(head, new byte[] {(byte) random.nextInt(256)}, tail);
            case 1 -> concat(head, new byte[] {favourites[random.nextInt(favourites.length)]}, Arrays.copyOfRange(tail, 1, tail.length));
            case 2 -> concat(head, Arrays.copyOfRange(tail, Math.min(tail.length - 1, random.nextInt(9)), tail.length));
            default -> concat(head, Arrays.copyOf(tail, Math.min(tail.length, random.nextInt(40))), tail);
        };
    }

    private static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        Vectors.forHubs().flatMap(vector -> Vectors.lines(vector.bytes()).stream()).filter(line -> line.length < 400).forEach(seeds::add);
        return seeds;
    }

    /** Keeps the partial line and puts it before what comes next, as a session does. */
    private static List<String> inTwoReads(byte[] bytes, int cut) {
        LineDecoder decoder = new LineDecoder(ProtocolLimits.VERSION_1);
        Recorder recorder = new Recorder();
        int behind = decoder.decode(bytes, 0, cut, recorder);
        int end = decoder.decode(bytes, behind, bytes.length, recorder);
        assertThat(end).isEqualTo(new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf('\n') + 1);
        return recorder.calls;
    }

    private static String strictText(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
