/* scan */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/eval.h"
#include "tcl/value/number.h"

struct spec {
	bool skip; /* %*d */
	size_t width;
	bool has_position;
	long position; /* of %2$d, from 1 */
	char type;
	bool is_wide;
	bool set[256]; /* of %[a-z] */
};

struct scanning {
	struct interp *in;
	const char *format, *format_end;
	const char *start, *at, *end;
	struct value **found; /* for each variable; NULL: not converted */
	size_t vars;
	size_t next;
	int converted, done; /* done: also those without a variable */
	bool ended;          /* the input ended before the first conversion */
};

static int
bad(struct interp *in, const char *code, const char *text)
{
	return interp_fail(in, code, NULL, "%s", text);
}

/* ---- specifiers ---- */

static bool
parse_set(struct scanning *s, struct spec *spec)
{
	bool invert = s->format < s->format_end && *s->format == '^';
	const char *p = s->format + invert, *first = p;
	unsigned char low;

	memset(spec->set, invert, sizeof(spec->set));
	for (; p < s->format_end && (*p != ']' || p == first); p++) {
		low = (unsigned char)*p;
		spec->set[low] = !invert;
		if (p + 2 < s->format_end && p[1] == '-' && p[2] != ']') {
			unsigned char high = (unsigned char)p[2];

			for (unsigned c = low < high ? low : high; c <= (low < high ? high : low);
			     c++)
				spec->set[c] = !invert;
			p += 2;
		}
	}
	s->format = p + 1;
	return p < s->format_end;
}

static size_t
read_count(struct scanning *s, uint64_t *ret)
{
	bool big;
	size_t n = number_digits(s->format, (size_t)(s->format_end - s->format), 10, ret, &big);

	s->format += n;
	return n;
}

/* Reads *, a position and a width. */
static void
parse_counts(struct scanning *s, struct spec *spec)
{
	uint64_t number = 0;
	size_t n;

	if (s->format < s->format_end && *s->format == '*') {
		spec->skip = true;
		s->format++;
	}
	n = read_count(s, &number);
	if (n > 0 && !spec->skip && s->format < s->format_end && *s->format == '$') {
		s->format++;
		spec->has_position = true;
		spec->position = number > INT32_MAX ? INT32_MAX : (long)number;
		n = read_count(s, &number);
	}
	spec->width = n > 0 ? (size_t)number : 0;
}

static int
bad_character(struct interp *in, char c)
{
	return interp_fail(in, "TCL FORMAT BADTYPE", NULL, "bad scan conversion character \"%c\"",
	    c);
}

static int
parse_scan_spec(struct scanning *s, struct spec *spec)
{
	memset(spec, 0, sizeof(*spec));
	parse_counts(s, spec);
	while (
	    s->format < s->format_end && *s->format != '\0' && strchr("hlL", *s->format) != NULL) {
		spec->is_wide |= *s->format != 'h';
		s->format++;
	}
	if (s->format == s->format_end)
		return bad_character(s->in, '\0');
	spec->type = *s->format++;
	if (spec->type == 'c' && spec->width > 0)
		return bad(s->in, "TCL FORMAT BADWIDTH",
		    "field width may not be specified in %c conversion");
	if (spec->type == '[')
		return parse_set(s, spec)
		    ? TCL_OK
		    : bad(s->in, "TCL FORMAT BRACKET", "unmatched [ in format string");
	if (spec->type == '\0' || strchr("nduioxXbcsefgEG", spec->type) == NULL)
		return bad_character(s->in, spec->type);
	return TCL_OK;
}

/* ---- conversions ---- */

static void
store_value(struct scanning *s, const struct spec *spec, struct value *v)
{
	size_t at = spec->has_position ? (size_t)spec->position - 1 : s->next++;

	if (at < s->vars) {
		value_unref(s->found[at]);
		s->found[at] = v;
	} else {
		value_unref(v);
	}
	s->converted++;
}

static size_t
room(const struct scanning *s, const struct spec *spec)
{
	size_t n = (size_t)(s->end - s->at);

	return spec->width > 0 && spec->width < n ? spec->width : n;
}

static unsigned
scan_base(const struct spec *spec, const char *p, size_t n)
{
	switch (spec->type) {
	case 'o':
		return 8;
	case 'x':
	case 'X':
		return 16;
	case 'b':
		return 2;
	case 'i':
		if (n > 1 && p[0] == '0')
			return p[1] == 'x' || p[1] == 'X' ? 16 : 8;
		return 10;
	default:
		return 10;
	}
}

