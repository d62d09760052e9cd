/* What of the system goes wrong in the player's process. */
#ifndef FAULTS_H
#define FAULTS_H

/* False if there is no such fault. stall: ms of each fsync · gate: 1 shuts it · break_read, deaf: counts, see faults.c. */
int faults_set(const char *what, int value);
/* at_gate: how many wait there · invalid_polls: of descriptors that are none · -1: no such thing. */
int faults_seen(const char *what);

#endif
