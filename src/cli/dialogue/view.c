#include "cli/dialogue/view.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/codec/base64.h"
#include "base/deadline.h"
#include "base/error.h"
#include "base/file.h"
#include "base/record.h"
#include "cli/core/command_context.h"
#include "cli/core/inherited.h"
#include "cli/dialogue/both_ends.h"
#include "cli/dialogue/conversation.h"
#include "cli/dialogue/diagram.h"
#include "cli/dialogue/figures.h"
#include "cli/dialogue/page.h"
#include "cli/dialogue/scenario.h"
#include "cli/dialogue/transcript.h"
#include "cli/dialogue/view_opts.h"
#include "cli/output/table/text_table.h"
#include "relay/capture/dialogue_pcap.h"
#include "relay/capture/dialogue_reader.h"

enum {
	PIECE = 256 << 10, /* bytes that are written at a time */
	KEPT = 4 << 10     /* bytes of a message that pictures show */
};

struct view {
	struct command_context *rt;
	const struct view_opts *opts;
	bool json;
	const char *path;
	struct dialogue_reader *reader;
	struct output_queue *results; /* of standard output */
	struct output_queue *packets; /* of the file of --pcap; NULL: none */
	struct buf out;
	struct transcript transcript;
	struct dialogue_pcap pcap;
	struct conversation conversation;
	struct both_ends ends;
	struct figures *figures; /* of --stat; NULL: none */
};

/* ---- output ---- */

/* Writes what has been collected, once it is large or where all is true, and waits until it is read. */
static int
write_shown(struct view *v, bool all, struct error *e)
{
	if (v->out.len == 0 || (!all && v->out.len < PIECE))
		return 0;
	if (output_queue_flush(v->results, &v->out, e) == -1)
		return -1;
	return output_queue_drain(v->results, v->rt->until, e);
}

static int
write_block(void *arg, const void *data, size_t n, struct error *e)
{
	const struct view *v = arg;

	if (output_queue_result(v->packets, data, n, e) == -1)
		return -1;
	return v->packets->queued.len < PIECE ? 0 : output_queue_drain(v->packets, v->rt->until, e);
}

static int
open_packets(struct view *v, struct error *e)
{
	const struct report_how how = { .loop = v->rt->loop, .until = v->rt->until };
	int fd;

	if (v->opts->pcap == NULL)
		return 0;
	if (report_open_file(v->opts->pcap, O_TRUNC, &how, &fd, e) == -1 ||
	    output_queue_open(&v->rt->report.queues, v->rt->loop, fd, true, v->opts->pcap,
		&v->packets, e) == -1)
		return -1;
	return dialogue_pcap_open(&v->pcap, dialogue_reader_header(v->reader), write_block, v, e);
}

static int
close_packets(struct view *v, struct error *e)
{
	if (v->packets == NULL)
		return 0;
	if (dialogue_pcap_close(&v->pcap, e) == -1)
		return -1;
	return output_queue_drain(v->packets, v->rt->until, e);
}

/* ---- events ---- */

static bool
is_text_view(const struct view *v)
{
	return v->opts->show && !v->json;
}

/* True for views that need the whole recording. */
static bool
is_whole_view(const struct view *v)
{
	const struct view_opts *o = v->opts;

	return (o->show && v->json) || o->svg || o->html || o->script || o->stat;
}

/* Pictures and figures show a connection once; lists have all that is recorded. */
static int
add_to_conversation(struct view *v, const struct dialogue_event *event, struct error *e)
{
	struct dialogue_event shown = *event;

	if (!v->opts->show && !both_ends_event(&v->ends, &v->conversation, &shown))
		return 0;
	return conversation_add(&v->conversation, &shown, e);
}

static int
view_event(struct view *v, const struct dialogue_event *event, struct error *e)
{
	if (v->packets != NULL && dialogue_pcap_event(&v->pcap, event, e) == -1)
		return -1;
	if (is_whole_view(v) && add_to_conversation(v, event, e) == -1)
		return -1;
	if (!is_text_view(v))
		return 0;
	if (transcript_event(&v->transcript, event, &v->out, e) == -1)
		return -1;
	return write_shown(v, false, e);
}

