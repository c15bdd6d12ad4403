/* binary format, scan */
#include <float.h>
#include <math.h>
#include <string.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/value/binary.h"
#include "tcl/value/number.h"

enum { NO_COUNT = -1, ALL = -2 };

struct field {
	char type;
	bool is_unsigned;
	int64_t count; /* NO_COUNT, ALL or a number */
};

static bool
next_field(const char **at, const char *end, struct field *f)
{
	uint64_t number;
	bool big;
	size_t n;

	while (*at < end && **at == ' ')
		++*at;
	if (*at == end)
		return false;
	f->type = *(*at)++;
	f->is_unsigned = *at < end && **at == 'u';
	*at += f->is_unsigned;
	f->count = NO_COUNT;
	if (*at < end && **at == '*') {
		++*at;
		f->count = ALL;
		return true;
	}
	n = number_digits(*at, (size_t)(end - *at), 10, &number, &big);
	if (n > 0)
		f->count = big || number > INT32_MAX ? INT32_MAX : (int64_t)number;
	*at += n;
	return true;
}

/* The number of bytes of a number, their order, and whether it is a double */
struct width {
	char type;
	unsigned char bytes;
	bool big_endian, real;
};

static const struct width *
width_of(char type)
{
	static const struct width widths[] = { { 'c', 1, false, false }, { 's', 2, false, false },
		{ 'S', 2, true, false }, { 't', 2, false, false }, { 'i', 4, false, false },
		{ 'I', 4, true, false }, { 'n', 4, false, false }, { 'w', 8, false, false },
		{ 'W', 8, true, false }, { 'm', 8, false, false }, { 'f', 4, false, true },
		{ 'r', 4, false, true }, { 'R', 4, true, true }, { 'd', 8, false, true },
		{ 'q', 8, false, true }, { 'Q', 8, true, true } };

	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		if (widths[i].type == type)
			return &widths[i];
	}
	return NULL;
}

static int
bad_type(struct interp *in, char type)
{
	return interp_fail(in, NULL, NULL, "bad field specifier \"%c\"", type);
}

static int
refuse_all(struct interp *in, char type)
{
	return interp_fail(in, NULL, NULL, "cannot use \"*\" in format string with \"%c\"", type);
}

static int
missing_argument(struct interp *in)
{
	return interp_fail(in, NULL, NULL, "not enough arguments for all format specifiers");
}

/* ---- binary format ---- */

struct packing {
	struct interp *in;
	struct value *out;
	size_t at; /* the place of the next byte, at most the end */
	int argc;
	struct value *const *argv;
	bool looking; /* the first pass, which only checks words and fields */
};

static void
write_bytes(struct packing *p, const char *bytes, size_t n)
{
	if (p->at + n > p->out->len && value_extend(p->out, p->at + n - p->out->len) == NULL)
		return;
	memcpy(p->out->bytes + p->at, bytes, n);
	p->at += n;
}

static void
write_repeated(struct packing *p, char c, size_t n)
{
	if (p->at + n > p->out->len && value_extend(p->out, p->at + n - p->out->len) == NULL)
		return;
	heap_fill(&p->in->heap, p->out->bytes + p->at, c, n);
	p->at += n;
}

static int
pack_text(struct packing *p, const struct field *f, struct value *v)
{
	size_t n, count;
	const char *bytes = value_bytes(v, &n);

	value_forget_real(v);
	count = f->count == ALL ? n : f->count == NO_COUNT ? 1 : (size_t)f->count;
	write_bytes(p, bytes, n < count ? n : count);
	if (n < count)
		write_repeated(p, f->type == 'A' ? ' ' : '\0', count - n);
	return TCL_OK;
}

static int
digit_of(char c, unsigned base)
{
	uint64_t value;
	bool big;

	return number_digits(&c, 1, base, &value, &big) == 1 ? (int)value : -1;
}

