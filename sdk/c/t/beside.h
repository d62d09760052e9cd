/* What another thread does meanwhile, for the player and the conformance runner. */
#ifndef BESIDE_H
#define BESIDE_H

#include <stdbool.h>
#include "monitoring.h"

/* What flush says while another thread logs on and on. */
bool flush_while_logging(monitoring_sdk_t *sdk, int timeout_ms);

#endif
