#include "tcl/os/path.h"

#include <string.h>

#include "tcl/eval/eval.h"

struct text_range
path_trim(struct value *path)
{
	struct text_range t;

	t.p = value_bytes(path, &t.n);
	while (t.n > 1 && t.p[t.n - 1] == '/')
		t.n--;
	return t;
}

struct text_range
path_tail(struct value *path)
{
	struct text_range t = path_trim(path);
	const char *slash = t.n > 0 ? memrchr(t.p, '/', t.n) : NULL;

	if (slash != NULL) {
		t.n -= (size_t)(slash + 1 - t.p);
		t.p = slash + 1;
	}
	return t;
}

struct text_range
path_extension(struct value *path)
{
	struct text_range t;
	const char *slash, *dot;

	t.p = value_bytes(path, &t.n);
	slash = t.n > 0 ? memrchr(t.p, '/', t.n) : NULL;
	dot = t.n > 0 ? memrchr(t.p, '.', t.n) : NULL;
	if (dot == NULL || (slash != NULL && slash > dot))
		return (struct text_range){ t.p + t.n, 0 };
	t.n -= (size_t)(dot - t.p);
	t.p = dot;
	return t;
}

void
path_join(struct value *path, const char *name, size_t n)
{
	bool gap = path->len > 0 && path->bytes[path->len - 1] != '/';

	for (size_t i = 0; i < n; i++) {
		/* a run of slashes is one; trailing ones are dropped */
		if (name[i] == '/') {
			gap = path->len > 0;
			if (path->len == 0)
				value_append_char(path, '/');
			continue;
		}
		if (gap && path->bytes[path->len - 1] != '/')
			value_append_char(path, '/');
		gap = false;
		value_append_char(path, name[i]);
	}
}

struct value *
path_dirname(struct interp *in, struct value *path)
{
	struct text_range all = path_trim(path), tail = path_tail(path);
	struct value *v = value_new(&in->heap);

	path_join(v, all.p, all.n - tail.n);
	if (v->len == 0)
		value_append_char(v, '.');
	return v;
}
