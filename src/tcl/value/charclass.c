#include "tcl/value/charclass.h"

#include <string.h>

#include "tcl/eval/eval.h"
#include "tcl/value/number.h"

char
charclass_lower(char c)
{
	unsigned char u = (unsigned char)c;

	return (u >= 'A' && u <= 'Z') || (u >= 0xc0 && u <= 0xde && u != 0xd7) ? (char)(u + 32) : c;
}

char
charclass_upper(char c)
{
	unsigned char u = (unsigned char)c;

	return (u >= 'a' && u <= 'z') || (u >= 0xe0 && u <= 0xfe && u != 0xf7) ? (char)(u - 32) : c;
}

static bool
latin1_is_upper(unsigned char u)
{
	return charclass_lower((char)u) != (char)u;
}

static bool
latin1_is_lower(unsigned char u)
{
	return charclass_upper((char)u) != (char)u || u == 0xdf || u == 0xff || u == 0xb5;
}

static bool
latin1_is_alpha(unsigned char u)
{
	return latin1_is_upper(u) || latin1_is_lower(u) || u == 0xaa || u == 0xba;
}

static bool
latin1_is_digit(unsigned char u)
{
	return u >= '0' && u <= '9';
}

static bool
latin1_is_alnum(unsigned char u)
{
	return latin1_is_alpha(u) || latin1_is_digit(u);
}

static bool
latin1_is_ascii(unsigned char u)
{
	return u < 0x80;
}

static bool
latin1_is_control(unsigned char u)
{
	return u < 0x20 || (u >= 0x7f && u <= 0x9f) || u == 0xad;
}

static bool
latin1_is_space(unsigned char u)
{
	return (u >= 9 && u <= 13) || u == ' ' || u == 0x85 || u == 0xa0;
}

static bool
latin1_is_graph(unsigned char u)
{
	return !latin1_is_control(u) && u != ' ' && u != 0xa0;
}

static bool
latin1_is_print(unsigned char u)
{
	return latin1_is_graph(u) || u == ' ' || u == 0xa0;
}

static bool
latin1_is_punct(unsigned char u)
{
	static const char marks[] = "!\"#%&'()*,-./:;?@[\\]_{}\xa1\xa7\xab\xb6\xb7\xbb\xbf";

	return u != 0 && strchr(marks, (char)u) != NULL;
}

static bool
latin1_is_word(unsigned char u)
{
	return latin1_is_alnum(u) || u == '_';
}

static bool
latin1_is_xdigit(unsigned char u)
{
	return latin1_is_digit(u) || (u >= 'a' && u <= 'f') || (u >= 'A' && u <= 'F');
}

static bool (*const tests[])(unsigned char u) = { [CHARCLASS_ALNUM] = latin1_is_alnum,
	[CHARCLASS_ALPHA] = latin1_is_alpha,
	[CHARCLASS_ASCII] = latin1_is_ascii,
	[CHARCLASS_CONTROL] = latin1_is_control,
	[CHARCLASS_DIGIT] = latin1_is_digit,
	[CHARCLASS_GRAPH] = latin1_is_graph,
	[CHARCLASS_LOWER] = latin1_is_lower,
	[CHARCLASS_PRINT] = latin1_is_print,
	[CHARCLASS_PUNCT] = latin1_is_punct,
	[CHARCLASS_SPACE] = latin1_is_space,
	[CHARCLASS_UPPER] = latin1_is_upper,
	[CHARCLASS_WORD] = latin1_is_word,
	[CHARCLASS_XDIGIT] = latin1_is_xdigit };

bool
charclass_is(enum charclass class, char c)
{
	return tests[class]((unsigned char)c);
}

/* ---- string is ---- */

/* These return whether the whole text is in the class; *ret_at is where it stops to be. */
static bool
is_bool(struct value *v, int64_t *ret_at, int want)
{
	size_t n;
	const char *p = value_bytes(v, &n);
	int truth = number_bool_word(p, n);

	if (truth == -1 && n == 1 && (p[0] == '0' || p[0] == '1'))
		truth = p[0] == '1';
	*ret_at = 0;
	return truth != -1 && (want == -1 || truth == want);
}

static bool
is_number(struct value *v, int64_t *ret_at, enum number_kind most)
{
	size_t n, blanks = 0;
	const char *p = value_bytes(v, &n);
	struct number whole = number_parse(p, n), part;

	if (whole.kind != NUMBER_NONE && whole.kind != NUMBER_OCTAL && whole.kind <= most)
		return true;
	if (whole.kind == NUMBER_BIG) {
		*ret_at = -1;
		return most >= NUMBER_DOUBLE;
	}
	blanks = strspn(p, " \t\n\r\v\f");
	part = number_scan(p + blanks, n - blanks);
	*ret_at = part.taken == 0 ? 0 : (int64_t)(blanks + part.taken);
	while (*ret_at > 0 && *ret_at < (int64_t)n && number_is_blank(p[*ret_at]))
		++*ret_at;
	if (whole.kind == NUMBER_OCTAL) {
		blanks += strspn(p + blanks, "+-");
		*ret_at = (int64_t)(blanks + strspn(p + blanks, "01234567"));
	}
	if (most < NUMBER_DOUBLE && part.taken > 0 && part.kind == NUMBER_DOUBLE)
		*ret_at = (int64_t)strspn(p, " \t\n\r\v\f+-0123456789");
	return false;
}

