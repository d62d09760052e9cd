package io.monitoringhub.runtime.config;

import io.monitoringhub.ingest.access.AccessSettings;
import io.monitoringhub.ingest.access.TokenHash;
import io.monitoringhub.ingest.access.TokenSettings;
import io.monitoringhub.runtime.settings.Nearest;
import io.monitoringhub.runtime.settings.RecordShape;
import io.monitoringhub.runtime.settings.Values;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * Reads {@code security}: tokens, the token file, and limits. No problem that it notes shows a token.
 *
 * <p>Used once, by one thread.
 */
final class SecurityReader {

    private static final String SECTION = HubShape.SECURITY;
    private static final String TOKENS = "tokens";
    private static final String TOKEN_FILE = "token_file";
    private static final List<String> KEYS = keys(SecuritySection.class);
    private static final List<String> TOKEN_KEYS = keys(TokenKeys.class);
    private static final Pattern RATE = Pattern.compile("([1-9]\\d{0,8})\\s*/\\s*s");
    private static final Pattern COUNT = Pattern.compile("\\d{1,9}");
    private static final int SHORTEST_TOKEN = 16;
    private static final int LONGEST_TOKEN = 4096;

    private final HubFolders folders;
    private final Set<String> transports;
    private final List<String> problems;
    private final List<String> warnings;
    private final Map<String, TokenSettings> tokens = new LinkedHashMap<>();

    /** @param transports the names of those that are configured */
    SecurityReader(HubFolders folders, Set<String> transports, List<String> problems, List<String> warnings) {
        this.folders = folders;
        this.transports = new TreeSet<>(transports);
        this.problems = problems;
        this.warnings = warnings;
    }

    private static List<String> keys(Class<? extends Record> section) {
        return List.copyOf(RecordShape.of(section).shape().fields().keySet());
    }

    SecurityConfiguration read(Object section) {
        Map<String, Object> security = map(SECTION, section, "'{ tokens: { name: { token: ..., sources: [...] } } }'");
        knownKeys(SECTION, security.keySet(), KEYS);
        readTokens(SECTION + "." + TOKENS, security.get(TOKENS));
        Optional<Path> file = Optional.ofNullable(security.get(TOKEN_FILE)).map(path -> folders.resolve(Path.of(path.toString())));
        file.ifPresent(this::readFile);
        Set<String> anonymous = transports(SECTION + ".anonymous", security.get("anonymous"));
        boolean wantsTokens = security.containsKey(TOKENS) || file.isPresent();
        if (wantsTokens && tokens.isEmpty()) {
            warnings.add(SECTION + ": tokens are wanted, but there is none: nobody can send" + (anonymous.isEmpty() ? "" : " but over " + anonymous));
        }
        return new SecurityConfiguration(new AccessSettings(wantsTokens, List.copyOf(tokens.values()), anonymous,
                maxBadLines(security.get("max_bad_lines"))), file);
    }

    private int maxBadLines(Object value) {
        int standard = AccessSettings.OPEN.maxBadLines();
        if (value == null || COUNT.matcher(value.toString()).matches()) {
            return value == null ? standard : Integer.parseInt(value.toString());
        }
        problems.add(SECTION + ".max_bad_lines: expected a number from 0 to 999999999, 0 for no limit, not '" + value + "'");
        return standard;
    }

    /** No look-ups in here: what stands there is the token. */
    private void readFile(Path file) {
        String key = SECTION + "." + TOKEN_FILE;
        try {
            LoaderOptions options = new LoaderOptions();
            options.setAllowDuplicateKeys(false);
            readTokens(file.toString(), new Yaml(new SafeConstructor(options)).load(Files.readString(file)));
            if (isReadByAll(file)) {
                warnings.add(key + ": everybody on this machine may read " + file + ": chmod 600 it");
            }
        } catch (IOException unreadable) {
            problems.add(key + ": cannot read " + file + " (" + unreadable.getClass().getSimpleName() + "): does it exist, and may the hub's user"
                    + " read it? A relative path starts in the data folder");
        } catch (YAMLException malformed) {
            // The parser's own words quote the line, and with it perhaps a token.
            problems.add(key + ": " + file + " is no YAML: expected 'name: { sha256: ..., sources: [...] }' for each token");
        }
    }

