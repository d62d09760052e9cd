/*
 * pack-parcels GRAMS: packs articles into parcels of at most so many grams, the heaviest first, each into the first parcel that has room.
 * Reads lines "article quantity grams-of-one", writes lines "grams article article ...", one for each parcel.
 * Status 2: wrong call or input; 3: an article is heavier than a parcel may be.
 */
#include <monitoring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITEMS = 10000 };

typedef struct {
    char article[32];
    int grams;
    int parcel;
} item_t;

static int by_weight(const void *a, const void *b) {
    const item_t *x = a, *y = b;
    return x->grams != y->grams ? y->grams - x->grams : strcmp(x->article, y->article);
}

/* Returns how many, -1 if a line is wrong or there are too many. */
static int read_items(monitoring_sdk_t *sdk, item_t *items) {
    char line[128], article[32];
    int quantity, grams, count = 0;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "%31s %d %d", article, &quantity, &grams) != 3 || quantity < 1 || grams < 1 || quantity > MOST_ITEMS - count) {
            line[strcspn(line, "\n")] = 0;
            monitoring_log_event(sdk, "error", "wrong line", MONITORING_PAIRS(monitoring_string("line", line)));
            return -1;
        }
        for (int i = 0; i < quantity; i++, count++) {
            memcpy(items[count].article, article, sizeof article);
            items[count].grams = grams;
        }
    }
    return count;
}

/* Returns how many parcels. */
static int fill(item_t *items, int count, int limit, int *loads) {
    int parcels = 0;
    for (int i = 0; i < count; i++) {
        int parcel = 0;
        while (parcel < parcels && loads[parcel] + items[i].grams > limit) {
            parcel++;
        }
        if (parcel == parcels) {
            loads[parcels++] = 0;
        }
        loads[parcel] += items[i].grams;
        items[i].parcel = parcel;
    }
    return parcels;
}

static int pack(monitoring_sdk_t *sdk, item_t *items, int *loads, int limit) {
    int count = read_items(sdk, items);
    if (count < 1) {
        return 2;
    }
    char span[MONITORING_ID_SIZE];
    monitoring_start_span(sdk, "sort items", NULL, span);
    qsort(items, (size_t) count, sizeof *items, by_weight);
    monitoring_end_span(sdk, span, "ok", MONITORING_PAIRS(monitoring_int("items", count)));
    if (items[0].grams > limit) {
        monitoring_log_event(sdk, "error", "too heavy for a parcel", MONITORING_PAIRS(monitoring_string("article", items[0].article),
            monitoring_int("grams", items[0].grams), monitoring_int("limit", limit)));
        return 3;
    }
    monitoring_start_span(sdk, "fill parcels", NULL, span);
    int parcels = fill(items, count, limit, loads);
    monitoring_end_span(sdk, span, "ok", MONITORING_PAIRS(monitoring_int("parcels", parcels)));
    monitoring_log_metric(sdk, "parcels", parcels, NULL, MONITORING_NONE);
    for (int parcel = 0; parcel < parcels; parcel++) {
        printf("%d", loads[parcel]);
        for (int i = 0; i < count; i++) {
            if (items[i].parcel == parcel) {
                printf(" %s", items[i].article);
            }
        }
        printf("\n");
    }
    return fflush(stdout) == 0 ? 0 : 2;
}

int main(int count, char **arguments) {
    int limit = count == 2 ? atoi(arguments[1]) : 0;
    if (limit < 1) {
        fprintf(stderr, "usage: pack-parcels GRAMS\n");
        return 2;
    }
    item_t *items = calloc(MOST_ITEMS, sizeof *items);
    int *loads = calloc(MOST_ITEMS, sizeof *loads);
    if (items == NULL || loads == NULL) {
        fprintf(stderr, "no memory\n");
        return 2;
    }
    /* Hub, trace and the span above come from the environment. */
    monitoring_sdk_t *sdk = monitoring_sdk_create("parcel-worker", NULL, 0);
    char span[MONITORING_ID_SIZE];
    monitoring_start_span(sdk, "pack parcels", NULL, span);
    int status = pack(sdk, items, loads, limit);
    monitoring_end_span(sdk, span, status == 0 ? "ok" : "error", MONITORING_PAIRS(monitoring_int("limit", limit)));
    monitoring_sdk_destroy(sdk);
    free(items);
    free(loads);
    return status;
}
