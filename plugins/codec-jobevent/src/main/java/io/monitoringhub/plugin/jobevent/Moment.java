package io.monitoringhub.plugin.jobevent;

import io.monitoringhub.plugin.jobevent.JsonTree.Literal;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** Points in time as the older format writes them. */
final class Moment {

    private static final String EXPECTED = "Unix milliseconds or seconds as a number, or a time such as 2024-05-01T12:00:00Z";
    /** Numbers below are seconds: as milliseconds they would be before March 1973. */
    private static final BigDecimal SECONDS_BELOW = new BigDecimal("100000000000");

    private Moment() {
    }

    static long millis(Object value) throws BadEventException {
        if (value == null) {
            throw BadEventException.missing("event.at", EXPECTED);
        }
        if (value instanceof Literal number && number.isNumber() && number.text().length() <= 40) {
            return fromNumber(new BigDecimal(number.text()));
        }
        if (value instanceof String text) {
            return fromText(text.strip().replace(' ', 'T'));
        }
        throw BadEventException.invalid("event.at", EXPECTED);
    }

    private static long fromNumber(BigDecimal number) throws BadEventException {
        if (number.signum() < 0 || number.precision() - number.scale() > 18) {
            throw BadEventException.invalid("event.at", EXPECTED);
        }
        BigDecimal millis = number.compareTo(SECONDS_BELOW) < 0 ? number.movePointRight(3) : number;
        return millis.setScale(0, RoundingMode.DOWN).longValueExact();
    }

    private static long fromText(String text) throws BadEventException {
        try {
            boolean hasZone = text.matches(".*(Z|z|[+-]\\d\\d(:?\\d\\d)?)$") && text.indexOf('T') > 0
                    && (text.endsWith("Z") || text.endsWith("z") || Math.max(text.lastIndexOf('+'), text.lastIndexOf('-')) > text.indexOf('T'));
            long millis = hasZone ? OffsetDateTime.parse(text).toInstant().toEpochMilli()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC).toEpochMilli();
            if (millis >= 0) {
                return millis;
            }
        } catch (DateTimeException | ArithmeticException bad) {
            // said below
        }
        throw BadEventException.invalid("event.at", EXPECTED);
    }

    /** Whether the milliseconds say all that was written. */
    static boolean isExact(Object value, long millis) {
        return value instanceof Literal number && number.text().equals(Long.toString(millis));
    }
}
