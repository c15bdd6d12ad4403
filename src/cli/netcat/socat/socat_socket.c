#include "cli/netcat/socat/socat_socket.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/netcat/foreign.h"
#include "cli/netcat/usock_line.h"

static bool
serves(const struct socat_address *a)
{
	return a->role == SOCAT_SERVER;
}

static bool
has_host(const struct socat_address *a)
{
	return a->type->address == NULL && a->role != SOCAT_FILE && !a->is_line;
}

static bool
is_tls_type(const struct socat_address *a)
{
	return a->type->words != NULL && strstr(a->type->words, "tls") != NULL;
}

/* "NETWORK:MASK" as NETWORK/BITS. */
static bool
add_masked(struct usock_line *line, const struct socat_given *g)
{
	const char *colon = g->value != NULL ? strrchr(g->value, ':') : NULL;
	struct in_addr mask;

	if (g->option != socat_option_find("range") || colon == NULL ||
	    inet_pton(AF_INET, colon + 1, &mask) != 1)
		return false;
	usock_line_add(line, "--allow");
	usock_line_add(line, "%.*s/%d", (int)(colon - g->value), g->value,
	    __builtin_popcount(mask.s_addr));
	return true;
}

/* Of options with the same option of ours the last one counts, as with socat; forever is more than any retry. Socket
 * options add up. */
static bool
is_superseded(const struct socat_address *a, size_t i)
{
	const char *words = a->given[i].option->words[a->role], *other;
	size_t len = words != NULL ? strcspn(words, " =") : 0;

	if (len == 0 || strncmp(words, "--sockopt", len) == 0)
		return false;
	if (strcmp(words, "--retry %") == 0 && socat_address_value(a, "forever") != NULL)
		return true;
	for (size_t k = i + 1; k < a->n_given; k++) {
		other = a->given[k].option->words[a->role];
		if (other != NULL && strcspn(other, " =") == len && strncmp(words, other, len) == 0)
			return strcmp(other, "--retry %") != 0 || strcmp(words, other) == 0;
	}
	return false;
}

void
socat_socket_add_words(struct usock_line *line, const struct socat_address *a)
{
	for (size_t i = 0; i < a->n_given; i++) {
		const struct socat_given *g = &a->given[i];
		const char *words = g->option->words[a->role];
		bool off = g->value != NULL && strcmp(g->value, "0") == 0;

		/* the terminal of --pty is standard error, too */
		if (words != NULL && strcmp(words, "--exec-stderr") == 0 &&
		    socat_address_value(a, "pty") != NULL)
			continue;
		if (is_superseded(a, i) || add_masked(line, g))
			continue;
		if (words != NULL && (!off || strchr(words, '%') != NULL))
			usock_line_add_words(line, words, g->value);
	}
}

/* ---- families and local addresses ---- */

static bool
is_family_word(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(word, words[i]) == 0)
			return true;
	return false;
}

/* '4', '6', or 0 where both are right. */
static char
choose_family(const struct socat_address *a, const struct foreign_args *args)
{
	static const char *const four[] = { "ip4", "ipv4", "inet4", "inet", "ip", "4", "2" };
	static const char *const six[] = { "ip6", "ipv6", "inet6", "6", "10" };
	const char *pf = socat_address_value(a, "pf");

	if (!has_host(a))
		return '\0';
	if (a->family != '\0')
		return a->family;
	if (pf != NULL && is_family_word(pf, four, ARRAY_LEN(four)))
		return '4';
	if (pf != NULL && is_family_word(pf, six, ARRAY_LEN(six)))
		return '6';
	if (socat_address_value(a, "ipv6only") != NULL || foreign_count(args, '6') > 0)
		return '6';
	return foreign_count(args, '4') > 0 ? '4' : '\0';
}

/* bind= of a client, HOST[:PORT] or a path; a server has it in its address. */
static int
add_bind(struct usock_line *line, const struct socat_address *a, struct error *e)
{
	const char *bind = socat_address_value(a, "bind"), *port;
	char host[256];

	if (bind == NULL || serves(a))
		return 0;
	if (!has_host(a)) {
		usock_line_add(line, "--source=%s%s", a->type->address, bind);
		return 0;
	}
	if (usock_line_split(bind, host, sizeof(host), &port) < 0)
		return error_set(e, ERROR_USAGE, "bind=%.80s...: the host is too long", bind);
	if (host[0] != '\0')
		usock_line_add(line, "--source=%s", host);
	if (port != NULL)
		usock_line_add_words(line, "--source-port %", port);
	return 0;
}

/* "GROUP:INTERFACE" */
static void
add_group(struct usock_line *line, const struct socat_address *a)
{
	const char *group = socat_address_value(a, "ip-add-membership");
	size_t len;

	if (group == NULL)
		return;
	len = group[0] == '[' ? strcspn(group, "]") : strcspn(group, ":");
	len += group[len] == ']';
	usock_line_add(line, "--join=%.*s%s%s", (int)len, group, group[len] == ':' ? "%" : "",
	    group[len] == ':' ? group + len + 1 : "");
}

/* ---- TLS, proxies, paths ---- */

