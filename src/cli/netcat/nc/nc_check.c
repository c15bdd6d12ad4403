#include "cli/netcat/nc/nc_check.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/array.h"
#include "cli/netcat/nc/nc_args.h"
#include "cli/netcat/nc/nc_tls.h"
#include "cli/netcat/usock_line.h"

/* Returns what is wrong with the options together, or NULL. */
static const char *
find_conflict(const struct nc *nc)
{
	const bool ports = nc->ports != NULL && nc->ports[0] != NULL;
	const bool proxy = GIVEN(nc, 'x');
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ nc_args_is_unix(nc) && ports, "cannot use port with -U" },
		{ nc_args_is_unix(nc) && nc->host == NULL, "missing socket pathname" },
		{ !nc_args_is_unix(nc) && !ports, "missing port number" },
		{ nc_args_listens(nc) && GIVEN(nc, 'z'), "cannot use -z and -l" },
		{ !nc_args_listens(nc) && GIVEN(nc, 'k'), "must use -l with -k" },
		{ nc_args_is_unix(nc) && GIVEN(nc, 'F'), "cannot use -F and -U" },
		{ proxy && nc_args_is_datagrams(nc), "no proxy support for UDP mode" },
		{ proxy && nc_args_listens(nc), "no proxy support for listen" },
		{ proxy && nc_args_is_unix(nc), "no proxy support for unix sockets" },
		{ proxy && GIVEN(nc, 's'), "no proxy support for local source address" },
		{ GIVEN(nc, 'F') && isatty(STDOUT_FILENO), "Cannot pass file descriptor to tty" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].wrong)
			return rules[i].text;
	return NULL;
}

/* -x: "HOST", "HOST:PORT", "[HOST]:PORT". Returns what is wrong, or NULL. */
static const char *
parse_proxy(struct nc *nc)
{
	const char *word = foreign_value(&nc->args, 'x'), *scheme = nc_args_proxy_scheme(nc);
	const char *bracket, *port;

	if (scheme == NULL)
		return "unsupported proxy protocol";
	if (word == NULL)
		return NULL;
	bracket = word[0] == '[' ? strchr(word, ']') : NULL;
	if (word[0] == '[' && bracket == NULL)
		return "missing closing bracket in proxy";
	if (bracket != NULL && bracket[1] != '\0' && bracket[1] != ':')
		return "garbage proxy port delimiter";
	if (usock_line_split(word, nc->proxy_host, sizeof(nc->proxy_host), &port) < 0)
		return "the name of the proxy is too long";
	if (port == NULL)
		port = strcmp(scheme, "http") == 0 ? "3128" : "1080";
	nc->proxy_port = port;
	return NULL;
}

/* Returns what is wrong with a path, or NULL. */
static const char *
find_path_fault(const struct nc *nc)
{
	const struct sockaddr_un *un = NULL;
	size_t room = sizeof(un->sun_path);

	if (!nc_args_is_unix(nc) || nc->host == NULL)
		return NULL;
	if (nc->host[0] == '\0')
		return "Invalid argument";
	return strlen(nc->host) < room + (nc->host[0] == '@') ? NULL : "File name too long";
}

/* nc looks up no name with -n, and fails for one. */
static bool
is_unresolved(const struct nc *nc)
{
	if (!GIVEN(nc, 'n') || nc_args_is_unix(nc) || nc->host == NULL || GIVEN(nc, 'x'))
		return false;
	return !usock_line_is_address(nc->host);
}

const char *
nc_check_options(struct nc *nc)
{
	const char *fault = nc_tls_parse(nc);

	if (fault == NULL)
		fault = find_conflict(nc);
	if (fault == NULL)
		fault = nc_tls_find_conflict(nc);
	return fault == NULL ? parse_proxy(nc) : fault;
}

bool
nc_check_address(const struct nc *nc, char *text, size_t size)
{
	const char *fault = find_path_fault(nc);
	bool listens = nc_args_listens(nc);

	if (fault != NULL)
		snprintf(text, size, "%.300s%s%s", listens ? "" : nc->host, listens ? "" : ": ",
		    fault);
	else if (is_unresolved(nc))
		snprintf(text, size, "getaddrinfo%s%.300s%s%.32s: Name or service not known",
		    listens ? "" : " for host \"", listens ? "" : nc->host,
		    listens ? "" : "\" port ", listens ? "" : nc->ports[0]);
	else
		return true;
	return false;
}
