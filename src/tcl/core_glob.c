/* glob */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tcl/eval.h"
#include "tcl/file_tree.h"
#include "tcl/path.h"

struct globbing {
	struct interp *in;
	struct list *found;
	struct value *directory; /* or NULL */
	bool tails, complain, joined;
	const char *types; /* letters of f d l; NULL: any */
};

/* ---- what fits ---- */

static bool
is_pattern(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strchr("*?[\\", p[i]) != NULL && p[i] != '\0')
			return true;
	}
	return false;
}

static bool
has_type(const struct globbing *g, const char *path)
{
	struct stat st, link;

	if (lstat(path, &link) == -1)
		return false;
	if (g->types == NULL)
		return true;
	if (stat(path, &st) == -1)
		st = link;
	return (strchr(g->types, 'f') != NULL && S_ISREG(st.st_mode)) ||
	    (strchr(g->types, 'd') != NULL && S_ISDIR(st.st_mode)) ||
	    (strchr(g->types, 'l') != NULL && S_ISLNK(link.st_mode));
}

static void
note(struct globbing *g, struct value *path, size_t skip)
{
	size_t n;
	const char *bytes = value_bytes(path, &n);

	if (has_type(g, bytes))
		list_push(&g->in->heap, &g->found,
		    value_text(&g->in->heap, bytes + skip, n - skip));
}

static void walk(struct globbing *g, struct value *at, const char *p, const char *end, size_t skip);

/* name behind at, and on with the rest of the pattern. */
static void
descend(struct globbing *g, struct value *at, struct text_range name, const char *rest,
    const char *end, size_t skip)
{
	struct value *path = value_copy(at);

	if (path->len > 0 && path->bytes[path->len - 1] != '/')
		value_append_char(path, '/');
	value_append(path, name.p, name.n);
	if (rest == end)
		note(g, path, skip);
	else
		walk(g, path, rest, end, skip);
	value_unref(path);
}

static void
each_name(struct globbing *g, struct value *at, struct text_range part, const char *rest,
    const char *end, size_t skip)
{
	struct list *names = file_tree_names(g->in, at->len > 0 ? value_bytes(at, NULL) : ".");

	for (size_t i = 0; names != NULL && i < names->n; i++) {
		struct text_range name;

		name.p = value_bytes(names->items[i], &name.n);
		/* what is hidden has to be asked for */
		if ((name.p[0] == '.') == (part.p[0] == '.') &&
		    glob_match(part.p, part.n, name.p, name.n, false))
			descend(g, at, name, rest, end, skip);
	}
	if (names != NULL)
		list_unref(&g->in->heap, names);
}

/* The part of a pattern up to the next slash. */
static void
walk(struct globbing *g, struct value *at, const char *p, const char *end, size_t skip)
{
	const char *slash = memchr(p, '/', (size_t)(end - p));
	struct text_range part = { p, (size_t)((slash == NULL ? end : slash) - p) };

	while (slash != NULL && slash < end && *slash == '/')
		slash++;
	if (heap_too_deep(&g->in->heap))
		return;
	if (is_pattern(part.p, part.n))
		each_name(g, at, part, slash == NULL ? end : slash, end, skip);
	else
		descend(g, at, part, slash == NULL ? end : slash, end, skip);
}

static void
run_plain(struct globbing *g, struct value *pattern)
{
	size_t n, skip = 0;
	const char *p = value_bytes(pattern, &n), *end = p + n;
	struct value *at = value_new(&g->in->heap);

	if (g->directory != NULL && (n == 0 || p[0] != '/')) {
		value_append_value(at, g->directory);
		skip = g->tails ? at->len + (at->len > 0 && at->bytes[at->len - 1] != '/') : 0;
	} else if (n > 0 && p[0] == '/') {
		value_append_char(at, '/');
	}
	while (p < end && *p == '/')
		p++;
	if (p < end)
		walk(g, at, p, end, skip);
	else if (at->len > 0)
		note(g, at, 0);
	value_unref(at);
}

/* ---- braces ---- */

/* The } of the { at p, and with depth the commas on its level; NULL: none. */
static const char *
close_of(const char *p, const char *end)
{
	int depth = 0;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '{')
			depth++;
		else if (*p == '}' && --depth == 0)
			return p;
	}
	return NULL;
}