static void
add_tls_options(struct usock_line *line, const struct socat_address *a)
{
	const struct socat_given *verify = socat_address_find(a, "verify");
	const char *authorities = socat_address_value(a, "cafile");
	bool checks = verify == NULL || socat_address_value(a, "verify") != NULL;

	if (!is_tls_type(a))
		return;
	if (serves(a) && socat_address_value(a, "cert") == NULL)
		usock_line_add(line, "--self-signed");
	if (!serves(a) && !checks)
		usock_line_add(line, "--insecure");
	else if (checks && authorities != NULL)
		usock_line_add_words(line, serves(a) ? "--client-ca %" : "--ca-file %",
		    authorities);
}

static int
add_proxy_options(struct usock_line *line, const struct socat_address *a, struct error *e)
{
	const char *port = socat_address_value(a, "proxyport");
	const char *user = socat_address_value(a, "socksuser");
	const char *auth = socat_address_value(a, "proxyauth");
	const char *login = auth != NULL ? auth : user != NULL ? user : "";
	char name[256], url[1024] = "";
	size_t len = strcspn(login, ":");

	if (a->type->proxy == NULL)
		return 0;
	if (port == NULL)
		port = a->type->port != NULL ? a->type->port : a->params[1];
	snprintf(name, sizeof(name), "%.*s", (int)len, login);
	if (login[0] != '\0' &&
	    (len >= sizeof(name) ||
		usock_line_login(url, sizeof(url), name, login[len] == ':' ? login + len + 1 : "") <
		    0))
		return error_set(e, ERROR_USAGE, "%.200s: the login is too long", a->name);
	usock_line_add_proxy(line, a->type->proxy, url, a->params[0], port);
	return 0;
}

int
socat_socket_add(struct usock_line *line, const struct socat_address *a,
    const struct foreign_args *args, struct error *e)
{
	const char family = choose_family(a, args);
	bool path = a->type->address != NULL && strcmp(a->type->address, "unix:") == 0;

	if (family != '\0')
		usock_line_add(line, "-%c", family);
	/* sendto has datagrams only */
	if (a->type->words != NULL && a->type->packets != SOCAT_GROUP)
		usock_line_add_words(line, a->type->words, NULL);
	if (add_bind(line, a, e) < 0)
		return -1;
	add_group(line, a);
	add_tls_options(line, a);
	if (add_proxy_options(line, a, e) < 0)
		return -1;
	if (serves(a) && path && socat_address_value(a, "mode") == NULL)
		usock_line_add_mode(line);
	socat_socket_add_words(line, a);
	return 0;
}

/* ---- the address ---- */

/* "tty:DEVICE,SPEED,FLOW" */
static int
add_line_address(struct usock_line *line, const struct socat_address *a, struct error *e)
{
	char settings[256] = "";
	size_t n = 0;

	for (size_t i = 0; i < a->n_given; i++) {
		const char *name = a->given[i].name;
		const char *word = name[0] == 'b' && name[1] >= '1' && name[1] <= '9' ? name + 1
		    : strcasecmp(name, "ixon") == 0                                   ? "xonxoff"
		    : strcasecmp(name, "crtscts") == 0 || strcasecmp(name, "clocal") == 0 ? name
											  : NULL;

		if (word != NULL && n < sizeof(settings))
			n += (size_t)snprintf(settings + n, sizeof(settings) - n, ",%s", word);
	}
	if (n >= sizeof(settings))
		return error_set(e, ERROR_USAGE, "%.200s: too many options", a->name);
	usock_line_add(line, "tty:%s%s", a->params[0], settings);
	return 0;
}

static int
add_link(struct usock_line *line, const struct socat_address *a, struct error *e)
{
	const char *link = socat_address_value(a, "link");

	if (link == NULL || link[0] == '\0') {
		error_set(e, ERROR_USAGE, "%.200s: usock has no counterpart without link=PATH",
		    a->name);
		return error_hint(e,
		    "PTY,link=PATH gives the terminal a name; --pty is one for a program");
	}
	usock_line_add(line, "pty:%s", link);
	return 0;
}

int
socat_socket_add_address(struct usock_line *line, const struct socat_address *a, bool as_target,
    struct error *e)
{
	const char *bind = serves(a) && has_host(a) ? socat_address_value(a, "bind") : NULL;
	const char *transport = !as_target || a->type->words == NULL ? ""
	    : strcmp(a->type->words, "--tls") == 0                   ? "tls:"
	    : strcmp(a->type->words, "-u") == 0                      ? "udp:"
								     : "dtls:";
	size_t first = a->n_params > 2 ? a->n_params - 2 : 0;

	if (a->is_line)
		return add_line_address(line, a, e);
	if (a->n_params == 0)
		return add_link(line, a, e);
	usock_line_add(line, "%s%s%s%s%s%s%s", transport,
	    a->type->address != NULL ? a->type->address : "", bind != NULL ? bind : "",
	    bind != NULL ? ":" : "", a->params[first], a->n_params > 1 ? ":" : "",
	    a->n_params > 1 ? a->params[first + 1] : "");
	return 0;
}

bool
socat_socket_is_target(const struct socat_address *client, const struct socat_address *server)
{
	const char *words = client->type->words != NULL ? client->type->words : "";
	bool same =
	    (client->type->packets == SOCAT_STREAM) == (server->type->packets == SOCAT_STREAM);

	for (size_t i = 0; i < client->n_given; i++)
		if (!client->is_line || client->given[i].option->words[SOCAT_FILE] == NULL)
			return false;
	return same && client->family == '\0' && client->type->proxy == NULL &&
	    strncmp(words, "--proto", 7) != 0;
}
