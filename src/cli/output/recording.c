#include "cli/output/recording.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "cli/output/output_queue.h"
#include "cli/output/report.h"

/* What is queued for a pipe whose reader is slow; then the recording ends. */
#define QUEUED_MAX (2u << 20)

static int
write_recorded_lines(void *arg, const char *lines, size_t n, struct error *e)
{
	struct recording *rec = arg;
	struct output_queue *q = rec->queue;

	if (output_queue_result(q, lines, n, e) < 0)
		return -1;
	rec->bytes += n;
	/* what is queued is still written: the recording ends between two lines */
	if (q->queued.len > QUEUED_MAX)
		return error_set(e, ERROR_LOCAL_IO, "write %s: its reader is too slow", q->name);
	return 0;
}

/* Says it now: a server may run for long. The exit status comes with the end of the report. */
static void
on_recording_failed(void *arg, const struct error *e)
{
	struct recording *rec = arg;
	struct error ended = *e;

	error_prefix(&ended, "the recording has ended");
	report_error(rec->report, &ended);
	rec->queue->told = true;
	rec->failed = malloc(sizeof(*rec->failed));
	if (rec->failed != NULL)
		*rec->failed = *e;
}

int
recording_open(struct recording *rec, struct report *r, const struct recording_how *how,
    const struct report_how *wait, struct error *e)
{
	char *file = strdup(how->file);
	int fd;

	if (file == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	if (report_open_private(file, wait, &fd, e) < 0 ||
	    output_queue_open(&r->queues, wait->loop, fd, true, file, &rec->queue, e) < 0) {
		free(file);
		return -1;
	}
	rec->file = file;
	rec->bytes = 0;
	rec->report = r;
	rec->recorder = (struct recorder){ .write = write_recorded_lines,
		.failed = on_recording_failed,
		.arg = rec,
		.secrets = how->secrets };
	recorder_open(&rec->recorder, how->command);
	return 0;
}

int
recording_check(const struct dump_files *files, struct error *e)
{
	if (files->secrets && files->record == NULL)
		return error_set(e, ERROR_USAGE, "--record-secrets: needs --record");
	return 0;
}

void
recording_close(struct recording *rec)
{
	recorder_close(&rec->recorder);
}

void
recording_fini(struct recording *rec)
{
	free(rec->file);
	free(rec->failed);
	rec->file = NULL;
	rec->failed = NULL;
}

int
recording_stop(struct recording *rec, struct deadline until, struct error *e)
{
	int rc = -1;

	recording_close(rec);
	if (rec->failed != NULL)
		*e = *rec->failed;
	else
		rc = output_queue_drain(rec->queue, until, e);
	/* the caller says it */
	rec->queue->told = true;
	output_queue_close(&rec->report->queues, rec->queue);
	recording_fini(rec);
	return rc;
}

bool
recording_needs_secrets(const struct dump_files *files)
{
	return files->secrets || files->pcap != NULL;
}
