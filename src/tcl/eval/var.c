#include <string.h>

#include "tcl/eval/eval.h"

static const char no_variable[] = "no such variable";
static const char unset_variable[] = "no such variable"; /* its slot exists, as after upvar */
static const char no_element[] = "no such element in array";
static const char no_array[] = "variable isn't array";
const char var_is_array[] = "variable is array";
const char no_namespace[] = "parent namespace doesn't exist";
const char dangling[] = "upvar refers to element in deleted array";

void
var_release(struct interp *in, struct var *v)
{
	if (v->kind == VAR_VALUE)
		value_unref(v->as.value);
	else if (v->kind == VAR_LINK)
		var_unlink(in, v);
	else if (v->kind == VAR_ARRAY)
		var_clear(in, v);
	v->kind = VAR_UNSET;
}

/* ---- links and arrays ---- */

void
var_link(struct var *v, struct var *target)
{
	v->kind = VAR_LINK;
	v->as.link = target;
	target->links++;
}

static struct element *
element_of(struct var *v)
{
	return (struct element *)(void *)((char *)v - offsetof(struct element, var));
}

void
var_unlink(struct interp *in, struct var *v)
{
	struct var *target = v->as.link;

	v->kind = VAR_UNSET;
	if (--target->links == 0 && target->detached) {
		var_release(in, target);
		heap_release(&in->heap, element_of(target), sizeof(struct element));
	}
}

void
array_remove(struct interp *in, struct table *array, struct element *el)
{
	var_release(in, &el->var);
	if (el->var.links > 0)
		return;
	table_remove(array, &el->entry);
	heap_release(&in->heap, el, sizeof(*el));
}

/* Frees an array: elements with links become detached. The variable stays, unset. */
void
var_clear(struct interp *in, struct var *v)
{
	struct table *array = v->as.array;
	struct table_entry *entry;
	unsigned at = 0;

	if (v->kind != VAR_ARRAY) {
		var_release(in, v);
		return;
	}
	v->kind = VAR_UNSET;
	while ((entry = table_left(array, &at)) != NULL) {
		struct element *el = (struct element *)entry;

		if (el->var.links == 0) {
			array_remove(in, array, el);
			continue;
		}
		var_release(in, &el->var);
		el->var.detached = true;
		table_remove(array, entry);
	}
	table_fini(array);
	heap_release(&in->heap, array, sizeof(*array));
}

struct table *
var_make_array(struct interp *in, struct var *v)
{
	if (v->kind == VAR_ARRAY)
		return v->as.array;
	if (v->kind == VAR_VALUE || v->element)
		return NULL;
	v->kind = VAR_ARRAY;
	v->as.array = heap_resize(&in->heap, NULL, 0, sizeof(*v->as.array));
	table_init(v->as.array, &in->heap);
	return v->as.array;
}

struct var *
array_element(struct interp *in, struct table *array, struct value *index, enum var_want want)
{
	size_t n;
	const char *bytes = value_bytes(index, &n);
	struct element *el = (struct element *)table_find(array, bytes, n);

	if (el != NULL || want == VAR_FIND)
		return el == NULL ? NULL : &el->var;
	el = heap_resize(&in->heap, NULL, 0, sizeof(*el));
	memset(el, 0, sizeof(*el));
	el->var.element = true;
	table_insert(array, &el->entry, index);
	return &el->var;
}

/* ---- names ---- */

bool
var_split(const char *name, size_t n, size_t *ret_array)
{
	const char *open;

	if (n < 2 || name[n - 1] != ')')
		return false;
	open = memchr(name, '(', n);
	if (open == NULL)
		return false;
	*ret_array = (size_t)(open - name);
	return true;
}

/* "::x" is x in the global frame. */
static struct frame *
scope_of(struct interp *in, const char **name, size_t *n)
{
	if (*n < 2 || (*name)[0] != ':' || (*name)[1] != ':')
		return in->frame;
	while (*n > 0 && **name == ':') {
		++*name;
		--*n;
	}
	return &in->global;
}

static void
keep_slot(struct value *name, struct layout *layout, unsigned slot)
{
	if (name->type == VALUE_LIST || name->type == VALUE_DICT || name->type == VALUE_SCRIPT)
		return;
	value_reset_type(name);
	name->type = VALUE_NAME;
	name->as.layout = layout;
	name->slot = slot;
	layout->refs++;
}