static int
view_events(struct view *v, struct error *e)
{
	struct dialogue_event event;
	int rc;

	while ((rc = dialogue_reader_next(v->reader, &event, e)) == 1)
		if (view_event(v, &event, e) == -1)
			return -1;
	if (rc == 0 && dialogue_reader_cut(v->reader) > 0)
		report_note(&v->rt->report,
		    "%s: the recording is cut off: %zu bytes of its last "
		    "line are left out",
		    v->path, dialogue_reader_cut(v->reader));
	return rc;
}

/* ---- messages as JSON ---- */

static int
put_bytes_json(const struct conversation_message *m, struct buf *text, struct field *field,
    struct error *e)
{
	const bool plain = conversation_is_text(m->data, m->n) &&
	    (m->n == 0 || memchr(m->data, '\0', m->n) == NULL);
	const char *data = m->n > 0 ? m->data : "";

	field->name = plain ? "text" : "base64";
	field->kind = FIELD_TEXT;
	if (m->kind != DIALOGUE_DATA)
		return 0;
	if ((plain ? buf_append(text, data, m->n, e) : base64_encode(text, data, m->n, e)) == -1)
		return -1;
	field->text = buf_text(text, e);
	return field->text != NULL ? 0 : -1;
}

static int
put_message_json(struct view *v, const struct conversation_message *m, struct error *e)
{
	const struct conversation *c = &v->conversation;
	const char *from = conversation_end(c, m, true), *to = conversation_end(c, m, false);
	const bool data = m->kind == DIALOGUE_DATA;
	struct field fields[] = {
		{ .name = "connection",
		    .kind = FIELD_INT,
		    .number = (int64_t)c->connections[m->connection].id },
		{ .name = "time",
		    .kind = FIELD_REAL,
		    .real = (double)m->time / (double)NSEC_PER_SEC },
		{ .name = "event", .kind = FIELD_TEXT, .text = dialogue_kind_word(m->kind) },
		{ .name = "from", .kind = FIELD_TEXT, .text = conversation_known(from) },
		{ .name = "to", .kind = FIELD_TEXT, .text = conversation_known(to) },
		{ .name = "bytes",
		    .kind = data ? FIELD_INT : FIELD_TEXT,
		    .number = (int64_t)m->bytes },
		{ .name = "reason", .kind = FIELD_TEXT, .text = m->text },
		{ .kind = FIELD_END },
		{ .kind = FIELD_END },
	};
	struct buf text;
	int rc;

	buf_init(&text, SIZE_MAX / 2);
	rc = put_bytes_json(m, &text, &fields[7], e);
	if (rc == 0)
		rc = record_json(&v->out, fields, e);
	buf_fini(&text);
	return rc == 0 ? write_shown(v, false, e) : -1;
}

static int
put_messages_json(struct view *v, struct error *e)
{
	for (size_t i = 0; i < v->conversation.n_messages; i++)
		if (put_message_json(v, &v->conversation.messages[i], e) == -1)
			return -1;
	return 0;
}

/* ---- views of the whole ---- */

static int
put_page(struct view *v, struct error *e)
{
	const struct dialogue_header *header = dialogue_reader_header(v->reader);
	char started[DIALOGUE_TIME_SIZE];

	dialogue_format_time(header->started, started);
	if (page_begin("Recorded dialogue", NULL, &v->out, e) == -1 ||
	    buf_printf(&v->out, e, "<p class=\"dim\">usock %s, %s</p>\n", header->command,
		started) == -1 ||
	    page_conversation(&v->conversation, "m", v->opts->scale, &v->out, e) == -1)
		return -1;
	return page_end(&v->out, e);
}

static int
put_figures(struct view *v, struct error *e)
{
	const struct figures_how how = { .columns = text_table_width_of(STDOUT_FILENO),
		.color = report_colors_results(&v->rt->report) };

	if (figures_finish(v->figures, &v->conversation, e) == -1)
		return -1;
	return v->json ? figures_json(v->figures, &v->conversation, &v->out, e)
		       : figures_text(v->figures, &v->conversation, &how, &v->out, e);
}

