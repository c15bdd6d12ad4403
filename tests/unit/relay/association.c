#include "relay/dial/association.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/log.h"
#include "net/access/access.h"
#include "net/connect.h"
#include "net/sys.h"
#include "relay/copy/scratch.h"
#include "relay/relay.h"
#include "stream/fd.h"
#include "stream/negotiate/proxy/socks_datagram.h"
#include "test.h"

#define MSEC NSEC_PER_MSEC

enum { UDP_MAX = 65507, V4_HEADER = 10 };

/* An association between a client's socket, its connection, and a target. */
struct stage {
	struct loop *loop;
	struct scratch scratch;
	struct ending_rules rules;
	struct log log;
	struct connect_how connect;
	struct association_how how;
	struct association_socket socket;
	struct sockname name; /* where the client sends to */
	struct relay_how relay_how;
	struct relay *relay;
	struct access *access;
	int control, client, target;
	bool over;
	char lines[2000]; /* of the log, notes only */
};

static void
on_line(void *arg, enum log_level level, const char *line)
{
	struct stage *st = arg;
	size_t n = strlen(st->lines);

	(void)level;
	snprintf(st->lines + n, sizeof(st->lines) - n, "%s\n", line);
}

static void
on_done(struct relay *r)
{
	((struct stage *)r->how.arg)->over = true;
}

static int
udp_socket(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), size = 1 << 20;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check_int(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return fd;
}

static struct sockname
name_of(int fd)
{
	struct sockname name = { .len = 0 };

	check_int(sys_local_name(fd, &name, NULL), 0);
	return name;
}

static void
stage_open(struct stage *st)
{
	int pair[2];

	signal(SIGPIPE, SIG_IGN);
	*st = (struct stage){ .scratch = { .size = 256 << 10 },
		.client = udp_socket(),
		.target = udp_socket() };
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	st->control = pair[1];
	check_int(loop_open(&st->loop, NULL), 0);
	st->log = (struct log){ .level = LOG_NOTE, .fn = on_line, .arg = st };
	st->rules = (struct ending_rules){ .after_eof = DURATION_NONE,
		.idle = DURATION_NONE,
		.accept = DURATION_NONE,
		.until = deadline_never() };
	st->connect.connect_timeout = 20 * NSEC_PER_SEC;
	st->how = (struct association_how){ .loop = st->loop,
		.log = &st->log,
		.connect = &st->connect,
		.until = deadline_never(),
		.local = name_of(st->target),
		.client = name_of(st->client) };
	sockname_set_port(&st->how.client, 0);
	st->relay_how = (struct relay_how){ .loop = st->loop,
		.log = &st->log,
		.scratch = &st->scratch,
		.rules = &st->rules,
		.limit = UINT64_MAX,
		.done = on_done,
		.arg = st };
	check_int(fd_stream_null(&st->relay_how.local, NULL), 0);
	check_int(fd_stream_socket(&st->relay_how.remote, pair[0], NULL), 0);
}

static void
stage_start(struct stage *st)
{
	struct error e = { 0 };

	check_int(association_listen(&st->socket, &st->how, &e), 0);
	st->name = st->socket.name;
	check_int(association_open(&st->relay, &st->relay_how, &st->how, &st->socket, &e), 0);
	check_int(st->socket.fd, -1);
	relay_start(st->relay);
}

static void
stage_run(struct stage *st, int ms)
{
	check(loop_run(st->loop, &st->over, deadline_in(ms * MSEC), NULL) >= 0);
}

/* Until the association has had n datagrams of the client. */
static void
run_until_received(struct stage *st, uint64_t n)
{
	for (int i = 0; i < 400 && st->relay->n_received < n; i++)
		stage_run(st, 5);
}

static int
times_logged(const struct stage *st, const char *words)
{
	int n = 0;

	for (const char *at = st->lines; (at = strstr(at, words)) != NULL; at++)
		n++;
	return n;
}

static void
run_until_logged(struct stage *st, const char *words, int times)
{
	for (int i = 0; i < 4000 && times_logged(st, words) < times; i++)
		stage_run(st, 5);
	check(times_logged(st, words) >= times);
}

/* The connection ends: so does the association. */
static void
stage_end(struct stage *st)
{
	shutdown(st->control, SHUT_WR);
	stage_run(st, 20000);
	check(st->over);
	check_int(st->relay->ending.end, END_PEER_FIN);
}

