#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "sock/impl.h"
#include "sock/wait.h"

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
