#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "loop/loop_stack.h"
#include "net/sys.h"
#include "sock_test.h"
#include "stream/tls.h"

/* ---- a peer in its own process, which reads only when told to ---- */

struct peer {
	pid_t pid;
	int go, result;
	struct tls *tls;
	struct sock *sock; /* ours, with TLS */
};

/* What arrived until the end, or until n bytes. */
struct outcome {
	uint64_t n;
	unsigned char last[4];
	int error; /* errno; 0: close_notify, or n bytes */
};

/* Small, so that little is in flight. */
enum { BUFFER = 8192 };

static void
serve(int fd, int go, int result)
{
	const struct tls_how how = { .role = TLS_SERVER, .self_signed = true };
	struct outcome o = { .error = 0 };
	static unsigned char data[65536];
	struct sock_tls_how tls = { .name = NULL };
	uint64_t until = 0;
	struct sock *s;
	ssize_t n = 1;

	if (loop_open(&loop, &error) == -1 || sock_adopt(&s, loop, fd, &error) == -1 ||
	    sys_set_nonblocking(fd, true, &error) == -1 || tls_open(&tls.tls, &how, &error) == -1 ||
	    sock_start_tls(s, &tls, deadline_in(PATIENCE), &error) == -1)
		_exit(1);
	if (read(go, &until, sizeof(until)) != sizeof(until))
		_exit(0);
	while (n > 0 && o.n < until) {
		n = sock_recv(s, data, sizeof(data), 0, &error);
		if (n >= (ssize_t)sizeof(o.last))
			memcpy(o.last, data + n - sizeof(o.last), sizeof(o.last));
		o.n += n > 0 ? (uint64_t)n : 0;
	}
	o.error = n == -1 ? error.number : 0;
	_exit(write(result, &o, sizeof(o)) == sizeof(o) ? 0 : 1);
}

static int
listen_narrow(struct sockname *ret_name)
{
	struct sockname any = loopback(0);
	int fd = sys_socket(AF_INET, SOCK_STREAM, 0, &error), size = BUFFER;

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	check_int(sys_bind(fd, &any, &error), 0);
	check_int(sys_listen(fd, 1, &error), 0);
	check_int(sys_local_name(fd, ret_name, &error), 0);
	check_int(sys_set_nonblocking(fd, false, &error), 0);
	return fd;
}

static bool
peer_open(struct peer *p)
{
	const struct tls_how how = { .insecure = true, .no_ktls = true };
	struct sock_tls_how tls = { .name = "localhost" };
	int go[2], result[2], size = BUFFER, listener;
	struct sockname name;

	listener = listen_narrow(&name);
	if (!check_int(pipe(go), 0) || !check_int(pipe(result), 0))
		return false;
	p->pid = fork();
	if (p->pid == 0) {
		close(go[1]);
		serve(accept(listener, NULL, NULL), go[0], result[1]);
	}
	close(listener), close(go[0]), close(result[1]);
	p->go = go[1];
	p->result = result[0];
	p->sock = fresh(SOCK_STREAM);
	sock_setsockopt_int(p->sock, SOL_SOCKET, SO_SNDBUF, size, &error);
	check_int(tls_open(&p->tls, &how, &error), 0);
	tls.tls = p->tls;
	return check_int(sock_connect(p->sock, &name, &error), 0) &&
	    check_int(sock_start_tls(p->sock, &tls, deadline_in(PATIENCE), &error), 0);
}

static void
peer_reads(struct peer *p, uint64_t until)
{
	check_int(write(p->go, &until, sizeof(until)), sizeof(until));
}

/* Runs only the loop meanwhile. */
static struct outcome
peer_outcome(struct peer *p)
{
	struct deadline until = deadline_in(PATIENCE);
	struct pollfd ready = { .fd = p->result, .events = POLLIN };
	struct outcome o = { .error = -1 };

	while (poll(&ready, 1, 0) == 0 && !deadline_passed(until))
		turn();
	check_int(read(p->result, &o, sizeof(o)), sizeof(o));
	return o;
}

static void
peer_close(struct peer *p)
{
	int status;

	sock_free(p->sock);
	tls_close(p->tls);
	close(p->go);
	close(p->result);
	waitpid(p->pid, &status, 0);
	check_int(status, 0);
}

/* ---- sending ---- */

static char block[16000];

/* Sends with the documents' methods until the time is over. Returns what they counted. */
static uint64_t
send_all_that_goes(struct sock *s, int64_t timeout, int errnum)
{
	uint64_t total = 0;
	ssize_t n;

	check_int(sock_settimeout(s, timeout, &error), 0);
	while ((n = sock_send(s, block, sizeof(block), 0, &error)) > 0)
		total += (uint64_t)n;
	check_int(error.number, errnum);
	check_int(sock_settimeout(s, PATIENCE, &error), 0);
	return total;
}

static void
check_last_words(struct peer *p, uint64_t total)
{
	struct outcome o;

	peer_reads(p, UINT64_MAX);
	check_int(sock_send(p->sock, "QUIT", 4, 0, &error), 4);
	check_int(sock_close(p->sock, &error), 0);
	o = peer_outcome(p);
	check_int(o.error, 0);
	check_int(o.n, total + 4);
	check_mem(o.last, 4, "QUIT", 4);
}

TEST("bytes that send counted before it timed out, or would have blocked, reach the peer")
{
	struct peer p;

	require(begin() && peer_open(&p));
	check_last_words(&p, send_all_that_goes(p.sock, 50 * MSEC, ETIMEDOUT));
	peer_close(&p);

	require(peer_open(&p));
	check_last_words(&p, send_all_that_goes(p.sock, 0, EAGAIN));
	peer_close(&p);
	end();
}

