#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/sockopt/sockopt.h"
#include "sock/impl.h"
#include "sock/wait.h"

/* Translates the level and number of the documents to the kernel's. Others are passed on. */
static int
translate(const char *verb, int *level, int *number, struct error *e)
{
	if (*level != SOCK_SOL_SOCKET_DOC)
		return 0;
	if (*number != SOCK_SO_REUSEADDR_DOC)
		return error_errno(e, ERROR_NETWORK, ENOPROTOOPT, "%s %d:%d", verb, *level,
		    *number);
	*level = SOL_SOCKET;
	*number = SO_REUSEADDR;
	return 0;
}

static bool
is_timeout(int level, int number)
{
	return level == SOL_SOCKET && (number == SO_RCVTIMEO || number == SO_SNDTIMEO);
}

/* The kernel uses SO_RCVTIMEO and SO_SNDTIMEO on blocking descriptors only, so the object applies
 * them. Zero means no limit (socket(7)), and negative seconds mean not to wait (sock_set_timeout()
 * in the kernel). */
static void
apply_timeout(struct sock *s, int number, const struct timeval *value)
{
	int64_t sec = value->tv_sec, nsec = DURATION_NONE;

	if (sec < 0)
		nsec = 0;
	else if (sec < INT64_MAX / NSEC_PER_SEC - 1 && (sec | value->tv_usec) != 0)
		nsec = sec * NSEC_PER_SEC + value->tv_usec * INT64_C(1000);
	if (number == SO_RCVTIMEO)
		s->recv_timeout = nsec;
	else
		s->send_timeout = nsec;
}

static int
set_raw(struct sock *s, int level, int number, const void *value, size_t n, struct error *e)
{
	struct timeval tv;

	if (setsockopt(s->fd, level, number, value, (socklen_t)n) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "setsockopt %d:%d", level, number);
	if (is_timeout(level, number)) {
		memcpy(&tv, value, sizeof(tv));
		apply_timeout(s, number, &tv);
	}
	return 0;
}

int
sock_setsockopt_text(struct sock *s, const char *text, struct error *e)
{
	struct sockopt_setting setting;
	struct timeval tv;

	if (s->fd == -1)
		return sock_fail_closed("setsockopt", e);
	if (sockopt_parse(text, &setting, e) == -1 ||
	    sockopt_apply(s->fd, &setting, 1, setting.phase, e) == -1)
		return -1;
	if (is_timeout(setting.level, setting.number) && setting.len == sizeof(tv)) {
		memcpy(&tv, setting.value, sizeof(tv));
		apply_timeout(s, setting.number, &tv);
	}
	return 0;
}

/* In Zerynth the integer is milliseconds. */
static int
set_msec(struct sock *s, int number, int msec, struct error *e)
{
	const struct timeval tv = { .tv_sec = msec / 1000, .tv_usec = msec % 1000 * 1000 };

	return set_raw(s, SOL_SOCKET, number, &tv, sizeof(tv), e);
}

static int
set_keepalive(struct sock *s, int minutes, struct error *e)
{
	char text[40];

	snprintf(text, sizeof(text), "TCP_KEEPALIVE=%d", minutes);
	return sock_setsockopt_text(s, text, e);
}

int
sock_setsockopt(struct sock *s, int level, int number, const void *value, size_t n, struct error *e)
{
	int as_int = 0;

	if (s->fd == -1)
		return sock_fail_closed("setsockopt", e);
	if (n == sizeof(as_int))
		memcpy(&as_int, value, n);
	if (number == SOCK_TCP_KEEPALIVE_DOC && n == sizeof(as_int))
		return set_keepalive(s, as_int, e);
	if (translate("setsockopt", &level, &number, e) == -1)
		return -1;
	if (s->dialect == SOCK_ZERYNTH && is_timeout(level, number) && n == sizeof(as_int))
		return set_msec(s, number, as_int, e);
	return set_raw(s, level, number, value, n, e);
}

int
sock_setsockopt_int(struct sock *s, int level, int number, int value, struct error *e)
{
	return sock_setsockopt(s, level, number, &value, sizeof(value), e);
}

int
sock_getsockopt(struct sock *s, int level, int number, void *value, size_t *n, struct error *e)
{
	socklen_t len = (socklen_t)*n;

	if (s->fd == -1)
		return sock_fail_closed("getsockopt", e);
	if (translate("getsockopt", &level, &number, e) == -1)
		return -1;
	if (getsockopt(s->fd, level, number, value, &len) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "getsockopt %d:%d", level, number);
	*n = len;
	return 0;
}

/* ---- time-outs ---- */

int
sock_settimeout(struct sock *s, int64_t nsec, struct error *e)
{
	if (s->fd == -1)
		return sock_fail_closed("settimeout", e);
	if (nsec < 0)
		return error_set(e, ERROR_USAGE, "settimeout: a time-out cannot be negative");
	s->recv_timeout = s->send_timeout = nsec;
	return 0;
}

int
sock_settimeout_text(struct sock *s, const char *text, struct error *e)
{
	int64_t value;

	if (s->dialect == SOCK_QUECPYTHON || strcmp(text, "none") == 0) {
		if (parse_duration(text, &value, e) == -1)
			return error_prefix(e, "settimeout");
		return sock_settimeout(s, value, e);
	}
	if (parse_int(text, 0, INT64_MAX / NSEC_PER_MSEC, &value, e) == -1)
		return error_prefix(e, "settimeout");
	return sock_settimeout(s, value * NSEC_PER_MSEC, e);
}

int
sock_setblocking(struct sock *s, bool on, struct error *e)
{
	return sock_settimeout(s, on ? DURATION_NONE : 0, e);
}

int64_t
sock_gettimeout(const struct sock *s)
{
	return s->recv_timeout;
}
