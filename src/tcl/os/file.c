/* file */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcl/commands/commands.h"
#include "tcl/eval/eval.h"
#include "tcl/os/path.h"
#include "tcl/os/posix.h"

static int
return_range(struct interp *in, struct text_range t)
{
	return interp_return_text(in, t.p, t.n);
}

/* ---- names ---- */

static int
file_tail(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text_range t = path_tail(argv[2]);

	return t.n == 1 && t.p[0] == '/' ? TCL_OK : return_range(in, t);
}

static int
file_dirname(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return(in, path_dirname(in, argv[2]));
}

static int
file_extension(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return return_range(in, path_extension(argv[2]));
}

/* ---- file tests ---- */

static bool
is_kind(struct value *path, mode_t kind)
{
	struct stat st;

	return stat(posix_path(path), &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

static int
file_exists(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return interp_return_int(in, access(posix_path(argv[2]), F_OK) == 0);
}

static int
file_size(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct stat st;

	if (stat(posix_path(argv[2]), &st) == -1)
		return posix_fail(in, errno, "could not read \"%v\"", argv[2], NULL);
	return interp_return_int(in, st.st_size);
}

/* ---- changing ---- */

static int
make_directory(struct interp *in, struct value *path)
{
	struct text_range all = path_trim(path);
	struct value *part;
	int code = TCL_OK;

	/* parents first */
	for (size_t n = 1; n <= all.n && code == TCL_OK; n++) {
		if (n < all.n && all.p[n] != '/')
			continue;
		part = value_text(&in->heap, all.p, n);
		if (mkdir(posix_path(part), 0777) == -1 && !is_kind(part, S_IFDIR))
			code = posix_fail(in, errno, "can't create directory \"%v\"", part, NULL);
		value_unref(part);
	}
	return code;
}

static int
file_mkdir(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int code = TCL_OK;

	for (int i = 2; i < argc && code == TCL_OK; i++)
		code = make_directory(in, argv[i]);
	return code;
}

/* Reads -force and --; returns the index of the first name, or -1 with the error set. */
static int
parse_file_options(struct interp *in, int argc, struct value *const argv[], bool *ret_force)
{
	static const char *const options[] = { "-force", "--", NULL };
	int i = 2, option;

	*ret_force = false;
	for (; i < argc && value_bytes(argv[i], NULL)[0] == '-'; i++) {
		if (interp_get_word(in, argv[i], options, "option", &option) != TCL_OK)
			return -1;
		if (option == 1)
			return i + 1;
		*ret_force = true;
	}
	return i;
}

static int
delete_one(struct interp *in, struct value *path)
{
	const char *name = posix_path(path);
	int rc = unlink(name);

	if (rc == -1 && (errno == EISDIR || errno == EPERM))
		rc = rmdir(name);
	if (rc == 0 || errno == ENOENT)
		return TCL_OK;
	/* both are EEXIST to tclsh */
	if (errno == ENOTEMPTY || errno == EEXIST)
		return interp_fail(in, "POSIX EEXIST {file already exists}", NULL,
		    "error deleting \"%v\": directory not empty", path);
	return posix_fail(in, errno, "error deleting \"%v\"", path, NULL);
}

/* Does not delete directories that are not empty, even with -force. */
static int
file_delete(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool force;
	int i = parse_file_options(in, argc, argv, &force), code = i == -1 ? TCL_ERROR : TCL_OK;

	for (; code == TCL_OK && i < argc; i++)
		code = delete_one(in, argv[i]);
	return code;
}

static int
rename_to(struct interp *in, struct value *from, struct value *to, bool force)
{
	struct stat a, b;
	int number = 0;

	if (lstat(posix_path(from), &a) == -1)
		return posix_fail(in, errno, "error renaming \"%v\"", from, NULL);
	if (lstat(posix_path(to), &b) == 0 && !force)
		number = EEXIST;
	else if (rename(posix_path(from), posix_path(to)) == -1)
		number = errno;
	return number == 0 ? TCL_OK
			   : posix_fail(in, number, "error renaming \"%v\" to \"%v\"", from, to);
}

/* A directory as target: moves the file into it. */
static int
file_rename(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool force;
	int at = parse_file_options(in, argc, argv, &force), code;
	struct text_range tail;
	struct value *to;

	if (at == -1)
		return TCL_ERROR;
	if (argc - at < 2)
		return interp_wrong_args(in, 2, argv,
		    "?-option value ...? source ?source ...? target");
	if (argc - at > 2)
		return interp_fail(in, NULL, NULL, "file rename of this language takes one source");
	to = value_copy(argv[at + 1]);
	if (is_kind(to, S_IFDIR)) {
		tail = path_tail(argv[at]);
		path_join(to, "/", 1);
		path_join(to, tail.p, tail.n);
	}
	code = rename_to(in, argv[at], to, force);
	value_unref(to);
	return code;
}

/* Rows without a function are not part of the language. */
static const struct interp_command rows[] = {
	{ "atime", NULL, 0, 0, "" },
	{ "attributes", NULL, 0, 0, "" },
	{ "channels", NULL, 0, 0, "" },
	{ "copy", NULL, 0, 0, "" },
	{ "delete", file_delete, 0, -1, "?-option value ...? ?file ...?" },
	{ "dirname", file_dirname, 1, 1, "name" },
	{ "executable", NULL, 0, 0, "" },
	{ "exists", file_exists, 1, 1, "name" },
	{ "extension", file_extension, 1, 1, "name" },
	{ "isdirectory", NULL, 0, 0, "" },
	{ "isfile", NULL, 0, 0, "" },
	{ "join", NULL, 0, 0, "" },
	{ "link", NULL, 0, 0, "" },
	{ "lstat", NULL, 0, 0, "" },
	{ "mkdir", file_mkdir, 0, -1, "?dir ...?" },
	{ "mtime", NULL, 0, 0, "" },
	{ "nativename", NULL, 0, 0, "" },
	{ "normalize", NULL, 0, 0, "" },
	{ "owned", NULL, 0, 0, "" },
	{ "pathtype", NULL, 0, 0, "" },
	{ "readable", NULL, 0, 0, "" },
	{ "readlink", NULL, 0, 0, "" },
	{ "rename", file_rename, 1, -1, "?-option value ...? source ?source ...? target" },
	{ "rootname", NULL, 0, 0, "" },
	{ "separator", NULL, 0, 0, "" },
	{ "size", file_size, 1, 1, "name" },
	{ "split", NULL, 0, 0, "" },
	{ "stat", NULL, 0, 0, "" },
	{ "system", NULL, 0, 0, "" },
	{ "tail", file_tail, 1, 1, "name" },
	{ "tempfile", NULL, 0, 0, "" },
	{ "type", NULL, 0, 0, "" },
	{ "volumes", NULL, 0, 0, "" },
	{ "writable", NULL, 0, 0, "" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_file(struct interp *in, void *data, int argc, struct value *const argv[])
{
	if (!interp_allows(in, INTERP_FILES, argv[0]))
		return TCL_ERROR;
	return interp_run_row(in, NULL, argc, argv, rows);
}

const struct interp_command core_file_commands[] = {
	{ "file", cmd_file, 1, -1, "subcommand ?arg ...?" },
	{ NULL, NULL, 0, 0, NULL },
};