static const char *
comma_of(const char *p, const char *close)
{
	int depth = 0;

	for (; p < close; p++) {
		if (*p == '\\' && p + 1 < close)
			p++;
		else if (*p == '{' || *p == '}')
			depth += *p == '{' ? 1 : -1;
		else if (*p == ',' && depth == 0)
			return p;
	}
	return close;
}

static int
run_pattern(struct globbing *g, struct value *pattern)
{
	size_t n;
	const char *p = value_bytes(pattern, &n), *end = p + n;
	const char *open = memchr(p, '{', n), *close, *from, *to;
	int code = TCL_OK;

	if (open == NULL || heap_too_deep(&g->in->heap)) {
		run_plain(g, pattern);
		return TCL_OK;
	}
	close = close_of(open, end);
	if (close == NULL)
		return interp_fail(g->in, "TCL OPERATION GLOB BALANCE", NULL,
		    "unmatched open-brace in file name");
	for (from = open + 1; from <= close && code == TCL_OK; from = to + 1) {
		struct value *one = value_text(&g->in->heap, p, (size_t)(open - p));

		to = comma_of(from, close);
		value_append(one, from, (size_t)(to - from));
		value_append(one, close + 1, (size_t)(end - close - 1));
		code = run_pattern(g, one);
		value_unref(one);
	}
	return code;
}

/* ---- the command ---- */

static int
take_option(struct globbing *g, int argc, struct value *const argv[], int *i)
{
	static const char *const names[] = { "-directory", "-join", "-nocomplain", "-tails",
		"-types", "--", NULL };
	int option;

	if (interp_get_word(g->in, argv[*i], names, "option", &option) != TCL_OK)
		return TCL_ERROR;
	if ((option == 0 || option == 4) && *i + 1 == argc)
		return interp_fail(g->in, "TCL ARGUMENT MISSING", NULL,
		    "missing argument to \"%s\"", names[option]);
	if (option == 0)
		g->directory = argv[++*i];
	else if (option == 4)
		g->types = value_bytes(argv[++*i], NULL);
	g->joined |= option == 1;
	g->complain &= option != 2;
	g->tails |= option == 3;
	return option == 5 ? TCL_BREAK : TCL_OK;
}

static int
run_patterns(struct globbing *g, int n, struct value *const patterns[])
{
	struct value *joined = value_new(&g->in->heap);
	int code = TCL_OK;

	for (int i = 0; i < n && g->joined; i++) {
		size_t len;
		const char *p = value_bytes(patterns[i], &len);

		path_join(joined, p, len);
	}
	if (g->joined)
		code = run_pattern(g, joined);
	for (int i = 0; i < n && !g->joined && code == TCL_OK; i++)
		code = run_pattern(g, patterns[i]);
	value_unref(joined);
	return code;
}

static int
no_files(struct interp *in, int n, struct value *const patterns[])
{
	struct value *all = list_concat(in, n, patterns);

	interp_fail(in, "TCL OPERATION GLOB NOMATCH", NULL,
	    "no files matched glob pattern%s \"%v\"", n == 1 ? "" : "s", all);
	value_unref(all);
	return TCL_ERROR;
}

static int
cmd_glob(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct globbing g = { .in = in, .complain = true };
	int i = 1, code = TCL_OK;

	(void)data;
	if (!interp_allows(in, INTERP_FILES, argv[0]))
		return TCL_ERROR;
	for (; i < argc && code == TCL_OK && value_bytes(argv[i], NULL)[0] == '-'; i++)
		code = take_option(&g, argc, argv, &i);
	if (code == TCL_ERROR)
		return TCL_ERROR;
	if (g.tails && g.directory == NULL)
		return interp_fail(in, "TCL OPERATION GLOB BADOPTIONCOMBINATION", NULL,
		    "\"-tails\" must be used with either \"-directory\" or \"-path\"");
	g.found = list_new(&in->heap, 8);
	code = run_patterns(&g, argc - i, argv + i);
	if (code == TCL_OK && g.found->n == 0 && g.complain)
		code = no_files(in, argc - i, argv + i);
	if (code == TCL_OK)
		return interp_return(in, value_from_list(&in->heap, g.found));
	list_unref(&in->heap, g.found);
	return code;
}

const struct interp_command core_glob_commands[] = {
	{ "glob", cmd_glob, 0, -1, "?-option value ...? ?name ...?" },
	{ NULL, NULL, 0, 0, NULL },
};
