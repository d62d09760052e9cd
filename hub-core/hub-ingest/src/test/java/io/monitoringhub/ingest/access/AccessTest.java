package io.monitoringhub.ingest.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessTest {

    private static final ComponentId TCP = new ComponentId(Kind.TRANSPORT, "tcp", "tcp");
    private static final ComponentId UNIX = new ComponentId(Kind.TRANSPORT, "unix", "unix");
    private static final String SECRET = "correct horse battery staple";

    private final AtomicLong time = new AtomicLong();
    private final Access access = new Access(time::get);

    @AfterEach
    void close() {
        access.close();
    }

    @Test
    void without_tokens_everybody_is_let_in_whatever_they_show() throws Exception {
        assertThat(access.admit(TCP, Optional.empty()).allowsAll()).isTrue();
        assertThat(access.admit(TCP, Optional.of("anything")).name()).isEmpty();
        assertThat(access.withoutToken(TCP)).isPresent();
    }

    @Test
    void with_tokens_only_their_bearers_are_let_in_but_for_anonymous_transports() throws Exception {
        access.configure(settings(token("billing", SECRET), token("jobs", "another one that is long")));
        assertThat(access.admit(TCP, Optional.of(SECRET)).name()).isEqualTo("billing");
        assertThat(access.admit(UNIX, Optional.of(SECRET)).name()).isEqualTo("billing");
        assertThat(access.admit(UNIX, Optional.empty()).name()).isEmpty();
        assertThat(access.withoutToken(TCP)).isEmpty();
        assertThatThrownBy(() -> access.admit(TCP, Optional.empty())).hasMessageContaining("wants a token");
        for (String wrong : List.of(SECRET + " ", SECRET.substring(1), "", "x".repeat(4096))) {
            assertThatThrownBy(() -> access.admit(TCP, Optional.of(wrong))).hasMessageContaining("does not know this token")
                    .isInstanceOfSatisfying(NotAdmittedException.class, refused -> assertThat(refused.isKnown()).isFalse());
            assertThatThrownBy(() -> access.admit(UNIX, Optional.of(wrong))).as("a wrong token is told even where none is needed")
                    .isInstanceOf(NotAdmittedException.class);
        }
    }

    @Test
    void a_token_is_good_for_its_transports_only() {
        access.configure(settings(new TokenSettings("jobs", TokenHash.of(SECRET), List.of(), Set.of("unix"), OptionalLong.empty(), false)));
        assertThatThrownBy(() -> access.admit(TCP, Optional.of(SECRET))).hasMessageContaining("'jobs' may not be used on the transport 'tcp'")
                .isInstanceOfSatisfying(NotAdmittedException.class, refused -> assertThat(refused.isKnown()).isTrue());
    }

    @Test
    void a_token_may_be_known_by_its_hash_alone_and_shows_nothing_of_itself() throws Exception {
        // printf %s abc | sha256sum
        TokenHash abc = TokenHash.ofHex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
        AccessSettings settings = settings(new TokenSettings("a", abc, List.of(), Set.of(), OptionalLong.empty(), false));
        access.configure(settings);
        assertThat(access.admit(TCP, Optional.of("abc")).name()).isEqualTo("a");
        assertThat(settings.toString().toLowerCase()).doesNotContain("ba7816bf");
        assertThatThrownBy(() -> TokenHash.ofHex("ba78")).hasMessageContaining("64 hexadecimal digits");
    }

    @Test
    void sources_are_globs_over_the_whole_name() throws Exception {
        access.configure(settings(new TokenSettings("billing", TokenHash.of(SECRET), List.of("billing-*", "ledger"), Set.of(), OptionalLong.empty(), false)));
        Grant grant = access.admit(TCP, Optional.of(SECRET));
        assertThat(grant.allowsAll()).isFalse();
        assertThat(List.of("billing-1", "billing-", "ledger")).allMatch(grant::allows);
        assertThat(List.of("billing", "xbilling-1", "ledger2", "")).noneMatch(grant::allows);
    }

    @Test
    void a_change_ends_what_it_takes_away_and_changes_the_rest_in_place() throws Exception {
        Grant nobody = access.withoutToken(TCP).orElseThrow();
        Grant local = access.withoutToken(UNIX).orElseThrow();
        access.configure(settings(token("billing", SECRET), token("jobs", "another one that is long")));
        assertThat(nobody.isRevoked()).isTrue();
        assertThat(local.isRevoked()).isFalse();
        Grant billing = access.admit(TCP, Optional.of(SECRET));
        Grant jobs = access.admit(TCP, Optional.of("another one that is long"));
        access.configure(settings(new TokenSettings("billing", TokenHash.of(SECRET), List.of("b-*"), Set.of(), OptionalLong.of(5), false),
                token("jobs", "its new secret, as long")));
        assertThat(billing.isRevoked()).isFalse();
        assertThat(billing.allows("c")).isFalse();
        assertThat(billing.allows("b-1")).isTrue();
        assertThat(jobs.isRevoked()).as("its secret is another one").isTrue();
    }

    @Test
    void tokens_that_are_wanted_while_there_are_none_let_nobody_in() {
        access.configure(new AccessSettings(true, List.of(), Set.of(), 10));
        assertThat(access.withoutToken(TCP)).isEmpty();
        assertThatThrownBy(() -> access.admit(TCP, Optional.of(SECRET))).isInstanceOf(NotAdmittedException.class);
    }

    @Test
    void a_rate_lets_a_seconds_worth_through_and_then_as_much_as_time_passes() throws Exception {
        access.configure(settings(new TokenSettings("billing", TokenHash.of(SECRET), List.of(), Set.of(), OptionalLong.of(100), false)));
        Grant grant = access.admit(TCP, Optional.of(SECRET));
        grant.spend(99);
        assertThat(grant.untilRoom()).isZero();
        grant.spend(51);
        assertThat(grant.untilRoom()).isCloseTo(Duration.ofMillis(500), Duration.ofMillis(1));
        time.addAndGet(TimeUnit.MILLISECONDS.toNanos(400));
        assertThat(grant.untilRoom()).isCloseTo(Duration.ofMillis(100), Duration.ofMillis(1));
        time.addAndGet(TimeUnit.HOURS.toNanos(1));
        grant.spend(100);
        assertThat(grant.untilRoom()).as("an hour of silence is worth a second").isPositive();
        assertThat(grant.lines()).isEqualTo(250);
        assertThat(access.lines()).containsEntry("billing", 250L);
    }

    @Test
    void who_is_over_the_rate_is_called_when_there_is_room_again() throws Exception {
        access.configure(settings(new TokenSettings("billing", TokenHash.of(SECRET), List.of(), Set.of(), OptionalLong.of(1000), false)));
        Grant grant = access.admit(TCP, Optional.of(SECRET));
        CountDownLatch resumed = new CountDownLatch(1);
        assertThat(grant.hasRoom(resumed::countDown)).isTrue();
        grant.spend(1001);
        assertThat(grant.hasRoom(resumed::countDown)).isFalse();
        assertThat(resumed.getCount()).isEqualTo(1);
        time.addAndGet(TimeUnit.SECONDS.toNanos(1));
        assertThat(resumed.await(60, TimeUnit.SECONDS)).isTrue();
    }

    private static TokenSettings token(String name, String secret) {
        return new TokenSettings(name, TokenHash.of(secret), List.of(), Set.of(), OptionalLong.empty(), false);
    }

    private static AccessSettings settings(TokenSettings... tokens) {
        return new AccessSettings(true, List.of(tokens), Set.of("unix"), 1000);
    }
}
