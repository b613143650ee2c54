/* Native processors for the tests: one that moves entities, and one for each way to fail. */

#include "processor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t live = 0; /* arrays and schemas of ours that nobody has released */

int64_t live_exports(void) { return live; }

#ifndef OTHER_VERSION
uint32_t anatomy_abi_version(void) { return ANATOMY_ABI_VERSION; }
#elif OTHER_VERSION > 0
uint32_t anatomy_abi_version(void) { return OTHER_VERSION; }
#endif

/* what we give away: a struct of float64 columns, released as a whole */

static void release_schema(struct ArrowSchema *schema) {
  for (int64_t at = 0; at < schema->n_children; at++) {
    if (schema->children[at]->release) schema->children[at]->release(schema->children[at]);
    free(schema->children[at]);
  }
  free(schema->children);
  schema->release = NULL;
  live--;
}

static void release_array(struct ArrowArray *array) {
  for (int64_t at = 0; at < array->n_children; at++) {
    if (array->children[at]->release) array->children[at]->release(array->children[at]);
    free(array->children[at]);
  }
  if (array->n_buffers > 1) free((void *)array->buffers[1]);
  free(array->buffers);
  free(array->children);
  array->release = NULL;
  live--;
}

static void fill_schema(struct ArrowSchema *out, const char *format, const char *name,
                        int64_t children) {
  memset(out, 0, sizeof *out);
  out->format = format;
  out->name = name;
  out->flags = ARROW_FLAG_NULLABLE;
  out->n_children = children;
  out->children = children ? calloc((size_t)children, sizeof *out->children) : NULL;
  for (int64_t at = 0; at < children; at++) out->children[at] = calloc(1, sizeof *out);
  out->release = release_schema;
  live++;
}

static double *fill_doubles(struct ArrowArray *out, int64_t rows) {
  memset(out, 0, sizeof *out);
  double *values = malloc((size_t)(rows ? rows : 1) * sizeof *values);
  out->length = rows;
  out->n_buffers = 2;
  out->buffers = calloc(2, sizeof *out->buffers);
  out->buffers[1] = values;
  out->release = release_array;
  live++;
  return values;
}

static void fill_struct(struct ArrowArray *out, int64_t rows, int64_t children) {
  memset(out, 0, sizeof *out);
  out->length = rows;
  out->n_buffers = 1;
  out->buffers = calloc(1, sizeof *out->buffers);
  out->n_children = children;
  out->children = calloc((size_t)children, sizeof *out->children);
  for (int64_t at = 0; at < children; at++) out->children[at] = calloc(1, sizeof *out);
  out->release = release_array;
  live++;
}

static const double *doubles(struct ArrowSchema *schema, struct ArrowArray *rows, const char *name) {
  for (int64_t at = 0; at < schema->n_children; at++)
    if (!strcmp(schema->children[at]->name, name)) {
      struct ArrowArray *found = rows->children[at];
      return (const double *)found->buffers[1] + found->offset + rows->offset;
    }
  return NULL;
}

/* move: position += velocity */

static void moved(struct ArrowSchema *schema, struct ArrowArray *rows,
                  struct ArrowSchema *out_schema, struct ArrowArray *out, int64_t length) {
  static const char *own[] = {"position__x", "position__y"};
  static const char *other[] = {"velocity__dx", "velocity__dy"};
  fill_schema(out_schema, "+s", "", 2);
  fill_struct(out, length, 2);
  for (int64_t at = 0; at < 2; at++) {
    const double *from = doubles(schema, rows, own[at]);
    const double *by = doubles(schema, rows, other[at]);
    fill_schema(out_schema->children[at], "g", own[at], 0);
    double *to = fill_doubles(out->children[at], length);
    for (int64_t row = 0; row < length; row++) to[row] = from[row] + by[row];
  }
}

#define PROCESS(NAME)                                                                            \
  int32_t NAME(const struct AnatomyTick *tick, struct ArrowSchema *schema,                       \
               struct ArrowArray *rows, struct ArrowSchema *out_schema, struct ArrowArray *out, \
               char *message, int64_t message_size)

#define UNUSED (void)tick, (void)schema, (void)rows, (void)out_schema, (void)out, (void)message, \
               (void)message_size

PROCESS(move) {
  (void)tick, (void)message, (void)message_size;
  moved(schema, rows, out_schema, out, rows->length);
  return ANATOMY_DONE;
}

int32_t move_describe(struct ArrowSchema *reads, struct ArrowSchema *writes) {
  static const char *names[] = {"position__x", "position__y", "velocity__dx", "velocity__dy"};
  fill_schema(reads, "+s", "", 4);
  for (int64_t at = 0; at < 4; at++) fill_schema(reads->children[at], "g", names[at], 0);
  fill_schema(writes, "+s", "", 2);
  for (int64_t at = 0; at < 2; at++) fill_schema(writes->children[at], "g", names[at], 0);
  return ANATOMY_DONE;
}

/* tell: what a library hears of the tick, in the columns it gives back */

