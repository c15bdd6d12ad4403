#include "script/dict_put.h"

#include "tcl/interp.h"
#include "tcl/value/dict.h"

void
dict_put(struct interp *in, struct dict *d, const char *name, struct value *v)
{
	struct value *key = value_string(interp_heap(in), name);

	dict_set(interp_heap(in), d, key, v);
	value_unref(key);
	value_unref(v);
}

void
dict_put_int(struct interp *in, struct dict *d, const char *name, int64_t number)
{
	dict_put(in, d, name, value_int(interp_heap(in), number));
}

void
dict_put_text(struct interp *in, struct dict *d, const char *name, const char *text)
{
	dict_put(in, d, name, value_string(interp_heap(in), text));
}
