#include "cli/datagram.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/rows.h"

static int
show_json(const struct packet *p, const char *from, struct buf *out, struct error *e)
{
	if (buf_printf(out, e, "{\"from\":") < 0 ||
	    rows_json_string(out, from, strlen(from), e) < 0 ||
	    buf_printf(out, e, ",\"bytes\":%zu,\"data\":", p->len) < 0 ||
	    rows_json_string(out, p->data, p->len, e) < 0)
		return -1;
	return buf_append(out, "}\n", 2, e);
}

int
datagram_show(void *arg, const struct packet *p, struct buf *out, struct error *e)
{
	const struct datagram_view *view = arg;
	char from[SOCKNAME_TEXT_MAX];

	if (view->sender || view->json)
		sockname_format(&p->name, from, sizeof from);
	if (view->json)
		return show_json(p, from, out, e);
	if (view->sender && buf_printf(out, e, "%s: ", from) < 0)
		return -1;
	return framing_put(&view->framing, p->data, p->len, out, e);
}
