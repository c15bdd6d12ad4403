#include "tcl/path.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcl/eval.h"

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
		/* runs of slashes count as one, and those at the end not at all */
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

static struct value *
real_path(struct interp *in, struct value *path)
{
	char *real = realpath(value_bytes(path, NULL), NULL);
	struct value *v = real == NULL ? path : value_string(&in->heap, real);

	if (real != NULL)
		value_unref(path);
	free(real);
	return v;
}

/* One name more on what has been gone through; at is taken. */
static struct value *
step(struct interp *in, struct value *at, const char *name, size_t n)
{
	struct value *up;

	if (n == 0 || (n == 1 && name[0] == '.'))
		return at;
	if (n != 2 || memcmp(name, "..", 2) != 0) {
		path_join(at, name, n);
		return at;
	}
	at = real_path(in, at);
	up = path_dirname(in, at);
	value_unref(at);
	return up;
}

struct value *
path_normalize(struct interp *in, struct value *path)
{
	size_t n, len;
	const char *p = value_bytes(path, &n), *end = p + n;
	struct value *at = value_new(&in->heap), *parent;
	struct text_range tail;
	char here[PATH_MAX];

	if (n == 0)
		return at;
	if (p[0] == '/' || getcwd(here, sizeof(here)) == NULL)
		here[0] = '/', here[1] = '\0';
	value_append_string(at, here);
	for (; p < end; p += len + 1) {
		const char *slash = memchr(p, '/', (size_t)(end - p));

		len = slash == NULL ? (size_t)(end - p) : (size_t)(slash - p);
		at = step(in, at, p, len);
	}
	tail = path_tail(at);
	if (tail.n == 0)
		return at;
	parent = real_path(in, path_dirname(in, at));
	path_join(parent, tail.p, tail.n);
	value_unref(at);
	return parent;
}
