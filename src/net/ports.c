#include "net/ports.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/parse.h"
#include "net/endpoint.h"

/* One item of a port list: lo-hi, or a service name. */
struct port_item {
	char service[ENDPOINT_PORT_MAX + 1]; /* "" when lo-hi is valid */
	uint16_t lo, hi;
};

/* A name begins with a letter, which is stricter than RFC 6335, 5.1: a mistyped number (080x)
 * must not become a service name. */
static bool
is_service(const char *text)
{
	if (text[0] < 'a' || text[0] > 'z')
		return false;
	return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static int
port_number(const char *text, uint16_t *ret_port, struct error *e)
{
	if (parse_port(text, ret_port, NULL) == 0)
		return 0;
	if (text[0] == '\0')
		return error_set(e, ERROR_USAGE, "a port is missing");
	if (text[strspn(text, "0123456789")] != '\0')
		return error_set(e, ERROR_USAGE,
		    "port %s is neither a number (0-65535) nor a service name", text);
	if (text[0] == '0')
		return error_set(e, ERROR_USAGE, "port %s has a leading zero", text);
	return error_set(e, ERROR_USAGE, "port %s is not in 0-65535", text);
}

/* Parses one item of a list; modifies text. */
static int
port_item_parse(char *text, struct port_item *ret_item, struct error *e)
{
	char *hyphen = strchr(text, '-');

	ret_item->service[0] = '\0';
	if (is_service(text)) {
		memcpy(ret_item->service, text, strlen(text) + 1);
		return 0;
	}
	/* A leading hyphen is a sign, which port_number() rejects. */
	if (hyphen == NULL || hyphen == text) {
		if (port_number(text, &ret_item->lo, e) < 0)
			return -1;
		ret_item->hi = ret_item->lo;
		return 0;
	}
	*hyphen = '\0';
	if (port_number(text, &ret_item->lo, e) < 0 ||
	    port_number(hyphen + 1, &ret_item->hi, e) < 0)
		return -1;
	if (ret_item->lo > ret_item->hi)
		return error_set(e, ERROR_USAGE, "port range %s-%s: start is greater than end",
		    text, hyphen + 1);
	return 0;
}

/* Parses the item at *pos and advances past its comma; sets *pos to NULL at the end. */
static int
port_item_next(const char **pos, struct port_item *ret_item, struct error *e)
{
	char text[ENDPOINT_PORT_MAX + 1];
	size_t n = strcspn(*pos, ",");

	if (n >= sizeof(text))
		return error_set(e, ERROR_USAGE, "a port of %zu characters is too long", n);
	memcpy(text, *pos, n);
	text[n] = '\0';
	if (port_item_parse(text, ret_item, e) < 0)
		return -1;
	*pos = (*pos)[n] == ',' ? *pos + n + 1 : NULL;
	return 0;
}

int
ports_check(const char *text, struct error *e)
{
	struct port_item item;

	while (text != NULL)
		if (port_item_next(&text, &item, e) < 0)
			return -1;
	return 0;
}

static int
service_port(const char *service, const char *proto, uint16_t *ret_port, struct error *e)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_flags = AI_PASSIVE };
	struct addrinfo *list;
	int gai;

	hints.ai_socktype = strcmp(proto, "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM;
	gai = getaddrinfo(NULL, service, &hints, &list);
	if (gai != 0)
		return error_gai(e, gai, "port %s/%s", service, proto);
	*ret_port = ntohs(((const struct sockaddr_in *)(const void *)list->ai_addr)->sin_port);
	freeaddrinfo(list);
	return 0;
}

int
ports_each(const char *text, const char *proto, int (*fn)(void *arg, uint16_t port), void *arg,
    struct error *e)
{
	struct port_item item;
	unsigned port;
	int rc;

	/* Check the whole list first: nothing is tried when its end is malformed. */
	if (ports_check(text, e) < 0)
		return -1;
	while (text != NULL) {
		if (port_item_next(&text, &item, e) < 0)
			return -1;
		if (item.service[0] != '\0') {
			if (service_port(item.service, proto, &item.lo, e) < 0)
				return -1;
			item.hi = item.lo;
		}
		for (port = item.lo; port <= item.hi; port++) {
			rc = fn(arg, (uint16_t)port);
			if (rc != 0)
				return rc;
		}
	}
	return 0;
}

static int
store_port(void *arg, uint16_t port)
{
	*(uint16_t *)arg = port;
	return 1;
}

int
ports_single(const char *text, const char *proto, uint16_t *ret_port, struct error *e)
{
	if (!ports_is_single(text))
		return error_set(e, ERROR_USAGE, "'%s' is not one port", text);
	return ports_each(text, proto, store_port, ret_port, e) == 1 ? 0 : -1;
}

bool
ports_is_single(const char *text)
{
	uint16_t port;

	return is_service(text) || parse_port(text, &port, NULL) == 0;
}

/* Fisher and Yates */
void
ports_shuffle(uint16_t *ports, size_t n)
{
	uint32_t number;
	uint16_t port;
	size_t other;

	for (size_t i = n; i > 1; i--) {
		if (getrandom(&number, sizeof(number), 0) != sizeof(number))
			return;
		other = number % i;
		port = ports[i - 1];
		ports[i - 1] = ports[other];
		ports[other] = port;
	}
}