static void
stage_close(struct stage *st)
{
	relay_close(st->relay);
	stream_close(st->relay_how.remote);
	stream_close(st->relay_how.local);
	access_close(st->access);
	scratch_fini(&st->scratch);
	loop_close(st->loop);
	close(st->control);
	close(st->client);
	close(st->target);
}

static void
send_bytes(const struct stage *st, int fd, const void *data, size_t n)
{
	check_int(sendto(fd, data, n, 0, &st->name.sa, st->name.len), (intmax_t)n);
}

/* Sends a datagram of the client for the socket `to`. */
static void
say_to(const struct stage *st, int to, const char *text)
{
	struct proxy_target target = { .address = name_of(to) };
	unsigned char data[SOCKS_DATAGRAM_HEADER_MAX + 100];
	size_t n;

	target.port = sockname_port(&target.address);
	n = socks_datagram_put(&target, data);
	n += (size_t)snprintf((char *)data + n, 100, "%s", text);
	send_bytes(st, st->client, data, n);
}

/* Returns the length of what fd receives while the association runs, -1 for nothing. */
static ssize_t
hear(struct stage *st, int fd, char *data, size_t room, struct sockname *ret_from)
{
	ssize_t n = -1;

	for (int i = 0; i < 400 && n < 0; i++) {
		stage_run(st, 5);
		ret_from->len = sizeof(ret_from->storage);
		n = recvfrom(fd, data, room, MSG_DONTWAIT, &ret_from->sa, &ret_from->len);
	}
	return n;
}

/* Checks that the socket of the target gets this, and sets *ret_from to whom it may answer. */
static void
target_hears(struct stage *st, int fd, const char *want, struct sockname *ret_from)
{
	char data[200];
	ssize_t n = hear(st, fd, data, sizeof(data), ret_from);

	check_mem(data, n < 0 ? 0 : (size_t)n, want, strlen(want));
}

static unsigned
count_waiting(int fd)
{
	char data[200];
	unsigned n = 0;

	while (recv(fd, data, sizeof(data), MSG_DONTWAIT) >= 0)
		n++;
	return n;
}

TEST("a datagram goes to the target of its header, and its answer comes back with a header")
{
	struct stage st;
	struct sockname from, proxy;
	struct proxy_target answered;
	char data[100];
	const char *why;
	ssize_t n;

	stage_open(&st);
	stage_start(&st);
	say_to(&st, st.target, "hello");
	target_hears(&st, st.target, "hello", &from);
	check_int(sendto(st.target, "there", 5, 0, &from.sa, from.len), 5);
	n = hear(&st, st.client, data, sizeof(data), &proxy);
	require(n == V4_HEADER + 5);
	check(sockname_equal(&proxy, &st.name));
	check_int((intmax_t)socks_datagram_parse(&answered, data, (size_t)n, &why), V4_HEADER);
	from = name_of(st.target);
	check(sockname_equal(&answered.address, &from));
	check_mem(data + V4_HEADER, 5, "there", 5);
	stage_end(&st);
	check_int((intmax_t)st.relay->received, 5);
	check_int((intmax_t)st.relay->n_received, 1);
	check_int((intmax_t)st.relay->sent, 5);
	check_int((intmax_t)st.relay->n_sent, 1);
	check_str(st.lines, "");
	stage_close(&st);
}

TEST("an answer is passed on whole, or is dropped and counted: it is never cut")
{
	static char data[UDP_MAX], got[UDP_MAX + 1];
	struct stage st;
	struct sockname from, proxy;

	stage_open(&st);
	stage_start(&st);
	say_to(&st, st.target, "hello");
	target_hears(&st, st.target, "hello", &from);
	memset(data, 'x', sizeof(data));
	data[UDP_MAX - V4_HEADER - 1] = 'y';
	check_int(sendto(st.target, data, UDP_MAX - V4_HEADER, 0, &from.sa, from.len),
	    UDP_MAX - V4_HEADER);
	check_int(hear(&st, st.client, got, sizeof(got), &proxy), UDP_MAX);
	check_int(got[UDP_MAX - 1], 'y');
	check_int(sendto(st.target, data, UDP_MAX, 0, &from.sa, from.len), UDP_MAX);
	check_int(sendto(st.target, "after", 5, 0, &from.sa, from.len), 5);
	check_int(hear(&st, st.client, got, sizeof(got), &proxy), V4_HEADER + 5);
	stage_end(&st);
	check_int((intmax_t)st.relay->n_sent, 2);
	check_int((intmax_t)st.relay->sent, UDP_MAX - V4_HEADER + 5);
	check(strstr(st.lines, ": 1 datagram dropped: there was no room for them") != NULL);
	stage_close(&st);
}

