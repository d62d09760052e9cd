/* Host names to addresses. An address or a socket's path is known at once; a name is looked up by a thread that nobody waits for. */
#define _DEFAULT_SOURCE
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include "internal.h"

#define MAX_ADDRESSES 4

struct lookup {
    atomic_int users; /* the sender thread and the one that looks up; the last frees */
    atomic_int state; /* 0: under way, 1: found, -1: failed */
    char host[256], port[16];
    int numeric;
    unsigned count;
    struct sockaddr_storage addresses[MAX_ADDRESSES];
    socklen_t lengths[MAX_ADDRESSES];
};

void mon_lookup_leave(struct lookup *l) {
    if (l != NULL && atomic_fetch_sub(&l->users, 1) == 1) {
        free(l);
    }
}

static void look_up(struct lookup *l) {
    struct addrinfo hints, *found = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | l->numeric;
    if (getaddrinfo(l->host, l->port, &hints, &found) == 0) {
        for (struct addrinfo *a = found; a != NULL && l->count < MAX_ADDRESSES; a = a->ai_next) {
            memcpy(&l->addresses[l->count], a->ai_addr, a->ai_addrlen);
            l->lengths[l->count++] = a->ai_addrlen;
        }
        freeaddrinfo(found);
    }
    atomic_store(&l->state, l->count > 0 ? 1 : -1);
}

static void *run(void *argument) {
    look_up(argument);
    mon_lookup_leave(argument);
    return NULL;
}

struct lookup *mon_lookup_begin(const char *host, int port) {
    struct lookup *l = calloc(1, sizeof *l);
    if (l == NULL) {
        return NULL;
    }
    atomic_store(&l->users, 1);
    snprintf(l->host, sizeof l->host, "%s", host);
    snprintf(l->port, sizeof l->port, "%d", port);
    if (host[0] == '/') {
        struct sockaddr_un *local = (struct sockaddr_un *) &l->addresses[0];
        local->sun_family = AF_UNIX;
        bool fits = strlen(host) < sizeof local->sun_path;
        if (fits) {
            memcpy(local->sun_path, host, strlen(host) + 1);
        }
        l->lengths[0] = sizeof *local;
        l->count = 1;
        atomic_store(&l->state, fits ? 1 : -1);
        return l;
    }
    l->numeric = AI_NUMERICHOST;
    look_up(l);
    if (l->count > 0) {
        return l;
    }
    l->numeric = 0;
    atomic_store(&l->state, 0);
    atomic_store(&l->users, 2);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, l) != 0) {
        atomic_store(&l->users, 1);
        atomic_store(&l->state, -1);
    } else {
        pthread_detach(thread);
    }
    return l;
}

int mon_lookup_result(struct lookup **l, const char *host, int port, unsigned nth, struct sockaddr_storage *address, socklen_t *length) {
    if (*l == NULL) {
        *l = mon_lookup_begin(host, port);
    }
    int state = *l == NULL ? -1 : atomic_load(&(*l)->state);
    if (state > 0) {
        unsigned index = nth % (*l)->count;
        *address = (*l)->addresses[index];
        *length = (*l)->lengths[index];
    } else if (state < 0) {
        mon_lookup_leave(*l);
        *l = NULL;
    }
    return state;
}
