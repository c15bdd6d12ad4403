#include "tcl/value/binary.h"

#include <string.h>

#include "tcl/eval/args.h"
#include "tcl/eval/eval.h"
#include "tcl/value/number.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int
hex_encode(struct interp *in, void *data, int argc, struct value *const argv[])
{
	size_t n;
	const char *p = value_bytes(argv[3], &n);
	struct value *v = value_new(&in->heap);
	char *room = value_extend(v, n * 2);

	value_forget_real(argv[3]);
	for (size_t i = 0; room != NULL && i < n && !heap_work(&in->heap, 1); i++) {
		room[2 * i] = "0123456789abcdef"[(unsigned char)p[i] >> 4];
		room[2 * i + 1] = "0123456789abcdef"[(unsigned char)p[i] & 15];
	}
	return interp_return(in, v);
}

/* Writes three bytes, or the last one or two, as four characters. */
static void
encode_group(char out[4], const unsigned char *p, size_t n)
{
	unsigned bits =
	    (unsigned)p[0] << 16 | (n > 1 ? (unsigned)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);

	out[0] = alphabet[bits >> 18];
	out[1] = alphabet[bits >> 12 & 63];
	out[2] = n > 1 ? alphabet[bits >> 6 & 63] : '=';
	out[3] = n > 2 ? alphabet[bits & 63] : '=';
}

static void
append_wrapped(struct value *v, const char *p, size_t n, int64_t *column, int64_t most,
    struct value *wrap)
{
	for (size_t i = 0; i < n; i++) {
		if (most > 0 && *column == most) {
			value_append_value(v, wrap);
			*column = 0;
		}
		value_append_char(v, p[i]);
		++*column;
	}
}

static int
encode_options(struct interp *in, int argc, struct value *const argv[], int64_t *most,
    struct value **wrap)
{
	static const char *const options[] = { "-maxlen", "-wrapchar", NULL };
	int option;

	if (argc % 2 != 0)
		return interp_wrong_args(in, 3, argv, "?-maxlen len? ?-wrapchar char? data");
	for (int i = 3; i + 1 < argc - 1; i += 2) {
		if (interp_get_word(in, argv[i], options, "option", &option) != TCL_OK)
			return TCL_ERROR;
		if (option == 1)
			*wrap = argv[i + 1];
		else if (interp_get_int(in, argv[i + 1], most) != TCL_OK)
			return TCL_ERROR;
		else if (*most < 0)
			return interp_fail(in, "TCL BINARY ENCODE LINE_LENGTH", NULL,
			    "line length out of range");
	}
	return TCL_OK;
}

static int
base64_encode(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *newline = value_string(&in->heap, "\n"), *wrap = newline, *v;
	int64_t most = 0, column = 0;
	size_t n;
	const char *p = value_bytes(argv[argc - 1], &n);
	char group[4];

	value_forget_real(argv[argc - 1]);
	if (encode_options(in, argc, argv, &most, &wrap) != TCL_OK) {
		value_unref(newline);
		return TCL_ERROR;
	}
	v = value_new(&in->heap);
	for (size_t i = 0; i < n && !heap_work(&in->heap, 8); i += 3) {
		encode_group(group, (const unsigned char *)p + i, n - i < 3 ? n - i : 3);
		append_wrapped(v, group, 4, &column, most, wrap);
	}
	value_unref(newline);
	return interp_return(in, v);
}

/* Reads ?-strict? data. */
static int
decode_options(struct interp *in, int argc, struct value *const argv[], bool *ret_strict)
{
	static const char *const options[] = { "-strict", NULL };
	int option;

	*ret_strict = argc == 5;
	if (argc == 5 && args_word(in, argv[3], options, "option", true, &option) != TCL_OK)
		return TCL_ERROR;
	return TCL_OK;
}

static int
bad_digit(struct interp *in, const char *what, const char *p, size_t at)
{
	return interp_fail(in, "TCL BINARY DECODE INVALID", NULL,
	    "invalid %s \"%c\" at position %d", what, p[at], (int)at);
}