/* Packs digits of 1 or 4 bits, low or high ones first: b B h H. */
static int
pack_digits(struct packing *p, const struct field *f, struct value *v)
{
	bool hex = f->type == 'h' || f->type == 'H', low_first = f->type == 'b' || f->type == 'h';
	unsigned bits = hex ? 4 : 1, shift = 0, byte = 0;
	size_t n, count, begin = p->at;
	const char *bytes = value_bytes(v, &n);

	count = f->count == ALL ? n : f->count == NO_COUNT ? 1 : (size_t)f->count;
	n = n < count ? n : count;
	for (size_t i = 0; i < n && !heap_work(&p->in->heap, 1); i++) {
		int digit = digit_of(bytes[i], hex ? 16 : 2);

		if (digit == -1)
			return interp_fail(p->in, NULL, NULL,
			    "expected %s string but got \"%v\" instead",
			    hex ? "hexadecimal" : "binary", v);
		byte |= (unsigned)digit << (low_first ? shift : 8 - bits - shift);
		shift += bits;
		if (shift == 8 || i + 1 == n) {
			char c = (char)byte;

			write_bytes(p, &c, 1);
			shift = byte = 0;
		}
	}
	write_repeated(p, '\0', (count * bits + 7) / 8 - (p->at - begin));
	return TCL_OK;
}

static void
write_width(struct packing *p, const struct width *w, uint64_t bits)
{
	char bytes[8];

	for (unsigned i = 0; i < w->bytes; i++)
		bytes[w->big_endian ? w->bytes - 1 - i : i] = (char)(bits >> 8 * i);
	write_bytes(p, bytes, w->bytes);
}

static int
pack_number(struct packing *p, const struct width *w, struct value *v)
{
	int64_t i;
	double d;
	float narrow;
	uint64_t bits;
	uint32_t short_bits;

	if (!w->real) {
		if (args_wide(p->in, v, &i) != TCL_OK)
			return TCL_ERROR;
		write_width(p, w, (uint64_t)i);
		return TCL_OK;
	}
	if (interp_get_double(p->in, v, &d) != TCL_OK)
		return TCL_ERROR;
	if (w->bytes == 8) {
		memcpy(&bits, &d, 8);
	} else {
		/* as tclsh does, also infinity */
		narrow = fabs(d) > (double)FLT_MAX ? copysignf(FLT_MAX, (float)d) : (float)d;
		memcpy(&short_bits, &narrow, 4);
		bits = short_bits;
	}
	write_width(p, w, bits);
	return TCL_OK;
}

static int
pack_numbers(struct packing *p, const struct field *f, const struct width *w, struct value *v)
{
	struct list *l;
	size_t count;

	if (f->count == NO_COUNT)
		return p->looking ? TCL_OK : pack_number(p, w, v);
	l = args_list(p->in, v);
	if (l == NULL)
		return TCL_ERROR;
	count = f->count == ALL ? l->n : (size_t)f->count;
	if (count > l->n)
		return interp_fail(p->in, NULL, NULL,
		    "number of elements in list does not match count");
	if (p->looking)
		return TCL_OK;
	l->refs++;
	for (size_t i = 0; i < count && !heap_work(&p->in->heap, 4); i++) {
		if (pack_number(p, w, l->items[i]) != TCL_OK) {
			list_unref(&p->in->heap, l);
			return TCL_ERROR;
		}
	}
	list_unref(&p->in->heap, l);
	return TCL_OK;
}

/* Moves the place: x X @. */
static int
pack_move(struct packing *p, const struct field *f)
{
	size_t count = f->count == NO_COUNT ? 1 : (size_t)f->count;

	if (f->type == 'x') {
		if (f->count == ALL)
			return refuse_all(p->in, 'x');
		if (!p->looking)
			write_repeated(p, '\0', count);
	} else if (f->type == 'X') {
		p->at = f->count == ALL || count > p->at ? 0 : p->at - count;
	} else {
		if (f->count == NO_COUNT)
			return interp_fail(p->in, NULL, NULL,
			    "missing count for \"@\" field specifier");
		if (p->looking)
			return TCL_OK;
		if (f->count == ALL)
			count = p->out->len;
		if (count > p->out->len) {
			p->at = p->out->len;
			write_repeated(p, '\0', count - p->at);
		}
		p->at = count;
	}
	return TCL_OK;
}

