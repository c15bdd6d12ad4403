#include "script/handle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/handshakes.h"
#include "script/impl.h"
#include "sock/sock.h"

/* The number of calls of handle_sweep() for each search. */
#define SWEEP 256

/* ---- methods ---- */

bool
methods_add(struct methods *m, const struct interp_command *row)
{
	struct interp_command *rows = realloc(m->rows, (m->n + 2) * sizeof(*rows));
	size_t at;

	if (rows == NULL)
		return false;
	m->rows = rows;
	for (at = m->n; at > 0 && strcmp(rows[at - 1].name, row->name) > 0; at--)
		rows[at] = rows[at - 1];
	rows[at] = *row;
	m->n++;
	memset(&rows[m->n], 0, sizeof(*rows));
	return true;
}

void
methods_fini(struct methods *m)
{
	free(m->rows);
}

void
script_add_methods(struct script *sc, const struct interp_command *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		methods_add(&sc->socket_methods, &rows[i]);
}

const struct interp_command *
script_methods(const struct script *sc, bool of_files)
{
	return of_files ? sc->file_methods.rows : sc->socket_methods.rows;
}

static int
run_method(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	struct script *sc = h->sc;
	const struct methods *m = h->is_file ? &sc->file_methods : &sc->socket_methods;
	const struct acting outer = sc->acting;
	int code;

	sc->acting = (struct acting){ h, clock_now() };
	code = interp_run_row(in, h, argc, argv, m->rows);
	sc->acting = outer;
	return code;
}

int
handle_call(struct handle *h, struct interp *in, int argc, struct value *const argv[])
{
	struct value **words = calloc((size_t)argc + 1, sizeof(struct value *));
	int code;

	if (words == NULL)
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	words[0] = value_string(interp_heap(in), h->name);
	memcpy(words + 1, argv, (size_t)argc * sizeof(struct value *));
	handle_hold(h);
	code = run_method(in, h, argc + 1, words);
	handle_drop(h);
	value_unref(words[0]);
	free(words);
	return code;
}

static int
run_short(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = handle_current(data, in);

	return h == NULL ? TCL_ERROR : handle_call(h, in, argc, argv);
}

static int
run_close(struct interp *in, void *data, int argc, struct value *const argv[])
{
	return argc == 2 ? interp_close_channel(in, argv[1]) : run_short(in, data, argc, argv);
}

void
script_add_short(struct script *sc, const char *method)
{
	const struct interp_command row = { method,
		strcmp(method, "close") == 0 ? run_close : run_short, 0, -1, "?arg ...?" };

	interp_add(sc->in, &row, sc, NULL);
}

/* ---- creation and destruction ---- */

bool
handle_is_open(const struct handle *h)
{
	return h->sock != NULL && sock_fileno(h->sock) != -1;
}

static void
unlink_handle(struct handle *h)
{
	struct script *sc = h->sc;

	if (h->prev != NULL)
		h->prev->next = h->next;
	else
		sc->first = h->next;
	if (h->next != NULL)
		h->next->prev = h->prev;
	else
		sc->last = h->prev;
	if (sc->current == h)
		sc->current = NULL;
}

static int
close_stream(struct handle *h, struct error *e)
{
	return h->is_file ? sock_file_close(h->file, e) : sock_close(h->sock, e);
}

void
handle_stop_serving(struct handle *h)
{
	if (h->serving != NULL)
		h->stop_serving(h);
}

static void
free_handle(struct handle *h)
{
	struct error e;

	handle_stop_serving(h);
	if (close_stream(h, &e) == -1)
		script_note_background(h->sc, h->name, &e);
	if (!h->is_file)
		sock_free(h->sock);
	free(h->record);
	if (h->of != NULL)
		handle_drop(h->of);
	handshakes_drop(h->handshakes);
	free(h->host);
	free(h);
}

/* The command was deleted. */
static void
on_delete(void *data)
{
	struct handle *h = data;

	h->orphan = true;
	unlink_handle(h);
	if (h->holds == 0)
		free_handle(h);
}

void
handle_hold(struct handle *h)
{
	h->holds++;
}

