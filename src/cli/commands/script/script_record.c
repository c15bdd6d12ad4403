#include "cli/commands/script/script_record.h"

#include "base/deadline.h"
#include "base/error.h"
#include "cli/core/command_context.h"
#include "cli/output/files/overwrite.h"
#include "script/args.h"
#include "script/context.h"
#include "script/dict_put.h"
#include "script/error.h"
#include "script/script.h"
#include "script/socket_recorder.h"
#include "tcl/interp.h"
#include "tcl/value/dict.h"

/* ---- start and stop ---- */

static int
check_record_start(const struct script *sc, const struct recording *rec, struct error *e)
{
	if (!script_how(sc)->allow_files)
		return error_set(e, ERROR_USAGE, "record: not allowed without --allow-files");
	if (rec->file == NULL)
		return 0;
	error_set(e, ERROR_USAGE, "record start: %s is being recorded", rec->file);
	return error_hint(e, "record stop ends that");
}

static int
start_record(struct script *sc, struct command_context *rt, const char *file, struct error *e)
{
	const struct report_how wait = { .loop = rt->loop, .until = rt->until };
	const struct recording_how how = { .file = file, .command = rt->name };

	if (check_record_start(sc, &rt->recording, e) == -1)
		return -1;
	if (overwrite_check(file, WRITES_RECORDING, e) == -1 ||
	    recording_open(&rt->recording, &rt->report, &how, &wait, e) == -1) {
		error_prefix(e, "record start");
		return -1;
	}
	socket_recorder_set(sc, SOCKET_RECORDING_FILE, &rt->recording.recorder);
	return 0;
}

static int
stop_record(struct script *sc, struct command_context *rt, struct error *e)
{
	if (rt->recording.file == NULL)
		return error_set(e, ERROR_USAGE, "record stop: nothing is being recorded");
	socket_recorder_set(sc, SOCKET_RECORDING_FILE, NULL);
	if (recording_stop(&rt->recording, rt->until, e) == 0)
		return 0;
	error_prefix(e, "record stop");
	return -1;
}

/* ---- status ---- */

static const char *
record_state_word(const struct recording *rec)
{
	if (rec->file == NULL)
		return "off";
	return rec->failed != NULL ? "failed" : "on";
}

static struct value *
record_status(struct interp *in, const struct recording *rec)
{
	struct heap *heap = interp_heap(in);
	struct dict *d = dict_new(heap);

	dict_put_text(in, d, "state", record_state_word(rec));
	if (rec->file == NULL)
		return value_from_dict(heap, d);
	dict_put_text(in, d, "file", rec->file);
	dict_put_int(in, d, "connections", (int64_t)rec->recorder.connections);
	dict_put_int(in, d, "bytes", (int64_t)rec->bytes);
	if (rec->failed != NULL)
		dict_put_text(in, d, "reason", rec->failed->text);
	return value_from_dict(heap, d);
}

/* ---- the command ---- */

enum record_word { RECORD_START, RECORD_STATUS, RECORD_STOP };

static int
run_record(struct interp *in, void *data, int argc, struct value *const argv[])
{
	static const char *const words[] = { "start", "status", "stop", NULL };
	struct command_context *rt = data;
	struct script *sc = script_of(in);
	struct error e = { 0 };
	const char *file;
	int word, rc;

	if (rt == NULL)
		return interp_fail(in, "USOCK usage", NULL, "record: not with --workers");
	if (interp_get_word(in, argv[1], words, "subcommand", &word) != TCL_OK)
		return TCL_ERROR;
	if (argc != (word == RECORD_START ? 3 : 2))
		return interp_wrong_args(in, 2, argv, word == RECORD_START ? "file" : "");
	if (word == RECORD_STATUS)
		return interp_return(in, record_status(in, &rt->recording));
	if (word == RECORD_START) {
		file = script_get_text(in, argv[2], "record start");
		if (file == NULL)
			return TCL_ERROR;
		rc = start_record(sc, rt, file, &e);
	} else {
		rc = stop_record(sc, rt, &e);
	}
	return rc == -1 ? script_fail(in, &e) : interp_return_text(in, "", 0);
}

void
script_record_add(struct script *sc, struct command_context *rt)
{
	static const struct interp_command row = { "record", run_record, 1, 2,
		"start file | stop | status" };

	interp_add(script_interp(sc), &row, rt, NULL);
}
