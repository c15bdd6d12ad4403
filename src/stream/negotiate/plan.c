#include "stream/negotiate/plan.h"

#include <stddef.h>

#include "base/array.h"
#include "stream/negotiate/negotiation.h"

struct stage {
	bool (*is_wanted)(const struct plan *p);
	/* Makes one negotiation, or several in order. */
	int (*make)(struct negotiation **ret_first, const struct plan *p, struct error *e);
};

static bool
plans_proxies(const struct plan *p)
{
	return p->proxies.route != NULL;
}

static int
make_proxies(struct negotiation **ret_first, const struct plan *p, struct error *e)
{
	return negotiate_proxy(ret_first, &p->proxies, e);
}

static bool
plans_send_header(const struct plan *p)
{
	return p->send_header.version != 0;
}

static int
make_send_header(struct negotiation **ret_first, const struct plan *p, struct error *e)
{
	return negotiate_send_header(ret_first, &p->send_header, e);
}

static bool
plans_header(const struct plan *p)
{
	return p->header.on_header != NULL;
}

static int
make_header(struct negotiation **ret_first, const struct plan *p, struct error *e)
{
	return negotiate_proxy_header(ret_first, &p->header, e);
}

static bool
plans_starttls(const struct plan *p)
{
	return p->starttls.protocol != STARTTLS_NONE;
}

static int
make_starttls(struct negotiation **ret_first, const struct plan *p, struct error *e)
{
	return negotiate_starttls(ret_first, &p->starttls, e);
}

static bool
plans_tls(const struct plan *p)
{
	return p->tls.tls != NULL;
}

static int
make_tls(struct negotiation **ret_first, const struct plan *p, struct error *e)
{
	return negotiate_tls(ret_first, &p->tls, e);
}

static bool
plans_websocket(const struct plan *p)
{
	return p->websocket.role != WEBSOCKET_NONE;
}

static int
make_websocket(struct negotiation **ret_first, const struct plan *p, struct error *e)
{
	return negotiate_websocket(ret_first, &p->websocket, e);
}

/* The order of the rows is the order of the chain. */
static const struct stage stages[] = {
	{ plans_header, make_header },
	{ plans_proxies, make_proxies },
	{ plans_send_header, make_send_header },
	{ plans_starttls, make_starttls },
	{ plans_tls, make_tls },
	{ plans_websocket, make_websocket },
};

bool
plan_is_empty(const struct plan *p)
{
	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		if (stages[i].is_wanted(p))
			return false;
	return true;
}

int
plan_chain(struct negotiation **ret_first, const struct plan *p, struct error *e)
{
	struct negotiation_chain made = { .at = NULL };

	for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
		if (stages[i].is_wanted(p) && stages[i].make(negotiation_end(&made.at), p, e) < 0) {
			negotiation_fini(&made);
			return -1;
		}
	}
	*ret_first = made.at;
	return 0;
}
