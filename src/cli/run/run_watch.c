#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "cli/run/run.h"

/* How often the files are looked at. One that changes between two looks is still being written. */
#define LOOK_INTERVAL (100 * NSEC_PER_MSEC)

/* One test file. A stamp stands for the content; 0: there is no file. */
struct target {
	char *file;
	uint64_t ran, seen; /* stamps of the last run and of the last look */
};

struct run_watch {
	struct command_context *rt;
	const struct run_opts *opts;
	const struct run_list *list;
	struct target *targets;
	char **due; /* files to run now */
	size_t n_due;
};

/* ---- stamps ---- */

/* FNV-1a */
static uint64_t
add_to_stamp(uint64_t hash, const void *data, size_t n)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3U;
	return hash;
}

static uint64_t
stamp_of(const char *path)
{
	struct stat st;
	uint64_t hash = 0xcbf29ce484222325U;

	if (stat(path, &st) == -1)
		return 0;
	hash = add_to_stamp(hash, &st.st_mtim, sizeof(st.st_mtim));
	hash = add_to_stamp(hash, &st.st_size, sizeof(st.st_size));
	return add_to_stamp(hash, &st.st_ino, sizeof(st.st_ino)) | 1;
}

static bool
is_test_file(const struct run_list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->files[i], path) == 0)
			return true;
	return false;
}

static bool
is_script_name(const char *name)
{
	size_t n = strlen(name);

	return n > 3 &&
	    (strcmp(name + n - 3, ".us") == 0 || (n > 4 && strcmp(name + n - 4, ".tcl") == 0));
}

/* The scripts beside a test file, which it may source; the order of the folder does not matter. */
static uint64_t
stamp_beside(const struct run_list *list, const char *file)
{
	const char *slash = strrchr(file, '/');
	int folder = slash != NULL ? (int)(slash - file) + 1 : 0;
	char path[PATH_MAX];
	const struct dirent *entry;
	uint64_t sum = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "%.*s", folder, file);
	dir = opendir(folder > 0 ? path : ".");
	/* cppcheck-suppress readdirCalled ; there are no threads that read it */
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%.*s%s", folder, file, entry->d_name);
		if (is_script_name(entry->d_name) && !is_test_file(list, path))
			sum += add_to_stamp(stamp_of(path), entry->d_name, strlen(entry->d_name));
	}
	if (dir != NULL)
		closedir(dir);
	return sum;
}

static uint64_t
stamp_of_target(const struct run_watch *w, const struct target *t)
{
	uint64_t own = stamp_of(t->file);

	return own != 0 ? own + 2 * stamp_beside(w->list, t->file) : 0;
}

/* ---- runs ---- */

/* Collects the files that have changed since they ran, and do not change any more. */
static void
find_due(struct run_watch *w)
{
	w->n_due = 0;
	for (size_t i = 0; i < w->list->n; i++) {
		struct target *t = &w->targets[i];
		uint64_t stamp = stamp_of_target(w, t);

		if (stamp != 0 && stamp != t->ran && stamp == t->seen) {
			t->ran = stamp;
			w->due[w->n_due++] = t->file;
		}
		t->seen = stamp;
	}
}

static int
run_due(struct run_watch *w, struct error *e)
{
	const struct run_list due = { w->due, w->n_due, w->list->args, w->list->n_args };
	int status = run_files(w->rt, w->opts, &due, e);

	if (status == -1)
		return -1;
	report_verdict(&w->rt->report, status == 0,
	    "%zu file%s: %s; waiting for a change, Ctrl-C ends", w->n_due, w->n_due == 1 ? "" : "s",
	    status == 0 ? "passed" : "failed");
	return 0;
}

static int
run_changed(struct run_watch *w, struct error *e)
{
	const bool never = false;
	int rc;

	do {
		find_due(w);
		if (w->n_due > 0 && run_due(w, e) == -1)
			return -1;
		rc = loop_run(w->rt->loop, &never, deadline_in(LOOK_INTERVAL), e);
	} while (rc == 0);
	return -1;
}

int
run_watch(struct command_context *rt, const struct run_opts *o, const struct run_list *list,
    struct error *e)
{
	struct run_watch w = { .rt = rt, .opts = o, .list = list };
	int rc;

	w.targets = calloc(list->n, sizeof(*w.targets));
	w.due = calloc(list->n, sizeof(*w.due));
	if (w.targets == NULL || w.due == NULL) {
		rc = error_set(e, ERROR_INTERNAL, "out of memory");
	} else {
		for (size_t i = 0; i < list->n; i++) {
			w.targets[i].file = list->files[i];
			/* the first run does not wait for a second look */
			w.targets[i].seen = stamp_of_target(&w, &w.targets[i]);
		}
		rc = run_changed(&w, e);
	}
	free(w.targets);
	free(w.due);
	return rc;
}
