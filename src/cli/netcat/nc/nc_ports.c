#include "cli/netcat/nc/nc_ports.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/parse.h"
#include "cli/netcat/nc/nc_args.h"
#include "net/ports.h"

static int
parse_port_word(const struct nc *nc, const char *word, uint16_t *ret_port, struct error *e)
{
	bool digits = word[0] != '\0' && word[strspn(word, "0123456789")] == '\0';
	/* strtonum(3) takes leading zeros, ours does not */
	const char *number = word + strspn(word, "0");
	int64_t n = 0;

	if (digits && number[0] != '\0' && parse_int(number, 1, UINT16_MAX, &n, NULL) < 0)
		return error_set(e, ERROR_USAGE, "port number too large: %s", word);
	if (digits && n == 0)
		return error_set(e, ERROR_USAGE, "port number too small: %s", word);
	if (digits)
		*ret_port = (uint16_t)n;
	else if (ports_single(word, nc_args_is_datagrams(nc) ? "udp" : "tcp", ret_port, NULL) < 0)
		return error_set(e, ERROR_USAGE, "port number invalid: %s", word);
	return 0;
}

int
nc_ports_parse(const struct nc *nc, const char *word, struct nc_ports *ret_range, struct error *e)
{
	const char *hyphen = isdigit((unsigned char)word[0]) ? strchr(word, '-') : NULL;
	char *first;
	uint16_t port;
	int rc;

	if (hyphen == NULL) {
		if (parse_port_word(nc, word, &ret_range->lo, e) < 0)
			return -1;
		ret_range->hi = ret_range->lo;
		return 0;
	}
	first = strndup(word, (size_t)(hyphen - word));
	if (first == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	rc = parse_port_word(nc, hyphen + 1, &ret_range->hi, e);
	if (rc == 0)
		rc = parse_port_word(nc, first, &ret_range->lo, e);
	free(first);
	if (rc < 0)
		return -1;
	if (ret_range->lo > ret_range->hi) {
		port = ret_range->lo;
		ret_range->lo = ret_range->hi;
		ret_range->hi = port;
	}
	return 0;
}

/* Takes a port of ours, which may be a service. */
static int
take_own_port(const struct nc *nc, const char *word, char *number, size_t size, struct error *e)
{
	uint16_t port;

	if (parse_port(word, &port, NULL) < 0 &&
	    ports_single(word, nc_args_is_datagrams(nc) ? "udp" : "tcp", &port, NULL) < 0)
		return error_set(e, ERROR_USAGE,
		    "getaddrinfo: Servname not supported for ai_socktype");
	snprintf(number, size, "%u", port);
	return 0;
}

/* -p of a client. What is no port at all is told by the line of usock. */
static int
take_source_port(struct nc *nc, struct error *e)
{
	static char number[8];
	const char *word = foreign_value(&nc->args, 'p');

	if (word == NULL || isdigit((unsigned char)word[0]))
		return 0;
	if (take_own_port(nc, word, number, sizeof(number), e) < 0)
		return -1;
	for (size_t i = 0; i < foreign_nc.n_opts; i++)
		if (foreign_nc.opts[i].letter == 'p')
			nc->args.values[i] = number;
	return 0;
}

int
nc_ports_own(struct nc *nc, struct error *e)
{
	static char number[8], *ports[2];

	if (nc_args_is_unix(nc))
		return 0;
	if (!nc_args_listens(nc))
		return take_source_port(nc, e);
	if (take_own_port(nc, nc->ports[0], number, sizeof(number), e) < 0)
		return -1;
	ports[0] = number;
	nc->ports = ports;
	return 0;
}