/* Returns the length of the prefix 0x or 0b. */
static size_t
prefix_length(const char *p, size_t n, unsigned base)
{
	char letter = base == 16 ? 'x' : base == 2 ? 'b' : '\0';

	return n > 2 && p[0] == '0' && letter != '\0' && (p[1] | 0x20) == letter ? 2 : 0;
}

static struct value *
integer_value(struct interp *in, const struct spec *spec, uint64_t number, bool big, bool negative)
{
	int64_t i = negative ? (int64_t)-number : (int64_t)number;
	char text[24];

	if (big || (spec->is_wide && number > (uint64_t)INT64_MAX + negative))
		i = negative ? INT64_MIN : INT64_MAX;
	if (spec->type != 'u' || i >= 0)
		return value_int(&in->heap, i);
	return value_text(&in->heap, text,
	    (size_t)snprintf(text, sizeof(text), "%" PRIu64, (uint64_t)i));
}

static bool
scan_integral(struct scanning *s, const struct spec *spec)
{
	size_t n = room(s, spec), sign = n > 0 && (*s->at == '-' || *s->at == '+'), prefix, digits;
	const char *p = s->at + sign;
	unsigned base = scan_base(spec, p, n - sign);
	uint64_t number;
	bool big, negative = sign && *s->at == '-';

	prefix = prefix_length(p, n - sign, base);
	digits = number_digits(p + prefix, n - sign - prefix, base, &number, &big);
	if (digits == 0 && prefix > 0) {
		/* only the 0 */
		prefix = 0;
		digits = 1;
		number = 0;
	}
	if (digits == 0) {
		s->ended = p == s->end && s->done == 0 && spec->width < 2;
		return false;
	}
	s->at = p + prefix + digits;
	if (!spec->skip)
		store_value(s, spec, integer_value(s->in, spec, number, big, negative));
	return true;
}

static bool
scan_double(struct scanning *s, const struct spec *spec)
{
	double d;
	size_t taken = number_scan_real(s->at, room(s, spec), &d);

	if (taken > 0 && d != d)
		taken = 0;
	if (taken == 0) {
		const char *p = s->at + (*s->at == '-' || *s->at == '+');

		p += p < s->end && *p == '.';
		s->ended = p == s->end && s->done == 0 && spec->width < 2;
		return false;
	}
	s->at += taken;
	if (!spec->skip)
		store_value(s, spec, value_double(&s->in->heap, d));
	return true;
}

static bool
scan_text(struct scanning *s, const struct spec *spec)
{
	size_t most = room(s, spec), n = 0;

	while (n < most &&
	    (spec->type == 's' ? !number_is_blank(s->at[n]) : spec->set[(unsigned char)s->at[n]]))
		n++;
	if (n == 0)
		return false;
	if (!spec->skip)
		store_value(s, spec, value_text(&s->in->heap, s->at, n));
	s->at += n;
	return true;
}

/* Returns false where the input does not match, which ends the scan. */
static bool
scan_field(struct scanning *s, const struct spec *spec)
{
	if (spec->type == 'n') {
		if (!spec->skip)
			store_value(s, spec, value_int(&s->in->heap, s->at - s->start));
		return true;
	}
	while (spec->type != 'c' && spec->type != '[' && s->at < s->end && number_is_blank(*s->at))
		s->at++;
	if (s->at == s->end) {
		s->ended = s->done == 0;
		return false;
	}
	if (spec->type == 'c') {
		if (!spec->skip)
			store_value(s, spec, value_int(&s->in->heap, (unsigned char)*s->at));
		s->at++;
		return true;
	}
	if (spec->type == 's' || spec->type == '[')
		return scan_text(s, spec);
	return strchr("efgEG", spec->type) != NULL ? scan_double(s, spec) : scan_integral(s, spec);
}

/* Matches a byte of the format outside of specifiers; false where the input differs. */
static bool
match_plain(struct scanning *s, char c)
{
	if (number_is_blank(c)) {
		while (s->at < s->end && number_is_blank(*s->at))
			s->at++;
		return true;
	}
	if (s->at == s->end) {
		s->ended = s->done == 0;
		return false;
	}
	return *s->at++ == c;
}

static int
run_format(struct scanning *s)
{
	struct spec spec;
	bool going = true;

	while (s->format < s->format_end && going) {
		char c = *s->format++;

		if (c != '%' || (s->format < s->format_end && *s->format == '%')) {
			s->format += c == '%';
			going = match_plain(s, c);
			continue;
		}
		if (parse_scan_spec(s, &spec) != TCL_OK)
			return TCL_ERROR;
		going = scan_field(s, &spec);
		s->done += going;
	}
	return TCL_OK;
}

/* ---- the whole format ---- */

