/*
 * score-rows MODEL FEATURES: the probability that a logistic model gives each row, one a line.
 * MODEL: lines "name mean sd coefficient", the first is the intercept. FEATURES: numbers of rows and columns as int64, then the rows as doubles, in
 * this machine's order of bytes; a column for each line of the model but the first.
 */
#include <math.h>
#include <monitoring.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_COLUMNS = 64, MOST_ROWS = 10000000 };

typedef struct {
    int columns;
    double intercept;
    double coefficients[MOST_COLUMNS];
} model_t;

static const char *read_model(const char *path, model_t *model) {
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        return "cannot read the model";
    }
    char name[64];
    double mean, sd, coefficient;
    int lines = 0;
    while (lines <= MOST_COLUMNS && fscanf(in, "%63s %lf %lf %lf", name, &mean, &sd, &coefficient) == 4) {
        if (lines == 0) {
            model->intercept = coefficient;
        } else {
            model->coefficients[lines - 1] = coefficient;
        }
        lines++;
    }
    int whole = feof(in);
    fclose(in);
    model->columns = lines - 1;
    return whole && lines > 1 ? NULL : "the model is not of lines 'name mean sd coefficient'";
}

static const char *score(FILE *in, const model_t *model, int64_t *rows) {
    int64_t shape[2];
    double row[MOST_COLUMNS];
    if (fread(shape, sizeof *shape, 2, in) != 2 || shape[1] != model->columns || shape[0] < 0 || shape[0] > MOST_ROWS) {
        return "the features do not have the columns of the model";
    }
    for (*rows = 0; *rows < shape[0]; ++*rows) {
        if (fread(row, sizeof *row, (size_t) shape[1], in) != (size_t) shape[1]) {
            return "rows are missing";
        }
        double sum = model->intercept;
        for (int64_t column = 0; column < shape[1]; column++) {
            sum += row[column] * model->coefficients[column];
        }
        printf("%.17g\n", 1 / (1 + exp(-sum)));
    }
    return fflush(stdout) == 0 ? NULL : "cannot write the scores";
}

static const char *run(monitoring_sdk_t *sdk, const char *model_path, const char *features_path) {
    static model_t model;
    char span[MONITORING_ID_SIZE];
    monitoring_start_span(sdk, "read model", NULL, span);
    const char *why = read_model(model_path, &model);
    monitoring_end_span(sdk, span, why == NULL ? "ok" : "error", MONITORING_PAIRS(monitoring_int("columns", model.columns)));
    if (why != NULL) {
        return why;
    }
    FILE *in = fopen(features_path, "rb");
    if (in == NULL) {
        return "cannot read the features";
    }
    int64_t rows = 0;
    monitoring_start_span(sdk, "compute", NULL, span);
    why = score(in, &model, &rows);
    monitoring_end_span(sdk, span, why == NULL ? "ok" : "error", MONITORING_PAIRS(monitoring_int("rows", rows)));
    fclose(in);
    monitoring_log_metric(sdk, "rows.scored", (double) rows, "rows", MONITORING_NONE);
    monitoring_log_resource(sdk, NAN, NAN, NAN, NAN);
    return why;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: score-rows MODEL FEATURES\n");
        return 2;
    }
    /* Hub, trace and the span above come from the environment. */
    monitoring_sdk_t *sdk = monitoring_sdk_create("inference", NULL, 0);
    char span[MONITORING_ID_SIZE];
    monitoring_start_span(sdk, "score rows", NULL, span);
    const char *why = run(sdk, arguments[1], arguments[2]);
    if (why != NULL) {
        monitoring_log_event(sdk, "error", "rows not scored", MONITORING_PAIRS(monitoring_string("reason", why)));
        fprintf(stderr, "score-rows: %s\n", why);
    }
    monitoring_end_span(sdk, span, why == NULL ? "ok" : "error", MONITORING_NONE);
    monitoring_sdk_destroy(sdk);
    return why == NULL ? 0 : 1;
}
