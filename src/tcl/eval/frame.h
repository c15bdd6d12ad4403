/* Calls: the variables of each, in slots that its procedure knows by name. */
#ifndef TCL_EVAL_FRAME_H
#define TCL_EVAL_FRAME_H

#include "tcl/eval/var.h"

/* Names of the variables of a procedure, or of the global ones, and their slots. */
struct layout_name {
	struct table_entry entry;
	unsigned slot;
};

struct layout {
	unsigned refs;
	unsigned n;
	uint64_t known;     /* of the first 64 slots: whose names are written in the procedure */
	struct table names; /* of struct layout_name */
};

/* One activation. Slots below n are in vars, the others in chunks made on demand. */
struct frame {
	struct frame *caller; /* whose variables uplevel 1 sees; NULL: the global frame */
	struct layout *layout;
	struct var *vars;
	unsigned n;
	unsigned chunk_count;
	struct var **chunks;
	struct var spare; /* where there is no memory for another */
	int level;
	int argc; /* of the call, for "info level" */
	struct value *const *argv;
};

enum { FRAME_CHUNK = 32 };

struct layout *layout_new(struct heap *h);
void layout_unref(struct heap *h, struct layout *l);
/* Frees the form VALUE_NAME. */
void layout_free(struct value *v);
unsigned layout_slot(struct heap *h, struct layout *l, struct value *name);
/* The slot, or -1. */
long layout_find(const struct layout *l, const char *name, size_t n);

void frame_init(struct frame *f, struct layout *layout, struct var *vars, unsigned n);
void frame_fini(struct interp *in, struct frame *f);
struct var *frame_var_far(struct interp *in, struct frame *f, unsigned slot);

static inline struct var *
frame_var(struct interp *in, struct frame *f, unsigned slot)
{
	return slot < f->n ? &f->vars[slot] : frame_var_far(in, f, slot);
}

/* Level as upvar and uplevel take it, e.g. "1" or "#0"; *ret_used false where v (may be NULL) is
 * none, which stands for 1. */
int frame_of_level(struct interp *in, struct value *v, bool must, struct frame **ret_frame,
    bool *ret_used);

#endif
