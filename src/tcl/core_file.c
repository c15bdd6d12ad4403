/* file pwd cd */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tcl/eval.h"
#include "tcl/file_tree.h"
#include "tcl/path.h"
#include "tcl/posix.h"

static int
give(struct interp *in, struct text_range t)
{
	return interp_return_text(in, t.p, t.n);
}

/* ---- names ---- */

static int
file_tail(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct text_range t = path_tail(argv[2]);

	(void)data;
	(void)argc;
	return t.n == 1 && t.p[0] == '/' ? TCL_OK : give(in, t);
}

static int
file_dirname(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return interp_return(in, path_dirname(in, argv[2]));
}

static int
file_extension(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return give(in, path_extension(argv[2]));
}

static int
file_rootname(struct interp *in, void *data, int argc, struct value *const argv[])
{
	size_t n;
	const char *p = value_bytes(argv[2], &n);

	(void)data;
	(void)argc;
	return interp_return_text(in, p, n - path_extension(argv[2]).n);
}

static int
file_join(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *v = value_new(&in->heap);

	(void)data;
	for (int i = 2; i < argc; i++) {
		size_t n;
		const char *p = value_bytes(argv[i], &n);

		if (n > 0 && p[0] == '/') {
			value_unref(v);
			v = value_new(&in->heap);
		}
		path_join(v, p, n);
	}
	return interp_return(in, v);
}

static int
file_split(struct interp *in, void *data, int argc, struct value *const argv[])
{
	size_t n, len;
	const char *p = value_bytes(argv[2], &n), *end = p + n;
	struct list *l = list_new(&in->heap, 4);

	(void)data;
	(void)argc;
	if (n > 0 && p[0] == '/')
		list_push(&in->heap, &l, value_string(&in->heap, "/"));
	for (; p < end; p += len + 1) {
		const char *slash = memchr(p, '/', (size_t)(end - p));

		len = slash == NULL ? (size_t)(end - p) : (size_t)(slash - p);
		if (len > 0)
			list_push(&in->heap, &l, value_text(&in->heap, p, len));
	}
	return interp_return(in, value_from_list(&in->heap, l));
}

static int
file_pathtype(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool absolute = value_bytes(argv[2], NULL)[0] == '/';

	(void)data;
	(void)argc;
	return interp_return(in, value_string(&in->heap, absolute ? "absolute" : "relative"));
}

static int
file_normalize(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return interp_return(in, path_normalize(in, argv[2]));
}

/* ---- what a file is ---- */

static int
ask(struct interp *in, struct value *path, int mode)
{
	return interp_return_int(in, access(value_bytes(path, NULL), mode) == 0);
}

static int
file_exists(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return ask(in, argv[2], F_OK);
}

static int
file_readable(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return ask(in, argv[2], R_OK);
}

static int
file_writable(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return ask(in, argv[2], W_OK);
}

static int
file_executable(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return ask(in, argv[2], X_OK);
}

static bool
is_kind(struct value *path, mode_t kind)
{
	struct stat st;

	return stat(value_bytes(path, NULL), &st) == 0 && (st.st_mode & S_IFMT) == kind;
}

static int
file_isfile(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return interp_return_int(in, is_kind(argv[2], S_IFREG));
}

static int
file_isdirectory(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	(void)argc;
	return interp_return_int(in, is_kind(argv[2], S_IFDIR));
}

static int
could_not_read(struct interp *in, struct value *path)
{
	return posix_fail(in, errno, "could not read \"%v\"", path, NULL);
}

static int
file_size(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct stat st;

	(void)data;
	(void)argc;
	if (stat(value_bytes(argv[2], NULL), &st) == -1)
		return could_not_read(in, argv[2]);
	return interp_return_int(in, st.st_size);
}

static int
file_mtime(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct stat st;

	(void)data;
	(void)argc;
	if (stat(value_bytes(argv[2], NULL), &st) == -1)
		return could_not_read(in, argv[2]);
	return interp_return_int(in, st.st_mtime);
}

