/* open close read gets eof flush fconfigure */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcl/channel.h"
#include "tcl/eval.h"
#include "tcl/posix.h"

bool
interp_allows(struct interp *in, unsigned what, struct value *name)
{
	if ((in->allowed & what) != 0)
		return true;
	interp_fail(in, "TCL DENIED", name, "%v: not allowed without %s", name,
	    what == INTERP_FILES ? "--allow-files" : "--allow-exec");
	return false;
}

/* ---- open ---- */

static int
bad_mode(struct interp *in, struct value *mode)
{
	return interp_fail(in, NULL, NULL, "illegal access mode \"%v\"", mode);
}

/* r r+ w w+ a a+ with a b somewhere */
static int
short_mode(struct interp *in, struct value *v, int *ret_flags)
{
	static const char *const words[] = { "r", "w", "a", "rb", "wb", "ab", "r+", "w+", "a+",
		"rb+", "wb+", "ab+", "r+b", "w+b", "a+b" };
	const char *mode = value_bytes(v, NULL);
	bool both = strchr(mode, '+') != NULL, known = false;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		known |= value_is(v, words[i]);
	if (!known)
		return bad_mode(in, v);
	*ret_flags = both ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
	if (mode[0] == 'w')
		*ret_flags |= O_CREAT | O_TRUNC;
	if (mode[0] == 'a')
		*ret_flags |= O_CREAT | O_APPEND;
	return TCL_OK;
}

static const struct {
	const char *name;
	int flag;
	bool is_mode;
} access_flags[] = {
	{ "RDONLY", O_RDONLY, true },
	{ "WRONLY", O_WRONLY, true },
	{ "RDWR", O_RDWR, true },
	{ "APPEND", O_APPEND, false },
	{ "BINARY", 0, false },
	{ "CREAT", O_CREAT, false },
	{ "EXCL", O_EXCL, false },
	{ "NOCTTY", O_NOCTTY, false },
	{ "NONBLOCK", O_NONBLOCK, false },
	{ "TRUNC", O_TRUNC, false },
};

enum { ACCESS_FLAGS = sizeof(access_flags) / sizeof(access_flags[0]) };

static int
list_mode(struct interp *in, struct value *v, int *ret_flags)
{
	struct list *l = list_want(in, v);
	bool has_mode = false;

	*ret_flags = 0;
	for (size_t i = 0; l != NULL && i < l->n; i++) {
		size_t k = 0;

		while (k < ACCESS_FLAGS && !value_is(l->items[i], access_flags[k].name))
			k++;
		if (k == ACCESS_FLAGS)
			return interp_fail(in, NULL, NULL,
			    "invalid access mode \"%v\": must be RDONLY, WRONLY, RDWR, APPEND, "
			    "BINARY, CREAT, EXCL, NOCTTY, NONBLOCK, or TRUNC",
			    l->items[i]);
		*ret_flags |= access_flags[k].flag;
		has_mode |= access_flags[k].is_mode;
	}
	if (l != NULL && !has_mode)
		return interp_fail(in, NULL, NULL,
		    "access mode must include either RDONLY, WRONLY, or RDWR");
	return l == NULL ? TCL_ERROR : TCL_OK;
}

static int
open_flags(struct interp *in, struct value *mode, int *ret_flags, bool *ret_binary)
{
	const char *bytes = mode == NULL ? "r" : value_bytes(mode, NULL);

	*ret_flags = O_RDONLY;
	*ret_binary = mode != NULL && strchr(bytes, 'b') != NULL;
	if (mode == NULL)
		return TCL_OK;
	if (bytes[0] >= 'a' && bytes[0] <= 'z')
		return short_mode(in, mode, ret_flags);
	*ret_binary = strstr(bytes, "BINARY") != NULL;
	return list_mode(in, mode, ret_flags);
}

