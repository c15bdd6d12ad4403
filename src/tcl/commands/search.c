/* lsearch */

#include "tcl/commands/commands.h"
#include "tcl/commands/list.h"
#include "tcl/commands/regex.h"
#include "tcl/commands/sort.h"
#include "tcl/eval/args.h"
#include "tcl/value/glob.h"

enum { BY_EXACT, BY_GLOB, BY_REGEXP, BY_SORTED };

struct searching {
	struct interp *in;
	struct sort_how how;
	int by;
	bool all, inverted, is_inline, negate, subindices, bisect;
	int64_t start;
	struct value *start_value;
	struct list *path, *list;
	struct value *pattern;
	struct sort_key key;
};

enum {
	OPT_ALL,
	OPT_ASCII,
	OPT_BISECT,
	OPT_DECREASING,
	OPT_DICTIONARY,
	OPT_EXACT,
	OPT_GLOB,
	OPT_INCREASING,
	OPT_INDEX,
	OPT_INLINE,
	OPT_INTEGER,
	OPT_NOCASE,
	OPT_NOT,
	OPT_REAL,
	OPT_REGEXP,
	OPT_SORTED,
	OPT_START,
	OPT_SUBINDICES
};

static const char *const options[] = { "-all", "-ascii", "-bisect", "-decreasing", "-dictionary",
	"-exact", "-glob", "-increasing", "-index", "-inline", "-integer", "-nocase", "-not",
	"-real", "-regexp", "-sorted", "-start", "-subindices", NULL };

/* Sets the option of a flag. */
static void
set_kind(struct searching *s, int option)
{
	static const unsigned char kinds[] = { [OPT_ASCII] = SORT_ASCII,
		[OPT_DICTIONARY] = SORT_DICTIONARY,
		[OPT_INTEGER] = SORT_INTEGER,
		[OPT_REAL] = SORT_REAL };
	static const unsigned char ways[] = { [OPT_EXACT] = BY_EXACT,
		[OPT_GLOB] = BY_GLOB,
		[OPT_REGEXP] = BY_REGEXP,
		[OPT_SORTED] = BY_SORTED };

	if (option == OPT_EXACT || option == OPT_GLOB || option == OPT_REGEXP ||
	    option == OPT_SORTED)
		s->by = ways[option];
	else
		s->how.kind = (enum sort_kind)kinds[option];
}

static void
parse_search_flag(struct searching *s, int option)
{
	switch (option) {
	case OPT_ALL:
		s->all = true;
		break;
	case OPT_BISECT:
		s->bisect = true;
		s->by = BY_SORTED;
		break;
	case OPT_DECREASING:
	case OPT_INCREASING:
		s->how.decreasing = option == OPT_DECREASING;
		break;
	case OPT_INLINE:
		s->is_inline = true;
		break;
	case OPT_NOCASE:
		s->how.nocase = true;
		break;
	case OPT_NOT:
		s->negate = true;
		break;
	case OPT_SUBINDICES:
		s->subindices = true;
		break;
	default:
		set_kind(s, option);
		break;
	}
}

static int
parse_search_value(struct searching *s, int option, int left, struct value *v)
{
	int64_t ignored;

	if (left < 1)
		return interp_fail(s->in, "TCL ARGUMENT MISSING", NULL, "%s",
		    option == OPT_START ? "missing starting index"
					: "\"-index\" option must be followed by list index");
	if (option == OPT_START) {
		s->start_value = v;
		return index_get(s->in, v, 1, &ignored);
	}
	s->path = args_list(s->in, v);
	return s->path == NULL ? TCL_ERROR : sort_check_path(s->in, s->path);
}

static int
parse_search_options(struct searching *s, int argc, struct value *const argv[])
{
	int option;

	for (int i = 1; i < argc - 2; i++) {
		if (interp_get_word(s->in, argv[i], options, "option", &option) != TCL_OK)
			return TCL_ERROR;
		if (option != OPT_INDEX && option != OPT_START) {
			parse_search_flag(s, option);
			continue;
		}
		i++;
		if (parse_search_value(s, option, argc - 2 - i, argv[i]) != TCL_OK)
			return TCL_ERROR;
	}
	if (s->subindices && s->path == NULL)
		return interp_fail(s->in, "TCL OPERATION LSEARCH BAD_OPTION_MIX", NULL,
		    "-subindices cannot be used without -index option");
	if (s->bisect && (s->all || s->negate))
		return interp_fail(s->in, "TCL OPERATION LSEARCH BAD_OPTION_MIX", NULL,
		    "-bisect is not compatible with -all or -not");
	return TCL_OK;
}

