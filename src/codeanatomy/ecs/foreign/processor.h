/* A native processor of a world: what a library exports, and what it is given.
 *
 * A library exports its ABI version and, for each processor called NAME, either one function
 *     int32_t NAME(...)                    see AnatomyProcess
 * or a step in three parts
 *     int32_t NAME_begin(...)              see AnatomyBegin: takes the rows
 *     int32_t NAME_commit(...)             see AnatomyCommit: gives the new columns, ends the step
 *     void    NAME_abort(void *step)       ends the step without; called after a failed commit too
 * and, if it wants to say itself what it needs,
 *     int32_t NAME_describe(struct ArrowSchema *reads, struct ArrowSchema *writes)
 * each a struct whose children are columns `component__field` (Arrow's C data interface).
 *
 * Rows are one struct array: `entity_id` (int64, ascending), then the columns that were declared.
 * They are never written to. Ownership moves as Arrow says: a library that keeps the rows copies
 * the two structs and sets `release` of the originals to NULL; what it leaves is released by the
 * caller after the call. The output structs come in empty (release == NULL); the library fills
 * them with one struct array of the same length, and their `release` is called when nobody reads
 * the columns any more. When a function fails, what it has put into the output is released.
 *
 * A function returns 0 or one of the codes below and writes a sentence into `message`.
 * A Rust library catches its panics at this border and returns ANATOMY_PANIC.
 */
#ifndef ANATOMY_PROCESSOR_H
#define ANATOMY_PROCESSOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ANATOMY_ABI_VERSION 1

uint32_t anatomy_abi_version(void);

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

enum AnatomyCode {
  ANATOMY_DONE = 0,
  ANATOMY_FAILED = 1,           /* the processor's own reason, told in the message */
  ANATOMY_MISSING_COLUMN = 2,
  ANATOMY_WRONG_TYPE = 3,
  ANATOMY_SEVERAL_BATCHES = 4,
  ANATOMY_ABI_MISMATCH = 5,
  ANATOMY_OUTPUT_NOT_EMPTY = 6,
  ANATOMY_IN_FLIGHT = 7,
  ANATOMY_NOT_IN_FLIGHT = 8,
  ANATOMY_SCHEMA_MISMATCH = 9,
  ANATOMY_PANIC = 10
};

struct AnatomyTick {
  int64_t tick;          /* the tick that is being made */
  uint64_t chance;       /* a seed for this processor, tick and table: same world, same number */
  int64_t rows;
  const char *archetype; /* names of the table's components, with commas between them */
};

typedef int32_t (*AnatomyProcess)(const struct AnatomyTick *tick, struct ArrowSchema *schema,
                                  struct ArrowArray *rows, struct ArrowSchema *out_schema,
                                  struct ArrowArray *out, char *message, int64_t message_size);

typedef int32_t (*AnatomyBegin)(const struct AnatomyTick *tick, struct ArrowSchema *schema,
                                struct ArrowArray *rows, void **step, char *message,
                                int64_t message_size);

typedef int32_t (*AnatomyCommit)(void *step, struct ArrowSchema *out_schema,
                                 struct ArrowArray *out, char *message, int64_t message_size);

typedef void (*AnatomyAbort)(void *step);

#ifdef __cplusplus
}
#endif

#endif /* ANATOMY_PROCESSOR_H */
