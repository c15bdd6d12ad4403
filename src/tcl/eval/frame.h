/* Frames: the variables of a call, in slots; the layout of its procedure maps names to slots. */
#ifndef TCL_EVAL_FRAME_H
#define TCL_EVAL_FRAME_H

#include "tcl/eval/var.h"

/* The name of a variable, and its slot */
struct layout_name {
	struct table_entry entry;
	unsigned slot;
};

struct layout {
	unsigned refs;
	unsigned n;
	uint64_t known;     /* a bit for each slot below 64 whose name is in the procedure */
	struct table names; /* of struct layout_name */
};

/* A call. Slots below n are in vars, the others in chunks, which are allocated on demand. */
struct frame {
	struct frame *caller; /* the frame of uplevel 1; NULL: this is the global frame */
	struct layout *layout;
	struct var *vars;
	unsigned n;
	unsigned chunk_count;
	struct var **chunks;
	struct var spare; /* used where there is no memory for a chunk */
	int level;
	int argc; /* the arguments, for "info level" */
	struct value *const *argv;
};

enum { FRAME_CHUNK = 32 };

struct layout *layout_new(struct heap *h);
void layout_unref(struct heap *h, struct layout *l);
/* For struct value_form. */
void layout_free(struct value *v);
/* Returns the slot of a name; makes one where it has none. */
unsigned layout_slot(struct heap *h, struct layout *l, struct value *name);
/* Returns the slot, or -1. */
long layout_find(const struct layout *l, const char *name, size_t n);

void frame_init(struct frame *f, struct layout *layout, struct var *vars, unsigned n);
void frame_fini(struct interp *in, struct frame *f);
struct var *frame_var_slow(struct interp *in, struct frame *f, unsigned slot);

static inline struct var *
frame_var(struct interp *in, struct frame *f, unsigned slot)
{
	return slot < f->n ? &f->vars[slot] : frame_var_slow(in, f, slot);
}

/* Reads a level of upvar and uplevel ("1", "#0"). Where v (may be NULL) is not a level, *ret_used is false
 * and the level 1. */
int frame_of_level(struct interp *in, struct value *v, bool must, struct frame **ret_frame,
    bool *ret_used);

#endif
