#include "cli/output/files/overwrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "base/file.h"

/* The first bytes of a file, and a NUL. */
#define BEGIN_SIZE 32

static bool
is_begun_by(const char *begin, const char *word)
{
	return strncmp(begin, word, strlen(word)) == 0;
}

static bool
has_suffix(const char *path, const char *suffix)
{
	size_t n = strlen(path), n_suffix = strlen(suffix);

	return n > n_suffix && strcmp(path + n - n_suffix, suffix) == 0;
}

/* A test file may have any name but these. */
static bool
is_report_name(const char *path)
{
	return has_suffix(path, ".xml") || has_suffix(path, ".html") || has_suffix(path, ".htm");
}

/* Returns NULL where the file may be overwritten. */
static const char *
reason_to_keep(const char *path, const char *begin, enum opt_writes how)
{
	static const struct {
		const char *begin, *reason;
		enum opt_writes replaced_by;
	} kinds[] = {
		{ "#!", "a script", WRITES_NOTHING },
		{ "{\"usock\":\"recording\"", "a recording", WRITES_RECORDING },
		{ "-----BEGIN ", "a key or a certificate", WRITES_CERTIFICATES },
		{ "<", NULL, WRITES_MARKUP },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (is_begun_by(begin, kinds[i].begin))
			return how == kinds[i].replaced_by ? NULL : kinds[i].reason;
	if (has_suffix(path, ".us"))
		return "a script";
	return how == WRITES_MARKUP && !is_report_name(path) ? "no report" : NULL;
}

/* Returns -1 for what is no regular file or cannot be read. */
static int
open_kept(const char *path)
{
	struct error ignored = { 0 };
	struct stat st;

	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return -1;
	return file_open(path, O_RDONLY, 0, &ignored);
}

static int
check_begin(int fd, const char *path, enum opt_writes how, struct error *e)
{
	const struct file_source source = { .path = path, .fd = fd };
	struct error ignored = { 0 };
	char begin[BEGIN_SIZE] = { 0 };
	const char *reason;
	size_t n;

	if (file_read(&source, begin, BEGIN_SIZE - 1, &n, &ignored) == -1 || n == 0)
		return 0;
	reason = reason_to_keep(path, begin, how);
	if (reason == NULL)
		return 0;
	/* a recording of now: to remove it is no remedy */
	if (flock(fd, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK)
		return error_set(e, ERROR_LOCAL_IO, "open %s: another process is writing it", path);
	error_set(e, ERROR_USAGE, "would overwrite %s, which is %s", path, reason);
	return error_hint(e, "the option takes the file to write; remove %s first if it is meant",
	    path);
}

int
overwrite_check(const char *path, enum opt_writes how, struct error *e)
{
	int fd = open_kept(path), rc = 0;

	if (fd != -1) {
		rc = check_begin(fd, path, how, e);
		close(fd);
	}
	return rc;
}