/* Returns the variable without following links; NULL: it does not exist, or cannot be made. */
static struct var *
find_slot(struct interp *in, struct value *name, enum var_want want)
{
	struct frame *frame = in->frame;
	size_t n;
	const char *bytes;
	long slot;

	if (name->type == VALUE_NAME && name->as.layout == frame->layout)
		return frame_var(in, frame, name->slot);
	bytes = value_bytes(name, &n);
	frame = scope_of(in, &bytes, &n);
	slot = layout_find(frame->layout, bytes, n);
	if (slot == -1) {
		struct value *key;

		if (want == VAR_FIND || memmem(bytes, n, "::", 2) != NULL)
			return NULL;
		key = value_text(&in->heap, bytes, n);
		slot = layout_slot(&in->heap, frame->layout, key);
		value_unref(key);
	}
	if (slot < 64 && in->unit_locals && ast_is_literal(in->node, name))
		frame->layout->known |= UINT64_C(1) << slot;
	if (frame == in->frame && bytes == name->bytes)
		keep_slot(name, frame->layout, (unsigned)slot);
	return frame_var(in, frame, (unsigned)slot);
}

struct var *
var_local(struct interp *in, struct value *name)
{
	return find_slot(in, name, VAR_MAKE);
}

static struct var *
follow_links(struct var *v)
{
	while (v != NULL && v->kind == VAR_LINK)
		v = v->as.link;
	return v;
}

static struct name_element *
split_name(struct interp *in, struct value *name)
{
	struct name_element *parts;
	size_t n, array;
	const char *bytes;

	if (name->type == VALUE_ELEMENT)
		return name->as.element;
	bytes = value_bytes(name, &n);
	if (!var_split(bytes, n, &array))
		return NULL;
	parts = heap_resize(&in->heap, NULL, 0, sizeof(*parts));
	parts->array = value_text(&in->heap, bytes, array);
	parts->index = value_text(&in->heap, bytes + array + 1, n - array - 2);
	value_reset_type(name);
	name->type = VALUE_ELEMENT;
	name->as.element = parts;
	return parts;
}

void
var_free_element(struct value *v)
{
	value_unref(v->as.element->array);
	value_unref(v->as.element->index);
	heap_release(v->heap, v->as.element, sizeof(*v->as.element));
}

struct var *
var_element(struct interp *in, struct value *array, struct value *index, enum var_want want,
    const char **ret_why)
{
	struct var *v = follow_links(find_slot(in, array, want));
	struct table *table;

	if (v == NULL || (v->kind == VAR_UNSET && want == VAR_FIND)) {
		*ret_why = want == VAR_MAKE ? no_namespace : no_variable;
		return NULL;
	}
	table = v->detached ? NULL : var_make_array(in, v);
	if (table == NULL) {
		*ret_why = v->detached ? dangling : no_array;
		return NULL;
	}
	v = array_element(in, table, index, want);
	if (v == NULL || (v->kind == VAR_UNSET && want == VAR_FIND)) {
		*ret_why = no_element;
		return NULL;
	}
	return v;
}

bool
var_is_known(struct interp *in, struct value *name)
{
	const struct layout *layout = in->frame->layout;
	size_t n, array;
	const char *bytes = value_bytes(name, &n);
	long slot = layout_find(layout, bytes, var_split(bytes, n, &array) ? array : n);

	return in->unit_locals || (slot >= 0 && slot < 64 && (layout->known >> slot & 1) != 0);
}

static const char *
why_unset(struct interp *in, struct value *name, const struct var *v)
{
	if (v != NULL && v->element)
		return v->detached ? unset_variable : no_element;
	if (v != NULL && (v->links > 0 || var_is_known(in, name)))
		return unset_variable;
	return in->unit_locals && ast_is_literal(in->node, name) &&
		strstr(value_bytes(name, NULL), "::") == NULL
	    ? unset_variable
	    : no_variable;
}

struct var *
var_lookup(struct interp *in, struct value *name, enum var_want want, const char **ret_why)
{
	struct name_element *parts = NULL;
	struct var *v;

	if (name->type != VALUE_NAME)
		parts = split_name(in, name);
	if (parts != NULL)
		return var_element(in, parts->array, parts->index, want, ret_why);
	v = follow_links(find_slot(in, name, want));
	if (v == NULL || (v->kind == VAR_UNSET && want == VAR_FIND)) {
		*ret_why = want == VAR_MAKE ? no_namespace : why_unset(in, name, v);
		return NULL;
	}
	if (v->detached) {
		*ret_why = want == VAR_FIND ? unset_variable : dangling;
		return NULL;
	}
	return v;
}