static int
matches_at(struct searching *s, struct value *item, bool *ret)
{
	struct sort_key key;
	struct value *part;

	if (sort_part(s->in, item, s->path, &part) != TCL_OK)
		return TCL_ERROR;
	if (s->by == BY_GLOB) {
		*ret = glob_match(s->pattern, part, s->how.nocase);
	} else if (s->by == BY_REGEXP) {
		return regex_test(s->in, s->pattern, part, s->how.nocase, ret);
	} else if (s->how.kind == SORT_INTEGER || s->how.kind == SORT_REAL) {
		if (sort_prepare(s->in, &s->how, part, &key) != TCL_OK)
			return TCL_ERROR;
		*ret = sort_order(&s->how, &key, &s->key) == 0;
	} else {
		*ret = s->how.nocase ? sort_nocase(part, s->pattern) == 0
				     : value_equal(part, s->pattern);
	}
	return TCL_OK;
}

/* Returns the result for the item at i; -1: no item. */
static struct value *
result_at(struct searching *s, int64_t i)
{
	struct heap *h = &s->in->heap;
	struct value *v;
	struct list *l;

	if (s->is_inline)
		return value_ref(i == -1 ? s->in->empty : s->list->items[i]);
	v = value_int(h, i);
	if (!s->subindices)
		return v;
	l = list_new(h, s->path->n + 1);
	list_push(h, &l, v);
	for (size_t k = 0; k < s->path->n; k++)
		list_push(h, &l, value_ref(s->path->items[k]));
	return value_from_list(h, l);
}

static int
search_sorted(struct searching *s)
{
	int64_t low = -1, high = (int64_t)s->list->n, found = -1;
	struct sort_key key;
	struct value *part;

	low = s->start - 1;
	while (low + 1 < high) {
		int64_t middle = low + (high - low) / 2;
		int order;

		if (sort_part(s->in, s->list->items[middle], s->path, &part) != TCL_OK ||
		    sort_prepare(s->in, &s->how, part, &key) != TCL_OK)
			return TCL_ERROR;
		order = sort_order(&s->how, &s->key, &key);
		order = s->how.decreasing ? -order : order;
		if (order == 0)
			found = middle;
		/* finds the first of equal items; with -bisect the last */
		if (order > 0 || (order == 0 && s->bisect))
			low = middle;
		else
			high = middle;
	}
	if (s->bisect && found == -1 && low >= s->start)
		found = low;
	return interp_return(s->in, result_at(s, found));
}

static int
search_each(struct searching *s)
{
	struct heap *h = &s->in->heap;
	struct list *found = list_new(h, 4);
	bool match;

	for (size_t i = (size_t)s->start; i < s->list->n; i++) {
		if (eval_tick(s->in) != TCL_OK ||
		    matches_at(s, s->list->items[i], &match) != TCL_OK) {
			list_unref(h, found);
			return TCL_ERROR;
		}
		if (match == s->negate)
			continue;
		list_push(h, &found, result_at(s, (int64_t)i));
		if (!s->all)
			break;
	}
	if (s->all)
		return interp_return(s->in, value_from_list(h, found));
	interp_set_result(s->in, found->n > 0 ? value_ref(found->items[0]) : result_at(s, -1));
	list_unref(h, found);
	return TCL_OK;
}

static int
search(struct searching *s)
{
	if (s->start_value != NULL &&
	    index_get(s->in, s->start_value, s->list->n, &s->start) != TCL_OK)
		return TCL_ERROR;
	if (s->start < 0)
		s->start = 0;
	if (s->start > (int64_t)s->list->n)
		s->start = (int64_t)s->list->n;
	if ((s->by == BY_SORTED || s->by == BY_EXACT) &&
	    sort_prepare(s->in, &s->how, s->pattern, &s->key) != TCL_OK)
		return TCL_ERROR;
	if (s->by == BY_SORTED && !s->all && !s->negate)
		return search_sorted(s);
	return search_each(s);
}

static int
cmd_lsearch(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct searching s = { .in = in, .by = BY_GLOB };
	int code;
	bool ignored;

	if (parse_search_options(&s, argc, argv) != TCL_OK)
		return TCL_ERROR;
	s.pattern = argv[argc - 1];
	/* a bad pattern is an error even for an empty list */
	if (s.by == BY_REGEXP &&
	    regex_test(in, s.pattern, in->empty, s.how.nocase, &ignored) != TCL_OK)
		return TCL_ERROR;
	s.list = args_list(in, argv[argc - 2]);
	if (s.list == NULL)
		return TCL_ERROR;
	s.list->refs++;
	if (s.path != NULL)
		s.path->refs++;
	code = search(&s);
	if (s.path != NULL)
		list_unref(&in->heap, s.path);
	list_unref(&in->heap, s.list);
	return code;
}

const struct interp_command core_search_commands[] = {
	{ "lsearch", cmd_lsearch, 2, -1, "?-option value ...? list pattern" },
	{ NULL, NULL, 0, 0, NULL },
};