static bool
is_list(struct value *v, int64_t *ret_at)
{
	struct list_scan scan;
	size_t n;
	const char *p;

	if (value_to_list(v, NULL) != NULL)
		return true;
	p = value_bytes(v, &n);
	scan = (struct list_scan){ .at = p, .end = p + n };
	do {
		while (scan.at < scan.end && number_is_blank(*scan.at))
			scan.at++;
		*ret_at = scan.at - p;
	} while (list_next(&scan));
	return false;
}

enum {
	IS_ALNUM,
	IS_ALPHA,
	IS_ASCII,
	IS_CONTROL,
	IS_BOOLEAN,
	IS_DIGIT,
	IS_DOUBLE,
	IS_ENTIER,
	IS_FALSE,
	IS_GRAPH,
	IS_INTEGER,
	IS_LIST,
	IS_LOWER,
	IS_PRINT,
	IS_PUNCT,
	IS_SPACE,
	IS_TRUE,
	IS_UPPER,
	IS_WIDE,
	IS_WORD,
	IS_XDIGIT
};

static const char *const classes[] = { "alnum", "alpha", "ascii", "control", "boolean", "digit",
	"double", "entier", "false", "graph", "integer", "list", "lower", "print", "punct", "space",
	"true", "upper", "wideinteger", "wordchar", "xdigit", NULL };

static const signed char class_of[] = { [IS_ALNUM] = CHARCLASS_ALNUM,
	[IS_ALPHA] = CHARCLASS_ALPHA,
	[IS_ASCII] = CHARCLASS_ASCII,
	[IS_CONTROL] = CHARCLASS_CONTROL,
	[IS_DIGIT] = CHARCLASS_DIGIT,
	[IS_GRAPH] = CHARCLASS_GRAPH,
	[IS_LOWER] = CHARCLASS_LOWER,
	[IS_PRINT] = CHARCLASS_PRINT,
	[IS_PUNCT] = CHARCLASS_PUNCT,
	[IS_SPACE] = CHARCLASS_SPACE,
	[IS_UPPER] = CHARCLASS_UPPER,
	[IS_WORD] = CHARCLASS_WORD,
	[IS_XDIGIT] = CHARCLASS_XDIGIT };

static bool
all_chars(struct value *v, enum charclass class, int64_t *ret_at)
{
	size_t n;
	const char *p = value_bytes(v, &n);

	value_forget_real(v);
	for (size_t i = 0; i < n; i++) {
		if (!charclass_is(class, p[i])) {
			*ret_at = (int64_t)i;
			return false;
		}
	}
	return true;
}

static bool
is_integer(struct value *v, int64_t *ret_at)
{
	int64_t i;

	if (!is_number(v, ret_at, NUMBER_INT))
		return false;
	*ret_at = -1;
	return value_to_int(v, &i) && i >= -(int64_t)UINT32_MAX && i <= (int64_t)UINT32_MAX;
}

/* An unsigned integer of 64 bits. */
static bool
is_unsigned(struct value *v)
{
	size_t n;
	const char *p = value_bytes(v, &n);
	struct number number = number_parse(p, n);

	return number.kind == NUMBER_BIG && !(number.d < -9223372036854775808.0) &&
	    number.d < 18446744073709551616.0;
}

static bool
is_class(struct value *v, int class, int64_t *ret_at)
{
	switch (class) {
	case IS_BOOLEAN:
		return is_bool(v, ret_at, -1);
	case IS_TRUE:
	case IS_FALSE:
		return is_bool(v, ret_at, class == IS_TRUE);
	case IS_DOUBLE:
		return is_number(v, ret_at, NUMBER_DOUBLE);
	case IS_ENTIER:
		return is_number(v, ret_at, NUMBER_INT) || *ret_at == -1;
	case IS_WIDE:
		return is_number(v, ret_at, NUMBER_INT) || is_unsigned(v);
	case IS_INTEGER:
		return is_integer(v, ret_at);
	case IS_LIST:
		return is_list(v, ret_at);
	default:
		return all_chars(v, (enum charclass)class_of[class], ret_at);
	}
}

static int
parse_class_options(struct interp *in, int argc, struct value *const argv[], bool *ret_strict,
    struct value **ret_var)
{
	static const char *const options[] = { "-strict", "-failindex", NULL };
	int option;

	for (int i = 3; i < argc - 1; i++) {
		if (interp_get_word(in, argv[i], options, "option", &option) != TCL_OK)
			return TCL_ERROR;
		if (option == 0) {
			*ret_strict = true;
		} else if (i + 1 < argc - 1) {
			*ret_var = argv[++i];
		} else {
			return interp_wrong_args(in, 3, argv, "?-strict? ?-failindex var? str");
		}
	}
	return TCL_OK;
}

int
charclass_string_is(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = argv[argc - 1], *var = NULL;
	bool strict = false, is;
	int class;
	int64_t at = 0;

	if (interp_get_word(in, argv[2], classes, "class", &class) != TCL_OK ||
	    parse_class_options(in, argc, argv, &strict, &var) != TCL_OK)
		return TCL_ERROR;
	if (v->type == VALUE_DICT)
		value_bytes(v, NULL);
	if (v->bytes != NULL && v->len == 0)
		is = !strict || class == IS_LIST;
	else
		is = is_class(v, class, &at);
	if (!is && var != NULL && interp_write(in, var, value_int(&in->heap, at)) != TCL_OK)
		return TCL_ERROR;
	return interp_return_int(in, is);
}