static int
pack_field(struct packing *p, const struct field *f)
{
	const struct width *w = width_of(f->type);
	struct value *v;

	if (f->type == 'x' || f->type == 'X' || f->type == '@')
		return pack_move(p, f);
	if (w == NULL && (f->type == '\0' || strchr("aAbBhH", f->type) == NULL))
		return bad_type(p->in, f->type);
	if (p->argc == 0)
		return missing_argument(p->in);
	v = *p->argv++;
	p->argc--;
	if (w != NULL)
		return pack_numbers(p, f, w, v);
	if (p->looking)
		return TCL_OK;
	return f->type == 'a' || f->type == 'A' ? pack_text(p, f, v) : pack_digits(p, f, v);
}

static int
binary_format(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct packing p = { .in = in };
	struct field f;
	size_t n;
	const char *format = value_bytes(argv[2], &n), *at;
	int code = TCL_OK;

	p.out = value_new(&in->heap);
	for (int pass = 0; pass < 2; pass++) {
		p.looking = pass == 0;
		p.argc = argc - 3;
		p.argv = argv + 3;
		at = format;
		while (code == TCL_OK && next_field(&at, format + n, &f))
			code = pack_field(&p, &f);
	}
	if (code == TCL_OK)
		return interp_return(in, p.out);
	value_unref(p.out);
	return code;
}

/* ---- binary scan ---- */

struct unpacking {
	struct interp *in;
	const char *bytes;
	size_t n, at;
	int argc, converted;
	struct value *const *argv;
	bool done;
};

static int
set_var(struct unpacking *u, struct value *v)
{
	u->converted++;
	u->argc--;
	return interp_write(u->in, *u->argv++, v);
}

static int
unpack_text(struct unpacking *u, const struct field *f)
{
	size_t left = u->n - u->at, count, kept;

	count = f->count == ALL ? left : f->count == NO_COUNT ? 1 : (size_t)f->count;
	if (count > left) {
		u->done = true;
		return TCL_OK;
	}
	kept = count;
	while (f->type == 'A' && kept > 0 &&
	    (u->bytes[u->at + kept - 1] == ' ' || u->bytes[u->at + kept - 1] == '\0'))
		kept--;
	u->at += count;
	return set_var(u, value_text(&u->in->heap, u->bytes + u->at - count, kept));
}

static int
unpack_digits(struct unpacking *u, const struct field *f)
{
	bool hex = f->type == 'h' || f->type == 'H', low_first = f->type == 'b' || f->type == 'h';
	unsigned bits = hex ? 4 : 1, per_byte = 8 / bits, shift;
	size_t left = (u->n - u->at) * per_byte, count;
	struct value *v;

	count = f->count == ALL ? left : f->count == NO_COUNT ? 1 : (size_t)f->count;
	if (count > left) {
		u->done = true;
		return TCL_OK;
	}
	v = value_new(&u->in->heap);
	for (size_t i = 0; i < count && !heap_work(&u->in->heap, 1); i++) {
		unsigned byte = (unsigned char)u->bytes[u->at + i / per_byte];

		shift = bits * (unsigned)(i % per_byte);
		shift = low_first ? shift : 8 - bits - shift;
		value_append_char(v, "0123456789abcdef"[byte >> shift & (hex ? 15 : 1)]);
	}
	u->at += (count + per_byte - 1) / per_byte;
	return set_var(u, v);
}

