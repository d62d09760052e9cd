package io.monitoringhub.delivery;

import io.monitoringhub.spi.ComponentId;
import io.monitoringhub.spi.backend.Backend;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The instances that are attached to a lane, in the order in which they have their turn: the members of a group by priority, others as they
 * came. Says who is next and who had better go on; changes no turn itself.
 *
 * <p>Used under the lane's lock.
 */
final class Row {

    private final LongSupplier nanoTime;
    private final List<Slot> slots = new ArrayList<>();
    /** Since when members of the group have no instance. */
    private final Map<String, Long> missingSince = new HashMap<>();
    private LaneSettings settings;

    Row(LaneSettings settings, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        settings(settings);
    }

    void settings(LaneSettings other) {
        settings = other;
        slots.sort(Comparator.comparingInt(this::rank));
        noteMissing();
    }

    /** @return whether it is new */
    boolean add(ComponentId id, Backend backend) {
        if (find(backend).isPresent()) {
            return false;
        }
        slots.add(new Slot(id, backend));
        slots.sort(Comparator.comparingInt(this::rank));
        missingSince.remove(id.name());
        return true;
    }

    Optional<Slot> find(Backend backend) {
        return slots.stream().filter(slot -> slot.backend() == backend).findFirst();
    }

    void remove(Slot slot) {
        slots.remove(slot);
        noteMissing();
    }

    private void noteMissing() {
        long now = nanoTime.getAsLong();
        settings.group().ifPresent(group -> group.members().stream().map(LaneSettings.Member::name)
                .filter(name -> slots.stream().noneMatch(slot -> slot.id().name().equals(name)))
                .forEach(name -> missingSince.putIfAbsent(name, now)));
    }

    private int rank(Slot slot) {
        return settings.group().map(group -> group.rank(slot.id().name())).orElse(0);
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    /** Who has the next turn: the first that is fit, or at least has not failed. Nobody while one before it may still come. */
    Optional<Slot> next() {
        long now = nanoTime.getAsLong();
        Optional<Slot> fit = slots.stream().filter(slot -> !slot.hasFailed() && !slot.isResting(now)).findFirst();
        Optional<Slot> next = fit.or(() -> slots.stream().filter(slot -> !slot.hasFailed()).findFirst());
        return next.filter(slot -> awaited(rank(slot), now).isEmpty());
    }

    /** The member of higher priority than this rank that is away, but not yet for too long. */
    private Optional<LaneSettings.Member> awaited(int rank, long now) {
        return settings.group().flatMap(group -> group.members().stream().limit(rank).filter(member -> {
            Long since = missingSince.get(member.name());
            return since != null && now - since < group.missingAfter().toNanos();
        }).findFirst());
    }

    /** A member that is fit and comes before this one; only once this one has had its turn for the hold-down. */
    Optional<Slot> better(Turn than, boolean isForced) {
        long now = nanoTime.getAsLong();
        int rank = rank(than.slot());
        boolean isTooEarly = !isForced && now - than.since() < settings.group().map(group -> group.holdDown().toNanos()).orElse(0L);
        return isTooEarly ? Optional.empty() : next().filter(slot -> rank(slot) < rank && !slot.isResting(now));
    }

    /** Whether another member is fit. */
    boolean hasRelief(Slot of) {
        long now = nanoTime.getAsLong();
        return settings.group().isPresent() && slots.stream().anyMatch(slot -> rank(slot) != rank(of) && !slot.hasFailed()
                && !slot.isResting(now) && awaited(rank(slot), now).isEmpty());
    }

    /** A turn is over, without a permanent failure. Who could not deliver makes room for the others; who could for long is trusted again. */
    void ended(Turn turn) {
        long now = nanoTime.getAsLong();
        settings.group().ifPresent(group -> turn.slot().ended(turn.pauses().isDown(), now, now - turn.since(),
                group.holdDown().toNanos(), LaneSettings.Group.MOST_HOLD_DOWNS));
    }

    /** A person wants everything tried at once. */
    boolean revive() {
        boolean any = false;
        for (Slot slot : slots) {
            any |= slot.revive();
            slot.stepForward();
        }
        return any;
    }

    /** Why nobody can have a turn although there are instances. */
    Optional<String> failure() {
        if (slots.isEmpty() || !slots.stream().allMatch(Slot::hasFailed)) {
            return Optional.empty();
        }
        return Optional.of(settings.group().isEmpty() ? slots.get(slots.size() - 1).failure()
                : slots.stream().map(slot -> slot.id().name() + ": " + slot.failure()).collect(Collectors.joining("; ")));
    }

    String waitingReason() {
        if (settings.group().isPresent()) {
            LaneSettings.Group group = settings.group().get();
            return awaited(group.members().size(), nanoTime.getAsLong()).filter(member -> !slots.isEmpty())
                    .map(member -> "waiting for a bundle that provides backend type " + member.type() + ", for " + member.name()
                            + "; the next in the group delivers if none comes within " + group.missingAfter().toSeconds() + " s")
                    .orElseGet(() -> "waiting for a bundle that provides backend type " + group.members().stream()
                            .map(member -> member.type() + " (" + member.name() + ")").collect(Collectors.joining(" or ")));
        }
        return settings.backendType().map(type -> "waiting for a bundle that provides backend type " + type)
                .orElse("waiting for a backend to be attached");
    }

    /** Why it is this one's turn and not the first member's; empty where it is the first, or no group. */
    String standIn(Slot slot) {
        long now = nanoTime.getAsLong();
        return settings.group().map(group -> group.members().stream().limit(rank(slot)).map(member -> member.name() + " "
                + condition(member.name(), now)).collect(Collectors.joining("; "))).filter(why -> !why.isEmpty())
                .map(why -> slot.id().name() + " delivers, because " + why).orElse("");
    }

    private String condition(String member, long now) {
        Optional<Slot> slot = slots.stream().filter(each -> each.id().name().equals(member)).findFirst();
        if (slot.isEmpty()) {
            return "is not there";
        }
        return slot.get().hasFailed() ? "has failed: " + slot.get().failure()
                : slot.get().isResting(now) ? "was down; it is tried again by itself" : "has just come back";
    }
}