struct census {
	size_t vars, fields, highest; /* vars 0: returns a list */
	bool positional, sequential;
	size_t size; /* of assigned */
	unsigned char *assigned;
};

static int
count_field(struct scanning *s, struct census *c, const struct spec *spec)
{
	size_t at = spec->has_position ? (size_t)spec->position - 1 : c->fields;

	c->positional |= spec->has_position;
	c->sequential |= !spec->has_position;
	if (c->positional && c->sequential)
		return bad(s->in, "TCL FORMAT MIXEDSPECTYPES",
		    "cannot mix \"%\" and \"%n$\" conversion specifiers");
	if (spec->has_position && (spec->position == 0 || (c->vars > 0 && at >= c->vars)))
		return bad(s->in, "TCL FORMAT INDEXRANGE", "\"%n$\" argument index out of range");
	if (c->vars > 0 && at >= c->vars)
		return bad(s->in, "TCL FORMAT FIELDVARMISMATCH",
		    "different numbers of variable names and field specifiers");
	c->fields++;
	if (at >= c->highest)
		c->highest = at + 1;
	if (at < c->size && c->assigned[at] < 2)
		c->assigned[at]++;
	return TCL_OK;
}

/* Checks all specifiers before it reads input. */
static int
check_format(struct scanning *s, struct census *c)
{
	const char *start = s->format, *field;
	struct spec spec;

	while (s->format < s->format_end) {
		if (*s->format++ != '%')
			continue;
		if (s->format < s->format_end && *s->format == '%') {
			s->format++;
			continue;
		}
		field = s->format;
		spec = (struct spec){ .skip = false };
		parse_counts(s, &spec);
		if (!spec.skip && count_field(s, c, &spec) != TCL_OK)
			return TCL_ERROR;
		s->format = field;
		if (parse_scan_spec(s, &spec) != TCL_OK)
			return TCL_ERROR;
	}
	s->format = start;
	s->vars = c->vars > 0 ? c->vars : c->highest;
	for (size_t i = 0; i < c->size; i++) {
		if (i < c->vars && c->assigned[i] == 0)
			return bad(s->in, "TCL FORMAT UNASSIGNED",
			    "variable is not assigned by any conversion specifiers");
		if (c->assigned[i] > 1)
			return bad(s->in, "TCL FORMAT POLYASSIGNED",
			    "variable is assigned by multiple \"%n$\" conversion specifiers");
	}
	return TCL_OK;
}

static int
return_list(struct scanning *s)
{
	struct heap *h = &s->in->heap;
	struct list *l;

	if (s->ended && s->done == 0)
		return TCL_OK;
	l = list_new(h, s->vars);
	for (size_t i = 0; i < s->vars; i++)
		list_push(h, &l, value_ref(s->found[i] != NULL ? s->found[i] : s->in->empty));
	return interp_return(s->in, value_from_list(h, l));
}

static int
set_scan_vars(struct scanning *s, struct value *const names[])
{
	for (size_t i = 0; i < s->vars; i++) {
		if (s->found[i] != NULL &&
		    interp_write(s->in, names[i], value_ref(s->found[i])) != TCL_OK)
			return TCL_ERROR;
	}
	return interp_return_int(s->in, s->ended && s->done == 0 ? -1 : s->converted);
}

static int
cmd_scan(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct scanning s = { .in = in };
	struct census census = { .vars = (size_t)argc - 3 };
	size_t n, size;
	int code;

	s.start = s.at = value_bytes(argv[1], &n);
	s.end = s.at + n;
	s.format = value_bytes(argv[2], &n);
	s.format_end = s.format + n;
	census.size = census.vars > 0 ? census.vars : 256;
	census.assigned = calloc(census.size, 1);
	if (census.assigned == NULL)
		return bad(in, NULL, "out of memory");
	code = check_format(&s, &census);
	free(census.assigned);
	if (code != TCL_OK)
		return code;
	size = s.vars * sizeof(struct value *);
	s.found = heap_resize(&in->heap, NULL, 0, size + 1);
	if (s.found == NULL)
		return bad(in, NULL, "out of memory");
	memset(s.found, 0, size);
	code = run_format(&s);
	if (code == TCL_OK)
		code = argc > 3 ? set_scan_vars(&s, argv + 3) : return_list(&s);
	for (size_t i = 0; i < s.vars; i++)
		value_unref(s.found[i]);
	heap_release(&in->heap, s.found, size + 1);
	return code;
}

const struct interp_command core_scan_commands[] = {
	{ "scan", cmd_scan, 2, -1, "string format ?varName ...?" },
	{ NULL, NULL, 0, 0, NULL },
};