PROCESS(tell) {
  (void)schema, (void)message, (void)message_size;
  fill_schema(out_schema, "+s", "", 2);
  fill_struct(out, rows->length, 2);
  fill_schema(out_schema->children[0], "g", "position__x", 0);
  fill_schema(out_schema->children[1], "g", "position__y", 0);
  double *x = fill_doubles(out->children[0], rows->length);
  double *y = fill_doubles(out->children[1], rows->length);
  for (int64_t row = 0; row < rows->length; row++) {
    x[row] = (double)tick->tick + 100.0 * (double)tick->rows;
    y[row] = (double)(tick->chance >> 12) + (double)strlen(tick->archetype);
  }
  return ANATOMY_DONE;
}

/* staged: keeps the rows it is given, and is told how its step ends */

struct Step {
  struct ArrowSchema schema;
  struct ArrowArray rows;
};

static int64_t open_steps = 0, aborted_steps = 0;

int64_t steps_open(void) { return open_steps; }
int64_t steps_aborted(void) { return aborted_steps; }

int32_t staged_begin(const struct AnatomyTick *tick, struct ArrowSchema *schema,
                     struct ArrowArray *rows, void **step, char *message, int64_t message_size) {
  (void)tick, (void)message, (void)message_size;
  struct Step *own = malloc(sizeof *own);
  own->schema = *schema; /* the rows are ours now */
  own->rows = *rows;
  schema->release = NULL;
  rows->release = NULL;
  *step = own;
  open_steps++;
  return ANATOMY_DONE;
}

static void dropped(struct Step *own) {
  own->rows.release(&own->rows);
  own->schema.release(&own->schema);
  free(own);
  open_steps--;
}

int32_t staged_commit(void *step, struct ArrowSchema *out_schema, struct ArrowArray *out,
                      char *message, int64_t message_size) {
  struct Step *own = step;
  const double *x = doubles(&own->schema, &own->rows, "position__x");
  if (own->rows.length && x[0] < 0) {
    snprintf(message, (size_t)message_size, "x is negative");
    return ANATOMY_FAILED; /* abort follows */
  }
  moved(&own->schema, &own->rows, out_schema, out, own->rows.length);
  dropped(own);
  return ANATOMY_DONE;
}

void staged_abort(void *step) {
  aborted_steps++;
  dropped(step);
}

int32_t half_begin(const struct AnatomyTick *tick, struct ArrowSchema *schema,
                   struct ArrowArray *rows, void **step, char *message, int64_t message_size) {
  (void)tick, (void)schema, (void)rows, (void)step, (void)message, (void)message_size;
  return ANATOMY_DONE;
}

/* each way to fail */

#define FAILS(NAME, CODE)                                                  \
  PROCESS(NAME) {                                                          \
    UNUSED;                                                                \
    snprintf(message, (size_t)message_size, "told by the library");        \
    return CODE;                                                           \
  }

FAILS(fail_1, ANATOMY_FAILED)
FAILS(fail_2, ANATOMY_MISSING_COLUMN)
FAILS(fail_3, ANATOMY_WRONG_TYPE)
FAILS(fail_4, ANATOMY_SEVERAL_BATCHES)
FAILS(fail_5, ANATOMY_ABI_MISMATCH)
FAILS(fail_6, ANATOMY_OUTPUT_NOT_EMPTY)
FAILS(fail_7, ANATOMY_IN_FLIGHT)
FAILS(fail_8, ANATOMY_NOT_IN_FLIGHT)
FAILS(fail_9, ANATOMY_SCHEMA_MISMATCH)
FAILS(fail_10, ANATOMY_PANIC)
FAILS(fail_99, 99)

PROCESS(fail_late) { /* fails with its output already laid out */
  (void)tick;
  moved(schema, rows, out_schema, out, rows->length);
  snprintf(message, (size_t)message_size, "too late");
  return ANATOMY_FAILED;
}

PROCESS(gives_nothing) {
  UNUSED;
  return ANATOMY_DONE;
}

PROCESS(gives_too_few) {
  (void)tick, (void)message, (void)message_size;
  moved(schema, rows, out_schema, out, rows->length - 1);
  return ANATOMY_DONE;
}

PROCESS(gives_other_name) {
  (void)tick, (void)message, (void)message_size;
  moved(schema, rows, out_schema, out, rows->length);
  out_schema->children[1]->name = "velocity__dx";
  return ANATOMY_DONE;
}

PROCESS(gives_other_type) {
  (void)tick, (void)message, (void)message_size;
  moved(schema, rows, out_schema, out, rows->length);
  out_schema->children[1]->format = "l";
  return ANATOMY_DONE;
}

PROCESS(gives_nonsense) {
  (void)tick, (void)message, (void)message_size;
  moved(schema, rows, out_schema, out, rows->length);
  out_schema->children[1]->format = "?";
  return ANATOMY_DONE;
}

PROCESS(aborts) {
  UNUSED;
  abort();
}

PROCESS(faults) {
  UNUSED;
  raise(SIGSEGV);
  return ANATOMY_DONE;
}

PROCESS(prints) {
  (void)tick, (void)message, (void)message_size;
  printf("a library may print\n");
  fflush(stdout);
  moved(schema, rows, out_schema, out, rows->length);
  return ANATOMY_DONE;
}
