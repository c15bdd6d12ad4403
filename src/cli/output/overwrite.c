#include "cli/output/overwrite.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
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
is_named(const char *path, const char *suffix)
{
	size_t n = strlen(path), n_suffix = strlen(suffix);

	return n > n_suffix && strcmp(path + n - n_suffix, suffix) == 0;
}

/* A test file may have any name but these. */
static bool
is_report_name(const char *path)
{
	return is_named(path, ".xml") || is_named(path, ".html") || is_named(path, ".htm");
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
	if (is_named(path, ".us"))
		return "a script";
	return how == WRITES_MARKUP && !is_report_name(path) ? "no report" : NULL;
}

/* Returns 0 for an empty file, and for what is no regular file or cannot be read. */
static size_t
read_begin(const char *path, char begin[BEGIN_SIZE])
{
	struct file_source source = { .path = path };
	struct error ignored = { 0 };
	struct stat st;
	size_t n = 0;

	memset(begin, 0, BEGIN_SIZE);
	if (stat(path, &st) == -1 || !S_ISREG(st.st_mode))
		return 0;
	source.fd = file_open(path, O_RDONLY, 0, &ignored);
	if (source.fd == -1)
		return 0;
	if (file_read(&source, begin, BEGIN_SIZE - 1, &n, &ignored) == -1)
		n = 0;
	close(source.fd);
	return n;
}

int
overwrite_check(const char *path, enum opt_writes how, struct error *e)
{
	char begin[BEGIN_SIZE];
	const char *reason;

	if (read_begin(path, begin) == 0)
		return 0;
	reason = reason_to_keep(path, begin, how);
	if (reason == NULL)
		return 0;
	error_set(e, ERROR_USAGE, "would overwrite %s, which is %s", path, reason);
	return error_hint(e, "the option takes the file to write; remove %s first if it is meant",
	    path);
}