TEST("what the client sent before its connection ended is relayed, however much it was")
{
	enum { MANY = 150 };
	struct stage st;
	struct sockname from;

	stage_open(&st);
	stage_start(&st);
	say_to(&st, st.target, "first");
	target_hears(&st, st.target, "first", &from);
	for (int i = 0; i < MANY; i++)
		say_to(&st, st.target, "more");
	stage_end(&st);
	check_int(count_waiting(st.target), MANY);
	check_int((intmax_t)st.relay->n_received, MANY + 1);
	check_str(st.lines, "");
	stage_close(&st);
}

TEST("only the client may send, from the port that it has sent from first")
{
	struct stage st;
	struct sockname from;
	int other = udp_socket();
	char want[1000], client[SOCKNAME_TEXT_MAX];

	stage_open(&st);
	stage_start(&st);
	/* what has no header does not choose the port */
	send_bytes(&st, other, "nothing", 7);
	say_to(&st, st.target, "hello");
	target_hears(&st, st.target, "hello", &from);
	send_bytes(&st, other, "\0\0\0\1\x7f\0\0\1\1\2x", 11);
	send_bytes(&st, other, "\0\0\0\1\x7f\0\0\1\1\2x", 11);
	say_to(&st, st.target, "bye");
	target_hears(&st, st.target, "bye", &from);
	stage_end(&st);
	from = name_of(st.client);
	sockname_format(&from, client, sizeof(client));
	snprintf(want, sizeof(want),
	    "association of %s: 2 datagrams dropped: they came from another address than the "
	    "client's\nassociation of %s: 1 datagram dropped: they had no header of SOCKS5, or "
	    "were fragments\n",
	    client, client);
	check_str(st.lines, want);
	check_int((intmax_t)st.relay->n_received, 2);
	stage_close(&st);
	close(other);
}

TEST("a client that has told its port sends from there alone")
{
	struct stage st;
	struct sockname from;
	int other = udp_socket();

	stage_open(&st);
	st.how.client = name_of(other);
	stage_start(&st);
	say_to(&st, st.target, "hello");
	check_int(dup2(other, st.client), st.client);
	say_to(&st, st.target, "it is me");
	target_hears(&st, st.target, "it is me", &from);
	stage_end(&st);
	check(strstr(st.lines, ": 1 datagram dropped: they came from another address") != NULL);
	stage_close(&st);
	close(other);
}

static void
open_lists(struct stage *st, const char *const *denied, size_t n)
{
	const struct access_how how = { .deny = { denied, n, "--deny" },
		.targets = true,
		.loop = st->loop };

	check_int(access_open(&st->access, &how, deadline_in(20 * NSEC_PER_SEC), NULL), 0);
	st->how.targets = st->access;
}

/* Sends a datagram for a name. */
static void
say_to_name(const struct stage *st, const char *name, uint16_t port)
{
	struct proxy_target target = { .port = port };
	unsigned char data[SOCKS_DATAGRAM_HEADER_MAX + 100];
	size_t n;

	snprintf(target.host, sizeof(target.host), "%s", name);
	n = socks_datagram_put(&target, data);
	data[n] = 'x';
	send_bytes(st, st->client, data, n + 1);
}

TEST("a target that may not be sent to gets nothing: by address, by name, by the address of a name")
{
	static const char *const denied[] = { "127.0.0.0/8", "::1", "no.example" };
	struct stage st;
	struct sockname name;

	stage_open(&st);
	st.log.level = LOG_VERBOSE;
	open_lists(&st, denied, 3);
	stage_start(&st);
	name = name_of(st.target);
	say_to_name(&st, "no.example", 7);
	say_to(&st, st.target, "hello");
	say_to_name(&st, "localhost", sockname_port(&name));
	/* the address, and that of localhost, which is looked up first */
	run_until_logged(&st, "not allowed", 2);
	stage_end(&st);
	check_int((intmax_t)st.relay->n_received, 3);
	check_int(count_waiting(st.target), 0);
	check(strstr(st.lines, ": 3 datagrams dropped: the target is not allowed") != NULL);
	stage_close(&st);
}