void
handle_drop(struct handle *h)
{
	if (--h->holds == 0 && h->orphan)
		free_handle(h);
}

void
handle_sweep(struct script *sc)
{
	unsigned closed = 0;
	struct handle *h, *prev;

	if (++sc->since_sweep < SWEEP)
		return;
	sc->since_sweep = 0;
	for (h = sc->last; h != NULL; h = prev) {
		prev = h->prev;
		if (!handle_is_open(h) && h->holds == 0 && ++closed > HANDLE_CLOSED_MAX)
			interp_delete(sc->in, h->name);
	}
}

/* Skips names that the script has taken for its own commands. */
static void
name_handle(struct handle *h, const char *word, unsigned long *number)
{
	do
		snprintf(h->name, sizeof(h->name), "%s%lu", word, ++*number);
	while (interp_has(h->sc->in, h->name));
}

static void
append_handle(struct handle *h)
{
	struct script *sc = h->sc;

	h->prev = sc->last;
	if (sc->last != NULL)
		sc->last->next = h;
	else
		sc->first = h;
	sc->last = h;
}

static struct handle *
new_handle(struct script *sc, const char *word, unsigned long *number)
{
	const struct interp_command row = { word, run_method, 1, -1, "method ?arg ...?" };
	struct handle *h = calloc(1, sizeof(*h));

	if (h == NULL) {
		interp_fail(sc->in, "USOCK internal", NULL, "out of memory");
		return NULL;
	}
	handle_sweep(sc);
	h->sc = sc;
	name_handle(h, word, number);
	append_handle(h);
	interp_add_named(sc->in, h->name, &row, h, on_delete);
	return h;
}

struct handle *
handle_try_add(struct script *sc, struct sock *s)
{
	struct handle *h = new_handle(sc, "sock", &sc->sockets);

	if (h == NULL)
		return NULL;
	h->sock = s;
	sc->current = h;
	if (sc->on_socket != NULL)
		sc->on_socket(h);
	return h;
}

struct handle *
handle_add(struct script *sc, struct sock *s)
{
	struct handle *h = handle_try_add(sc, s);

	if (h == NULL)
		sock_free(s);
	return h;
}

struct handle *
handle_add_file(struct handle *of, struct sock_file *file)
{
	struct handle *h = new_handle(of->sc, "file", &of->sc->files);

	if (h == NULL) {
		sock_file_close(file, NULL);
		return NULL;
	}
	h->is_file = true;
	h->sock = of->sock;
	h->file = file;
	h->of = of;
	handle_hold(of);
	return h;
}

void
handle_set_host(struct handle *h, const char *host)
{
	free(h->host);
	h->host = strdup(host);
}

/* ---- finding ---- */

struct handle *
handle_find(struct script *sc, struct interp *in, struct value *name)
{
	struct handle *h;

	for (h = sc->first; h != NULL; h = h->next) {
		if (!h->is_file && value_is(name, h->name))
			return h;
	}
	interp_fail(in, "USOCK usage", NULL, "\"%v\" is not a socket", name);
	return NULL;
}

struct handle *
handle_current(struct script *sc, struct interp *in)
{
	if (sc->current == NULL)
		interp_fail(in, "USOCK usage", NULL,
		    "no current socket: \"connect HOST PORT\" makes one, \"use\" chooses one");
	return sc->current;
}

struct handle *
handle_get_current(struct script *sc)
{
	return sc->current;
}

void
handle_set_current(struct script *sc, struct handle *h)
{
	sc->current = h;
}

void
handles_each(struct script *sc, void (*fn)(void *arg, struct handle *h), void *arg)
{
	struct handle *h, *next;

	for (h = sc->first; h != NULL; h = next) {
		next = h->next;
		if (!h->is_file)
			fn(arg, h);
	}
}

void
handle_traffic(struct handle *h, char direction, const void *bytes, size_t n)
{
	const struct script_how *how = &h->sc->how;

	if (how->traffic != NULL && n > 0)
		how->traffic(how->arg, h->name, direction, bytes, n);
}
