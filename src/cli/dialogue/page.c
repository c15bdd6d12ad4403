#include "cli/dialogue/page.h"

#include <string.h>

#include "base/buf.h"
#include "base/codec/xml_text.h"
#include "base/deadline.h"
#include "cli/dialogue/conversation.h"
#include "cli/dialogue/diagram.h"
#include "cli/output/table/units.h"

/* Payloads of more bytes are folded. */
enum { FOLDED = 512, SUMMARY_CHARS = 60 };

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<title>";

static const char rules[] =
    "body.usock{margin:0 auto;padding:1rem;max-width:76rem;background:var(--bg);color:var(--fg);"
    "font:15px/1.5 system-ui,sans-serif}\n"
    "h1{font-size:1.35rem;margin:.2rem 0}h2{font-size:1.1rem;margin:1.6rem 0 .4rem}\n"
    "p{margin:.3rem 0}.dim{color:var(--dim)}.bad{color:var(--bad)}.good{color:var(--res)}\n"
    "code,pre,table,.row{font:12.5px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"
    "\"DejaVu Sans Mono\",monospace}\n"
    ".scroll{overflow-x:auto;border:1px solid var(--lane);border-radius:6px;margin:.8rem 0}\n"
    ".scroll svg{display:block;margin:0 auto;max-width:100%;height:auto}\n"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.15rem .9rem .15rem 0;"
    "vertical-align:top}th{font-weight:600}.n{text-align:right;white-space:nowrap}\n"
    ".row{border-top:1px solid var(--lane);padding:.35rem 0 .35rem .6rem;"
    "border-left:4px solid var(--lane);overflow-wrap:anywhere}\n"
    ".row.req{border-left-color:var(--req)}.row.res{border-left-color:var(--res)}\n"
    ".row.bad{border-left-color:var(--bad)}.row:target{background:var(--box)}\n"
    "pre{margin:.3rem 0 0;padding:.5rem;background:var(--box);border-radius:4px;"
    "white-space:pre-wrap;overflow-wrap:anywhere}pre.hex{white-space:pre;overflow-x:auto}summary{"
    "cursor:pointer}\n"
    "a{color:var(--req)}\n"
    "@media print{body{max-width:none;padding:0}.scroll{border:0;overflow:visible}"
    ".scroll svg{min-width:0!important}.row{break-inside:avoid}}\n";

int
page_begin(const char *title, const char *more, struct buf *out, struct error *e)
{
	buf_append(out, head, sizeof(head) - 1, NULL);
	xml_text_append(out, title, strlen(title));
	buf_printf(out, NULL, "</title>\n<style>\n");
	diagram_style(out, NULL);
	buf_append(out, rules, sizeof(rules) - 1, NULL);
	if (more != NULL)
		buf_append(out, more, strlen(more), NULL);
	buf_printf(out, NULL, "</style></head>\n<body class=\"usock\">\n<h1>");
	xml_text_append(out, title, strlen(title));
	return buf_printf(out, e, "</h1>\n");
}

int
page_end(struct buf *out, struct error *e)
{
	return buf_printf(out, e, "</body></html>\n");
}

/* ---- connections ---- */

static void
put_cell(struct buf *out, const char *text)
{
	buf_printf(out, NULL, "<td>");
	xml_text_append(out, text, strlen(text));
	buf_printf(out, NULL, "</td>");
}

static int
put_connections(const struct conversation *c, struct buf *out, struct error *e)
{
	char sent[UNITS_TEXT_MAX], received[UNITS_TEXT_MAX];

	buf_printf(out, NULL,
	    "<div class=\"scroll\" style=\"border:0\"><table><tr><th>#</th><th>Client</th>"
	    "<th>Server</th><th class=\"n\">Sent</th><th class=\"n\">Received</th>"
	    "<th>TLS</th></tr>\n");
	for (size_t i = 0; i < c->n_connections; i++) {
		const struct conversation_connection *k = &c->connections[i];

		buf_printf(out, NULL, "<tr><td>%llu</td>", (unsigned long long)k->id);
		put_cell(out, conversation_client(k));
		put_cell(out, conversation_server(k));
		buf_printf(out, NULL, "<td class=\"n\">%s</td><td class=\"n\">%s</td>",
		    units_size((double)k->bytes[DIALOGUE_SENT], sent),
		    units_size((double)k->bytes[DIALOGUE_RECEIVED], received));
		put_cell(out, k->tls != NULL ? k->tls : "-");
		buf_printf(out, NULL, "</tr>\n");
	}
	return buf_printf(out, e, "</table></div>\n");
}

