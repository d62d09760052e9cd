// The header as C++ sees it: a message and a span, into the spool if no hub is there.
#include "monitoring.h"

int main(int count, char **arguments) {
    monitoring_options_t options = monitoring_options_default();
    options.source = "from-cpp";
    options.port = 1;
    options.spool_dir = count > 1 ? arguments[1] : NULL;
    monitoring_sdk_t *sdk = monitoring_sdk_create_with(&options);
    const monitoring_pair_t context[] = {monitoring_string("who", "C++"), monitoring_int("n", 7), monitoring_double("x", 0.5), monitoring_bool("b", true)};
    monitoring_log_event(sdk, "info", "hello", context, 4);
    monitoring_log_metric(sdk, "m", 1, "s", MONITORING_NONE);
    char span[MONITORING_ID_SIZE];
    monitoring_start_span(sdk, "work", NULL, span);
    monitoring_end_span(sdk, span, NULL, MONITORING_NONE);
    monitoring_close(sdk, 100);
    monitoring_stats_t stats;
    monitoring_get_stats(sdk, &stats);
    monitoring_sdk_destroy(sdk);
    return stats.messages == 4 && stats.left_in_spool == 4 ? 0 : 1;
}
