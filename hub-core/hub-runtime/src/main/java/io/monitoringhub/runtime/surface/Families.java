package io.monitoringhub.runtime.surface;

import io.monitoringhub.log.Durations;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot;
import io.prometheus.metrics.model.snapshots.StateSetSnapshot.StateSetDataPointSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Collects families of metrics with one value, or with one for each of several things. Names are without {@code _total} and
 * {@code _info}, which the format adds. Used by one thread.
 */
final class Families {

    private final MetricSnapshots.Builder all = MetricSnapshots.builder();

    MetricSnapshots build() {
        return all.build();
    }

    void counter(String name, String help, double value) {
        counters(name, help, List.of(value), any -> Labels.EMPTY, each -> each);
    }

    <T> void counters(String name, String help, Collection<T> things, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        CounterSnapshot.Builder family = CounterSnapshot.builder().name(name).help(help);
        things.forEach(each -> family.dataPoint(
                CounterDataPointSnapshot.builder().labels(labels.apply(each)).value(value.applyAsDouble(each)).build()));
        all.metricSnapshot(family.build());
    }

    void gauge(String name, String help, double value) {
        gauges(name, help, List.of(value), any -> Labels.EMPTY, each -> each);
    }

    <T> void gauges(String name, String help, Collection<T> things, Function<T, Labels> labels, ToDoubleFunction<T> value) {
        GaugeSnapshot.Builder family = GaugeSnapshot.builder().name(name).help(help);
        things.forEach(each -> family.dataPoint(
                GaugeDataPointSnapshot.builder().labels(labels.apply(each)).value(value.applyAsDouble(each)).build()));
        all.metricSnapshot(family.build());
    }

    /** One of several states for each thing: 1 for the one that it is in, 0 for the others. */
    <T, S extends Enum<S>> void states(String name, String help, S[] states, Collection<T> things, Function<T, Labels> labels,
            Function<T, String> state) {
        StateSetSnapshot.Builder family = StateSetSnapshot.builder().name(name).help(help);
        for (T each : things) {
            StateSetDataPointSnapshot.Builder point = StateSetDataPointSnapshot.builder().labels(labels.apply(each));
            for (S possible : states) {
                point.state(possible.name().toLowerCase(Locale.ROOT), possible.name().equals(state.apply(each)));
            }
            family.dataPoint(point.build());
        }
        all.metricSnapshot(family.build());
    }

    <T> void infos(String name, String help, Collection<T> things, Function<T, Labels> labels) {
        InfoSnapshot.Builder family = InfoSnapshot.builder().name(name).help(help);
        things.forEach(each -> family.dataPoint(InfoDataPointSnapshot.builder().labels(labels.apply(each)).build()));
        all.metricSnapshot(family.build());
    }

    void histogram(String name, String help, Durations.Snapshot durations) {
        List<Double> bounds = new ArrayList<>(Durations.BOUNDS);
        bounds.add(Double.POSITIVE_INFINITY);
        all.metricSnapshot(HistogramSnapshot.builder().name(name).help(help).dataPoint(HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, durations.counts())).sum(durations.seconds()).build()).build());
    }
}
