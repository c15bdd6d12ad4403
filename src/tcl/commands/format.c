/* format */
#include <stdio.h>
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/value/number.h"

struct spec {
	bool left, alternate, zero, space, plus, short_int;
	int64_t width, precision; /* precision -1: none */
	char type;
};

struct formatting {
	struct interp *in;
	struct value *out;
	const char *at, *end;
	int argc, next;
	struct value *const *argv;
	bool positional, sequential;
};

static int
incomplete(struct formatting *f)
{
	return interp_fail(f->in, "TCL FORMAT INCOMPLETE", NULL,
	    "format string ended in middle of field specifier");
}

static int
missing_format_argument(struct formatting *f)
{
	if (f->positional)
		return interp_fail(f->in, "TCL FORMAT INDEXRANGE", NULL,
		    "\"%%n$\" argument index out of range");
	return interp_fail(f->in, "TCL FORMAT FIELDVARMISMATCH", NULL,
	    "not enough arguments for all format specifiers");
}

/* ---- the parts of a specifier ---- */

/* Reads a position ("2$"). */
static int
parse_position(struct formatting *f)
{
	uint64_t number;
	bool big;
	size_t n = number_digits(f->at, (size_t)(f->end - f->at), 10, &number, &big);

	if (n == 0 || f->at + n == f->end || f->at[n] != '$') {
		f->sequential = true;
	} else {
		f->at += n + 1;
		f->positional = true;
		f->next = big || number > INT32_MAX ? -1 : (int)number - 1;
	}
	if (f->positional && f->sequential)
		return interp_fail(f->in, "TCL FORMAT MIXEDSPECTYPES", NULL,
		    "cannot mix \"%%\" and \"%%n$\" conversion specifiers");
	if (f->positional && (f->next < 0 || f->next >= f->argc))
		return missing_format_argument(f);
	return TCL_OK;
}

static void
parse_flags(struct formatting *f, struct spec *s)
{
	for (; f->at < f->end; f->at++) {
		if (*f->at == '-')
			s->left = true;
		else if (*f->at == '#')
			s->alternate = true;
		else if (*f->at == '0')
			s->zero = true;
		else if (*f->at == ' ')
			s->space = true;
		else if (*f->at == '+')
			s->plus = true;
		else
			break;
	}
}

/* Reads digits or *; *ret stays where there are none. */
static int
parse_count(struct formatting *f, int64_t *ret)
{
	uint64_t number;
	bool big;
	size_t n;

	if (f->at < f->end && *f->at == '*') {
		f->at++;
		if (f->next >= f->argc)
			return missing_format_argument(f);
		return args_int(f->in, f->argv[f->next++], ret);
	}
	n = number_digits(f->at, (size_t)(f->end - f->at), 10, &number, &big);
	if (n > 0)
		*ret = big || number > INT32_MAX ? INT32_MAX : (int64_t)number;
	f->at += n;
	return TCL_OK;
}

static int
parse_format_spec(struct formatting *f, struct spec *s)
{
	*s = (struct spec){ .precision = -1 };
	if (parse_position(f) != TCL_OK)
		return TCL_ERROR;
	parse_flags(f, s);
	if (parse_count(f, &s->width) != TCL_OK)
		return TCL_ERROR;
	if (s->width < 0) {
		s->left = true;
		s->width = -s->width;
	}
	if (f->at < f->end && *f->at == '.') {
		f->at++;
		s->precision = 0;
		if (parse_count(f, &s->precision) != TCL_OK)
			return TCL_ERROR;
		if (s->precision < 0)
			s->precision = 0;
	}
	if (f->at < f->end && *f->at == 'h') {
		s->short_int = true;
		f->at++;
	} else {
		for (int i = 0; i < 2 && f->at < f->end && *f->at == 'l'; i++)
			f->at++;
	}
	if (f->next >= f->argc)
		return missing_format_argument(f);
	if (f->at == f->end)
		return incomplete(f);
	s->type = *f->at++;
	return TCL_OK;
}

/* ---- conversions ---- */

/* Writes prefix (a sign, 0x) and body, padded to the width; zeros go between them. */
static void
put_padded(struct formatting *f, const struct spec *s, const char *prefix, const char *body,
    size_t n, bool zero)
{
	int64_t pad = s->width - (int64_t)n - (int64_t)strlen(prefix);
	struct heap *h = &f->in->heap;
	char *room;

	if (pad < 0)
		pad = 0;
	if (!s->left && !zero && (room = value_extend(f->out, (size_t)pad)) != NULL)
		heap_fill(h, room, ' ', (size_t)pad);
	value_append_string(f->out, prefix);
	if (zero && (room = value_extend(f->out, (size_t)pad)) != NULL)
		heap_fill(h, room, '0', (size_t)pad);
	value_append(f->out, body, n);
	if (s->left && !zero && (room = value_extend(f->out, (size_t)pad)) != NULL)
		heap_fill(h, room, ' ', (size_t)pad);
}

static size_t
print_digits(uint64_t u, unsigned base, bool capital, char text[72])
{
	char reversed[72];
	size_t n = 0;

	do {
		reversed[n++] = (capital ? "0123456789ABCDEF" : "0123456789abcdef")[u % base];
		u /= base;
	} while (u > 0);
	for (size_t i = 0; i < n; i++)
		text[i] = reversed[n - 1 - i];
	return n;
}

