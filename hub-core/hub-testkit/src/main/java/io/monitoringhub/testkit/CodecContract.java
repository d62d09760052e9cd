package io.monitoringhub.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.spi.codec.Codec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every codec must do: extend it with the codec and a few of its documents. */
public abstract class CodecContract {

    private static final long SEED = 20261122;
    private static final int ROUNDS = 2_000;

    /** A new codec. */
    protected abstract Codec newCodec();

    /** Documents that it takes, of every kind that there is. */
    protected abstract List<String> goodDocuments();

    /** Documents that it must refuse. */
    protected abstract List<String> badDocuments();

    @Test
    void good_documents_become_items_of_one_line_messages() {
        Codec codec = newCodec();
        for (String document : goodDocuments()) {
            DecodedItems decoded = decode(codec, document);
            assertThat(decoded.refusals()).as(document).isEmpty();
            assertThat(decoded.items()).as(document).isNotEmpty().allSatisfy(item -> {
                assertThat(item.messages()).isNotEmpty().allMatch(message -> message.startsWith("{") && message.endsWith("}")
                        && message.indexOf('\n') < 0, "an object on one line");
                item.key().ifPresent(key -> assertThat(key).isNotBlank());
            });
        }
    }

    @Test
    void bad_documents_are_refused_with_code_and_reason_and_give_nothing() {
        Codec codec = newCodec();
        for (String document : badDocuments()) {
            DecodedItems decoded = decode(codec, document);
            assertThat(decoded.items()).as(document).isEmpty();
            assertThat(decoded.refusals()).as(document).isNotEmpty().allMatch(refusal -> refusal.matches("(?s)[a-z][a-z0-9_]*: .+"));
        }
    }

    @Test
    void the_same_document_gives_the_same_bytes_in_every_instance_and_on_every_thread() throws Exception {
        Codec shared = newCodec();
        ExecutorService threads = Executors.newFixedThreadPool(4, task -> new Thread(task, "codec-contract"));
        try {
            for (String document : goodDocuments()) {
                DecodedItems expected = decode(newCodec(), document);
                List<Callable<DecodedItems>> calls = new ArrayList<>();
                for (int i = 0; i < 16; i++) {
                    calls.add(() -> decode(shared, document));
                }
                for (Future<DecodedItems> each : threads.invokeAll(calls)) {
                    assertThat(each.get()).isEqualTo(expected);
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void a_document_is_left_as_it_is() {
        Codec codec = newCodec();
        for (String document : goodDocuments()) {
            byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
            byte[] before = bytes.clone();
            DecodedItems.of(codec, bytes);
            assertThat(bytes).isEqualTo(before);
        }
    }

    @Test
    void damaged_documents_throw_nothing_and_are_taken_or_refused() {
        Codec codec = newCodec();
        Random random = new Random(SEED);
        List<String> good = goodDocuments();
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = good.get(random.nextInt(good.size())).getBytes(StandardCharsets.UTF_8);
            for (int i = random.nextInt(4); i >= 0; i--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(3) == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            }
            DecodedItems decoded = DecodedItems.of(codec, damaged);
            assertThat(decoded.items().size() + decoded.refusals().size()).as("%s (seed %d, round %d)",
                    new String(damaged, StandardCharsets.ISO_8859_1), SEED, round).isPositive();
        }
    }

    private static DecodedItems decode(Codec codec, String document) {
        return DecodedItems.of(codec, document.getBytes(StandardCharsets.UTF_8));
    }
}