    /** Not by asking the file's store first: in a root that was changed into it is not found. */
    private static boolean isReadByAll(Path file) throws IOException {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (UnsupportedOperationException otherRights) {
            return false;
        }
    }

    private void readTokens(String key, Object value) {
        map(key, value, "'{ name: { token: ..., sources: [...] } }'").forEach((name, token) -> readToken(key + "." + name, name, token));
    }

    private void readToken(String key, String name, Object value) {
        Map<String, Object> settings = map(key, value, "'{ token: ..., sources: [...] }'");
        knownKeys(key, settings.keySet(), TOKEN_KEYS);
        Optional<TokenHash> hash = hash(key, settings);
        List<String> sources = Values.asList(settings.get("sources")).stream().map(Object::toString).toList();
        if (settings.containsKey("sources") && sources.isEmpty()) {
            problems.add(key + ".sources: expected globs such as [\"billing-*\"]; leave the key out to allow every source");
        }
        Set<String> goodFor = transports(key + ".transports", settings.get("transports"));
        OptionalLong rate = rate(key + ".rate", settings.get("rate"));
        if (hash.isEmpty()) {
            return;
        }
        if (tokens.containsKey(name)) {
            problems.add(key + ": there is another token of this name");
        }
        tokens.values().stream().filter(other -> other.hash().equals(hash.get())).findFirst()
                .ifPresent(other -> problems.add(key + ": is the same token as '" + other.name() + "': make one for each"));
        tokens.put(name, new TokenSettings(name, hash.get(), sources, goodFor, rate, mayRead(key + ".read", settings.get("read"))));
    }

    private Optional<TokenHash> hash(String key, Map<String, Object> settings) {
        Object token = settings.get("token");
        Object sha256 = settings.get("sha256");
        if ((token == null) == (sha256 == null)) {
            problems.add(key + ": expected either 'token' or 'sha256'");
            return Optional.empty();
        }
        if (token != null) {
            int length = token.toString().length();
            if (length < SHORTEST_TOKEN || length > LONGEST_TOKEN) {
                problems.add(key + ".token: expected " + SHORTEST_TOKEN + " to " + LONGEST_TOKEN + " characters, not " + length
                        + ": `openssl rand -hex 32` makes a good one");
                return Optional.empty();
            }
            return Optional.of(TokenHash.of(token.toString()));
        }
        try {
            return Optional.of(TokenHash.ofHex(sha256.toString()));
        } catch (IllegalArgumentException none) {
            problems.add(key + ".sha256: " + none.getMessage());
            return Optional.empty();
        }
    }

    private boolean mayRead(String key, Object value) {
        if (value != null && !value.toString().matches("true|false")) {
            problems.add(key + ": expected true or false, not '" + value + "'");
        }
        return value != null && value.toString().equals("true");
    }

    private OptionalLong rate(String key, Object value) {
        if (value == null) {
            return OptionalLong.empty();
        }
        Matcher rate = RATE.matcher(value.toString().strip());
        if (!rate.matches()) {
            problems.add(key + ": expected messages a second, as in 20000/s, not '" + value + "'");
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(rate.group(1)));
    }

    private Set<String> transports(String key, Object value) {
        Set<String> names = new TreeSet<>();
        for (Object name : Values.asList(value)) {
            if (transports.contains(name.toString())) {
                names.add(name.toString());
            } else {
                problems.add(key + ": there is no transport '" + name + "'" + Nearest.hint(name.toString(), transports));
            }
        }
        return names;
    }

    private Map<String, Object> map(String key, Object value, String expected) {
        Optional<Map<String, Object>> map = Values.asMap(value);
        if (map.isEmpty()) {
            problems.add(key + ": expected settings, as in " + expected);
        }
        Map<String, Object> byText = new LinkedHashMap<>();
        // YAML's own keys need not be text.
        new LinkedHashMap<Object, Object>(map.orElse(Map.of())).forEach((name, setting) -> byText.put(String.valueOf(name), setting));
        return byText;
    }

    private void knownKeys(String section, Set<String> keys, List<String> known) {
        List<String> unknown = new ArrayList<>(keys);
        unknown.removeAll(known);
        unknown.forEach(key -> problems.add(section + "." + key + ": there is no such key" + Nearest.hint(key, known)));
    }
}
