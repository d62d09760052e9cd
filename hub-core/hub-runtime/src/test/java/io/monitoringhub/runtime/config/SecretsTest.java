package io.monitoringhub.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {

    @ParameterizedTest
    @CsvSource({"password, .password", "session_token, .session_token", "secret_key, .secret_key", "api_key, .api_key", "tls_private_key, .tls_private_key",
        "access_key, access_key", "key, key", "token_file, token_file", "passwords, passwords"})
    void a_secret_is_known_by_its_name_before_its_plugin_is_there(String setting, String property) {
        assertThat(Secrets.propertyFor(setting)).isEqualTo(property);
    }
}
