package io.monitoringhub.plugin.jobevent;

import io.monitoringhub.plugin.jobevent.JobEvent.Kind;
import io.monitoringhub.plugin.jobevent.JsonTree.Literal;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The messages that one job event becomes. Every field of the event is in one of them: where the protocol has a place for it there, else in
 * the first message's tags, with the object that it came from. Used once, by one thread.
 */
final class JobMessages {

    /** Names of the older format's fields that mean a percentage. */
    private static final List<String> PERCENT = List.of("percent", "progress", "progress_percent");
    private static final BigDecimal HUNDRED = new BigDecimal(100);
    private static final Literal ZERO = new Literal("0", true);

    private final JobEvent event;
    private final String id;
    private final Optional<String> parent;
    private final String trace;
    private final String source;
    private final Map<String, Object> tags = new LinkedHashMap<>();
    private final Optional<Object> percent;
    private final Optional<String> status;
    private final List<Map<String, Object>> messages = new ArrayList<>();

    JobMessages(JobEvent event) throws BadEventException {
        this.event = event;
        Object idValue = event.see("entity", "id");
        id = JobEvent.text(idValue).orElseThrow(() -> BadEventException.missing("entity.id", "the job's id, as text or a number"));
        parent = event.takeString("entity", "parent_id").or(() -> JobEvent.text(event.see("entity", "parent_id")));
        trace = JobEvent.text(event.see("entity", "business_key")).or(() -> parent).orElse(id);
        source = source();
        tag("site_id", "site_id");
        tag("app_id", "app", "app_id");
        tag("app_version", "app", "version");
        tag("entity_type", "entity", "type");
        tag("business_key", "entity", "business_key");
        tag("sub_key", "entity", "sub_key");
        if (idValue instanceof String) {
            event.take("entity", "id");
        }
        percent = percent();
        status = event.takeString("event", "status");
    }

    private String source() throws BadEventException {
        Optional<String> name = event.takeString("app", "name");
        return name.or(() -> JobEvent.text(event.see("app", "app_id"))).or(() -> JobEvent.text(event.see("site_id")))
                .orElseThrow(() -> BadEventException.missing("app.name", "the name of the program, or 'app.app_id', or 'site_id'"));
    }

    private void tag(String tag, String... path) {
        Object value = event.see(path);
        if (value instanceof String || value instanceof Literal) {
            tags.put(tag, event.take(path));
        }
    }

    private Optional<Object> percent() {
        if (event.kind() == Kind.METRIC) {
            return Optional.empty();
        }
        for (String name : PERCENT) {
            if (event.see("event", "metrics", name) instanceof Literal number && number.isNumber() && isPercentage(number)) {
                return Optional.of(event.take("event", "metrics", name));
            }
        }
        return Optional.empty();
    }

    private static boolean isPercentage(Literal number) {
        if (number.text().length() > 40) {
            return false;
        }
        BigDecimal value = new BigDecimal(number.text());
        return value.signum() >= 0 && value.compareTo(HUNDRED) <= 0;
    }

    /** All messages, the first of which has what has no other place. */
    List<Map<String, Object>> all() {
        switch (event.kind()) {
            case STARTED -> {
                span(null, status.orElse("started"));
                progress(percent.orElse(ZERO), status.orElse("started"));
            }
            case PROGRESS -> {
                if (percent.isPresent()) {
                    progress(percent.get(), status.orElse("running"));
                } else {
                    event("info", status.orElse("progress"));
                }
            }
            case METRIC -> {
                // Its metrics are below.
            }
            case FINISHED -> {
                span(event.at(), status.orElse("finished"));
                progress(percent.orElse(new Literal("100", true)), status.orElse("finished"));
            }
            case ERROR -> {
                span(event.at(), "error");
                event("error", status.orElse("error"));
                percent.ifPresent(value -> progress(value, "error"));
            }
            case CANCELED -> {
                span(event.at(), "canceled");
                event("warn", status.orElse("canceled"));
                percent.ifPresent(value -> progress(value, "canceled"));
            }
        }
        metrics();
        if (messages.isEmpty()) {
            event("info", status.orElse("metric"));
        }
        addWhatIsLeft();
        return messages;
    }

    private void metrics() {
        if (!(event.see("event", "metrics") instanceof Map<?, ?> metrics)) {
            return;
        }
        for (Object each : List.copyOf(metrics.keySet())) {
            String name = (String) each;
            Object value = metrics.get(name);
            if (name.isEmpty()) {
                continue;
            }
            if (value instanceof Literal number && number.isNumber()) {
                event.take("event", "metrics", name);
                metric(name, number, Optional.empty());
            } else if (value instanceof Map<?, ?> both && both.size() == 2 && both.get("value") instanceof Literal number && number.isNumber()
                    && both.get("unit") instanceof String unit) {
                event.take("event", "metrics", name);
                metric(name, number, Optional.of(unit));
            }
        }
    }

    private void metric(String name, Literal value, Optional<String> unit) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", name);
        data.put("value", value);
        unit.ifPresent(text -> data.put("unit", text));
        Map<String, Object> own = new LinkedHashMap<>();
        own.put("job_id", id);
        own.putAll(tags);
        if (event.kind() == Kind.METRIC && messages.isEmpty()) {
            status.ifPresent(text -> own.put("status", text));
        }
        data.put("tags", own);
        message("metric", data);
    }

    /** @param end null while the job runs */
    private void span(Long end, String wordOfStatus) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", JobEvent.text(tags.get("entity_type")).orElse(source));
        data.put("start", end == null ? number(event.at()) : ZERO);
        data.put("end", end == null ? null : number(end));
        data.put("status", wordOfStatus);
        data.put("tags", new LinkedHashMap<>(tags));
        message("span", data);
    }

    private void progress(Object value, String wordOfStatus) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("job_id", id);
        data.put("percent", value);
        data.put("status", wordOfStatus);
        data.put("tags", new LinkedHashMap<>(tags));
        message("progress", data);
    }

    private void event(String level, String text) {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("job_id", id);
        context.putAll(tags);
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("level", level);
        data.put("msg", text);
        data.put("ctx", context);
        message("event", data);
    }

    private void message(String type, Map<String, Object> data) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("v", new Literal("1", true));
        message.put("src", source);
        message.put("ts", number(event.at()));
        message.put("type", type);
        message.put("tid", trace);
        message.put("sid", id);
        parent.ifPresent(of -> message.put("pid", of));
        message.put("data", data);
        messages.add(message);
    }

    /** The fields that are left below their own objects; other fields of the document below {@code more}. */
    private void addWhatIsLeft() {
        Map<String, Object> left = event.left();
        Map<String, Object> data = data(messages.get(0));
        Map<String, Object> into = tagsOf(data.containsKey("ctx") ? data.get("ctx") : data.get("tags"));
        Map<String, Object> more = new LinkedHashMap<>();
        left.forEach((name, value) -> {
            switch (name) {
                case "app", "entity", "event", "idempotency_key" -> {
                    if (!isEmptied(value)) {
                        into.put(name, value);
                    }
                }
                default -> more.put(name, value);
            }
        });
        if (!more.isEmpty()) {
            into.put("more", more);
        }
    }

    private static boolean isEmptied(Object value) {
        return value instanceof Map<?, ?> members && members.isEmpty();
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> data(Map<String, Object> message) {
        return (Map<String, Object>) message.get("data");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> tagsOf(Object map) {
        return (Map<String, Object>) map;
    }

    private static Literal number(long value) {
        return new Literal(Long.toString(value), true);
    }
}
