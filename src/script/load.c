/* The hook of `source`: which files a script may read */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "net/sys.h"
#include "script/impl.h"

/* In bytes, far more than a script has. */
#define SOURCE_MAX ((size_t)64 << 20)

static int
fail_read(int errnum, const char *path, struct error *e)
{
	return error_errno(e, ERROR_LOCAL_IO, errnum, "couldn't read file \"%s\"", path);
}

/* Reads regular files only: a pipe or a device might never end. */
static int
read_script(const char *path, int flags, const char *written, struct buf *out, struct error *e)
{
	struct file_source source = { .path = written };
	struct stat st;
	int rc;

	source.fd = file_open(path, O_RDONLY | flags, 0, e);
	if (source.fd == -1)
		return fail_read(e->number, written, e);
	if (fstat(source.fd, &st) == 0 && !S_ISREG(st.st_mode))
		rc = error_set(e, ERROR_LOCAL_IO, "couldn't read file \"%s\": not a file", written);
	else
		rc = file_read_all(&source, out, e);
	sys_close(source.fd);
	return rc;
}

/* ---- without --allow-files ---- */

static bool
is_below(const char *folder, const char *path)
{
	size_t n = folder == NULL ? 0 : strlen(folder);

	return n > 0 && strncmp(path, folder, n) == 0 && path[n] == '/';
}

/* Decides by the folder of a missing file, so that a script cannot find out which files exist elsewhere. */
static bool
would_be_below(const char *folder, const char *path)
{
	char parent[PATH_MAX], real[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	if (n >= sizeof(parent) - 1)
		return false;
	memcpy(parent, path, n);
	memcpy(parent + n, ".", 2);
	if (folder == NULL || realpath(parent, real) == NULL)
		return false;
	return strcmp(real, folder) == 0 || is_below(folder, real);
}

/* Opens the resolved path, with O_NOFOLLOW in case its last part has become a symbolic link since. */
static int
read_in_folder(const struct script *sc, const char *path, struct buf *out, struct error *e)
{
	const char *folder = sc->how.folder;
	char real[PATH_MAX];

	if (realpath(path, real) == NULL) {
		if (would_be_below(folder, path))
			return fail_read(errno == ELOOP ? ELOOP : ENOENT, path, e);
	} else if (is_below(folder, real)) {
		return read_script(real, O_NOFOLLOW, path, out, e);
	}
	return error_set(e, ERROR_USAGE, "source: %s: not allowed without --allow-files%s", path,
	    folder != NULL ? ", as it is outside the script's folder" : "");
}

int
script_load(struct interp *in, void *data, struct value *name, struct value **ret_text)
{
	struct script *sc = data;
	const char *path = script_get_text(in, name, "source");
	struct error e = { 0 };
	struct buf text;
	int rc;

	if (path == NULL)
		return TCL_ERROR;
	buf_init(&text, SOURCE_MAX);
	rc = sc->how.allow_files ? read_script(path, 0, path, &text, &e)
				 : read_in_folder(sc, path, &text, &e);
	if (rc == 0)
		*ret_text =
		    value_text(interp_heap(in), text.len > 0 ? buf_head(&text) : "", text.len);
	buf_fini(&text);
	return rc == 0 ? TCL_OK : script_fail(in, &e);
}