static int
file_type(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const struct {
		mode_t mode;
		const char *name;
	} types[] = { { S_IFREG, "file" }, { S_IFDIR, "directory" }, { S_IFLNK, "link" },
		{ S_IFIFO, "fifo" }, { S_IFSOCK, "socket" }, { S_IFCHR, "characterSpecial" },
		{ S_IFBLK, "blockSpecial" } };
	const char *name = "unknown";
	struct stat st;

	(void)data;
	(void)argc;
	if (lstat(value_bytes(argv[2], NULL), &st) == -1)
		return could_not_read(in, argv[2]);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((st.st_mode & S_IFMT) == types[i].mode)
			name = types[i].name;
	}
	return interp_return(in, value_string(&in->heap, name));
}

static int
file_readlink(struct interp *in, void *data, int argc, struct value *const argv[])
{
	char target[PATH_MAX];
	ssize_t n = readlink(value_bytes(argv[2], NULL), target, sizeof(target));

	(void)data;
	(void)argc;
	if (n == -1)
		return posix_fail(in, errno, "could not read link \"%v\"", argv[2], NULL);
	return interp_return_text(in, target, (size_t)n);
}

/* ---- changing ---- */

static int
make_directory(struct interp *in, struct value *path)
{
	struct text_range all = path_trim(path);
	struct value *part;
	int code = TCL_OK;

	/* its parents first */
	for (size_t n = 1; n <= all.n && code == TCL_OK; n++) {
		if (n < all.n && all.p[n] != '/')
			continue;
		part = value_text(&in->heap, all.p, n);
		if (mkdir(value_bytes(part, NULL), 0777) == -1 && !is_kind(part, S_IFDIR))
			code = posix_fail(in, errno, "can't create directory \"%v\"", part, NULL);
		value_unref(part);
	}
	return code;
}

static int
file_mkdir(struct interp *in, void *data, int argc, struct value *const argv[])
{
	int code = TCL_OK;

	(void)data;
	for (int i = 2; i < argc && code == TCL_OK; i++)
		code = make_directory(in, argv[i]);
	return code;
}

/* -force and --; where the names begin, or -1 with the error set. */
static int
take_options(struct interp *in, int argc, struct value *const argv[], bool *ret_force)
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
file_delete(struct interp *in, void *data, int argc, struct value *const argv[])
{
	bool force;
	int i = take_options(in, argc, argv, &force), code = TCL_OK;

	(void)data;
	if (i == -1)
		return TCL_ERROR;
	for (; i < argc && code == TCL_OK; i++)
		code = file_tree_delete(in, argv[i], force);
	return code;
}

/* One or several sources into a target, which is a directory for several. */
static int
each_source(struct interp *in, int argc, struct value *const argv[], bool copy)
{
	bool force, into;
	int at = take_options(in, argc, argv, &force), code = TCL_OK;
	struct value *target = argv[argc - 1], *to;

	if (at == -1)
		return TCL_ERROR;
	if (argc - at < 2)
		return interp_wrong_args(in, 2, argv,
		    "?-option value ...? source ?source ...? target");
	into = is_kind(target, S_IFDIR);
	if (argc - at > 2 && !into)
		return interp_fail(in, "POSIX ENOTDIR {not a directory}", NULL,
		    "error %s: target \"%v\" is not a directory", copy ? "copying" : "renaming",
		    target);
	for (; at < argc - 1 && code == TCL_OK; at++) {
		to = value_copy(target);
		if (into) {
			struct text_range tail = path_tail(argv[at]);

			path_join(to, "/", 1);
			path_join(to, tail.p, tail.n);
		}
		code = (copy ? file_tree_copy : file_tree_rename)(in, argv[at], to, force);
		value_unref(to);
	}
	return code;
}

