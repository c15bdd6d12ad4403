/* drip split stall halfclose garbage duplicate: methods that make a socket misbehave */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/array.h"
#include "base/parse.h"
#include "script/impl.h"
#include "sock/sock.h"

#define RATE_DEFAULT 10.0
#define SPLIT_DELAY (10 * NSEC_PER_MSEC)
/* In bytes a second; above this the pauses are shorter than a nanosecond. */
#define RATE_MAX 1e9
#define GARBAGE_PIECE ((size_t)64 * 1024)
/* The size limit of a datagram. */
#define GARBAGE_RECORD_MAX ((uint64_t)65535)

/* ---- sending in pieces ---- */

struct pieces {
	struct handle *h;
	struct interp *in;
	const char *bytes;
	size_t n, sent;
	int nodelay; /* the value before; -1: the socket has no TCP_NODELAY */
	int64_t began;
};

/* Turns on TCP_NODELAY, so that each piece becomes a segment. */
static void
begin_pieces(struct pieces *p)
{
	size_t n = sizeof(p->nodelay);

	handle_hold(p->h);
	if (sock_getsockopt(p->h->sock, IPPROTO_TCP, TCP_NODELAY, &p->nodelay, &n, NULL) == -1)
		p->nodelay = -1;
	else
		(void)sock_setsockopt_int(p->h->sock, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
	p->began = clock_now();
}

static int
send_piece(struct pieces *p, size_t n)
{
	struct error e = { 0 };
	size_t sent = 0;
	int rc = sock_sendall(p->h->sock, p->bytes + p->sent, n, &sent, &e);

	handle_traffic(p->h, '>', p->bytes + p->sent, sent);
	p->sent += sent;
	return rc == 0 ? TCL_OK : script_fail_with(p->in, &e, "sent", (int64_t)p->sent);
}

static int
pause_until(struct pieces *p, struct deadline until)
{
	const bool never = false;
	struct error e = { 0 };

	if (loop_run(p->h->sc->how.loop, &never, until, &e) == -1)
		return script_fail_with(p->in, &e, "sent", (int64_t)p->sent);
	return TCL_OK;
}

static int
end_pieces(struct pieces *p, int code)
{
	if (p->nodelay != -1)
		(void)sock_setsockopt_int(p->h->sock, IPPROTO_TCP, TCP_NODELAY, p->nodelay, NULL);
	handle_drop(p->h);
	return code == TCL_OK ? interp_return_int(p->in, (int64_t)p->sent) : code;
}

/* Reads the only option of a method; *ret_v is its value, or NULL without it. */
static int
get_value_option(struct interp *in, int argc, struct value *const argv[], int at, const char *name,
    struct value **ret_v)
{
	*ret_v = NULL;
	if (argc <= at)
		return TCL_OK;
	if (!value_is(argv[at], name) || argc != at + 2)
		return interp_fail(in, "USOCK usage", NULL, "bad option \"%v\": must be %s VALUE",
		    argv[at], name);
	*ret_v = argv[at + 1];
	return TCL_OK;
}

static int
get_rate(struct interp *in, struct value *v, double *ret_rate)
{
	*ret_rate = RATE_DEFAULT;
	if (v == NULL)
		return TCL_OK;
	if (interp_get_double(in, v, ret_rate) != TCL_OK)
		return TCL_ERROR;
	if (*ret_rate >= 1e-6 && *ret_rate <= RATE_MAX)
		return TCL_OK;
	return interp_fail(in, "USOCK usage", NULL, "drip: -rate %v is no number of bytes a second",
	    v);
}

/* Sends byte i at i/rate seconds after the first, even if earlier bytes were late. */
static int
drip(struct pieces *p, double rate)
{
	int code = TCL_OK;

	while (code == TCL_OK && p->sent < p->n) {
		double due = (double)(clock_now() - p->began) / NSEC_PER_SEC * rate + 1;
		size_t n = due >= (double)p->n ? p->n : (size_t)due;

		if (n > p->sent)
			code = send_piece(p, n - p->sent);
		else
			code = pause_until(p,
			    (struct deadline){
				p->began + (int64_t)((double)p->sent / rate * NSEC_PER_SEC) + 1 });
	}
	return code;
}

static int
m_drip(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct pieces p = { .h = data, .in = in };
	struct value *option;
	double rate;

	p.bytes = value_bytes(argv[2], &p.n);
	if (get_value_option(in, argc, argv, 3, "-rate", &option) != TCL_OK ||
	    get_rate(in, option, &rate) != TCL_OK)
		return TCL_ERROR;
	begin_pieces(&p);
	return end_pieces(&p, drip(&p, rate));
}

static int
split(struct pieces *p, size_t size, int64_t delay)
{
	int code = TCL_OK;

	while (code == TCL_OK && p->sent < p->n) {
		code = send_piece(p, p->n - p->sent < size ? p->n - p->sent : size);
		if (code == TCL_OK && p->sent < p->n)
			code = pause_until(p, deadline_in(delay));
	}
	return code;
}

static int
m_split(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct pieces p = { .h = data, .in = in };
	int64_t size, delay = SPLIT_DELAY;
	struct value *option;

	p.bytes = value_bytes(argv[2], &p.n);
	if (interp_get_int(in, argv[3], &size) != TCL_OK ||
	    get_value_option(in, argc, argv, 4, "-delay", &option) != TCL_OK ||
	    (option != NULL && script_get_duration(in, option, &delay) != TCL_OK))
		return TCL_ERROR;
	if (size <= 0)
		return interp_fail(in, "USOCK usage", NULL, "split: \"%v\" is no number of bytes",
		    argv[3]);
	begin_pieces(&p);
	return end_pieces(&p, split(&p, (size_t)size, delay));
}

static int
m_duplicate(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct pieces p = { .h = data, .in = in };
	int64_t times = 2, total = 0;
	int code = TCL_OK;

	if (argc > 3 && interp_get_int(in, argv[3], &times) != TCL_OK)
		return TCL_ERROR;
	if (times < 0)
		return interp_fail(in, "USOCK usage", NULL, "duplicate: \"%v\" is no number",
		    argv[3]);
	p.bytes = value_bytes(argv[2], &p.n);
	begin_pieces(&p);
	for (int64_t i = 0; i < times && code == TCL_OK; i++) {
		p.sent = 0;
		code = send_piece(&p, p.n);
		total += (int64_t)p.sent;
	}
	p.sent = (size_t)total;
	return end_pieces(&p, code);
}

/* ---- garbage ---- */

/* splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
static uint64_t
splitmix64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Writes low bytes first, so that all machines send the same. n is a multiple of 8. */
static void
fill_random(unsigned char *bytes, size_t n, uint64_t *state)
{
	for (size_t i = 0; i < n; i += 8) {
		uint64_t word = splitmix64(state);

		for (size_t j = 0; j < 8; j++)
			bytes[i + j] = (unsigned char)(word >> (8 * j));
	}
}

static int
send_garbage(struct interp *in, struct handle *h, uint64_t n, uint64_t state)
{
	struct pieces p = { .h = h, .in = in };
	char *piece = malloc(GARBAGE_PIECE);
	uint64_t left = n;
	int code = TCL_OK;

	if (piece == NULL)
		return interp_fail(in, "USOCK internal", NULL, "out of memory");
	p.bytes = piece;
	handle_hold(h);
	while (left > 0 && code == TCL_OK) {
		fill_random((unsigned char *)piece, GARBAGE_PIECE, &state);
		p.sent = 0;
		code = send_piece(&p, left < GARBAGE_PIECE ? (size_t)left : GARBAGE_PIECE);
		left -= p.sent;
	}
	handle_drop(h);
	free(piece);
	return code == TCL_OK ? interp_return_int(in, (int64_t)n) : code;
}

static int
m_garbage(struct interp *in, void *data, int argc, struct value *const argv[])
{
	const char *text = script_get_text(in, argv[2], "garbage");
	struct handle *h = data;
	struct value *option;
	struct error e = { 0 };
	int64_t seed = 1;
	uint64_t n;

	if (text == NULL || get_value_option(in, argc, argv, 3, "-seed", &option) != TCL_OK ||
	    (option != NULL && interp_get_int(in, option, &seed) != TCL_OK))
		return TCL_ERROR;
	if (parse_size(text, &n, &e) == -1)
		return script_fail(in, &e);
	if (sock_type(h->sock) != SOCK_STREAM && n > GARBAGE_RECORD_MAX)
		return interp_fail(in, "USOCK usage", NULL, "garbage: a datagram has no %v bytes",
		    argv[2]);
	return send_garbage(in, h, n, (uint64_t)seed);
}

/* ---- stall and halfclose ---- */

static int
set_receive_buffer(struct handle *h, int size, struct error *e)
{
	return sock_setsockopt_int(h->sock, SOL_SOCKET, SO_RCVBUF, size, e);
}

/* Sets the smallest receive buffer: it fills soon, as nothing is read. */
static int
m_stall(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct pieces p = { .h = data, .in = in };
	int64_t duration = 0;
	struct error e = { 0 };
	int room = 0, code;
	size_t n = sizeof(room);

	if (argc > 2 && script_get_duration(in, argv[2], &duration) != TCL_OK)
		return TCL_ERROR;
	if (sock_getsockopt(p.h->sock, SOL_SOCKET, SO_RCVBUF, &room, &n, &e) == -1 ||
	    set_receive_buffer(p.h, 1, &e) == -1)
		return script_fail(in, &e);
	if (argc == 2)
		return TCL_OK;
	handle_hold(p.h);
	code = pause_until(&p, deadline_in(duration));
	/* the kernel returns twice the size that was set: socket(7) */
	(void)set_receive_buffer(p.h, room / 2, NULL);
	handle_drop(p.h);
	return code;
}

static int
m_halfclose(struct interp *in, void *data, int argc, struct value *const argv[])
{
	struct handle *h = data;
	struct error e = { 0 };

	(void)argc;
	(void)argv;
	if (sock_shutdown(h->sock, SHUT_WR, &e) == -1)
		return script_fail(in, &e);
	return TCL_OK;
}

void
script_fault_injection_init(struct script *sc)
{
	static const struct interp_command methods[] = {
		{ "drip", m_drip, 1, 3, "bytes ?-rate bytesPerSecond?" },
		{ "duplicate", m_duplicate, 1, 2, "bytes ?times?" },
		{ "garbage", m_garbage, 1, 3, "size ?-seed number?" },
		{ "halfclose", m_halfclose, 0, 0, "" },
		{ "split", m_split, 2, 4, "bytes size ?-delay duration?" },
		{ "stall", m_stall, 0, 1, "?duration?" },
	};

	script_add_methods(sc, methods, ARRAY_LEN(methods));
}