static int
put_whole(struct view *v, struct error *e)
{
	const struct diagram_how how = { .scale = v->opts->scale };

	if (v->opts->svg)
		return diagram_draw(&v->conversation, &how, &v->out, e);
	if (v->opts->html)
		return put_page(v, e);
	if (v->opts->script)
		return scenario_write(&v->conversation, &v->out, e);
	if (v->opts->stat)
		return put_figures(v, e);
	return v->json && v->opts->show ? put_messages_json(v, e) : 0;
}

/* ---- the recording ---- */

static int
begin_views(struct view *v, struct error *e)
{
	const struct dialogue_header *header = dialogue_reader_header(v->reader);

	if (command_context_results(v->rt, &v->results, e) == -1 || open_packets(v, e) == -1)
		return -1;
	v->conversation.header = *header;
	if (v->opts->stat) {
		v->figures = figures_open(e);
		v->conversation.followed = figures_measure;
		v->conversation.arg = v->figures;
		if (v->figures == NULL)
			return -1;
	}
	if (!is_text_view(v))
		return 0;
	v->transcript = (struct transcript){ .columns = text_table_width_of(STDOUT_FILENO),
		.color = report_colors_results(&v->rt->report),
		.hex = v->opts->hex };
	return transcript_header(&v->transcript, header, &v->out, e);
}

static int
view_all(struct view *v, struct error *e)
{
	int rc = begin_views(v, e);

	if (rc == 0)
		rc = view_events(v, e);
	/* what can be read is shown even where the rest is damaged */
	if (rc == -1 && is_text_view(v))
		(void)write_shown(v, true, NULL);
	if (rc == 0)
		rc = close_packets(v, e);
	if (rc == 0)
		rc = put_whole(v, e);
	return rc == 0 ? write_shown(v, true, e) : -1;
}

static int
open_recording_fd(const char *path, struct error *e)
{
	if (strcmp(path, "-") != 0)
		return file_open(path, O_RDONLY, 0, e);
	inherited_mark_used(STDIN_FILENO);
	return STDIN_FILENO;
}

/* How many bytes of each message are kept: figures are about their number only. */
static size_t
kept_bytes(const struct view_opts *o, bool json)
{
	if (o->svg || o->html)
		return KEPT;
	return o->script || (o->show && json) ? SIZE_MAX / 2 : 0;
}

static int
view_recording(struct command_context *rt, const struct view_opts *o, bool json, const char *path,
    struct error *e)
{
	const struct file_wait wait = command_context_file_wait(rt);
	struct file_source file = { .path = path, .wait = &wait };
	const struct dialogue_source source = dialogue_file(&file);
	struct view v = { .rt = rt, .opts = o, .json = json, .path = path };
	int rc;

	file.fd = open_recording_fd(path, e);
	if (file.fd == -1)
		return -1;
	buf_init(&v.out, SIZE_MAX / 2);
	conversation_init(&v.conversation, kept_bytes(o, json));
	rc = dialogue_reader_open(&v.reader, &source, e);
	if (rc == 0)
		rc = view_all(&v, e);
	if (rc == -1 && v.packets != NULL)
		(void)dialogue_pcap_close(&v.pcap, NULL);
	dialogue_reader_close(v.reader);
	conversation_fini(&v.conversation);
	both_ends_fini(&v.ends);
	figures_close(v.figures);
	buf_fini(&v.out);
	if (file.fd != STDIN_FILENO)
		close(file.fd);
	return rc;
}

static int
view_with(struct command_context *rt, const struct view_how *how, const struct opt_rest *rest,
    struct error *e)
{
	if (view_opts_check(how->opts, how->report->json, e) == -1)
		return -1;
	if (rest->n_operands > 1)
		return error_set(e, ERROR_USAGE, "unexpected argument '%s'", rest->operands[1]);
	return view_recording(rt, how->opts, how->report->json, rest->operands[0], e);
}

int
view_run(const char *name, const struct view_how *how, const struct opt_rest *rest)
{
	struct command_context rt;
	struct error e = { 0 };
	int status = command_context_begin(&rt, name, how->report, how->until, &e);

	if (status == 0)
		status = view_with(&rt, how, rest, &e);
	return command_context_end(&rt, status, rest, &e);
}