static int
file_copy(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	return each_source(in, argc, argv, true);
}

static int
file_rename(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	return each_source(in, argc, argv, false);
}

/* Those without a function are tclsh's, and not of this language. */
static const struct interp_command rows[] = {
	{ "atime", NULL, 0, 0, "" },
	{ "attributes", NULL, 0, 0, "" },
	{ "channels", NULL, 0, 0, "" },
	{ "copy", file_copy, 1, -1, "?-option value ...? source ?source ...? target" },
	{ "delete", file_delete, 0, -1, "?-option value ...? ?file ...?" },
	{ "dirname", file_dirname, 1, 1, "name" },
	{ "executable", file_executable, 1, 1, "name" },
	{ "exists", file_exists, 1, 1, "name" },
	{ "extension", file_extension, 1, 1, "name" },
	{ "isdirectory", file_isdirectory, 1, 1, "name" },
	{ "isfile", file_isfile, 1, 1, "name" },
	{ "join", file_join, 1, -1, "name ?name ...?" },
	{ "link", NULL, 0, 0, "" },
	{ "lstat", NULL, 0, 0, "" },
	{ "mkdir", file_mkdir, 0, -1, "?dir ...?" },
	{ "mtime", file_mtime, 1, 1, "name" },
	{ "nativename", NULL, 0, 0, "" },
	{ "normalize", file_normalize, 1, 1, "name" },
	{ "owned", NULL, 0, 0, "" },
	{ "pathtype", file_pathtype, 1, 1, "name" },
	{ "readable", file_readable, 1, 1, "name" },
	{ "readlink", file_readlink, 1, 1, "name" },
	{ "rename", file_rename, 1, -1, "?-option value ...? source ?source ...? target" },
	{ "rootname", file_rootname, 1, 1, "name" },
	{ "separator", NULL, 0, 0, "" },
	{ "size", file_size, 1, 1, "name" },
	{ "split", file_split, 1, 1, "name" },
	{ "stat", NULL, 0, 0, "" },
	{ "system", NULL, 0, 0, "" },
	{ "tail", file_tail, 1, 1, "name" },
	{ "tempfile", NULL, 0, 0, "" },
	{ "type", file_type, 1, 1, "name" },
	{ "volumes", NULL, 0, 0, "" },
	{ "writable", file_writable, 1, 1, "name" },
	{ NULL, NULL, 0, 0, NULL },
};

static int
cmd_file(struct interp *in, void *data, int argc, struct value *const argv[])
{
	(void)data;
	if (!interp_allows(in, INTERP_FILES, argv[0]))
		return TCL_ERROR;
	return interp_run_row(in, NULL, argc, argv, rows);
}

static int
cmd_pwd(struct interp *in, void *data, int argc, struct value *const argv[])
{
	char here[PATH_MAX];

	(void)data;
	(void)argc;
	if (!interp_allows(in, INTERP_FILES, argv[0]))
		return TCL_ERROR;
	if (getcwd(here, sizeof(here)) == NULL)
		return posix_fail(in, errno, "error getting working directory name", NULL, NULL);
	return interp_return(in, value_string(&in->heap, here));
}

static int
cmd_cd(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct value *to = argc > 1 ? argv[1] : interp_get_var(in, "::env(HOME)");

	(void)data;
	if (!interp_allows(in, INTERP_FILES, argv[0]))
		return TCL_ERROR;
	if (to != NULL && chdir(value_bytes(to, NULL)) == -1)
		return posix_fail(in, errno, "couldn't change working directory to \"%v\"", to,
		    NULL);
	return TCL_OK;
}

const struct interp_command core_file_commands[] = {
	{ "file", cmd_file, 1, -1, "subcommand ?arg ...?" },
	{ "pwd", cmd_pwd, 0, 0, "" },
	{ "cd", cmd_cd, 0, 1, "?dirName?" },
	{ NULL, NULL, 0, 0, NULL },
};