TEST("bytes that sendall and write counted before they failed reach the peer")
{
	static char data[4 << 20];
	struct peer p;
	size_t sent;

	require(begin() && peer_open(&p));
	check_int(sock_settimeout(p.sock, 50 * MSEC, &error), 0);
	check_fails(sock_sendall(p.sock, data, sizeof(data), &sent, &error), ETIMEDOUT);
	check(sent > 0 && sent < sizeof(data));
	check_int(sock_settimeout(p.sock, PATIENCE, &error), 0);
	check_last_words(&p, sent);
	peer_close(&p);

	require(peer_open(&p));
	check_int(sock_settimeout(p.sock, 0, &error), 0);
	check_int(sock_write(p.sock, data, sizeof(data), &sent, &error), sent);
	check(sent > 0 && sent < sizeof(data));
	check_fails(sock_write(p.sock, data, sizeof(data), NULL, &error), EAGAIN);
	check_int(sock_settimeout(p.sock, PATIENCE, &error), 0);
	check_last_words(&p, sent);
	peer_close(&p);
	end();
}

TEST("the loop sends taken bytes during any later wait")
{
	struct outcome o;
	struct peer p;
	uint64_t total;

	require(begin() && peer_open(&p));
	total = send_all_that_goes(p.sock, 0, EAGAIN);
	peer_reads(&p, total);
	o = peer_outcome(&p);
	check_int(o.error, 0);
	check_int(o.n, total);
	peer_close(&p);
	end();
}

/* ---- the end ---- */

TEST("a close whose bytes are not sent in time fails, and says how many they may be")
{
	int64_t before;
	struct peer p;

	require(begin() && peer_open(&p));
	send_all_that_goes(p.sock, 0, EAGAIN);
	check_int(sock_settimeout(p.sock, 100 * MSEC, &error), 0);
	before = clock_now();
	check_fails(sock_close(p.sock, &error), ETIMEDOUT);
	check_took(before, 100 * MSEC);
	check_str(error.text,
	    "close: up to 16000 bytes did not reach the peer: send: Connection timed out");
	check_int(error.code, ERROR_TIMEOUT);
	check_int(sock_fileno(p.sock), -1);
	check_int(sock_close(p.sock, &error), 0);
	peer_close(&p);
	end();
}

TEST("without a time-out a close gives up after a second without progress")
{
	int64_t before;
	struct peer p;

	require(begin() && peer_open(&p));
	send_all_that_goes(p.sock, 0, EAGAIN);
	check_int(sock_settimeout(p.sock, DURATION_NONE, &error), 0);
	before = clock_now();
	check_fails(sock_close(p.sock, &error), ETIMEDOUT);
	check(clock_now() - before >= NSEC_PER_SEC);
	peer_close(&p);
	end();
}

TEST("close sends close_notify; abort resets, and sends none")
{
	struct outcome o;
	struct peer p;

	require(begin() && peer_open(&p));
	peer_reads(&p, UINT64_MAX);
	check_int(sock_sendall(p.sock, "bye!", 4, NULL, &error), 0);
	check_int(sock_close(p.sock, &error), 0);
	o = peer_outcome(&p);
	check_int(o.n, 4);
	check_int(o.error, 0);
	peer_close(&p);

	require(peer_open(&p));
	peer_reads(&p, UINT64_MAX);
	sock_abort(p.sock);
	o = peer_outcome(&p);
	check_int(o.n, 0);
	check_int(o.error, ECONNRESET);
	peer_close(&p);
	end();
}

/* ---- before the handshake ---- */

TEST("a greeting that was peeked at, or is buffered, counts as not yet received")
{
	static const char greeting[] = "* OK [CAPABILITY IMAP4rev1] ready\r\n";
	const struct tls_how how = { .insecure = true };
	struct sock_tls_how tls = { .name = "localhost", .protocol = STARTTLS_IMAP };
	struct pair p;
	char data[10];

	require(begin() && check_int(tls_open(&tls.tls, &how, &error), 0));
	for (int held = 0; held < 2; held++) {
		require(pair_open(&p));
		check_int(sock_sendall(p.b, greeting, sizeof(greeting) - 1, NULL, &error), 0);
		if (held)
			check_int(sock_buffer_fill(p.a, 1000, deadline_in(PATIENCE), &error), 1);
		else
			check_int(sock_recv(p.a, data, 4, MSG_PEEK, &error), 4);
		check_int(sock_start_tls(p.a, &tls, deadline_in(PATIENCE), &error), -1);
		/* the server says so, and nothing is sent */
		check(strstr(error.text, "the server offers no TLS") != NULL);
		check_int(sock_recv(p.b, data, sizeof(data), 0, &error), 0);
		pair_free(&p);
	}
	tls_close(tls.tls);
	end();
}

static bool
count_turn(void *arg)
{
	(*(int *)arg)++;
	return false;
}

TEST("bytes kept by a layer are not retried once the peer has gone")
{
	const bool never = false;
	struct peer p;
	int turns = 0, status;

	require(begin() && peer_open(&p));
	send_all_that_goes(p.sock, 0, EAGAIN);
	/* with bytes of ours unread: a reset */
	kill(p.pid, SIGKILL);
	waitpid(p.pid, &status, 0);
	loop_stack_set_switch(loop, count_turn, &turns);
	check_int(loop_run(loop, &never, deadline_in(100 * MSEC), &error), 0);
	loop_stack_set_switch(loop, NULL, NULL);
	check(turns < 20);
	sock_free(p.sock);
	tls_close(p.tls);
	close(p.go);
	close(p.result);
	end();
}
