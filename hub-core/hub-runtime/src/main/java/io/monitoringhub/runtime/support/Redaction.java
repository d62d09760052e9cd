package io.monitoringhub.runtime.support;

import io.monitoringhub.runtime.config.Effective;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes secrets out of texts: those that the configuration has, wherever they stand, and what looks like one. Rather once too often.
 *
 * <p>Immutable.
 */
final class Redaction {

    static final String HIDDEN = "***";

    /** Shorter ones would take half of every text with them. */
    private static final int SHORTEST_SECRET = 3;
    private static final int SHORTEST_LOOK_UP = 6;

    /** A person and a password in an address. Each pattern begins with something fixed, or a long line would take for ever. */
    private static final Pattern CREDENTIALS = Pattern.compile("(://[^/@:\\s\"]{0,200}):([^/@\\s\"]{1,200})@");
    private static final Pattern NAMED = Pattern.compile("(?i)((?:passw|passphrase|secret|token|credential|api[_-]?key|access[_-]?key"
            + "|private[_-]?key|authorization)[\\w.-]{0,40}[\"']?\\s{0,8}[:=]\\s{0,8}[\"']?)(?:(?:Bearer|Basic)\\s+)?([^\\s\"',;&}\\])]+)");
    private static final Pattern SCHEME = Pattern.compile("(?i)\\b(Bearer|Basic)\\s+[\\w~+/.=-]{6,}");
    private static final Pattern KEY_BLOCK = Pattern.compile("(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\\z)");

    private final List<String> secrets;

    private Redaction(Collection<String> secrets) {
        this.secrets = secrets.stream().sorted(Comparator.comparingInt(String::length).reversed()).toList();
    }

    static Redaction of(Collection<Effective> configurations) {
        TreeSet<String> secrets = new TreeSet<>();
        for (Effective configuration : configurations) {
            configuration.values().forEach((key, value) -> {
                boolean isSecret = value.shown().contains(HIDDEN);
                if (isSecret || value.shown().contains("${")) {
                    texts(value.real()).stream().filter(text -> text.length() >= (isSecret ? SHORTEST_SECRET : SHORTEST_LOOK_UP))
                            .forEach(secrets::add);
                }
                Matcher credentials = CREDENTIALS.matcher(value.real());
                while (credentials.find()) {
                    secrets.add(credentials.group(2));
                }
            });
        }
        return new Redaction(secrets);
    }

    /** A value is kept as the list that it is: as a whole, and each of it. */
    private static List<String> texts(String real) {
        String inner = real.startsWith("[") && real.endsWith("]") ? real.substring(1, real.length() - 1) : real;
        List<String> texts = new ArrayList<>(List.of(inner.split(", ")));
        texts.add(inner);
        return texts;
    }

    String of(String text) {
        String clean = text;
        for (String secret : secrets) {
            clean = clean.replace(secret, HIDDEN);
        }
        clean = KEY_BLOCK.matcher(clean).replaceAll(HIDDEN);
        clean = CREDENTIALS.matcher(clean).replaceAll("$1:" + HIDDEN + "@");
        clean = NAMED.matcher(clean).replaceAll("$1" + HIDDEN);
        return SCHEME.matcher(clean).replaceAll("$1 " + HIDDEN);
    }

    /** Of a document: names stay, texts are cleaned. */
    Object of(Object document) {
        if (document instanceof Map<?, ?> map) {
            Map<String, Object> clean = new LinkedHashMap<>();
            map.forEach((name, value) -> clean.put(name.toString(), of(value)));
            return clean;
        }
        if (document instanceof Collection<?> all) {
            return all.stream().map(each -> of(each)).toList();
        }
        return document == null || document instanceof Number || document instanceof Boolean ? document : of(document.toString());
    }
}