/* A pipe or a terminal is opened so that nothing of it can hold the script up. */
static int
open_file(struct interp *in, struct value *path, int flags, int64_t mode)
{
	const char *name = value_bytes(path, NULL);
	struct stat st;
	int fd;

	if (stat(name, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		flags |= O_NONBLOCK;
	do
		fd = open(name, flags | O_CLOEXEC | O_NOCTTY, (mode_t)mode);
	while (fd == -1 && errno == EINTR);
	if (fd == -1) {
		posix_fail(in, errno, "couldn't open \"%v\"", path, NULL);
	} else if ((flags & O_ACCMODE) == O_RDONLY && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		close(fd);
		fd = -1;
		posix_fail(in, EISDIR, "couldn't open \"%v\"", path, NULL);
	}
	return fd;
}

static int
cmd_open(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int64_t mode = 0666;
	struct channel *ch;
	int flags, fd;
	bool binary;

	(void)data;
	if (!interp_allows(in, INTERP_FILES, argv[0]))
		return TCL_ERROR;
	if (open_flags(in, argc > 2 ? argv[2] : NULL, &flags, &binary) != TCL_OK)
		return TCL_ERROR;
	if (argc > 3 && interp_get_int(in, argv[3], &mode) != TCL_OK)
		return TCL_ERROR;
	if (value_bytes(argv[1], NULL)[0] == '|')
		return interp_fail(in, NULL, NULL,
		    "open of a pipeline is not part of this language: exec gives what it prints");
	fd = open_file(in, argv[1], flags, mode);
	if (fd == -1)
		return TCL_ERROR;
	ch = channel_add(in, fd, (flags & O_ACCMODE) != O_WRONLY, (flags & O_ACCMODE) != O_RDONLY);
	if (binary) {
		ch->binary = true;
		ch->in_end = LINE_LF;
	}
	return interp_return(in, value_ref(ch->name));
}

/* ---- what goes in and out ---- */

/* The last argument of these is a channel; standard output has no buffer here. */
static bool
is_output(struct value *v)
{
	return value_is(v, "stdout") || value_is(v, "stderr");
}

static int
cmd_close(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct channel *ch = channel_find(in, argv[argc - 1]);

	(void)data;
	return ch == NULL ? TCL_ERROR : channel_close(in, ch);
}

int
interp_close_channel(struct interp *in, struct value *name)
{
	return cmd_close(in, NULL, 2, (struct value *[]){ name, name });
}

static int
cmd_flush(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct channel *ch;

	(void)data;
	if (is_output(argv[argc - 1]))
		return TCL_OK;
	ch = channel_for(in, argv[argc - 1], true);
	return ch == NULL ? TCL_ERROR : channel_flush(in, ch);
}

static int
cmd_eof(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct channel *ch;

	(void)data;
	if (is_output(argv[argc - 1]))
		return interp_return_int(in, 0);
	ch = channel_find(in, argv[argc - 1]);
	return ch == NULL ? TCL_ERROR : interp_return_int(in, ch->eof);
}

static int
cmd_gets(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct channel *ch = channel_for(in, argv[1], false);
	struct value *line;
	size_t n;
	bool found;

	(void)data;
	if (ch == NULL)
		return TCL_ERROR;
	line = value_new(&in->heap);
	if (channel_gets(in, ch, line, &found) != TCL_OK) {
		value_unref(line);
		return TCL_ERROR;
	}
	if (argc == 2)
		return interp_return(in, line);
	(void)value_bytes(line, &n);
	if (interp_write(in, argv[2], line) != TCL_OK)
		return TCL_ERROR;
	return interp_return_int(in, found ? (int64_t)n : -1);
}

static int
read_size(struct interp *in, struct value *v, size_t *ret_n)
{
	int64_t n;

	if (!value_to_int(v, &n) || n < 0)
		return interp_fail(in, "TCL VALUE NUMBER", NULL,
		    "expected non-negative integer but got \"%v\"", v);
	*ret_n = (size_t)n;
	return TCL_OK;
}

static int
cmd_read(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool no_newline = argc == 3 && value_is(argv[1], "-nonewline");
	size_t n = SIZE_MAX;
	struct channel *ch = channel_for(in, argv[1 + no_newline], false);
	struct value *text;

	(void)data;
	if (ch == NULL)
		return TCL_ERROR;
	if (argc == 3 && !no_newline && read_size(in, argv[2], &n) != TCL_OK)
		return TCL_ERROR;
	text = value_new(&in->heap);
	if (channel_read(in, ch, text, n) != TCL_OK) {
		value_unref(text);
		return TCL_ERROR;
	}
	if (no_newline && text->len > 0 && text->bytes[text->len - 1] == '\n') {
		struct value *cut = value_text(&in->heap, text->bytes, text->len - 1);

		value_unref(text);
		text = cut;
	}
	return interp_return(in, text);
}

/* ---- fconfigure ---- */

static const char *const option_names[] = { "-blocking", "-buffering", "-buffersize", "-encoding",
	"-eofchar", "-translation", NULL };
static const char *const buffer_names[] = { "full", "line", "none", NULL };
static const char *const end_names[] = { "auto", "lf", "crlf", "cr" };

static struct value *
option_value(struct interp *in, const struct channel *ch, int option)
{
	struct heap *h = &in->heap;
	struct value *v;

	switch (option) {
	case 0:
		return value_int(h, 1);
	case 1:
		return value_string(h, buffer_names[ch->buffering]);
	case 2:
		return value_int(h, (int64_t)ch->size);
	case 3:
		return value_string(h, ch->binary ? "binary" : "iso8859-1");
	case 4:
		return value_string(h, ch->can_read && ch->can_write ? "{} {}" : "");
	default:
		v = value_string(h, ch->can_read ? end_names[ch->in_end] : "");
		if (ch->can_write)
			value_format(v, "%s%s", ch->can_read ? " " : "", end_names[ch->out_end]);
		return v;
	}
}

static int
all_options(struct interp *in, const struct channel *ch)
{
	struct list *l = list_new(&in->heap, 12);

	for (int i = 0; option_names[i] != NULL; i++) {
		list_push(&in->heap, &l, value_string(&in->heap, option_names[i]));
		list_push(&in->heap, &l, option_value(in, ch, i));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

/* One word of -translation. */
static int
line_end_of(struct interp *in, struct value *v, enum line_end *ret)
{
	for (int i = 0; i < 4; i++) {
		if (value_is(v, end_names[i])) {
			*ret = (enum line_end)i;
			return TCL_OK;
		}
	}
	*ret = LINE_LF;
	if (value_is(v, "binary") || value_is(v, "platform"))
		return TCL_OK;
	return interp_fail(in, NULL, NULL,
	    "bad value for -translation: must be one of auto, binary, cr, lf, crlf, or platform");
}

static int
set_translation(struct interp *in, struct channel *ch, struct value *v)
{
	struct list *l = list_want(in, v);
	enum line_end first, last;

	if (l == NULL)
		return TCL_ERROR;
	if (l->n != 1 && l->n != 2)
		return interp_fail(in, NULL, NULL,
		    "bad value for -translation: must be a one or two element list");
	if (line_end_of(in, l->items[0], &first) != TCL_OK ||
	    line_end_of(in, l->items[l->n - 1], &last) != TCL_OK)
		return TCL_ERROR;
	if (value_is(l->items[0], "binary"))
		ch->binary = true;
	if (ch->can_read)
		ch->in_end = first;
	if (ch->can_write)
		ch->out_end = last == LINE_AUTO ? LINE_LF : last;
	return TCL_OK;
}

static int
set_encoding(struct interp *in, struct channel *ch, struct value *v)
{
	if (!value_is(v, "binary") && !value_is(v, "iso8859-1"))
		return interp_fail(in, "TCL LOOKUP ENCODING", v,
		    "unknown encoding \"%v\": values are bytes, so it is binary or iso8859-1", v);
	ch->binary = value_is(v, "binary");
	return TCL_OK;
}

static int
set_option(struct interp *in, struct channel *ch, int option, struct value *v)
{
	int64_t number;
	bool truth;
	int word;

	switch (option) {
	case 0:
		if (interp_get_bool(in, v, &truth) != TCL_OK)
			return TCL_ERROR;
		return truth ? TCL_OK
			     : interp_fail(in, NULL, NULL, "files of this language always block");
	case 1:
		for (word = 0; buffer_names[word] != NULL && !value_is(v, buffer_names[word]);)
			word++;
		if (buffer_names[word] == NULL)
			return interp_fail(in, NULL, NULL,
			    "bad value for -buffering: must be one of full, line, or none");
		ch->buffering = (enum buffering)word;
		return TCL_OK;
	case 2:
		if (interp_get_int(in, v, &number) != TCL_OK)
			return TCL_ERROR;
		ch->size = number >= 1 && number <= 1000000 ? (size_t)number : ch->size;
		return TCL_OK;
	case 3:
		return set_encoding(in, ch, v);
	case 4:
		return TCL_OK;
	default:
		return set_translation(in, ch, v);
	}
}

static int
option_of(struct interp *in, struct value *v, int *ret)
{
	size_t n;
	const char *bytes = value_bytes(v, &n);

	for (*ret = 0; option_names[*ret] != NULL; ++*ret) {
		if (n > 2 && strncmp(option_names[*ret], bytes, n) == 0)
			return TCL_OK;
	}
	return interp_fail(in, NULL, NULL,
	    "bad option \"%v\": should be one of -blocking, -buffering, -buffersize, -encoding, "
	    "-eofchar, or -translation",
	    v);
}

static int
cmd_fconfigure(struct interp *in, void *data, int argc, struct value *const argv[])
{
	/* what is printed leaves at once, and as it is */
	static struct channel standard = { .fd = -1,
		.can_write = true,
		.out_end = LINE_LF,
		.buffering = BUFFER_NONE };
	struct channel *ch = &standard;
	int option;

	(void)data;
	if (is_output(argv[1]) && argc > 3)
		return TCL_OK;
	if (!is_output(argv[1]))
		ch = channel_find(in, argv[1]);
	if (ch == NULL)
		return TCL_ERROR;
	if (argc == 2)
		return all_options(in, ch);
	if (argc == 3)
		return option_of(in, argv[2], &option) != TCL_OK
		    ? TCL_ERROR
		    : interp_return(in, option_value(in, ch, option));
	if (argc % 2 != 0)
		return interp_wrong_args(in, 1, argv, "channelId ?-option value ...?");
	for (int i = 2; i + 1 < argc; i += 2) {
		if (option_of(in, argv[i], &option) != TCL_OK ||
		    set_option(in, ch, option, argv[i + 1]) != TCL_OK)
			return TCL_ERROR;
	}
	return TCL_OK;
}

const struct interp_command core_channel_commands[] = {
	{ "open", cmd_open, 1, 3, "fileName ?access? ?permissions?" },
	{ "close", cmd_close, 1, 1, "channelId ?direction?" },
	{ "read", cmd_read, 1, 2, "channelId ?numChars?" },
	{ "gets", cmd_gets, 1, 2, "channelId ?varName?" },
	{ "eof", cmd_eof, 1, 1, "channelId" },
	{ "flush", cmd_flush, 1, 1, "channelId" },
	{ "fconfigure", cmd_fconfigure, 1, -1, "channelId ?-option value ...?" },
	{ NULL, NULL, 0, 0, NULL },
};