struct table *
var_array(struct interp *in, struct value *name)
{
	const char *why;
	struct var *v = var_lookup(in, name, VAR_FIND, &why);

	return v == NULL || v->kind != VAR_ARRAY ? NULL : v->as.array;
}

/* ---- reading and writing ---- */

/* Returns the -errorcode for var_fail(); *ret_detail is its last word, a reference, or NULL. */
static const char *
fail_code(struct interp *in, const char *verb, struct value *name, const char *why,
    struct value **ret_detail)
{
	size_t n, array = 0;
	const char *bytes = value_bytes(name, &n);
	bool element = var_split(bytes, n, &array);

	*ret_detail = NULL;
	if (why == unset_variable && !element)
		return verb[0] == 'u' ? "TCL UNSET VARNAME" : "TCL READ VARNAME";
	if (why == var_is_array || why == dangling || why == unset_variable ||
	    (why == no_element && verb[0] != 'u'))
		return verb[0] == 's' ? "TCL WRITE VARNAME" : "TCL READ VARNAME";
	if (why == no_element) {
		*ret_detail = value_text(&in->heap, bytes + array + 1, n - array - 2);
		return "TCL LOOKUP ELEMENT";
	}
	if (!element)
		*ret_detail = value_ref(name);
	/* tclsh has the slot of an array in a procedure, not its name */
	else if (verb[0] == 'a' || !ast_is_literal(in->node, name) || !var_is_known(in, name))
		*ret_detail = value_text(&in->heap, bytes, array);
	return "TCL LOOKUP VARNAME";
}

int
var_fail(struct interp *in, const char *verb, struct value *name, const char *why)
{
	struct value *detail;
	const char *code = fail_code(in, verb, name, why, &detail);

	interp_fail(in, code, detail, "can't %s \"%v\": %s", verb, name, why);
	value_unref(detail);
	return TCL_ERROR;
}

struct value *
interp_read(struct interp *in, struct value *name)
{
	const char *why;
	struct var *v = var_lookup(in, name, VAR_FIND, &why);

	if (v != NULL && v->kind == VAR_VALUE)
		return v->as.value;
	var_fail(in, "read", name, v == NULL ? why : var_is_array);
	return NULL;
}

int
var_set_value(struct interp *in, struct var *var, struct value *name, struct value *v)
{
	struct value *old;

	if (var->kind == VAR_VALUE) {
		old = var->as.value;
		var->as.value = v;
		value_unref(old);
		return TCL_OK;
	}
	if (var->kind == VAR_ARRAY) {
		value_unref(v);
		return var_fail(in, "set", name, var_is_array);
	}
	var->kind = VAR_VALUE;
	var->as.value = v;
	return TCL_OK;
}

int
interp_write(struct interp *in, struct value *name, struct value *v)
{
	const char *why;
	struct var *var = var_lookup(in, name, VAR_MAKE, &why);

	if (var != NULL)
		return var_set_value(in, var, name, v);
	value_unref(v);
	return var_fail(in, "set", name, why);
}

struct value **
var_change(struct interp *in, struct value *name, bool make)
{
	const char *why;
	struct var *var = var_in_frame(in, name);

	if (var == NULL || var->kind != VAR_VALUE)
		var = var_lookup(in, name, make ? VAR_MAKE : VAR_FIND, &why);
	if (var == NULL) {
		var_fail(in, make ? "set" : "read", name, why);
		return NULL;
	}
	if (var->kind == VAR_ARRAY) {
		var_fail(in, make ? "set" : "read", name, var_is_array);
		return NULL;
	}
	if (var->kind == VAR_UNSET) {
		var->kind = VAR_VALUE;
		var->as.value = value_new(&in->heap);
	}
	if (var->as.value->refs > 1)
		var->as.value = value_own(var->as.value);
	return &var->as.value;
}

int
var_result(struct interp *in, struct value **slot)
{
	return interp_return(in, value_ref(*slot));
}

bool
var_unset(struct interp *in, struct value *name, const char **ret_why)
{
	struct var *v = var_lookup(in, name, VAR_FIND, ret_why);
	struct name_element *parts;
	struct table *array;

	if (v == NULL)
		return false;
	parts = name->type == VALUE_NAME ? NULL : split_name(in, name);
	array = parts == NULL ? NULL : var_array(in, parts->array);
	if (array != NULL)
		array_remove(in, array, element_of(v));
	else
		var_clear(in, v);
	return true;
}
