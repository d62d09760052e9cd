package io.monitoringhub.sdk.elasticsearch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BulkItemTest {

    @Test
    void eachItemTellsWhatBecameOfIt() throws Exception {
        assertThat(BulkItem.all("""
                {"took": 3, "errors": true, "items": [
                  {"create": {"_index": "a", "_id": "1", "status": 201, "_shards": {"total": 2, "failed": 0}, "more": [1, -2.5e3, true, null, []]}},
                  {"create": {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "field \\"x\\" \\u00e4\\n", "caused_by": {"reason": "why"}}}},
                  {"create": {"status": 429, "error": "busy"}}, {"create": {"status": 409}}, {"create": {"status": 503}}, {"create": {"status": 404}}]}
                """)).containsExactly(new BulkItem(201, ""), new BulkItem(400, "mapper_parsing_exception: field \"x\" ä\n (why)"), new BulkItem(429, "busy"),
                        new BulkItem(409, ""), new BulkItem(503, ""), new BulkItem(404, ""));
    }

    @Test
    void whatIsThereComesLaterOrNeedsAPersonIsToldApart() {
        assertThat(new BulkItem(201, "").isThere()).isTrue();
        assertThat(new BulkItem(409, "version_conflict").isThere()).isTrue();
        assertThat(new BulkItem(400, "").isThere()).isFalse();
        assertThat(new BulkItem(429, "").isForLater()).isTrue();
        assertThat(new BulkItem(503, "").isForLater()).isTrue();
        assertThat(new BulkItem(400, "").isForLater()).isFalse();
        assertThat(new BulkItem(403, "").isForAPerson()).isTrue();
        assertThat(new BulkItem(400, "").isForAPerson()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{}", "{\"items\":1}", "{\"items\":[1]}", "{\"items\":[{}]}", "{\"items\":[{\"create\":{}}]}", "{\"items\":[", "{\"items\":[}",
            "{\"items\":[],}", "{\"items\" []}", "{\"items\":[]} x", "{\"a\":\"\\x\"}", "{\"a\":\"\\u00g0\"}", "{\"a\":\"", "{\"a\":tru}", "{\"items\":[1,]}"})
    void whatIsNoAnswerOfABulkRequestIsToldAsSuch(String answer) {
        assertThatThrownBy(() -> BulkItem.all(answer)).isInstanceOf(IOException.class);
    }

    @Test
    void anAnswerMayNotNestWithoutEnd() {
        assertThatThrownBy(() -> BulkItem.all("{\"items\":" + "[".repeat(100_000))).isInstanceOf(IOException.class).hasMessageContaining("levels");
    }
}