TEST("a target that may no longer be sent to gets no more")
{
	char path[TEST_PATH_MAX], entry[TEST_PATH_MAX + 1];
	const char *const denied[] = { entry };
	struct sockname from;
	struct stage st;
	FILE *file;

	test_path(path, "association-targets");
	snprintf(entry, sizeof(entry), "@%s", path);
	require((file = fopen(path, "w")) != NULL);
	stage_open(&st);
	open_lists(&st, denied, 1);
	stage_start(&st);
	say_to(&st, st.target, "hello");
	target_hears(&st, st.target, "hello", &from);
	fputs("127.0.0.1\n", file);
	fclose(file);
	check_int(access_reload(st.access, deadline_in(20 * NSEC_PER_SEC), NULL), 0);
	say_to(&st, st.target, "again");
	run_until_received(&st, 2);
	stage_end(&st);
	check_int(count_waiting(st.target), 0);
	check(strstr(st.lines, ": 1 datagram dropped: the target is not allowed") != NULL);
	stage_close(&st);
	unlink(path);
}

TEST("port 0 is no target")
{
	struct stage st;

	stage_open(&st);
	stage_start(&st);
	send_bytes(&st, st.client, "\0\0\0\1\x7f\0\0\1\0\0x", 11);
	run_until_received(&st, 1);
	stage_end(&st);
	check(strstr(st.lines, ": 1 datagram dropped: the target cannot be reached") != NULL);
	stage_close(&st);
}

TEST("the targets that were silent for longest make room, and their answers come no more")
{
	enum { MORE = 3, ALL = ASSOCIATION_TARGETS + MORE };
	struct sockname names[ALL], from;
	int targets[ALL];
	struct stage st;
	char data[100];

	stage_open(&st);
	stage_start(&st);
	for (int i = 0; i < ALL; i++) {
		targets[i] = udp_socket();
		say_to(&st, targets[i], "hello");
		target_hears(&st, targets[i], "hello", &names[i]);
		/* the first is used again and again, so it stays */
		say_to(&st, targets[0], "again");
		target_hears(&st, targets[0], "again", &from);
		check(sockname_equal(&from, &names[0]));
	}
	for (int i = 1; i <= MORE; i++)
		check_int(sendto(targets[i], "late", 4, 0, &names[i].sa, names[i].len), 4);
	check_int(sendto(targets[MORE + 1], "good", 4, 0, &names[MORE + 1].sa, names[MORE + 1].len),
	    4);
	check_int(hear(&st, st.client, data, sizeof(data), &from), V4_HEADER + 4);
	check_mem(data + V4_HEADER, 4, "good", 4);
	check_int(count_waiting(st.client), 0);
	stage_end(&st);
	stage_close(&st);
	for (int i = 0; i < ALL; i++)
		close(targets[i]);
}

TEST("a target that has refused is forgotten, and the next datagram reaches its successor")
{
	struct sockname name, from;
	struct stage st;
	int gone = udp_socket();

	stage_open(&st);
	st.log.level = LOG_VERBOSE;
	stage_start(&st);
	name = name_of(gone);
	say_to(&st, gone, "hello");
	target_hears(&st, gone, "hello", &from);
	say_to(&st, gone, "refused");
	close(gone);
	run_until_logged(&st, "refused", 1);
	gone = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	check_int(bind(gone, &name.sa, name.len), 0);
	say_to(&st, gone, "who is it");
	target_hears(&st, gone, "who is it", &from);
	stage_end(&st);
	stage_close(&st);
	close(gone);
}

TEST("the association is over when as many bytes have come as may")
{
	struct stage st;

	stage_open(&st);
	st.relay_how.limit = 8;
	stage_start(&st);
	say_to(&st, st.target, "1234");
	say_to(&st, st.target, "56789");
	stage_run(&st, 20000);
	check(st.over);
	check_int((intmax_t)st.relay->received, 9);
	stage_close(&st);
}

TEST("a client without an address of IP has no association")
{
	struct stage st;
	struct error e = { 0 };

	stage_open(&st);
	st.how.client = (struct sockname){ .len = sizeof(sa_family_t), .sa.sa_family = AF_UNIX };
	check_int(association_listen(&st.socket, &st.how, &e), -1);
	check_int(e.code, ERROR_NETWORK);
	stage_close(&st);
}
