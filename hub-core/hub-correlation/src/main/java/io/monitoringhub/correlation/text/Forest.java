package io.monitoringhub.correlation.text;

import io.monitoringhub.correlation.Span;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The spans of a trace in the order of a tree, each with the lines that are drawn before it.
 *
 * <p>Whatever the parent links say, each span comes exactly once: one whose parent is unknown, because it was not seen or because the message that
 * would have named it was not, stands below the root, or at the top when
 * there is not exactly one root; of spans that are each other's ancestors the one that began first is treated likewise. Works without
 * recursion, because a trace can be as deep as it has spans.
 *
 * <p>Used by one thread at a time.
 */
final class Forest {

    /** Why a span stands where it stands. */
    enum Place { OWN, ORPHAN, LOOP }

    /** One span and the lines before it. */
    record Row(Span span, String lines, Place place) {
    }

    private record Step(Span span, String lines, String linesBelow, Place place) {
    }

    private final Glyphs glyphs;
    private final int maxColumns;
    private final Map<String, List<Span>> children = new HashMap<>();
    private final List<Span> roots = new ArrayList<>();
    private final List<Span> orphans = new ArrayList<>();
    private final List<Span> loops = new ArrayList<>();

    /**
     * @param spans sorted as siblings shall be
     * @param maxColumns how wide the lines may get; what is deeper is not moved further
     */
    Forest(List<Span> spans, Glyphs glyphs, int maxColumns) {
        this.glyphs = glyphs;
        this.maxColumns = maxColumns;
        for (Span span : spans) {
            boolean beginningSeen = span.start().isPresent();
            if (span.parent().isEmpty() && beginningSeen) {
                roots.add(span);
            } else if (span.orphan() || span.parent().isEmpty()) {
                orphans.add(span);
            } else {
                children.computeIfAbsent(span.parent().get(), parent -> new ArrayList<>()).add(span);
            }
        }
        cutLoops(spans);
    }

    private void cutLoops(List<Span> spans) {
        Set<String> reached = new HashSet<>();
        roots.forEach(root -> reach(root, reached));
        orphans.forEach(orphan -> reach(orphan, reached));
        if (reached.size() == spans.size()) {
            return;
        }
        Map<String, Span> byId = new HashMap<>();
        spans.forEach(span -> byId.put(span.id(), span));
        for (Span span : spans) {
            if (!reached.contains(span.id())) {
                Set<String> loop = loopAbove(span, byId);
                Span first = spans.stream().filter(member -> loop.contains(member.id())).findFirst().orElseThrow();
                loops.add(first);
                reach(first, reached);
            }
        }
        loops.forEach(span -> children.get(span.parent().orElseThrow()).remove(span));
    }

    /** The ids of the spans that are each other's ancestors, somewhere above a span that no root leads to. */
    private static Set<String> loopAbove(Span below, Map<String, Span> byId) {
        Set<String> above = new HashSet<>();
        String id = below.id();
        while (above.add(id)) {
            id = byId.get(id).parent().orElseThrow();
        }
        Set<String> loop = new HashSet<>();
        while (loop.add(id)) {
            id = byId.get(id).parent().orElseThrow();
        }
        return loop;
    }

    private void reach(Span from, Set<String> reached) {
        Deque<Span> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            Span span = open.pop();
            if (reached.add(span.id())) {
                open.addAll(children.getOrDefault(span.id(), List.of()));
            }
        }
    }

    List<Row> rows() {
        boolean oneRoot = roots.size() == 1;
        Deque<Step> open = new ArrayDeque<>();
        if (!oneRoot) {
            pushTops(loops, Place.LOOP, open);
            pushTops(orphans, Place.ORPHAN, open);
        }
        pushTops(roots, Place.OWN, open);
        List<Row> rows = new ArrayList<>();
        while (!open.isEmpty()) {
            Step step = open.pop();
            rows.add(new Row(step.span, step.lines, step.place));
            List<Step> below = stepsBelow(step, oneRoot && rows.size() == 1);
            for (int i = below.size() - 1; i >= 0; i--) {
                open.push(below.get(i));
            }
        }
        return rows;
    }

    private static void pushTops(List<Span> tops, Place place, Deque<Step> open) {
        for (int i = tops.size() - 1; i >= 0; i--) {
            open.push(new Step(tops.get(i), "", "", place));
        }
    }

    private List<Step> stepsBelow(Step parent, boolean isOnlyRoot) {
        List<Span> own = children.getOrDefault(parent.span.id(), List.of());
        int total = own.size() + (isOnlyRoot ? orphans.size() + loops.size() : 0);
        List<Step> steps = new ArrayList<>(total);
        own.forEach(child -> steps.add(step(parent, child, Place.OWN, steps.size() + 1 == total)));
        if (isOnlyRoot) {
            orphans.forEach(orphan -> steps.add(step(parent, orphan, Place.ORPHAN, steps.size() + 1 == total)));
            loops.forEach(loop -> steps.add(step(parent, loop, Place.LOOP, steps.size() + 1 == total)));
        }
        return steps;
    }

    private Step step(Step parent, Span span, Place place, boolean isLast) {
        if (parent.linesBelow.length() + glyphs.tee().length() > maxColumns) {
            String same = parent.linesBelow.endsWith(glyphs.deeper()) ? parent.linesBelow : parent.linesBelow + glyphs.deeper();
            return new Step(span, same, same, place);
        }
        boolean loose = place != Place.OWN;
        String line = isLast ? loose ? glyphs.looseCorner() : glyphs.corner() : loose ? glyphs.looseTee() : glyphs.tee();
        String below = isLast ? " ".repeat(line.length()) : glyphs.pipe();
        return new Step(span, parent.linesBelow + line, parent.linesBelow + below, place);
    }
}
