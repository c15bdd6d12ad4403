#include "cli/netcat/ncat/ncat_route.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "base/parse.h"
#include "loop/loop.h"
#include "net/resolve/resolve.h"
#include "net/sockname.h"

#define POINTER_FIRST 4
#define POINTER_LAST 28

/* The option: its type, its length, the pointer, the hops. */
#define LOOSE_ROUTE 131
#define OPTION_HEAD 3

static int
look_up_hop(const char *name, uint8_t hop[4], struct error *e)
{
	const struct resolve_how how = { .family = AF_INET, .type = SOCK_STREAM };
	struct resolved *list = NULL;
	struct loop *loop = NULL;
	size_t n;
	int rc = loop_open(&loop, e);

	if (rc == 0)
		rc = resolve(loop, name, "", &how, deadline_never(), &list, &n, e);
	if (rc == 0)
		memcpy(hop, &((const struct sockaddr_in *)&list[0].name.storage)->sin_addr, 4);
	free(list);
	loop_close(loop);
	return rc;
}

/* Adds the hops of one -g, which commas separate. */
static bool
add_route_hops(struct ncat_route *route, const char *list, char *text, size_t size)
{
	struct error e = { 0 };
	char name[256];
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		snprintf(name, sizeof(name), "%.*s", (int)n, list);
		if (route->n == NCAT_ROUTE_HOPS) {
			snprintf(text, size, "Sorry, you gave too many source route hops.");
			return false;
		}
		if (n >= sizeof(name)) {
			snprintf(text, size, "Sorry, a source route hop is too long.");
			return false;
		}
		if (look_up_hop(name, route->hops[route->n], &e) < 0) {
			snprintf(text, size,
			    "Sorry, could not resolve source route hop \"%s\": %s.", name,
			    e.origin == ORIGIN_GAI ? gai_strerror(e.number) : e.text);
			return false;
		}
		route->n++;
	}
	return true;
}

static bool
parse_pointer(struct ncat_route *route, const char *word, char *text, size_t size)
{
	int64_t n = POINTER_FIRST;

	if (word != NULL &&
	    (parse_int(word, POINTER_FIRST, POINTER_LAST, &n, NULL) < 0 || n % 4 != 0)) {
		snprintf(text, size, "Invalid source-route hop pointer %.80s.", word);
		return false;
	}
	route->pointer = (uint8_t)n;
	return true;
}

bool
ncat_route_parse(struct ncat_route *route, const struct foreign_args *args, char *text, size_t size)
{
	if (foreign_count(args, 'g') > 0 && foreign_count(args, '4') == 0) {
		snprintf(text, size, "Sorry, -g can only currently be used with IPv4.");
		return false;
	}
	for (size_t i = 0; i < args->n_given; i++)
		if (args->given[i].opt->letter == 'g' &&
		    !add_route_hops(route, args->given[i].value, text, size))
			return false;
	return parse_pointer(route, foreign_value(args, 'G'), text, size);
}

void
ncat_route_format(const struct ncat_route *route, char *text, size_t size)
{
	int n = snprintf(text, size, "%02x%02zx%02x", LOOSE_ROUTE, OPTION_HEAD + 4 * route->n,
	    route->pointer);

	for (size_t i = 0; i < route->n; i++)
		for (size_t k = 0; k < 4; k++, n += 2)
			snprintf(text + n, size - (size_t)n, "%02x", route->hops[i][k]);
}
