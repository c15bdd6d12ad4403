/* Addresses as people write them and as the kernel gives them. Input: one word, or two lines:
 * host and port; the same bytes are a socket address too. */
#include <netinet/in.h>

#include "fuzz.h"
#include "net/endpoint.h"
#include "net/ports.h"

#define TEXT_MAX (2 * ENDPOINT_HOST_MAX + 64)

static bool
same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->transport == b->transport && a->kind == b->kind &&
	    strcmp(a->host, b->host) == 0 && strcmp(a->port, b->port) == 0 &&
	    a->path_len == b->path_len && memcmp(a->path, b->path, a->path_len) == 0 &&
	    a->abstract == b->abstract && a->cid == b->cid && a->fd == b->fd;
}

/* ---- ports ---- */

struct count {
	unsigned ports;
	uint16_t last;
};

static int
count_port(void *arg, uint16_t port)
{
	struct count *count = arg;

	count->last = port;
	return ++count->ports > 200000 ? 7 : 0;
}

static void
check_ports(const char *text)
{
	struct count count = { 0 };
	struct error e;
	int rc;

	fuzz_stain(&e, sizeof(e));
	rc = ports_each(text, "tcp", count_port, &count, &e);
	if (rc == 7) {
		must(count.ports == 200001);
	} else if (fuzz_succeeded(rc, &e)) {
		must(count.ports > 0);
		must(!ports_is_single(text) || count.ports == 1);
	} else {
		must(e.code == ERROR_USAGE || e.code == ERROR_RESOLVE);
		/* a malformed list is known before anything is tried */
		must(e.code == ERROR_RESOLVE || count.ports == 0);
	}
}

/* ---- words ---- */

static void
check_format(const struct endpoint *ep)
{
	char text[TEXT_MAX], cut[16];
	struct endpoint again;

	endpoint_format(ep, text, sizeof(text));
	must(strlen(text) < sizeof(text) - 1);
	endpoint_format(ep, cut, sizeof(cut));
	must(strncmp(cut, text, sizeof(cut) - 1) == 0 && strlen(cut) < sizeof(cut));
	must(endpoint_parse(text, NULL, &again, NULL) == 0);
	must(same_endpoint(ep, &again));
}

static void
check_unix(const struct endpoint *ep)
{
	struct sockname name;
	char text[SOCKNAME_TEXT_MAX];

	must(sockname_unix(ep, &name, NULL) == 0);
	must(sockname_equal(&name, &name));
	sockname_format(&name, text, sizeof(text));
	must(strlen(text) == strlen("unix:") + ep->path_len + ep->abstract);
}

static void
check_word(const char *word, const char *port)
{
	struct endpoint ep;
	struct error e;

	fuzz_stain(&e, sizeof(e));
	fuzz_stain(&ep, sizeof(ep));
	if (!fuzz_succeeded(endpoint_parse(word, port, &ep, &e), &e)) {
		must(e.code == ERROR_USAGE);
		must(fuzz_stained(&ep, sizeof(ep)));
		return;
	}
	must(strlen(ep.host) <= ENDPOINT_HOST_MAX && strlen(ep.port) <= ENDPOINT_PORT_MAX);
	must(ep.path_len < sizeof(ep.path));
	must(port == NULL || ep.kind == ENDPOINT_INET);
	check_format(&ep);
	if (ep.kind == ENDPOINT_UNIX)
		check_unix(&ep);
	if (ep.kind == ENDPOINT_INET && ep.port[0] != '\0')
		check_ports(ep.port);
}

/* ---- socket addresses ---- */

/* In a block of its own size, whatever that is. */
static void
check_text(const struct sockname *name, size_t size,
    const char *(*format)(const struct sockname *name, char *text, size_t size))
{
	char *text = malloc(size);

	must(text != NULL);
	must(format(name, text, size) == text);
	must(memchr(text, '\0', size) != NULL);
	free(text);
}

static void
check_inet(struct sockname *name)
{
	char text[SOCKNAME_TEXT_MAX], port[8];
	struct endpoint ep;

	snprintf(port, sizeof(port), "%u", (unsigned)sockname_port(name));
	sockname_format(name, text, sizeof(text));
	must(endpoint_parse(text, NULL, &ep, NULL) == 0);
	must(ep.kind == ENDPOINT_INET && strcmp(ep.port, port) == 0);
	sockname_host(name, text, sizeof(text));
	must(strcmp(ep.host, text) == 0);
	sockname_set_port(name, 4711);
	must(sockname_port(name) == 4711);
}

static void
check_name(const uint8_t *data, size_t size)
{
	static const sa_family_t families[] = { AF_INET, AF_INET6, AF_UNIX, AF_VSOCK, AF_CAN,
		AF_UNSPEC };
	size_t n_families = sizeof(families) / sizeof(families[0]);
	struct sockname name = { .len = 0 };

	if (size < 3)
		return;
	name.len = (socklen_t)(size < sizeof(name.storage) ? size : sizeof(name.storage));
	memcpy(&name.storage, data, name.len);
	if (data[0] % (n_families + 1) < n_families)
		name.sa.sa_family = families[data[0] % (n_families + 1)];
	must(sockname_equal(&name, &name));
	check_text(&name, SOCKNAME_TEXT_MAX, sockname_format);
	check_text(&name, SOCKNAME_TEXT_MAX, sockname_host);
	check_text(&name, 1 + data[2] % 64, sockname_format);
	check_text(&name, 1 + data[2] % 64, sockname_host);
	if (name.sa.sa_family == AF_INET || name.sa.sa_family == AF_INET6)
		check_inet(&name);
	else
		must(sockname_port(&name) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word, *port;

	if (size > 4096)
		return 0;
	word = fuzz_text(data, size);
	port = strchr(word, '\n');
	if (port != NULL)
		*port++ = '\0';
	check_word(word, port);
	check_ports(port != NULL ? port : word);
	check_name(data, size);
	free(word);
	return 0;
}