static const char *
integer_prefix(const struct spec *s, int64_t i)
{
	if (s->type == 'd' || s->type == 'i')
		return i < 0 ? "-" : s->plus ? "+" : s->space ? " " : "";
	if (!s->alternate || (i == 0 && s->type == 'o'))
		return "";
	return s->type == 'x' ? "0x"
	    : s->type == 'X'  ? "0X"
	    : s->type == 'o'  ? "0"
	    : s->type == 'b'  ? "0b"
			      : "";
}

static unsigned
format_base(char type)
{
	return type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : type == 'b' ? 2 : 10;
}

static int
put_integer(struct formatting *f, const struct spec *s, struct value *v)
{
	int64_t i;
	uint64_t u;
	bool is_signed = s->type == 'd' || s->type == 'i';
	char digits[72];
	struct value *body;
	size_t n, pad;
	char *room;

	if (args_wide(f->in, v, &i) != TCL_OK)
		return TCL_ERROR;
	if (s->short_int)
		i = is_signed ? (int64_t)(int16_t)i : (int64_t)(uint16_t)i;
	u = is_signed && i < 0 ? -(uint64_t)i : (uint64_t)i;
	n = print_digits(u, format_base(s->type), s->type == 'X', digits);
	body = value_new(&f->in->heap);
	pad = s->precision > (int64_t)n ? (size_t)s->precision - n : 0;
	if ((room = value_extend(body, pad)) != NULL)
		heap_fill(&f->in->heap, room, '0', pad);
	value_append(body, digits, n);
	put_padded(f, s, integer_prefix(s, i), body->bytes, body->len,
	    s->zero && s->precision == -1);
	value_unref(body);
	return TCL_OK;
}

static int
put_double(struct formatting *f, const struct spec *s, struct value *v)
{
	char how[32];
	double d;
	int n;
	char *room;

	if (interp_get_double(f->in, v, &d) != TCL_OK)
		return TCL_ERROR;
	snprintf(how, sizeof(how), "%%%s%s%s%s%s*.*%c", s->left ? "-" : "", s->alternate ? "#" : "",
	    s->zero ? "0" : "", s->space ? " " : "", s->plus ? "+" : "", s->type);
	n = s->precision == -1 ? 6 : (int)s->precision;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	int size = snprintf(NULL, 0, how, (int)s->width, n, d);

	room = size < 0 ? NULL : value_extend(f->out, (size_t)size);
	if (room != NULL)
		snprintf(room, (size_t)size + 1, how, (int)s->width, n, d);
#pragma GCC diagnostic pop
	return TCL_OK;
}

static int
put_char(struct formatting *f, const struct spec *s, struct value *v)
{
	int64_t i;
	char c;

	if (args_int(f->in, v, &i) != TCL_OK)
		return TCL_ERROR;
	if (i > 0xff || i < 0)
		return interp_fail(f->in, "TCL VALUE CHARACTER", NULL, "character %l is no byte",
		    i);
	c = (char)i;
	put_padded(f, s, "", &c, 1, s->zero);
	return TCL_OK;
}

static int
write_string(struct formatting *f, const struct spec *s, struct value *v)
{
	size_t n;
	const char *bytes = value_bytes(v, &n);

	if (s->precision >= 0 || s->width > 0)
		value_forget_real(v);
	if (s->precision >= 0 && n > (size_t)s->precision)
		n = (size_t)s->precision;
	put_padded(f, s, "", bytes, n, s->zero);
	return TCL_OK;
}

static int
put_spec(struct formatting *f)
{
	struct spec s;
	struct value *v;

	if (f->at < f->end && *f->at == '%') {
		value_append_char(f->out, '%');
		f->at++;
		return TCL_OK;
	}
	if (parse_format_spec(f, &s) != TCL_OK)
		return TCL_ERROR;
	v = f->argv[f->next++];
	if (strchr("diouxXb", s.type) != NULL && s.type != '\0')
		return put_integer(f, &s, v);
	if (strchr("eEfgG", s.type) != NULL && s.type != '\0')
		return put_double(f, &s, v);
	if (s.type == 's')
		return write_string(f, &s, v);
	if (s.type == 'c')
		return put_char(f, &s, v);
	return interp_fail(f->in, "TCL FORMAT BADTYPE", NULL, "bad field specifier \"%c\"", s.type);
}

static int
cmd_format(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct formatting f = { .in = in, .argc = argc - 2, .argv = argv + 2 };
	size_t n;
	const char *percent;
	int code = TCL_OK;

	f.at = value_bytes(argv[1], &n);
	f.end = f.at + n;
	f.out = value_new(&in->heap);
	while (f.at < f.end && code == TCL_OK) {
		percent = memchr(f.at, '%', (size_t)(f.end - f.at));
		if (percent == NULL)
			percent = f.end;
		value_append(f.out, f.at, (size_t)(percent - f.at));
		f.at = percent + 1;
		if (percent < f.end)
			code = put_spec(&f);
	}
	if (code == TCL_OK)
		return interp_return(in, f.out);
	value_unref(f.out);
	return code;
}

const struct interp_command core_format_commands[] = {
	{ "format", cmd_format, 1, -1, "formatString ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};
