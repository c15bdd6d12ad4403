#include "cli/run/confine_script.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/confine.h"
#include "cli/options/allow_opts.h"

enum { OWN_MAX = CONFINE_SCRIPT_WRITTEN + 1, REPORTS_MAX = 3 };

/* Creates a missing file, as Landlock rules name open files, not paths. Does not block on a FIFO
 * or a device. */
static int
create_missing(const char *path, mode_t mode)
{
	return open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
}

/* Lists the files that the program itself writes after the script has begun. */
static size_t
own_files(const char *const written[CONFINE_SCRIPT_WRITTEN], const char *paths[OWN_MAX])
{
	const char *keylog = secure_getenv("SSLKEYLOGFILE");
	size_t n = 0;
	int fd;

	for (size_t i = 0; written != NULL && i < CONFINE_SCRIPT_WRITTEN; i++) {
		if (written[i] == NULL)
			continue;
		/* as report_open_file() creates it */
		fd = create_missing(written[i], 0666);
		if (fd != -1)
			close(fd);
		paths[n++] = written[i];
	}
	if (keylog != NULL && keylog[0] != '\0') {
		fd = create_missing(keylog, 0600);
		/* readable for the owner only, as stream/tls creates it */
		if (fd != -1 && fchmod(fd, 0600) != -1)
			paths[n++] = keylog;
		if (fd != -1)
			close(fd);
	}
	return n;
}

/* Parses log_path=PREFIX in the options of a sanitizer, which writes PREFIX.PID. */
static size_t
sanitizer_paths(char texts[REPORTS_MAX][PATH_MAX], const char *paths[REPORTS_MAX])
{
	static const char *const variables[REPORTS_MAX] = { "ASAN_OPTIONS", "UBSAN_OPTIONS",
		"LSAN_OPTIONS" };
	size_t n = 0;

	for (size_t i = 0; i < REPORTS_MAX; i++) {
		const char *options = secure_getenv(variables[i]);
		const char *at = options == NULL ? NULL : strstr(options, "log_path=");

		if (at == NULL)
			continue;
		at += strcspn(at, "=") + 1;
		at += strspn(at, "'\"");
		snprintf(texts[n], PATH_MAX, "%.*s", (int)strcspn(at, ":'\""), at);
		paths[n] = texts[n];
		n++;
	}
	return n;
}

static bool
is_under_valgrind(void)
{
	const char *preload = secure_getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "/vgpreload_") != NULL;
}

/* Programs need files, so --allow-exec allows files too. */
bool
confine_script(const struct allow_opts *allow, const char *const written[CONFINE_SCRIPT_WRITTEN])
{
	static char texts[REPORTS_MAX][PATH_MAX];
	const char *own[OWN_MAX], *reports[REPORTS_MAX];
	struct confine_how how = { .files = !allow->files && !allow->exec,
		.programs = !allow->exec,
		.writable = own,
		.reports = reports };

	if (is_under_valgrind())
		return false;
	if (how.files) {
		how.n_writable = own_files(written, own);
		how.n_reports = sanitizer_paths(texts, reports);
	}
	return confine(&how);
}