static struct value *
unpack_number(const struct unpacking *u, const struct width *w, const char *bytes, bool is_unsigned)
{
	uint64_t bits = 0;
	uint32_t short_bits;
	double d;
	float narrow;

	for (unsigned i = 0; i < w->bytes; i++)
		bits |= (uint64_t)(unsigned char)bytes[w->big_endian ? w->bytes - 1 - i : i]
		    << 8 * i;
	if (w->real && w->bytes == 8) {
		memcpy(&d, &bits, 8);
		return value_double(&u->in->heap, d);
	}
	if (w->real) {
		short_bits = (uint32_t)bits;
		memcpy(&narrow, &short_bits, 4);
		return value_double(&u->in->heap, (double)narrow);
	}
	if (!is_unsigned && w->bytes < 8 && bits >> (8 * w->bytes - 1) != 0)
		bits |= ~(uint64_t)0 << 8 * w->bytes;
	return value_int(&u->in->heap, (int64_t)bits);
}

static int
unpack_numbers(struct unpacking *u, const struct field *f, const struct width *w)
{
	size_t left = (u->n - u->at) / w->bytes, count;
	struct list *l;

	count = f->count == ALL ? left : f->count == NO_COUNT ? 1 : (size_t)f->count;
	if (count > left) {
		u->done = true;
		return TCL_OK;
	}
	if (f->count == NO_COUNT) {
		u->at += w->bytes;
		return set_var(u, unpack_number(u, w, u->bytes + u->at - w->bytes, f->is_unsigned));
	}
	l = list_new(&u->in->heap, count);
	for (size_t i = 0; i < count && !heap_work(&u->in->heap, 4); i++, u->at += w->bytes)
		list_push(&u->in->heap, &l, unpack_number(u, w, u->bytes + u->at, f->is_unsigned));
	return set_var(u, value_from_list(&u->in->heap, l));
}

static int
unpack_move(struct unpacking *u, const struct field *f)
{
	size_t count = f->count == NO_COUNT ? 1 : (size_t)f->count;

	if (f->type == 'x')
		u->at = f->count == ALL || count > u->n - u->at ? u->n : u->at + count;
	else if (f->type == 'X')
		u->at = f->count == ALL || count > u->at ? 0 : u->at - count;
	else if (f->count == NO_COUNT)
		return interp_fail(u->in, NULL, NULL, "missing count for \"@\" field specifier");
	else
		u->at = f->count == ALL || count > u->n ? u->n : count;
	return TCL_OK;
}

static int
unpack_field(struct unpacking *u, const struct field *f)
{
	const struct width *w = width_of(f->type);

	if (f->type == 'x' || f->type == 'X' || f->type == '@')
		return unpack_move(u, f);
	if (w == NULL && (f->type == '\0' || strchr("aAbBhH", f->type) == NULL))
		return bad_type(u->in, f->type);
	if (u->argc == 0)
		return missing_argument(u->in);
	if (w != NULL)
		return unpack_numbers(u, f, w);
	return f->type == 'a' || f->type == 'A' ? unpack_text(u, f) : unpack_digits(u, f);
}

static int
binary_scan(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct unpacking u = { .in = in, .argc = argc - 4, .argv = argv + 4 };
	struct value *bytes = value_ref(argv[2]);
	struct field f;
	size_t n;
	const char *at = value_bytes(argv[3], &n), *end = at + n;
	int code = TCL_OK;

	value_forget_real(bytes);
	u.bytes = value_bytes(bytes, &u.n);
	while (code == TCL_OK && !u.done && next_field(&at, end, &f))
		code = unpack_field(&u, &f);
	value_unref(bytes);
	return code == TCL_OK ? interp_return_int(in, u.converted) : code;
}

static const struct interp_command rows[] = {
	{ "decode", binary_decode, 0, -1, "" },
	{ "encode", binary_encode, 0, -1, "" },
	{ "format", binary_format, 1, -1, "formatString ?arg ...?" },
	{ "scan", binary_scan, 2, -1, "value formatString ?varName ...?" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_binary(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_run_row(in, data, argc, argv, rows);
}

const struct interp_command core_binary_commands[] = {
	{ "binary", cmd_binary, 0, -1, "subcommand ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};