/* ---- messages ---- */

static const char *
class_of_row(const struct conversation *c, const struct conversation_message *m)
{
	if (m->kind == DIALOGUE_RESET || m->kind == DIALOGUE_ERROR)
		return " bad";
	if (m->kind != DIALOGUE_DATA)
		return "";
	return conversation_is_request(c, m) ? " req" : " res";
}

static int
put_payload(const struct conversation_message *m, struct buf *out, struct error *e)
{
	const bool folded = m->bytes > FOLDED;

	if (folded) {
		buf_printf(out, NULL, "<details><summary>");
		if (diagram_preview(m, SUMMARY_CHARS, out, e) == -1)
			return -1;
		buf_printf(out, NULL, "</summary>");
	}
	buf_printf(out, NULL, "<pre%s>",
	    conversation_is_text(m->data, m->n) ? "" : " class=\"hex\"");
	if (diagram_payload(m, out, e) == -1)
		return -1;
	return buf_printf(out, e, "</pre>%s", folded ? "</details>" : "");
}

static void
put_message_head(const struct conversation *c, const struct conversation_message *m,
    struct buf *out)
{
	const char *from = conversation_end(c, m, true), *to = conversation_end(c, m, false);
	char size[UNITS_TEXT_MAX];

	buf_printf(out, NULL, "<span class=\"dim\">%.6f #%llu</span> ",
	    (double)m->time / (double)NSEC_PER_SEC,
	    (unsigned long long)c->connections[m->connection].id);
	xml_text_append(out, from, strlen(from));
	buf_printf(out, NULL, " %s%s",
	    m->kind == DIALOGUE_DATA ? "\xe2\x86\x92 " : conversation_word(m->kind),
	    m->kind == DIALOGUE_OPEN ? " to "
		: m->text != NULL    ? ": "
				     : "");
	if (m->kind == DIALOGUE_DATA || m->kind == DIALOGUE_OPEN)
		xml_text_append(out, to, strlen(to));
	if (m->kind == DIALOGUE_DATA)
		buf_printf(out, NULL, " <span class=\"dim\">%s</span>",
		    units_size((double)m->bytes, size));
	else if (m->text != NULL)
		xml_text_append(out, m->text, strlen(m->text));
}

static int
put_message_row(const struct conversation *c, size_t i, const char *anchor, struct buf *out,
    struct error *e)
{
	const struct conversation_message *m = &c->messages[i];

	buf_printf(out, NULL, "<div class=\"row%s\" id=\"%s%zu\">", class_of_row(c, m), anchor,
	    i + 1);
	put_message_head(c, m, out);
	if (m->kind == DIALOGUE_DATA && m->bytes > 0 && put_payload(m, out, e) == -1)
		return -1;
	return buf_printf(out, e, "</div>\n");
}

int
page_conversation(const struct conversation *c, const char *anchor, bool scale, struct buf *out,
    struct error *e)
{
	const struct diagram_how how = { .scale = scale, .inside = true, .anchor = anchor };

	if (put_connections(c, out, e) == -1)
		return -1;
	buf_printf(out, NULL, "<div class=\"scroll\">");
	if (diagram_draw(c, &how, out, e) == -1)
		return -1;
	buf_printf(out, NULL, "</div>\n");
	for (size_t i = 0; i < c->n_messages; i++)
		if (put_message_row(c, i, anchor, out, e) == -1)
			return -1;
	return 0;
}