static int
hex_to_bytes(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = value_new(&in->heap);
	unsigned byte = 0, digits = 0;
	bool strict, big;
	uint64_t digit;
	size_t n;
	const char *p = value_bytes(argv[argc - 1], &n);

	if (decode_options(in, argc, argv, &strict) != TCL_OK) {
		value_unref(v);
		return TCL_ERROR;
	}
	for (size_t i = 0; i < n && !heap_work(&in->heap, 2); i++) {
		if (number_digits(p + i, 1, 16, &digit, &big) == 0) {
			if (!strict && number_is_blank(p[i]))
				continue;
			value_unref(v);
			return bad_digit(in, "hexadecimal digit", p, i);
		}
		byte = byte << 4 | (unsigned)digit;
		if (++digits % 2 == 0)
			value_append_char(v, (char)byte);
	}
	return interp_return(in, v);
}

struct base64 {
	struct value *out;
	const char *p;
	size_t n, at;
	bool strict;
	unsigned cut; /* the number of bytes missing in the last block */
};

/* Reads character number *i of a block; false where it must not be there. */
static bool
next_character(struct base64 *b, unsigned *i, unsigned *bits)
{
	bool missing = b->at == b->n;
	char c = missing ? '=' : b->p[b->at++];
	const char *digit = c == '\0' ? NULL : strchr(alphabet, c);

	if (c == '=' && (*i > 1 || (!b->strict && b->cut == 0))) {
		*bits <<= 6;
		b->cut += *i > 0;
		++*i;
	} else if (digit != NULL && b->cut == 0) {
		*bits = *bits << 6 | (unsigned)(digit - alphabet);
		++*i;
	} else if (b->strict) {
		return false;
	}
	return true;
}

/* Decodes four characters to three bytes. "=" stands for missing ones; less than two characters give no byte. */
static bool
decode_quad(struct base64 *b)
{
	unsigned i = 0, bits = 0;
	char bytes[3];

	while (i < 4) {
		if (b->at == b->n && i < 2)
			return !b->strict;
		if (!next_character(b, &i, &bits))
			return false;
	}
	bytes[0] = (char)(bits >> 16);
	bytes[1] = (char)(bits >> 8);
	bytes[2] = (char)bits;
	value_append(b->out, bytes, b->cut < 3 ? 3 - b->cut : 0);
	return b->cut == 0 || !b->strict || b->at == b->n;
}

static int
base64_decode(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct base64 b = { .at = 0 };

	if (decode_options(in, argc, argv, &b.strict) != TCL_OK)
		return TCL_ERROR;
	b.p = value_bytes(argv[argc - 1], &b.n);
	b.out = value_new(&in->heap);
	while (b.at < b.n && b.cut == 0 && !heap_work(&in->heap, 8)) {
		if (!decode_quad(&b)) {
			value_unref(b.out);
			return bad_digit(in, "base64 character", b.p, b.at - 1);
		}
	}
	return interp_return(in, b.out);
}

static const struct interp_command encode_rows[] = {
	{ "base64", base64_encode, 1, -1, "?-maxlen len? ?-wrapchar char? data" },
	{ "hex", hex_encode, 1, 1, "data" },
	{ "uuencode", NULL, 0, 0, "" },
	{ NULL, NULL, 0, 0, NULL },
};

static const struct interp_command decode_rows[] = {
	{ "base64", base64_decode, 1, 2, "?options? data" },
	{ "hex", hex_to_bytes, 1, 2, "?options? data" },
	{ "uuencode", NULL, 0, 0, "" },
	{ NULL, NULL, 0, 0, NULL },
};

int
binary_encode(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct args_rows how = { encode_rows, data, 2, true };

	return args_run_row(in, &how, argc, argv);
}

int
binary_decode(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct args_rows how = { decode_rows, data, 2, true };

	return args_run_row(in, &how, argc, argv);
}
