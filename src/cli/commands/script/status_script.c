#include "cli/commands/script/status_script.h"

#include <errno.h>
#include <stdio.h>

#include "base/deadline.h"
#include "base/error.h"
#include "cli/commands/script/script_call.h"
#include "cli/status/status_query.h"
#include "cli/status/status_rows.h"
#include "cli/status/status_wait.h"
#include "script/context.h"
#include "script/dict_put.h"
#include "script/error.h"
#include "script/handle.h"
#include "script/methods/address.h"
#include "script/script.h"
#include "status/owners.h"
#include "status/tcp_info.h"
#include "tcl/interp.h"
#include "tcl/value/dict.h"
#include "tcl/value/list.h"

const char *const status_not_in_script[] = { "netns", "watch", "json", "no-header", NULL };

/* ---- a row ---- */

struct listing {
	struct interp *in;
	const struct status_opts *opts;
	struct status_owners *owners;
	struct status_rows rows;
	struct error error; /* error of take_row */
};

static void
add_owners(const struct listing *l, struct dict *d, uint64_t inode)
{
	struct heap *h = interp_heap(l->in);
	struct list *all = list_new(h, 4);
	const struct status_owner *owners;
	struct value *pair[2];
	size_t n;

	owners = status_owners_find(l->owners, inode, &n);
	for (size_t i = 0; i < n; i++) {
		pair[0] = value_int(h, owners[i].pid);
		pair[1] = value_string(h, owners[i].command);
		list_push(h, &all, value_list(h, 2, pair));
		value_unref(pair[0]);
		value_unref(pair[1]);
	}
	dict_put(l->in, d, "processes", value_from_list(h, all));
}

static void
add_info(const struct listing *l, struct dict *d, const struct status_row *row)
{
	struct status_metric metrics[STATUS_METRICS];
	size_t n = status_metrics(row, metrics);
	struct dict *info = dict_new(interp_heap(l->in));

	for (size_t i = 0; i < n; i++)
		dict_put_int(l->in, info, metrics[i].name, (int64_t)metrics[i].value);
	dict_put(l->in, d, "info", value_from_dict(interp_heap(l->in), info));
}

static void
add_timer(const struct listing *l, struct dict *d, const struct status_row *row)
{
	char text[40];

	dict_put_text(l->in, d, "timer", status_timer_name(row->timer));
	if (row->timer_left == 0)
		return;
	snprintf(text, sizeof(text), "%.3f", (double)row->timer_left / (double)NSEC_PER_SEC);
	dict_put_text(l->in, d, "left", text);
}

static struct value *
row_value(const struct listing *l, const struct status_row *row)
{
	struct interp *in = l->in;
	struct dict *d = dict_new(interp_heap(in));

	dict_put_text(in, d, "proto", status_proto_name(row->proto));
	dict_put_int(in, d, "code", row->code);
	dict_put_text(in, d, "name", status_state_name(row));
	dict_put(in, d, "local", address_value(in, &row->local));
	dict_put(in, d, "peer", address_value(in, &row->peer));
	dict_put_int(in, d, "rqueue", row->rqueue);
	dict_put_int(in, d, "wqueue", row->wqueue);
	dict_put_int(in, d, "uid", row->uid);
	dict_put_int(in, d, "inode", (int64_t)row->inode);
	add_timer(l, d, row);
	if (l->owners != NULL)
		add_owners(l, d, row->inode);
	if (l->opts->info)
		add_info(l, d, row);
	return value_from_dict(interp_heap(in), d);
}

static int
keep_row(void *arg, const struct status_row *row)
{
	struct listing *l = arg;

	return status_rows_add(&l->rows, row, &l->error) == -1;
}

/* ---- all of them ---- */

static int
kill_rows(struct listing *l)
{
	int64_t killed = 0;
	struct error e;

	for (size_t i = 0; i < l->rows.n; i++) {
		if (status_kill(&l->rows.list[i], &e) == 0)
			killed++;
		else if (e.number != ENOENT)
			return script_fail(l->in, &e);
	}
	return interp_return_int(l->in, killed);
}

static int
list_rows(struct listing *l)
{
	struct heap *h = interp_heap(l->in);
	struct list *list = list_new(h, l->rows.n);

	status_rows_sort(&l->rows, (enum status_key)l->opts->sort);
	for (size_t i = 0; i < l->rows.n; i++) {
		const struct status_row *row = &l->rows.list[i];

		list_push(h, &list, l->opts->code ? value_int(h, row->code) : row_value(l, row));
	}
	return interp_return(l->in, value_from_list(h, list));
}

/* CLOSED is a state that no socket table contains. */
static int
add_closed(struct listing *l, const struct status_query *q)
{
	const struct status_row row = { .local = q->local, .peer = q->peer };

	if (!q->exact || !l->opts->code || l->rows.n > 0)
		return 0;
	return keep_row(l, &row) != 0 ? -1 : 0;
}

static int
return_rows(struct listing *l, const struct status_query *q)
{
	struct error *e = &l->error;

	if ((l->opts->process && status_owners_open(&l->owners, e) == -1) ||
	    status_each(&q->how, keep_row, l, NULL, e) != 0 || add_closed(l, q) == -1)
		return script_fail(l->in, e);
	if (l->opts->kill)
		return kill_rows(l);
	if (l->opts->count)
		return interp_return_int(l->in, (int64_t)l->rows.n);
	return list_rows(l);
}

static int
wait_for_goal(struct interp *in, const struct status_opts *o, const struct status_query *q,
    const struct status_goal *goal)
{
	struct loop *loop = script_how(script_of(in))->loop;
	struct error e = { 0 };

	if (status_wait(loop, q, goal, o->timeout, &e) == 0)
		return TCL_OK;
	error_prefix(&e, "wait %s %s", q->name[0] != '\0' ? q->name : "socket", o->wait);
	return script_fail(in, &e);
}

static int
query_table(struct interp *in, const struct status_opts *o, const struct opt_rest *rest)
{
	struct listing l = { .in = in, .opts = o };
	struct status_query q = { .exact = false };
	struct status_goal goal = { .code = 0 };
	struct error e = { 0 };
	int64_t unused;
	int code;

	if (status_query_read(&q, o, rest, &e) == -1 ||
	    status_query_check(&q, o, &goal, &unused, &e) == -1) {
		code = script_call_fail(in, o, &e);
	} else if (o->wait != NULL) {
		code = wait_for_goal(in, o, &q, &goal);
	} else {
		code = return_rows(&l, &q);
	}
	status_query_fini(&q);
	status_rows_fini(&l.rows);
	status_owners_close(l.owners);
	return code;
}

int
status_script(struct interp *in, void *values, const struct opt_rest *rest)
{
	struct handle *h;
	struct value *word;
	int code;

	if (!script_call_is_bare(values))
		return query_table(in, values, rest);
	h = handle_current(script_of(in), in);
	if (h == NULL)
		return TCL_ERROR;
	word = value_string(interp_heap(in), "status");
	code = handle_call(h, in, 1, &word);
	value_unref(word);
	return code;
}
