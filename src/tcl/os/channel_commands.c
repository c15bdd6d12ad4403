/* open close read gets eof flush fconfigure */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/eval.h"
#include "tcl/os/channel.h"
#include "tcl/os/posix.h"

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

/* Reads a mode: r, w or a; with b, line ends are not converted. */
static int
open_flags(struct interp *in, struct value *mode, int *ret_flags)
{
	static const char *const modes[] = { "r", "rb", "w", "wb", "a", "ab", NULL };
	static const int flags[] = { O_RDONLY, O_WRONLY | O_CREAT | O_TRUNC,
		O_WRONLY | O_CREAT | O_APPEND };

	for (int i = 0; modes[i] != NULL; i++) {
		*ret_flags = flags[i / 2];
		if (value_is(mode, modes[i]))
			return TCL_OK;
	}
	return interp_fail(in, "TCL LEFTOUT", NULL,
	    "access \"%v\" is not part of the language: r, w or a, with a b for bytes as they are",
	    mode);
}

/* Opens pipes and terminals with O_NONBLOCK, so that they do not block the script. */
static int
open_file(struct interp *in, struct value *path, int flags, int64_t mode)
{
	const char *name = posix_path(path);
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
	int flags = O_RDONLY, fd;

	if (!interp_allows(in, INTERP_FILES, argv[0]) ||
	    (argc > 2 && open_flags(in, argv[2], &flags) != TCL_OK) ||
	    (argc > 3 && interp_get_int(in, argv[3], &mode) != TCL_OK))
		return TCL_ERROR;
	if (value_bytes(argv[1], NULL)[0] == '|')
		return interp_fail(in, "TCL LEFTOUT", NULL,
		    "open of a program is not part of the language: exec gives what it prints");
	fd = open_file(in, argv[1], flags, mode);
	if (fd == -1)
		return TCL_ERROR;
	ch = channel_add(in, fd, (flags & O_ACCMODE) == O_WRONLY);
	ch->binary = argc > 2 && strchr(value_bytes(argv[2], NULL), 'b') != NULL;
	return interp_return(in, value_ref(ch->name));
}

/* ---- reading and writing ---- */

/* Returns whether v is standard output or error, which have no buffer. */
static bool
is_output(struct value *v)
{
	return value_is(v, "stdout") || value_is(v, "stderr");
}

int
interp_close_channel(struct interp *in, struct value *name)
{
	struct channel *ch = channel_find(in, name);

	return ch == NULL ? TCL_ERROR : channel_close(in, ch);
}

static int
cmd_close(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_close_channel(in, argv[1]);
}

static int
cmd_flush(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct channel *ch;

	if (is_output(argv[argc - 1]))
		return TCL_OK;
	ch = channel_for(in, argv[argc - 1], true);
	return ch == NULL ? TCL_ERROR : channel_flush(in, ch);
}

static int
cmd_eof(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct channel *ch;

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

/* Sets the mode of standard input, which no open has set. */
static int
cmd_fconfigure(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct channel *ch = NULL;

	if (!is_output(argv[1]) && (ch = channel_find(in, argv[1])) == NULL)
		return TCL_ERROR;
	if (argc != 4 || !value_is(argv[2], "-translation") || !value_is(argv[3], "binary"))
		return interp_fail(in, "TCL LEFTOUT", NULL,
		    "fconfigure but for -translation binary is not part of the language");
	if (ch != NULL)
		ch->binary = true;
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
