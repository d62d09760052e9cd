package io.monitoringhub.plugin.spool;

import static org.assertj.core.api.Assertions.assertThat;

import io.monitoringhub.plugin.spool.SpoolName.Hands;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SpoolNameTest {

    private static final String ID = "6f2c7a30-5a0e-4d0b-9d5e-0b8f1f0c9a11";

    @Test
    void endings_say_in_whose_hands_a_file_is() {
        assertThat(name("svc-" + ID + "-7.ldjson")).isEqualTo(
                new SpoolName("svc-" + ID + "-7", Optional.of(UUID.fromString(ID)), 7, Hands.SEALED));
        assertThat(name("svc-" + ID + "-7.open").hands()).isEqualTo(Hands.WRITER);
        assertThat(name("svc-" + ID + "-7.open-java").hands()).isEqualTo(Hands.WRITER);
        assertThat(name("svc-" + ID + "-7.claimed").hands()).isEqualTo(Hands.SENDER);
        assertThat(name("svc-" + ID + "-7.claimed-php8").hands()).isEqualTo(Hands.SENDER);
        assertThat(name("svc-" + ID + "-7.claimed-hub").hands()).isEqualTo(Hands.HUB);
        assertThat(name("svc-" + ID + "-1.dropped-hub").hands()).isEqualTo(Hands.HUB_PLAIN);
    }

    @Test
    void drafts_and_strangers_are_not_looked_at() {
        for (String name : new String[] {"x.ldjson.tmp", ".x.ldjson", "svc.lock", "x.open", "notes.txt", "svc-" + ID + "-7.opened"}) {
            assertThat(SpoolName.of(name)).as(name).isEmpty();
        }
    }

    @Test
    void a_name_without_client_or_with_an_impossible_number_is_a_plain_file() {
        for (String name : new String[] {"x.ldjson", "svc-" + ID + ".ldjson", "svc-" + ID + "-0.ldjson", "svc-" + ID + "-1234567890123456789.ldjson"}) {
            assertThat(name(name).isPlain()).as(name).isTrue();
        }
    }

    @Test
    void a_plain_file_gets_a_new_identity_of_bounded_length_with_each_claim() {
        SpoolName plain = name("é/".repeat(100).replace('/', ' ') + ".ldjson");
        String claimed = plain.claimed();
        assertThat(claimed).isNotEqualTo(plain.claimed()).hasSizeLessThan(220).isASCII();
        SpoolName again = name(claimed);
        assertThat(again.hands()).isEqualTo(Hands.HUB_PLAIN);
        assertThat(again.client().orElseThrow().version()).isEqualTo(8);
        assertThat(name(again.forgotten()).isPlain()).isTrue();
    }

    private static SpoolName name(String name) {
        return SpoolName.of(name).orElseThrow();
    }
}
